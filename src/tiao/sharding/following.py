"""How what is global reaches every server: each follows the home.

Merchants and keys go version by version. Overrides of the rules are facts that nobody changes, and few: they are copied
whole when the home has decided one more, hours before it counts. What models do is copied the same way; another server
decides by the model before until it has looked.
"""

from __future__ import annotations

from tiao.credit.registry import roles
from tiao.credit.warning import switching
from tiao.partners import directory
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


async def follow_rules(home: Database, other: Database) -> None:
    """Take over what was decided at home about the rules."""
    async with home.begin() as tx:
        decided = await overrides.mark_of(tx)
    async with other.begin() as tx:
        if await overrides.mark_of(tx) == decided:
            return
    async with home.snapshot() as tx:
        facts = await overrides.facts_of(tx)
    async with other.begin() as tx:
        await overrides.follow(tx, facts)


async def follow_models(home: Database, other: Database) -> None:
    """Take over which model decides and which is in shadow, as it was decided at home."""
    async with home.begin() as tx:
        known = await roles.mark(tx)
    async with other.begin() as tx:
        if await roles.mark(tx) == known:
            return
    async with home.snapshot() as tx:
        taken = await roles.facts(tx)
    async with other.begin() as tx:
        await roles.follow(tx, taken)


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


async def follow_warnings(home: Database, other: Database) -> None:
    """Take over whether behavioural scores are made and act, and by which model."""
    async with home.begin() as tx:
        known = await switching.mark(tx)
    async with other.begin() as tx:
        if await switching.mark(tx) == known:
            return
    async with home.snapshot() as tx:
        taken = await switching.facts(tx)
    async with other.begin() as tx:
        await switching.follow(tx, taken)


async def follow_routing(home: Database, other: Database) -> None:
    """Take over what was decided about the choice of channels."""
    async with home.begin() as tx:
        known = await steering.mark(tx)
    async with other.begin() as tx:
        if await steering.mark(tx) == known:
            return
    async with home.snapshot() as tx:
        taken = await steering.facts(tx)
    async with other.begin() as tx:
        await steering.follow(tx, taken)


async def check_current(tx: Tx) -> None:
    """Demand this version's schema. Refuses: DatabaseUnavailable."""
    missing = await pending(tx)
    if missing:
        raise DatabaseUnavailable(f"the schema is not current ({', '.join(missing)}); run `tiao migrate`")
