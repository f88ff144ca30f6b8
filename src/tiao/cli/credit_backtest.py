"""`tiao credit backtest`: past applications under another strategy."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from tiao.cli.credit_stored import Days, Json, ProgrammeName, stored_decisions
from tiao.cli.model_answers import refusing
from tiao.cli.output import standard_output
from tiao.credit.engines import load_policy
from tiao.credit.strategy import LimitPolicy
from tiao.credit.watching.backtest import Amount, Backtest, Economics, Figure, Past
from tiao.credit.watching.backtest import backtest as run_backtest
from tiao.credit.watching.files import read_past
from tiao.credit.watching.page import backtest_page
from tiao.credit.watching.stored import past_of
from tiao.learning.refusals import Fault, InputRefused


def backtest(  # noqa: PLR0913, PLR0917  each is an option of the command line
    policy: Annotated[
        Path, typer.Argument(metavar="POLICY.json", help="The strategy to try, in the form of limits.json.")
    ],
    scored: Annotated[Path | None, typer.Option("--scored", help="Applications, scored.")] = None,
    programme: ProgrammeName = None,
    days: Days = 365,
    against: Annotated[
        Path | None,
        typer.Option("--against", help="The strategy to compare with, if not what is in force."),
    ] = None,
    income_minor: Annotated[
        int | None,
        typer.Option("--income", min=0, help="A month's income for all, if the file has no income_minor."),
    ] = None,
    usage: Annotated[float, typer.Option("--usage", min=0, max=1, help="Share of limits that is lent.")] = 0.4,
    lost: Annotated[float, typer.Option("--lost", min=0, max=1, help="Share of a bad debt that is lost.")] = 0.65,
    earned: Annotated[float, typer.Option("--yield", min=0, max=1, help="Yearly yield on what is repaid.")] = 0.12,
    html: Annotated[Path | None, typer.Option("--html", help="Also write a page with charts.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Also write who is decided otherwise (.csv).")] = None,
    *,
    is_json: Json = False,
) -> None:
    """Decide past applications again under another strategy: approvals, expected loss, income and who changes."""
    if (scored is None) == (programme is None):
        raise typer.BadParameter("give either --scored or --programme")
    with refusing():
        wanted = load_policy(policy.read_bytes())
        past, before = _past(wanted, scored, programme, days, against, income_minor)
        economics = Economics(*(Decimal(str(share)) for share in (usage, lost, earned)))
        found = run_backtest(past, after=wanted, before=before, economics=economics)
        if html is not None:
            html.parent.mkdir(parents=True, exist_ok=True)
            html.write_text(backtest_page(found, wanted.currency), encoding="utf-8")
        if out is not None:
            _write_changes(found, out)
    if is_json:
        sys.stdout.write(msgspec.json.encode(msgspec.structs.replace(found, changes=())).decode() + "\n")
    else:
        _show(found)


def _past(
    wanted: LimitPolicy, scored: Path | None, programme: str | None, days: int, against: Path | None, income: int | None
) -> tuple[list[Past], LimitPolicy | None]:
    """Read the applications, and the strategy they are compared with (None: what was decided)."""
    before = None if against is None else load_policy(against.read_bytes())
    if scored is not None:
        return read_past(scored, currency=wanted.currency, income_minor=income), before or load_policy()
    assert programme is not None, "checked above"
    stored = stored_decisions(programme, datetime.now(UTC), days)
    past = past_of(stored.decisions, is_bad=stored.is_bad)
    if not past:
        raise InputRefused([Fault("no_rows", value="nobody applied in these days")])
    return past, before


def _show(found: Backtest) -> None:
    out = standard_output()
    table = Table("", found.before.policy, found.after.policy, "difference", box=None, pad_edge=False)
    for name, figure in found.difference.items():
        was, now = getattr(found.before, name), getattr(found.after, name)
        table.add_row(name.replace("_", " "), _told(was), _told(now), _told(figure))
    out.print(f"{found.rows:,} applications, {found.without_report:,} without a report; intervals of 95 %")
    out.print(table)
    grades = Table("grade", "rows", "approved", "then", "mean limit", "then", box=None, pad_edge=False)
    for row in found.grades:
        limits = (f"{row.limit_mean_before_minor:,}", f"{row.limit_mean_after_minor:,}")
        grades.add_row(row.grade, f"{row.rows:,}", str(row.approved_before), str(row.approved_after), *limits)
    out.print(grades)
    out.print(
        "decided otherwise: " + (", ".join(f"{kind} {count:,}" for kind, count in found.changed.items()) or "none")
    )


def _told(figure: Figure | Amount) -> str:
    if isinstance(figure, Amount):
        return f"{figure.value:,} ({figure.low:,} to {figure.high:,})"
    return f"{figure.value:.2%} ({figure.low:.2%} to {figure.high:.2%})"


def _write_changes(found: Backtest, out: Path) -> None:
    import polars as pl  # noqa: PLC0415  only when asked for

    out.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame([msgspec.to_builtins(change) for change in found.changes]).write_csv(out)
