"""How what is global reaches every server: each follows the home.

Merchants and keys go version by version. Overrides of the rules are facts that nobody changes, and few: they are copied
whole when the home has decided one more, hours before it counts. What models do is copied the same way; another server
decides by the model before until it has looked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from tiao.credit.registry import roles
from tiao.credit.warning import switching
from tiao.partners import directory
from tiao.payments.prepaid import actions as prepaid
from tiao.payments.steering import actions as steering
from tiao.risk.lists import actions as lists
from tiao.risk.models import models
from tiao.risk.rules import actions as rules
from tiao.runtime import overrides
from tiao.runtime.db import Database, DatabaseUnavailable, Tx
from tiao.runtime.migrations import pending
from tiao.runtime.registry import actions as registry


async def follow_home(home: Database, other: Database) -> int:
    """Take over every merchant and key that changed at home, and count them."""
    taken = 0
    while True:
        async with other.begin() as tx:
            seen = await directory.version(tx)
        async with home.begin() as tx:
            changes = await directory.changes_after(tx, seen)
        if not changes:
            return taken
        async with other.begin() as tx:
            await directory.follow(tx, changes)
        taken += len(changes)


class _Decided(NamedTuple):
    """A thing that is decided at home: what tells one state of it from another, all of it, and how it is taken over."""

    mark: Callable[[Tx], Awaitable[Any]]
    facts: Callable[[Tx], Awaitable[Any]]
    take: Callable[[Tx, Any], Awaitable[None]]


#: The rules, which credit model decides, whether behavioural scores are made and act, how channels are chosen, which
#: merchants have failed.
_DECIDED = (
    _Decided(overrides.mark_of, overrides.facts_of, overrides.follow),
    _Decided(roles.mark, roles.facts, roles.follow),
    _Decided(switching.mark, switching.facts, switching.follow),
    _Decided(steering.mark, steering.facts, steering.follow),
    _Decided(prepaid.failures_mark, prepaid.failures, prepaid.follow_failures),
)


async def follow_decisions(home: Database, other: Database) -> None:
    """Take over whole what was decided at home, where it is not what is known."""
    for thing in _DECIDED:
        async with home.begin() as tx:
            decided = await thing.mark(tx)
        async with other.begin() as tx:
            if await thing.mark(tx) == decided:
                continue
        async with home.snapshot() as tx:
            facts = await thing.facts(tx)
        async with other.begin() as tx:
            await thing.take(tx, facts)


async def follow_registers(home: Database, other: Database) -> None:
    """Take over which rules and models of risk control decide and which are tried."""
    async with home.begin() as tx:
        known = await registry.mark(tx)
    async with other.begin() as tx:
        if await registry.mark(tx) == known:
            return
    for register in (rules.register(), models()):
        async with home.snapshot() as tx:
            taken = await register.facts(tx)
        async with other.begin() as tx:
            await register.follow(tx, taken)


async def follow_lists(home: Database, other: Database) -> None:
    """Take over who is blocked, allowed and watched."""
    async with other.begin() as tx:
        known = await lists.mark(tx)
    async with home.begin() as tx:
        changed = await lists.facts(tx, known)
    if changed:
        async with other.begin() as tx:
            await lists.follow(tx, changed)


async def check_current(tx: Tx) -> None:
    """Demand this version's schema. Refuses: DatabaseUnavailable."""
    missing = await pending(tx)
    if missing:
        raise DatabaseUnavailable(f"the schema is not current ({', '.join(missing)}); run `tiao migrate`")
