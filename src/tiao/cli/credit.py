"""`tiao credit`: train a scorecard and its challenger, score files, measure them.

Exit 0 when done, 2 when the input is refused (one JSON line on stderr names every fault and nothing is written).
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tiao.cli.apart import with_apart
from tiao.cli.model_answers import answer, refusing, saying

if TYPE_CHECKING:
    from tiao.credit.scoring import Bundle, Scored
    from tiao.learning.contract import Table

#: Commands with a module of their own, imported when one is called: scoring must not pay for them.
_APART = {
    "drift": "tiao.cli.credit_drift:drift",
    "backtest": "tiao.cli.credit_backtest:backtest",
    "promote": "tiao.cli.credit_promote:promote",
    "demote": "tiao.cli.credit_promote:demote",
    "watch": "tiao.cli.credit_watch:watch",
    "history": "tiao.cli.credit_watch:history",
}


credit_app = typer.Typer(
    name="credit",
    cls=with_apart(_APART),
    help="Train, score, measure and watch credit models.",
    no_args_is_help=True,
    add_completion=False,
)

Data = Annotated[Path, typer.Option("--data", help="Rows, .parquet or .csv.")]
Out = Annotated[Path, typer.Option("--out", help="Where the result goes.")]
ModelDir = Annotated[Path, typer.Option("--model", help="A folder that `train` wrote.")]


@credit_app.command()
def train(
    data: Data,
    schema: Annotated[Path, typer.Option("--schema", help="Names, types and roles of the columns (JSON).")],
    out: Out,
    use: Annotated[
        str | None, typer.Option("--use", help="Score with this one (champion or challenger) instead of by the rule.")
    ] = None,
    rejects: Annotated[
        str | None, typer.Option("--rejects", help="Take rows without a label in (fuzzy or parcelling).")
    ] = None,
    reject_factor: Annotated[
        float, typer.Option("--reject-factor", min=0.1, help="How much riskier they are than labelled rows like them.")
    ] = 1.0,
) -> None:
    """Train a scorecard and a challenger, and write the better one's bundle.

    A training that was killed goes on when the same command is given again.
    """
    started = time.monotonic()
    if use not in {None, "champion", "challenger"}:
        raise typer.BadParameter("champion or challenger", param_hint="--use")
    if rejects not in {None, "fuzzy", "parcelling"}:
        raise typer.BadParameter("fuzzy or parcelling", param_hint="--rejects")
    with refusing():
        from tiao.learning.contract import read_table  # noqa: PLC0415  scoring must start without the train extra
        from tiao.learning.refusals import TrainingUnavailable  # noqa: PLC0415  same
        from tiao.learning.schema import read_schema  # noqa: PLC0415  same
        from tiao.learning.shelf import Workplace, shelf_beside  # noqa: PLC0415  same

        try:
            from tiao.credit.training.bundle import write_bundle  # noqa: PLC0415  same
            from tiao.credit.training.card import model_card  # noqa: PLC0415  same
            from tiao.credit.training.card_page import model_page  # noqa: PLC0415  same
            from tiao.credit.training.rejects import Inference  # noqa: PLC0415  same
            from tiao.credit.training.train import train as fit  # noqa: PLC0415  same
        except ImportError as missing:
            raise TrainingUnavailable(f"install tiao[train]: {missing}") from missing
        shape = read_schema(schema)
        table = read_table(data, shape, is_training=True, at=datetime.now(UTC))
        shelf = shelf_beside(out, [data, schema], ["tiao.credit.training", "tiao.credit.scoring", "tiao.learning"])
        inference = (
            None if rejects is None else Inference("fuzzy" if rejects == "fuzzy" else "parcelling", reject_factor)
        )
        trained = fit(shape, table, use=use, place=Workplace(saying(started), shelf), rejects=inference)
        cards = {
            "card.md": model_card(trained.model, trained.reasons),
            "card.html": model_page(trained.model, trained.reasons),
        }
        write_bundle(out, trained.model, trained.reasons, cards)
        shelf.clear()
    answer({**trained.summary, "seconds": round(time.monotonic() - started, 1)})


@credit_app.command()
def score(model: ModelDir, data: Data, out: Out) -> None:
    """Score every row of a file: probability, points, grade and up to three reasons."""
    started = time.monotonic()
    with refusing():
        bundle, table, scored, counts = _scored(model, data)
        _write(table, scored, out)
    answer(
        {
            "rows": table.rows,
            "model_version": bundle.model.model_version,
            **counts,
            "warnings": table.warnings,
            "seconds": round(time.monotonic() - started, 2),
        }
    )


@credit_app.command()
def evaluate(
    model: ModelDir,
    data: Data,
    out: Annotated[Path | None, typer.Option("--out", help="Also write the scores.")] = None,
) -> None:
    """Score labelled rows and print how good the model is on them."""
    started = time.monotonic()
    with refusing():
        from tiao.credit.training.evaluate import evaluation  # noqa: PLC0415  reads data, not needed to start
        from tiao.learning.schema import schema_of  # noqa: PLC0415  same

        bundle, table, scored, counts = _scored(model, data, is_labelled=True)
        report = evaluation(bundle, schema_of(bundle.model.schema), table, scored)
        if out is not None:
            _write(table, scored, out)
    answer({**report, **counts, "seconds": round(time.monotonic() - started, 2)})


@credit_app.command()
def hints(
    model: ModelDir,
    data: Data,
    out: Out,
    probability_max: Annotated[
        float, typer.Option("--approve-up-to", min=0, max=1, help="The cut-off that a row should pass.")
    ],
) -> None:
    """Write for each row above a cut-off which one thing, in the customer's power, would have to be otherwise."""
    with refusing():
        from tiao.credit.watching.files import write_hints  # noqa: PLC0415  reads data, not needed to start

        bundle, table, scored, _ = _scored(model, data)
        given, rows = write_hints(bundle, table, out, probability_max=probability_max)
    above = sum(each.probability > probability_max for each in scored)
    told = {"rows": table.rows, "above": above, "with_hints": rows, "hints": given}
    answer({**told, "model_version": bundle.model.model_version})


