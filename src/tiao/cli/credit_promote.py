"""`tiao credit promote` and `tiao credit demote`: a candidate takes the place of the model at work, and steps back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
import typer

from tiao.cli.model_answers import answer, refusing
from tiao.credit.scoring import load_bundle
from tiao.credit.watching.files import watched_table
from tiao.credit.watching.placing import put_to_work, step_back
from tiao.credit.watching.promotion import Ripe, check_promotion
from tiao.learning.contract import read_table
from tiao.learning.refusals import Fault, InputRefused
from tiao.learning.schema import schema_of

Live = Annotated[Path, typer.Argument(metavar="LIVE", help="The folder of the model at work.")]


def promote(
    candidate: Annotated[Path, typer.Argument(metavar="CANDIDATE", help="A folder that `train` wrote.")],
    live: Live,
    data: Annotated[Path, typer.Option("--data", help="Ripe rows that the candidate was not trained on.")],
    proposed_by: Annotated[str, typer.Option("--proposed-by", help="Who wants it.")],
    approved_by: Annotated[str, typer.Option("--approved-by", help="Who else agrees.")],
    ripe_after: Annotated[
        int, typer.Option("--ripe-after", min=0, help="Days after which an outcome counts, if the file does not say.")
    ] = 0,
) -> None:
    """Put a candidate to work if ripe rows show that it is fair, calibrated, explained and ranks no worse."""
    now = datetime.now(UTC)
    with refusing():
        bundle = load_bundle(candidate)
        at_work = load_bundle(live) if live.exists() else None
        table = read_table(data, schema_of(bundle.model.schema), is_training=False, is_labelled=True, at=now)
        target = watched_table(table, bundle.score(table.cells), now=now, ripe_after_days=ripe_after).target
        if target is None:
            raise InputRefused([Fault("no_labelled_rows")])
        kept = table._replace(target=target).take(np.flatnonzero(~np.isnan(target)))
        assert kept.target is not None, "taking rows keeps the target"
        evidence = check_promotion(
            bundle,
            at_work,
            Ripe(kept.cells, kept.protected, kept.target),
            proposed_by=proposed_by,
            approved_by=approved_by,
            at=now,
        )
        put_to_work(candidate, live, evidence)
    answer(msgspec.to_builtins(evidence))


def demote(live: Live) -> None:
    """Put the model before back to work, in one step."""
    with refusing():
        answer({"model_version": step_back(live)})
