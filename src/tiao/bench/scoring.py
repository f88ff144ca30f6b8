"""One application scored with its reasons: what it takes alone, and that it comes out as in a batch, to the bit."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from tiao.bench.measures import Machine, Spread, spread, this_machine
from tiao.credit.scoring import Bundle, load_bundle
from tiao.learning.forms import Trees
from tiao.values.refusal import Kind, Refusal

ROUNDS, WARM_UP = 5, 100
Tell = Callable[[str, int, int], None]


class ScoresDiffer(Refusal):
    """A row scored alone came out otherwise than in a batch."""

    kind = Kind.CONFLICT


class ScorerReport(msgspec.Struct, frozen=True):
    """One scorer. *Units*: microseconds for one row with its reasons."""

    name: str
    method: str
    features: int
    trees: int
    cpu_p50_us: Spread
    cpu_p99_us: Spread
    wall_p50_us: Spread
    wall_p99_us: Spread
    batch_cpu_us: float


class ScoringReport(msgspec.Struct, frozen=True):
    """What a run came to."""

    machine: Machine
    model_version: str
    rows: int
    scorers: tuple[ScorerReport, ...]


def measure(model: Path | None, data: Path | None, rows: int, tell: Tell) -> ScoringReport:
    """Score the first *rows* of a file alone and in a batch, by both scorers; without paths, what tiao ships.

    Refuses: ScoresDiffer, BundleUnreadable, FeatureAbsent.
    """
    machine, shipped = this_machine(), Path(str(files("tiao.credit") / "data"))
    bundle = load_bundle(model or shipped / "bundle")
    frame = _frame(data or shipped / "taiwan_sample.csv").head(rows)
    return ScoringReport(
        machine,
        bundle.model.model_version,
        frame.height,
        tuple(_scorer(bundle, one.name, frame, tell) for one in bundle.model.scorers),
    )


def _frame(path: Path) -> pl.DataFrame:
    return pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)


def _scorer(bundle: Bundle, name: str, frame: pl.DataFrame, tell: Tell) -> ScorerReport:
    one = Bundle(bundle.model, list(bundle.reasons.values()), scorer=name)
    rows = frame.to_dicts()
    began = time.thread_time()
    batch = one.score(frame.to_dict(as_series=False))
    batch_us = (time.thread_time() - began) * 1e6 / len(rows)
    for row in rows[:WARM_UP]:
        one.score_one(row)
    cpu: list[Sequence[float]] = []
    wall: list[Sequence[float]] = []
    for number in range(ROUNDS):
        taken_cpu, taken_wall = [], []
        for row, expected in zip(rows, batch, strict=True):
            at, own = time.perf_counter(), time.thread_time()
            scored = one.score_one(row)
            taken_cpu.append((time.thread_time() - own) * 1e6)
            taken_wall.append((time.perf_counter() - at) * 1e6)
            if scored != expected:
                raise ScoresDiffer(f"{name}: {scored} alone, {expected} in a batch")
        cpu.append(taken_cpu)
        wall.append(taken_wall)
        tell(name, number + 1, ROUNDS)
    forms = one.scorer.forms
    return ScorerReport(
        name=name,
        method=one.scorer.method,
        features=len({coding.feature for form in forms for coding in form.codings}),
        trees=sum(len(form.leaves) for form in forms if isinstance(form, Trees)),
        cpu_p50_us=_percentile(cpu, 50),
        cpu_p99_us=_percentile(cpu, 99),
        wall_p50_us=_percentile(wall, 50),
        wall_p99_us=_percentile(wall, 99),
        batch_cpu_us=batch_us,
    )


def _percentile(rounds: Sequence[Sequence[float]], share: int) -> Spread:
    return spread([float(np.percentile(taken, share)) for taken in rounds])
