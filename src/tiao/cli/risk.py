"""`tiao risk`: train a fraud model, score files of payments, measure it.

Exit 0 when done, 2 when the input is refused (one JSON line on stderr names every fault and nothing is written).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tiao.cli.apart import with_apart
from tiao.cli.model_answers import answer, refusing, saying

if TYPE_CHECKING:
    from tiao.learning.contract import Table
    from tiao.learning.schema import Schema
    from tiao.risk.model import Model

#: They need a database.
_APART = {name: f"tiao.cli.risk_live:{name}" for name in ("rerun", "export", "propose", "promote", "demote")}

risk_app = typer.Typer(
    name="risk",
    cls=with_apart(_APART),
    help="Train, score and measure fraud models; look after a programme's.",
    no_args_is_help=True,
    add_completion=False,
)

Data = Annotated[Path, typer.Option("--data", help="Payments, .parquet or .csv.")]
Out = Annotated[Path, typer.Option("--out", help="Where the result goes.")]
ModelDir = Annotated[Path, typer.Option("--model", help="A folder that `train` wrote.")]
Delay = Annotated[str, typer.Option("--label-delay", help="When outcomes become known: 7d, 36h, 30m.")]

_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
#: Progress is told at most this often. Units: seconds.
_EVERY = 2.0


@risk_app.command()
def train(
    data: Data,
    schema: Annotated[Path, typer.Option("--schema", help="Names, types and roles of the columns (JSON).")],
    out: Out,
    train_until: Annotated[str, typer.Option("--train-until", help="Only payments before this instant (ISO 8601).")],
    label_delay: Delay = "7d",
    challenged_max: Annotated[
        float | None,
        typer.Option("--challenged-max", min=0, max=1, help="Share of honest payments that may be challenged [0.015]."),
    ] = None,
) -> None:
    """Train on the payments before an instant, and write the model."""
    started = time.monotonic()
    with refusing():
        from tiao.learning.contract import read_table  # noqa: PLC0415  reads data, not needed to start
        from tiao.learning.refusals import TrainingUnavailable  # noqa: PLC0415  same
        from tiao.learning.schema import read_schema  # noqa: PLC0415  same
        from tiao.risk.budget import CHALLENGED_MAX  # noqa: PLC0415  same
        from tiao.risk.model import Costs  # noqa: PLC0415  same

        until, delay = _instant(train_until, "--train-until"), delay_of(label_delay)
        try:
            from tiao.risk.training.bundle import write_bundle  # noqa: PLC0415  scoring must start without the extra
            from tiao.risk.training.train import train as fit  # noqa: PLC0415  same
        except ImportError as missing:
            raise TrainingUnavailable(f"install tiao[train]: {missing}") from missing
        shape = read_schema(schema, kind="risk")
        table = read_table(data, shape, is_training=True, at=datetime.now(UTC))
        say = _seldom(started)
        share = CHALLENGED_MAX if challenged_max is None else challenged_max
        trained = fit(
            shape, table, train_until=until, label_delay_us=delay, costs=Costs(), challenged_max=share, say=say
        )
        write_bundle(out, trained.model, trained.reasons)
    answer({**trained.summary, "seconds": round(time.monotonic() - started, 1)})


@risk_app.command()
def score(model: ModelDir, data: Data, out: Out, label_delay: Delay = "7d") -> None:
    """Replay a file in the order of time and score each payment with what was known then."""
    started = time.monotonic()
    with refusing():
        from tiao.risk.files import decided, score_table, write_scores  # noqa: PLC0415  reads data

        delay = delay_of(label_delay)
        loaded, shape, table = _loaded(model, data)
        scored = score_table(loaded, shape, table, label_delay_us=delay, say=_seldom(started))
        write_scores(table, scored, out)
    answer(
        {
            "rows": table.rows,
            "model_version": loaded.model_version,
            "decisions": decided(scored),
            "warnings": table.warnings,
            "seconds": round(time.monotonic() - started, 2),
        }
    )


@risk_app.command()
def evaluate(
    model: ModelDir,
    data: Data,
    label_delay: Delay = "7d",
    since: Annotated[
        str | None, typer.Option("--from", help="First instant that is measured; else training's end plus the delay.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", help="First instant no longer measured.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Also write the scores.")] = None,
) -> None:
    """Score labelled payments and print how good the model is on those after its training."""
    started = time.monotonic()
    with refusing():
        from tiao.risk.evaluate import evaluation, measured_rows, period  # noqa: PLC0415  reads data
        from tiao.risk.files import score_events, write_scores  # noqa: PLC0415  same
        from tiao.risk.replay import events_of  # noqa: PLC0415  same

        delay = delay_of(label_delay)
        ends = [None if at is None else _instant(at, name) for name, at in (("--from", since), ("--until", until))]
        loaded, shape, table = _loaded(model, data, is_labelled=True)
        events = events_of(table, shape, label_delay_us=delay)
        between = period(loaded, events, since=ends[0], until=ends[1], label_delay_us=delay)
        measured = measured_rows(loaded, events, between, label_delay_us=delay)
        wanted = measured if out is None else None
        scored = score_events(loaded, table, events, wanted=wanted, say=_seldom(started))
        report = evaluation(loaded, events, scored, measured)
        if out is not None:
            write_scores(table, [scored[row] for row in range(table.rows)], out)
    answer({**report, "warnings": table.warnings, "seconds": round(time.monotonic() - started, 2)})


def _loaded(model: Path, data: Path, *, is_labelled: bool = False) -> tuple[Model, Schema, Table]:
    from tiao.learning.contract import read_table  # noqa: PLC0415  polars loads only when a command needs it
    from tiao.learning.schema import schema_of  # noqa: PLC0415  same
    from tiao.risk.model import load_model  # noqa: PLC0415  same

    loaded, _ = load_model(model)
    shape = schema_of(loaded.schema, kind="risk")
    return loaded, shape, read_table(data, shape, is_training=False, is_labelled=is_labelled)


def _instant(text: str, option: str) -> datetime:
    from tiao.learning.refusals import Fault, InputRefused  # noqa: PLC0415  polars loads only when a command needs it

    try:
        at = datetime.fromisoformat(text)
    except ValueError as fault:
        raise InputRefused([Fault("not_an_instant", option, value=text)]) from fault
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def delay_of(text: str, option: str = "--label-delay") -> int:
    """Read a delay. Units: microseconds."""
    from tiao.learning.refusals import Fault, InputRefused  # noqa: PLC0415  same

    read = re.fullmatch(r"(\d+)([dhms])", text.strip())
    if read is None:
        raise InputRefused([Fault("not_a_delay", option, value=text)])
    return int(read[1]) * _SECONDS[read[2]] * 1_000_000


def _seldom(started: float) -> Callable[[str], None]:
    say, last = saying(started), [0.0]

    def sometimes(what: str) -> None:
        now = time.monotonic()
        if now - last[0] >= _EVERY:
            last[0] = now
            say(what)

    return sometimes
