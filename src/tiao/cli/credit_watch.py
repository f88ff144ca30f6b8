"""`tiao credit watch` and `tiao credit history`: the switch of early warning, and the rows to train its model on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from tiao.cli.credit_stored import in_programme
from tiao.cli.model_answers import answer, refusing
from tiao.cli.operators import acting
from tiao.credit.scoring import load_bundle
from tiao.credit.warning import actions as warning
from tiao.credit.warning import rules, switching
from tiao.credit.warning.model import MONTHS, Looked, WarningStep
from tiao.credit.warning.refusals import NothingRipe
from tiao.lending import months
from tiao.runtime.db import Tx
from tiao.values.ids import BUCKETS
from tiao.values.moment import Moment
from tiao.wiring import shipped_behaviour, shipped_engine

Programme = Annotated[str | None, typer.Option("--programme", help="Of which programme; else the configured one.")]


def watch(
    mode: Annotated[
        Literal["status", "shadow", "on", "off"],
        typer.Argument(metavar="status|shadow|on|off", help="What behavioural scores shall do."),
    ],
    programme: Programme = None,
    by: Annotated[
        str, typer.Option("--by", help="Which operator; who turns it on is not who put it into shadow.")
    ] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why, as it is to be read later.")] = "",
    model: Annotated[
        Path | None,
        typer.Option("--model", help="With shadow: a folder that `train` wrote; otherwise the shipped one."),
    ] = None,
) -> None:
    """Score lines once a month for early warning: in shadow first, then in limit reviews, or not at all."""
    if mode != "status" and not by.strip():
        raise typer.BadParameter("a person's name", param_hint="--by")
    with refusing():
        bundle = None if mode != "shadow" else shipped_behaviour() if model is None else load_bundle(model)

        async def work(tx: Tx, now: Moment) -> dict[str, Any]:
            step: WarningStep | None = None
            actor = "" if mode == "status" else await acting(tx, now, by)
            if bundle is not None:
                step = await switching.put_into_shadow(tx, now, bundle, actor=actor, reason=reason)
            elif mode == "on":
                step = await switching.turn_on(tx, now, shipped_engine(), actor=actor, reason=reason)
            elif mode == "off":
                step = await switching.turn_off(tx, now, actor=actor, reason=reason)
            stand = await warning.standing(tx)
            warned = await warning.early_warnings(tx)
            told = {"mode": stand.mode.value, "model_version": stand.version, "lines_that_warn": len(warned)}
            return told if step is None else {**told, "step": step.number}

        answer(in_programme(programme, work))


def history(
    out: Annotated[Path, typer.Option("--out", help="The folder for rows.csv and schema.json.")],
    programme: Annotated[
        str | None, typer.Option("--programme", help="What this programme's own scores saw and what came of it.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Or a file in the layout of the published card set.")
    ] = None,
    ahead: Annotated[
        int, typer.Option("--ahead", min=1, max=MONTHS - 2, help="With --data: how many months before the outcome.")
    ] = 1,
    days: Annotated[
        int, typer.Option("--days", min=30, help="With --programme: in how many days a line may come to be 31 late.")
    ] = 90,
) -> None:
    """Write the rows that a behavioural model is trained on, with their schema: then `tiao credit train` as ever."""
    if (programme is None) == (data is None):
        raise typer.BadParameter("give either --programme or --data")
    with refusing():
        from tiao.credit.training.history import write_cards, write_looked  # noqa: PLC0415  reads data, not needed to start

        if data is not None:
            answer({"rows": write_cards(data, out, ahead=ahead), "out": str(out)})
            return
        assert programme is not None, "checked above"
        found = in_programme(programme, lambda tx, now: _looked(tx, now, days))
        if not found:
            raise NothingRipe
        rows = write_looked(found, out)
        answer({"rows": rows, "bad": sum(each.is_bad for each in found), "out": str(out)})


async def _looked(tx: Tx, now: Moment, days: int) -> list[Looked]:
    found: list[Looked] = []
    for bucket in range(BUCKETS):
        scores = await warning.scores_in_bucket(tx, bucket)
        late = await months.late_after(tx, [(each.line_id, each.scored_on) for each in scores])
        found += rules.looked(scores, late, today=now.today, days=days)
    return found
