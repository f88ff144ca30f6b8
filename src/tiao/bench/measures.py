"""What a measurement is made of: rounds, their median and spread, processor time, the machine."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence

import msgspec
import psutil

#: Rounds of which a spread is told; fewer say nothing about it.
ROUNDS_MIN = 2


class Spread(msgspec.Struct, frozen=True):
    """The median of several rounds, with the lowest and the highest."""

    median: float
    low: float
    high: float
    rounds: int


class Machine(msgspec.Struct, frozen=True):
    """What it was measured on. *load_before* is what others did: runnable tasks over the minute before."""

    cores: int
    memory_gib: float
    system: str
    python: str
    load_before: float


def spread(values: Sequence[float]) -> Spread:
    """Summarise rounds. Rounds: to four significant digits, which is more than they repeat to."""
    assert values, "nothing was measured"
    return Spread(_short(statistics.median(values)), _short(min(values)), _short(max(values)), len(values))


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def percentile(values: Sequence[float], share: float) -> float:
    """Give the smallest of *values* that at least *share* of them do not exceed. *Shape*: values sorted."""
    assert values, "nothing was measured"
    assert 0 < share <= 1, "a share is of one"
    return values[max(-(-len(values) * round(share * 1000) // 1000), 1) - 1]


def this_machine() -> Machine:
    """Describe the machine."""
    return Machine(
        cores=os.cpu_count() or 1,
        memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        load_before=round(os.getloadavg()[0], 1),
    )


def server_cpu_seconds(postmaster: int) -> float:
    """Sum the processor time of a PostgreSQL: the postmaster, its children, and those it has seen end."""
    parent = psutil.Process(postmaster)
    times = parent.cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    for child in parent.children(recursive=True):
        try:
            spent = child.cpu_times()
        except psutil.NoSuchProcess:  # it has just ended: it is in its parent's sum from now on
            continue
        total += spent.user + spent.system
    return float(total)
