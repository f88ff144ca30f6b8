"""Rounds come to a median with its spread, and a percentile is one of the values measured."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from tiao.bench.loans import EVENTS, FiguresDoNotAddUp, long_history, measure
from tiao.bench.measures import percentile, server_cpu_seconds, spread


def test_a_spread_is_the_median_the_lowest_and_the_highest() -> None:
    found = spread([5.0, 1.0, 3.0, 100.0])
    assert (found.median, found.low, found.high, found.rounds) == (4.0, 1.0, 100.0, 4)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0), (0.001, 1.0)])
def test_a_percentile_is_the_smallest_value_that_covers_its_share(share: float, expected: float) -> None:
    assert percentile([float(value) for value in range(1, 101)], share) == expected


def test_one_value_is_every_percentile() -> None:
    assert percentile([7.0], 0.5) == percentile([7.0], 0.99) == 7.0


def test_the_processor_time_of_children_that_ended_still_counts() -> None:
    burn = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(8_000_000))']); input()"
    with subprocess.Popen([sys.executable, "-c", burn], stdin=subprocess.PIPE) as parent:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            times = psutil.Process(parent.pid).cpu_times()
            if times.children_user > 0:
                break
            time.sleep(0.05)
        own = times.user + times.system
        assert server_cpu_seconds(parent.pid) >= own + times.children_user > own
        parent.communicate(b"\n")
    assert parent.pid != os.getpid()


def test_the_long_history_is_seven_hundred_events_in_order() -> None:
    start_on, history = long_history()
    assert len(history) == EVENTS == 700
    assert [each.posted_on for each in history] == sorted(each.posted_on for each in history)
    assert history[0].posted_on == start_on


def test_loans_are_measured_part_by_part_and_the_parts_come_to_the_whole() -> None:
    told: list[tuple[str, int, int]] = []
    try:
        report = measure(300, 5, lambda *progress: told.append(progress))
    except FiguresDoNotAddUp:  # the machine stood still between two parts; it happens, and is told
        report = measure(300, 5, lambda *progress: told.append(progress))
    parts = report.schedule_us.median + report.yearly_rate_us.median + report.cap_us.median
    assert parts == pytest.approx(report.whole_us.median, rel=0.1)
    assert report.loans == 300
    assert ("loans", 300, 300) in told
    assert len(report.replay_ms) == 18
    assert report.replay_worst_ms == max(each.median for each in report.replay_ms.values())
