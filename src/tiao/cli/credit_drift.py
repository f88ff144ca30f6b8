"""`tiao credit drift`: how far later rows have moved from those of training."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from tiao.cli.credit_stored import Days, Json, ProgrammeName, stored_decisions
from tiao.cli.model_answers import refusing
from tiao.cli.output import standard_output
from tiao.credit.scoring import load_bundle
from tiao.credit.watching.drift import drift as measure
from tiao.credit.watching.files import watched_table
from tiao.credit.watching.model import Drift, Level
from tiao.credit.watching.stored import watched_of
from tiao.learning.contract import read_table
from tiao.learning.refusals import Fault, InputRefused
from tiao.learning.schema import schema_of
from tiao.wiring import shipped_engine

_COLOURS = {Level.CALM: "green", Level.QUESTION: "yellow", Level.STOP: "red"}
_FEATURES_SHOWN = 15


def drift(
    model: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A folder that `train` wrote.")],
    data: Annotated[Path | None, typer.Argument(metavar="[DATA]", help="Later rows, .parquet or .csv.")] = None,
    programme: ProgrammeName = None,
    days: Days = 90,
    probability_max: Annotated[
        float | None, typer.Option("--approve-up-to", min=0, max=1, help="The cut-off whose approval rate is compared.")
    ] = None,
    ripe_after: Annotated[
        int, typer.Option("--ripe-after", min=0, help="Days after which an outcome counts, if the file does not say.")
    ] = 0,
    *,
    is_json: Json = False,
) -> None:
    """Compare later rows with those a model was trained on: scores, features, missing values, approvals, promises."""
    if (data is None) == (programme is None):
        raise typer.BadParameter("give either DATA or --programme")
    now, policy_max = datetime.now(UTC), None
    with refusing():
        bundle = load_bundle(model)
        if data is not None:
            table = read_table(data, schema_of(bundle.model.schema), is_training=False, is_labelled=True, at=now)
            rows = watched_table(table, bundle.score(table.cells), now=now, ripe_after_days=ripe_after)
        else:
            assert programme is not None, "checked above"
            stored = stored_decisions(programme, now, days, ripe_after=ripe_after)
            rows = watched_of(stored.decisions, bundle.model.model_version, is_bad=stored.is_bad)
            policy_max = float(shipped_engine().policy.probability_max)
        if not len(rows.probability):
            raise InputRefused([Fault("no_rows", value=f"nothing was scored by {bundle.model.model_version}")])
        found = measure(bundle, rows, probability_max=probability_max, policy_max=policy_max)
    if is_json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    else:
        _show(found)


def _show(found: Drift) -> None:
    out = standard_output()
    out.print(f"model {found.model_version}, {found.rows:,} rows: [{_COLOURS[found.level]}]{found.level.value}[/]")
    table = Table("what", "index", "missing then", "now", "", box=None, pad_edge=False)
    for one in (found.score, *found.features[:_FEATURES_SHOWN]):
        missing = ("", "") if one.missing_now is None else (f"{one.missing_before:.1%}", f"{one.missing_now:.1%}")
        table.add_row(one.name, f"{one.index:.3f}", *missing, f"[{_COLOURS[one.level]}]{one.level.value}[/]")
    out.print(table)
    approval = found.approval
    what = "approved" if approval.probability_max is None else f"up to {approval.probability_max:.4f}"
    out.print(f"{what}: {approval.before:.1%} at training, {approval.now:.1%} now")
    if found.calibration:
        promises = Table("grade", "rows", "expected", "seen", "distance", box=None, pad_edge=False)
        for each in found.calibration:
            distance = f"[{_COLOURS[each.level]}]{each.distance:+.1f}[/]"
            promises.add_row(each.grade, f"{each.rows:,}", f"{each.expected:.2%}", f"{each.seen:.2%}", distance)
        out.print(promises)
    for vintage in found.vintages:
        ranked = "" if vintage.auc is None else f", AUC {vintage.auc:.3f}"
        out.print(f"{vintage.month}: {vintage.rows:,} ripe, {vintage.unripe:,} not yet{ranked}")
    for alert in found.alerts:
        out.print(f"[{_COLOURS[alert.level]}]{alert.level.value}[/] {alert.what} {alert.name}: {alert.value:.3f}")
