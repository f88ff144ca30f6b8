"""`tiao credit promote` and `tiao credit demote`: a candidate takes the place of the model at work, and steps back.

Of a folder, or with `--programme` of a running programme, where the candidate is in shadow first.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import typer

from tiao.cli.credit_stored import in_programme
from tiao.cli.model_answers import answer, refusing
from tiao.cli.operators import acting
from tiao.credit.registry import roles
from tiao.credit.registry.refusals import ModelAtWork
from tiao.credit.scoring import load_bundle
from tiao.credit.watching.files import watched_table
from tiao.credit.watching.placing import put_to_work, step_back
from tiao.credit.watching.promotion import Ripe, check_promotion
from tiao.learning.contract import read_table
from tiao.learning.refusals import Fault, InputRefused
from tiao.learning.schema import schema_of
from tiao.lending.outcomes import outcomes
from tiao.runtime.db import Tx
from tiao.runtime.registry.refusals import NobodyInShadow
from tiao.values.moment import Moment
from tiao.wiring import shipped_engine

Reason = Annotated[str, typer.Option("--reason", help="With --programme: why, as it is to be read later.")]
Programme = Annotated[
    str | None, typer.Option("--programme", help="A running programme's model instead of a folder's.")
]


def promote(
    candidate: Annotated[
        Path | None, typer.Argument(metavar="[CANDIDATE]", help="A folder that `train` wrote.")
    ] = None,
    live: Annotated[Path | None, typer.Argument(metavar="[LIVE]", help="The folder of the model at work.")] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Ripe rows that the candidate was not trained on.")
    ] = None,
    proposed_by: Annotated[str, typer.Option("--proposed-by", help="Who wants it; with --programme an operator.")] = "",
    approved_by: Annotated[
        str, typer.Option("--approved-by", help="Who else agrees; with --programme an operator.")
    ] = "",
    ripe_after: Annotated[
        int, typer.Option("--ripe-after", min=0, help="Days after which an outcome counts, if the file does not say.")
    ] = 0,
    programme: Programme = None,
    reason: Reason = "",
) -> None:
    """Put a candidate to work if ripe rows show that it is fair, calibrated, explained and ranks no worse.

    With --programme, CANDIDATE and --proposed-by put it into shadow; later --approved-by alone promotes what is there.
    """
    if programme is not None:
        _promote_in(programme, candidate, proposed_by.strip(), approved_by.strip(), reason)
        return
    if candidate is None or live is None or data is None or not proposed_by or not approved_by:
        raise typer.BadParameter("give CANDIDATE, LIVE, --data, --proposed-by and --approved-by, or --programme")
    now = datetime.now(UTC)
    with refusing():
        bundle = load_bundle(candidate)
        at_work = load_bundle(live) if live.exists() else None
        if at_work is not None and at_work.model.model_version == bundle.model.model_version:
            # It would become its own model before, and what it replaced would be lost.
            raise ModelAtWork(bundle.model.model_version)
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


def demote(
    live: Annotated[Path | None, typer.Argument(metavar="[LIVE]", help="The folder of the model at work.")] = None,
    programme: Programme = None,
    by: Annotated[str, typer.Option("--by", help="With --programme: which operator puts it back.")] = "",
    reason: Reason = "",
) -> None:
    """Put the model before back to work, in one step."""
    if (live is None) == (programme is None):
        raise typer.BadParameter("give either LIVE or --programme")
    with refusing():
        if live is not None:
            answer({"model_version": step_back(live)})
            return
        assert programme is not None, "checked above"
        if not by.strip():
            raise typer.BadParameter("a person's name", param_hint="--by")

        async def work(tx: Tx, now: Moment) -> str:
            return (await roles.put_back(tx, now, actor=await acting(tx, now, by), reason=reason)).version

        answer({"model_version": in_programme(programme, work)})


def _promote_in(programme: str, candidate: Path | None, proposed_by: str, approved_by: str, reason: str) -> None:
    if (candidate is None) != (not proposed_by) or bool(proposed_by) == bool(approved_by):
        raise typer.BadParameter("CANDIDATE with --proposed-by, or --approved-by alone")
    with refusing():
        bundle = None if candidate is None else load_bundle(candidate)

        async def work(tx: Tx, now: Moment) -> dict[str, Any]:
            engine = shipped_engine()
            if bundle is not None:
                actor = await acting(tx, now, proposed_by)
                step = await roles.propose_model(tx, now, engine, bundle, actor=actor, reason=reason)
                return {"model_version": step.version, "step": step.step.value}
            challenger = (await roles.roles(tx)).challenger
            if challenger is None:
                raise NobodyInShadow
            version = challenger.version
            seen = await roles.shadows(tx, version, await outcomes(tx, today=now.today))
            actor = await acting(tx, now, approved_by)
            evidence = await roles.promote_model(tx, now, engine, version, seen, actor=actor, reason=reason)
            found: dict[str, Any] = msgspec.to_builtins(evidence)
            return found

        answer(in_programme(programme, work))
