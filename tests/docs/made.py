"""The parts of pages that are made from the code: `python tests/docs/made.py` writes them, a test compares them.

A part stands between the lines `<!-- made: name -->` and `<!-- end -->`; what is between is replaced as a whole.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import typer.main

from docs import examples, recipes
from docs.examples import table
from docs.pages import PAGES, short
from tiao.cli import app
from tiao.profile.catalogue import FEATURES
from tiao.runtime.checks import load_checks

PART = re.compile(r"(?<=^<!-- made: )([a-z0-9_]+)( -->\n)(.*?)(?=^<!-- end -->$)", re.MULTILINE | re.DOTALL)
_SIDE = {"asset": "debit", "expense": "debit", "liability": "credit", "equity": "credit", "income": "credit"}


def chart() -> str:
    rows = [
        (one.code, one.name, one.name_zh, one.kind, _SIDE[one.kind], one.owner, "yes" if one.is_line_use else "")
        for one in recipes.chart()
    ]
    return table("account | name | 中文 | class | grows by | sub-ledger of | uses the credit line", rows)


def recipe_list() -> str:
    parts = []
    for one in sorted(recipes.recipes(), key=lambda recipe: recipe.place):
        head = f"### {one.name.replace('_', ' ')}\n\n{one.says}\n"
        parts.append(f"{head}\n```text\n{one.entries}\n```\n\nKind `{one.kind}`, from `{one.place}`.")
    return "\n\n".join(parts)


def invariants() -> str:
    return table("invariant | what it says", [(f"`{one.name}`", one.description) for one in load_checks()])


def commands() -> str:
    return table("command | what it does", [(f"`{name}`", says) for name, says in command_list()])


def command_list() -> list[tuple[str, str]]:
    """List every command of the CLI, those of groups with their group's name, and what its help says first."""
    found: list[tuple[str, str]] = []

    def walk(command: Any, name: str) -> None:  # noqa: ANN401  typer brings its own click, whose place it does not name
        if hasattr(command, "list_commands"):
            context = command.context_class(command)
            for each in command.list_commands(context):
                walk(command.get_command(context, each), f"{name} {each}")
        elif not command.hidden:
            says = (command.help or "").strip().split("\n\n")[0]
            found.append((name, " ".join(says.split())))

    walk(typer.main.get_command(app), "tiao")
    return found


def features() -> str:
    rows = [
        (f"`{one.name}`", one.source.value, one.window_days or "", one.version, one.says, one.null_means)
        for one in FEATURES
    ]
    return table("feature | source | window, days | version | what it says | null means", rows)


MADE: dict[str, Callable[[], str]] = {
    "chart": chart,
    "recipes": recipe_list,
    "invariants": invariants,
    "commands": commands,
    "features": features,
    "shelf": examples.shelf,
    "minimum": examples.amounts_below_minimum,
    "statement_dates": examples.statement_dates,
    "order_dates": examples.order_dates,
    "month_ends": examples.month_ends,
    "three_terms": examples.three_terms,
    "caps": examples.caps,
    "who_pays": examples.who_pays,
    "interest_plans": examples.interest_plans,
    "interest_payoff": examples.interest_payoff,
    "interest_refund": examples.interest_refund,
    "penalty": examples.penalty,
    "refund_before_paying": examples.refund_before_paying,
    "refund_after_first_paid": examples.refund_after_first_paid,
    "refund_surplus": examples.refund_surplus,
    "settlement": examples.settlement,
}


def renewed(text: str) -> str:
    """Write every made part of a page anew."""
    return PART.sub(lambda part: f"{part[1]}{part[2]}{MADE[part[1]]()}\n", text)


if __name__ == "__main__":
    for page in PAGES:
        before = page.read_text(encoding="utf-8")
        after = renewed(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
            sys.stdout.write(f"wrote {short(page)}\n")
