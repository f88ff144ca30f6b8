"""`tiao policy`: what the rules say on a day, and how far each is enforced."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tiao.policy.enforcement import ENFORCED, Standing, standing
from tiao.policy.model import Row
from tiao.policy.pack import Pack
from tiao.policy.refusals import PolicyValueMissing

policy_app = typer.Typer(help="What the dated rules say, and which are enforced.", no_args_is_help=True)

PackName = Annotated[str, typer.Option("--pack", help="A shipped pack (cn, eu) or the path of a file.")]
_COLOURS = {Standing.ENFORCED: "green", Standing.DECIDABLE: "yellow", Standing.PENDING: "dim"}


@policy_app.command()
def status(
    *,
    pack: PackName = "cn",
    is_json: Annotated[bool, typer.Option("--json", help="One JSON object a rule.")] = False,
) -> None:
    """List every rule: enforced, decidable but asked by nobody yet, or pending."""
    rules = _open(pack)
    if is_json:
        for name in rules.ids():
            typer.echo(msgspec.json.encode(_standing_of(name)).decode())
        return
    table = Table("rule", "standing", "where", "decided by", "refuses", box=None, pad_edge=False)
    for name in rules.ids():
        place, state = ENFORCED.get(name), standing(name)
        table.add_row(
            name,
            f"[{_COLOURS[state]}]{state.value}[/]",
            rules.rows_of(name)[0].enforced_in,
            place.decided_by if place else "",
            (place.refuses or "") if place else "",
        )
    console = Console()
    console.print(table)
    counts = Counter(standing(name) for name in rules.ids())
    sums = ", ".join(f"{counts[state]} {state.value}" for state in Standing)
    console.print(f"\n{rules.name}, as of {rules.as_of}: {len(rules.ids())} rules, {sums}; digest {rules.digest[:16]}")


@policy_app.command()
def show(
    rule: Annotated[str, typer.Argument(help="The rule's id, such as price.all_in_cap.")],
    *,
    on: Annotated[str | None, typer.Option(help="The date asked, usually the contract's; today if left out.")] = None,
    lender: Annotated[str, typer.Option(help="The kind of lender or other party.")] = "all_lenders",
    pack: PackName = "cn",
    is_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show the value of a rule for a lender on a day, where it comes from and how sure it is."""
    rules = _open(pack)
    if lender not in rules.parents:
        raise typer.BadParameter(f"one of {', '.join(rules.parents)}", param_hint="--lender")
    if not rules.rows_of(rule):
        raise typer.BadParameter(f"the pack {rules.name} has no such rule", param_hint="RULE")
    day = _day(on)
    found = rules.find(rule, on=day, lender_type=lender)
    if found is None:
        raise PolicyValueMissing(f"{rule} for {lender} on {day}", rule=rule, lender_type=lender)
    if is_json:
        answer = {"on": day, "lender": lender, "value": found.value, "row": found.row, **_standing_of(rule)}
        typer.echo(msgspec.json.encode(answer).decode())
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for label, text in _facts(rules, found.row, found.value):
        table.add_row(f"[dim]{label}[/]", escape(text))
    Console().print(table)


def _open(name: str) -> Pack:
    path = Path(name)
    return Pack.load(path if path.suffix in {".yaml", ".yml"} else name)


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).astimezone().date()
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise typer.BadParameter("a date such as 2026-11-22", param_hint="--on") from fault


def _standing_of(rule: str) -> dict[str, object]:
    place = ENFORCED.get(rule)
    return {
        "rule": rule,
        "standing": standing(rule).value,
        "decided_by": place.decided_by if place else None,
        "refuses": place.refuses if place else None,
        "called_from": place.called_from if place else (),
    }


def _facts(rules: Pack, row: Row, value: object) -> list[tuple[str, str]]:
    source = rules.sources[row.source]
    known = row.evidence + (", to be confirmed before production" if row.verify else "")
    facts = [
        ("rule", row.id),
        ("value", f"{value}  ({row.unit})"),
        ("applies to", ", ".join(row.applies_to)),
        ("in force", f"{row.effective_from or 'always'} to {row.effective_to or 'further notice'}"),
        ("asked with", row.anchor),
        ("source", source.name + (f", art. {row.article}" if row.article else "")),
        ("binding", row.binding),
        ("evidence", known),
        ("standing", standing(row.id).value),
    ]
    return [*facts, ("note", row.note)] if row.note else facts
