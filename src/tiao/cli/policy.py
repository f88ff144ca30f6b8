"""`tiao policy`: what the rules say on a day, how far each is enforced, and where a programme departs from them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from tiao.cli.database import ProgrammeOption
from tiao.cli.output import standard_output
from tiao.cli.overriding import OVERRIDING, programme_rules
from tiao.policy.enforcement import ENFORCED, Standing, standing
from tiao.policy.model import Override, Row
from tiao.policy.pack import Pack
from tiao.policy.refusals import PolicyValueMissing

policy_app = typer.Typer(
    help="What the dated rules say, which are enforced, where a programme departs from them.", no_args_is_help=True
)
for name, command in OVERRIDING.items():
    policy_app.command(name)(command)

PackName = Annotated[str, typer.Option("--pack", help="A shipped pack (cn, eu) or the path of a file.")]
Here = Annotated[bool, typer.Option("--here", help="The rules of this installation's programme, overrides included.")]
_COLOURS = {Standing.ENFORCED: "green", Standing.DECIDABLE: "yellow", Standing.PENDING: "dim"}


@policy_app.command()
def status(
    *,
    pack: PackName = "cn",
    is_here: Here = False,
    programme: ProgrammeOption = None,
    is_json: Annotated[bool, typer.Option("--json", help="One JSON object a rule.")] = False,
) -> None:
    """List every rule: enforced, decidable but asked by nobody yet, or pending; `--here` with the overrides."""
    rules, _ = _open(pack, programme, is_here=is_here)
    if is_json:
        for name in rules.ids():
            departures = {"overrides": _overrides(rules, name)} if rules.overrides else {}
            typer.echo(msgspec.json.encode(_standing_of(name) | departures).decode())
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
    console = standard_output()
    console.print(table)
    counts = Counter(standing(name) for name in rules.ids())
    sums = ", ".join(f"{counts[state]} {state.value}" for state in Standing)
    console.print(f"\n{rules.name}, as of {rules.as_of}: {len(rules.ids())} rules, {sums}; digest {rules.digest[:16]}")
    for one in rules.overrides:
        console.print(escape(_told(one)), highlight=False)


@policy_app.command()
def show(
    rule: Annotated[str, typer.Argument(help="The rule's id, such as price.all_in_cap.")],
    *,
    on: Annotated[str | None, typer.Option(help="The date asked, usually the contract's; today if left out.")] = None,
    lender: Annotated[str, typer.Option(help="The kind of lender or other party.")] = "all_lenders",
    pack: PackName = "cn",
    is_here: Here = False,
    programme: ProgrammeOption = None,
    is_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show the value of a rule for a lender on a day, where it comes from and how sure it is."""
    rules, today = _open(pack, programme, is_here=is_here)
    if lender not in rules.parents:
        raise typer.BadParameter(f"one of {', '.join(rules.parents)}", param_hint="--lender")
    if not rules.rows_of(rule):
        raise typer.BadParameter(f"the pack {rules.name} has no such rule", param_hint="RULE")
    day = _day(on, today)
    found = rules.find(rule, on=day, lender_type=lender)
    if found is None:
        raise PolicyValueMissing(f"{rule} for {lender} on {day}", rule=rule, lender_type=lender)
    if is_json:
        answer = {"on": day, "lender": lender, "value": found.value, "row": found.row, **_standing_of(rule)}
        answer |= {"overrides": _overrides(rules, rule)} if rules.overrides else {}
        typer.echo(msgspec.json.encode(answer).decode())
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    for label, text in _facts(rules, found.row, found.value):
        table.add_row(f"[dim]{label}[/]", escape(text))
    standard_output().print(table)


def _open(name: str, programme: str | None, *, is_here: bool) -> tuple[Pack, date]:
    """Read the rules that are asked about, and what day it is: the programme's, on whichever clock and in its zone."""
    if is_here or programme is not None:
        return programme_rules(programme)
    path = Path(name)
    return Pack.load(path if path.suffix in {".yaml", ".yml"} else name), datetime.now(UTC).astimezone().date()


def _day(text: str | None, today: date) -> date:
    if text is None:
        return today
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
    facts += [("note", row.note)] if row.note else []
    return facts + [("override", _told(one)) for one in _overrides(rules, row.id)]


def _overrides(rules: Pack, rule: str) -> list[Override]:
    return [one for one in rules.overrides if one.rule == rule]


def _told(one: Override) -> str:
    """Say in one line what an override does, for whom, how long, and who stands behind it."""
    does = (
        f"switches on {one.switches_on}"
        if one.switches_on is not None
        else f"chooses {one.chooses}"
        if one.chooses is not None
        else f"is stricter: {one.tightens}"
    )
    people = " and ".join(person for person in (one.approved_by, one.reviewed_by) if person)
    return (
        f"{one.rule} {does} for {one.applies_to}, {one.starts_on} until {one.expires_on}, review {one.review_on}; "
        f"{people}: {one.reason}"
    )