@credit_app.command()
def behaviour(data: Data, out: Out) -> None:
    """Derive from monthly repayment statuses how customers pay, by their last status."""
    with refusing():
        from tiao.credit.training.behaviour import write_behaviour  # noqa: PLC0415  reads data, not needed to start

        customers = write_behaviour(data, out)
    answer({"customers": customers, "out": str(out)})


@credit_app.command()
def rerun(
    decision: Annotated[
        str | None, typer.Argument(metavar="DECISION", help="The id of a decision; without one, every decision.")
    ] = None,
    programme: Annotated[
        str | None, typer.Option("--programme", help="Only this programme (a database of the embedded server).")
    ] = None,
) -> None:
    """Compute decisions and behavioural scores again from their records, to the bit; exit 1 when one differs."""
    from tiao.cli.credit_rerun import rerun_decisions  # noqa: PLC0415  training and scoring files need no database

    if rerun_decisions(decision, programme):
        raise typer.Exit(1)


def _scored(
    model: Path, data: Path, *, is_labelled: bool = False
) -> tuple[Bundle, Table, list[Scored], dict[str, Any]]:
    from tiao.credit.scoring import load_bundle  # noqa: PLC0415  numpy loads only when a command needs it
    from tiao.credit.training.evaluate import unknown_counts  # noqa: PLC0415  same
    from tiao.learning.contract import read_table  # noqa: PLC0415  same
    from tiao.learning.schema import schema_of  # noqa: PLC0415  same

    bundle = load_bundle(model)
    table = read_table(data, schema_of(bundle.model.schema), is_training=False, is_labelled=is_labelled)
    return bundle, table, bundle.score(table.cells), unknown_counts(bundle, table)


def _write(table: Table, scored: list[Scored], out: Path) -> None:
    from tiao.credit.training.evaluate import write_scores  # noqa: PLC0415  polars loads only when a command needs it

    write_scores(table, scored, out)
