"""What can be done with rule sets: drafted, tried, tested on what was decided, put to work, taken back."""

from __future__ import annotations

from datetime import datetime

from tiao.risk import store
from tiao.risk.rules.backtesting import Backtesting
from tiao.risk.rules.ruleset import Ruler, RuleSet, read_rule_set
from tiao.risk.rules.shipped import starter
from tiao.risk.rules.tree import Catalogue
from tiao.runtime.db import Database, Tx
from tiao.runtime.registry.actions import Register, Who
from tiao.runtime.registry.model import Step
from tiao.values.moment import Moment

#: Decisions asked at a time.
_CHUNK = 2_000


def register() -> Register:
    """Give the register of rule sets; the starter decides until another was promoted."""
    return Register("risk_rules", starter().version)


async def draft(tx: Tx, now: Moment, rule_set: RuleSet, catalogue: Catalogue, who: Who) -> Step:
    """Write a rule set down. Refuses: RuleTextRefused, RuleSetRefused, ReasonMissing."""
    ruler = Ruler(rule_set, catalogue)
    return await register().draft(tx, now, ruler.version, rule_set.to_bytes(), who)


async def rule_set(tx: Tx, version: str) -> RuleSet:
    """Read a rule set. Refuses: VersionUnknown."""
    shipped = starter()
    return shipped if version == shipped.version else read_rule_set(await register().content(tx, version))


async def keep_starter(tx: Tx, now: Moment) -> None:
    """Keep the starter, so that what it decides can be run again when another ships."""
    await register().keep(tx, now, starter().version, starter().to_bytes())


async def backtest(db: Database, testing: Backtesting, since: datetime, until: datetime) -> None:
    """Ask a rule set about the decisions of a time on one server, each with what is known of it by now."""
    after = 0
    while True:
        async with db.snapshot() as tx:
            found = await store.read_decisions_between(tx, since, until, after=after, limit=_CHUNK)
            said = await store.read_said(tx, [each.purchase_id for each in found])
        for each in found:
            known = said.get(each.purchase_id)
            testing.take(each, None if known is None else known.is_fraud)
        if len(found) < _CHUNK:
            return
        after = found[-1].fold_number
