"""`tiao risk rerun|export|propose|promote|demote`: what a programme's risk control decided, and which model decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import msgspec
import typer

from tiao.cli.credit_stored import in_programme
from tiao.cli.model_answers import answer, refusing
from tiao.cli.operators import acting
from tiao.cli.risk import delay_of
from tiao.risk import actions as risk
from tiao.risk import exporting, replaying, rerunning
from tiao.risk.live import catalogue
from tiao.risk.model import load_model
from tiao.risk.models import draft, evidence, model_from, models
from tiao.runtime.db import Tx
from tiao.runtime.programme import read_programme
from tiao.runtime.registry.actions import Who
from tiao.runtime.registry.refusals import NobodyInShadow
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

Programme = Annotated[str, typer.Option("--programme", help="The database of the programme.")]
By = Annotated[str, typer.Option("--by", help="Which operator: the name on a key, an id, or a key.")]
Why = Annotated[str, typer.Option("--reason", help="Why, as it is to be read later.")]
_EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
_AT_ONCE = 2_000
_DIFFERS = 1


def rerun(
    programme: Programme,
    purchase: Annotated[str | None, typer.Argument(metavar="[PURCHASE]", help="One purchase; without it, all.")] = None,
) -> None:
    """Make decisions again from their records, and fold all that is remembered anew; compare to the bit."""
    wanted = None if purchase is None else read_id("pur", purchase)

    async def work(tx: Tx, _: Moment) -> dict[str, Any]:
        known = catalogue((await read_programme(tx)).currency)
        run, differing, after = 0, [], 0
        if wanted is not None:
            found = [await risk.decision_of(tx, wanted)]
        else:
            found = await risk.decisions_between(tx, *_EVER, limit=_AT_ONCE)
        while found:
            for each in found:
                again = await rerunning.rerun(tx, each, known)
                run += 1
                if again.differing:
                    differing.append({"purchase": show_id("pur", each.purchase_id), "differing": again.differing})
            after = found[-1].fold_number
            found = [] if wanted else await risk.decisions_between(tx, *_EVER, after=after, limit=_AT_ONCE)
        states = [] if wanted else await replaying.differing(tx)
        return {"run": run, "differing": differing, "states_differing": len(states)}

    with refusing():
        said = in_programme(programme, work)
    answer(said)
    if said["differing"] or said["states_differing"]:
        raise typer.Exit(_DIFFERS)


def export(
    programme: Programme,
    out: Annotated[Path, typer.Option("--out", help="Where the .parquet goes.")],
    genuine_after: Annotated[
        str, typer.Option("--genuine-after", help="What was approved and nobody spoke of for so long was genuine.")
    ] = f"{exporting.GENUINE_AFTER.days}d",
) -> None:
    """Write what was decided, and what it turned out to be, as a file to train on, with its schema beside it."""
    import polars as pl  # noqa: PLC0415  loads only when a command needs it

    with refusing():
        after = timedelta(microseconds=delay_of(genuine_after, "--genuine-after"))

        async def work(tx: Tx, now: Moment) -> tuple[list[dict[str, Any]], str]:
            told = await exporting.exported(tx, until=now.at, genuine_after=after)
            return told, (await read_programme(tx)).currency

        rows, currency = in_programme(programme, work)
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(out)
    schema = out.with_suffix(".schema.json")
    schema.write_bytes(msgspec.json.format(msgspec.json.encode(exporting.schema_of_export(currency))))
    known = [row["fraud"] for row in rows if row["fraud"] is not None]
    told = {"rows": len(rows), "frauds": sum(known), "genuine": len(known) - sum(known)}
    answer({**told, "unknown": len(rows) - len(known), "file": out.name, "schema": schema.name})


def propose(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A folder that `train` wrote from an export.")],
    programme: Programme,
    by: By,
    reason: Why,
) -> None:
    """Bring a model in and put it into shadow: it scores every purchase, and decides none."""

    async def work(tx: Tx, now: Moment) -> dict[str, Any]:
        loaded, reasons = load_model(model)
        who = Who(await acting(tx, now, by), reason)
        await draft(tx, now, loaded, reasons, who)
        step = await models().propose(tx, now, loaded.model_version, who)
        return {"model_version": step.version, "step": step.step.value}

    with refusing():
        answer(in_programme(programme, work))


def promote(
    programme: Programme,
    by: By,
    reason: Why,
    challenged_max: Annotated[
        float | None,
        typer.Option("--challenged-max", min=0, max=1, help="Share of honest payments it may challenge; else its own."),
    ] = None,
) -> None:
    """Let the model in shadow decide beside the rules, if what it scored speaks for it; somebody else proposed it."""

    async def work(tx: Tx, now: Moment) -> dict[str, Any]:
        shadow = (await models().roles(tx)).challenger
        if shadow is None:
            raise NobodyInShadow
        decisions = await risk.decisions_between(tx, shadow.taken_at, _EVER[1], limit=1_000_000)
        truth: dict[UUID, bool] = await risk.truth_of(tx, [each.purchase_id for each in decisions])
        model = model_from(await models().content(tx, shadow.version))
        shown = evidence(model, decisions, truth, challenged_max)
        who = Who(await acting(tx, now, by), reason)
        step = await models().promote(tx, now, shadow.version, who, evidence=msgspec.json.encode(shown))
        return {"model_version": step.version, "step": step.step.value, "evidence": msgspec.to_builtins(shown)}

    with refusing():
        answer(in_programme(programme, work))


def demote(programme: Programme, by: By, reason: Why) -> None:
    """Let what decided before decide again, in one step: the model before, or rules alone."""

    async def work(tx: Tx, now: Moment) -> dict[str, Any]:
        step = await models().put_back(tx, now, Who(await acting(tx, now, by), reason))
        return {"model_version": step.version or None, "step": step.step.value}

    with refusing():
        answer(in_programme(programme, work))
