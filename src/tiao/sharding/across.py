"""Invariants that no server can see alone: what one sent the other has, and all follow one directory.

Servers have no common snapshot; each comparison reads first the side that can only lag.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from tiao.credit.registry import roles
from tiao.credit.warning import switching
from tiao.partners import directory
from tiao.payments import gathering
from tiao.payments.model import SettlementPart
from tiao.runtime import overrides
from tiao.runtime.checks import Violation
from tiao.runtime.db import Database
from tiao.runtime.programme import read_programme
from tiao.sharding.refusals import ProgrammesDiffer
from tiao.sharding.shards import check_same

CHECKS = {
    "parts_are_gathered_once": "What a server sent on its way is at home once, to the cent, day by day.",
    "directories_agree": "Merchants and keys are everywhere what they are at home, up to the version followed.",
    "rules_agree": "What was decided about the rules is everywhere the same, up to the last that was followed.",
    "models_agree": "Which models take part, and whether early warning acts, is as at home, as far as it was followed.",
    "one_programme": "Every server holds the same programme.",
}


async def check_across(databases: Sequence[Database]) -> list[Violation]:
    """Run them on servers in the order of the map, the home first; an empty list when all hold."""
    home, *others = databases
    found = []
    for number, other in enumerate(others, start=1):
        found += [
            _violation("parts_are_gathered_once", number, await _parts(home, other, number)),
            _violation("directories_agree", number, await _directories(home, other)),
            _violation("rules_agree", number, await _rules(home, other)),
            _violation("models_agree", number, await _models(home, other)),
            _violation("one_programme", number, await _programmes(home, other)),
        ]
    return [each for each in found if each.rows]


async def _parts(home: Database, other: Database, number: int) -> list[tuple[Any, ...]]:
    async with home.snapshot() as tx:
        gathered = {_key(part): part for part in await gathering.gathered(tx, number)}
        closed_through = (await read_programme(tx)).closed_through
    async with other.snapshot() as tx:
        sent = {_key(part): part for part in await gathering.sent(tx, after=closed_through.min, through=closed_through)}
    through = max((part.business_date for part in gathered.values()), default=None)
    rows = [("gathered, never sent", *key, part.net_minor) for key, part in gathered.items() if key not in sent]
    for key, part in sent.items():
        there = gathered.get(key)
        if there is None and through is not None and part.business_date <= through:
            rows.append(("sent, never gathered", *key, part.net_minor))
        elif there is not None and msgspec.structs.replace(there, gathered_on=None) != part:
            rows.append(("gathered otherwise", *key, there.net_minor - part.net_minor))
    return rows


def _key(part: SettlementPart) -> tuple[Any, ...]:
    return part.business_date, part.merchant_id, part.currency


async def _directories(home: Database, other: Database) -> list[tuple[Any, ...]]:
    here = await _everything(other)
    there = await _everything(home)
    followed = max((each.version for each in here.values()), default=0)
    due = {key: each for key, each in there.items() if each.version <= followed}
    rows: list[tuple[Any, ...]] = [("not followed", str(key)) for key in due if key not in here]
    rows += [("not at home", str(key)) for key in here if key not in there]
    rows += [("differs", str(key)) for key in due if key in here and here[key] != due[key]]
    return rows


async def _everything(db: Database) -> dict[Any, directory.Change]:
    found: dict[Any, directory.Change] = {}
    seen = 0
    async with db.snapshot() as tx:
        while changes := await directory.changes_after(tx, seen):
            found |= {each.id: each for each in changes}
            seen = changes[-1].version
    return found


async def _rules(home: Database, other: Database) -> list[tuple[Any, ...]]:
    async with other.begin() as tx:
        here = await overrides.facts_of(tx)
    async with home.begin() as tx:
        there = await overrides.facts_of(tx)
    return [("not decided at home", str(row)) for row in here.decided if row not in there.decided]


async def _models(home: Database, other: Database) -> list[tuple[Any, ...]]:
    """Compare every turn that models took, and the content of each, as far as the other server has followed."""
    async with other.snapshot() as tx:
        here = [*await roles.facts(tx), *await switching.facts(tx)]
    async with home.snapshot() as tx:
        there = [*await roles.facts(tx), *await switching.facts(tx)]
    return [("not so at home", str(step)) for step, content in here if (step, content) not in there]


async def _programmes(home: Database, other: Database) -> list[tuple[Any, ...]]:
    async with home.begin() as tx:
        known = await read_programme(tx)
    async with other.begin() as tx:
        found = await read_programme(tx)
    try:
        check_same(found, known)
    except ProgrammesDiffer as refusal:
        return [(refusal.detail,)]
    return []


def _violation(check: str, number: int, rows: list[tuple[Any, ...]]) -> Violation:
    columns = [f"shard {number}", *(f"column {index}" for index in range(1, max(map(len, rows), default=1)))]
    return Violation(check, CHECKS[check], columns, rows, has_more=False)
