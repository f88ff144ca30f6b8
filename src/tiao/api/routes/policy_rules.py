"""The dated rules: each value with its source and versions, two days compared, and an override tried first."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

import msgspec
from litestar.params import JSONBody, QueryParameter

from tiao.api.ids import OnDay
from tiao.api.operation import O, makes, reads
from tiao.api.routes.policy_overrides import OverrideAsked, check_rules, proposal_of, who_asks
from tiao.api.services import Call
from tiao.checkout import actions as checkout
from tiao.checkout.model import Bought
from tiao.checkout.offers import OfferBook
from tiao.checkout.trying import Tried, tried
from tiao.partners.scopes import Scope
from tiao.policy.model import Row
from tiao.policy.pack import Found, Pack
from tiao.policy.refusals import ConsumerLimitAboveRule, PolicyOverrideRefused
from tiao.runtime import overrides
from tiao.runtime.db import Tx
from tiao.values.moment import Moment

TRIED_DAYS = 30

Against = Annotated[date | None, QueryParameter(name="against", description="Another day to compare with.")]


class RuleVersionShown(msgspec.Struct, frozen=True):
    """One dated row of a rule. *is_switched*: it counts only where an override switches it on."""

    value: Any
    applies_to: list[str]
    effective_from: date | None
    effective_to: date | None
    source: str
    article: str | None
    is_switched: bool


class DatedRuleShown(msgspec.Struct, frozen=True):
    """A rule as it answers on a day for this programme; *value* is null where no rule reaches."""

    id: str
    unit: str
    value: Any
    value_against: Any
    is_different: bool
    is_overridden: bool
    binding: str
    evidence: str
    needs_check: bool
    source: str
    enforced_in: str
    note: str | None
    options: list[str]
    stricter: str | None
    versions: list[RuleVersionShown]


class DatedRules(msgspec.Struct, frozen=True):
    """All rules of the pack on a day, beside another day."""

    pack: str
    as_of: date
    digest: str
    on: date
    against: date
    rules: list[DatedRuleShown]


class RuleChanged(msgspec.Struct, frozen=True):
    """A rule that an override would change."""

    id: str
    before: Any
    after: Any


class OverrideTried(msgspec.Struct, frozen=True):
    """What an override would change: the rules, and the purchases of the last thirty days priced under both.

    *lines_above*: lines whose limit lies above what the rules would allow, and by how much in all.
    """

    on: date
    days: int
    changes: list[RuleChanged]
    tried: Tried
    lines_above: int
    above_minor: int


class _Undone(Exception):  # noqa: N818  it is no error: it ends a transaction that must leave nothing
    """Nothing of what was tried may stay."""


@reads("/v1/policy_rules", by=[O], scope=Scope.POLICY_WRITE)
async def list_policy_rules(call: Call, on: OnDay = None, against: Against = None) -> DatedRules:
    """List the rules of the pack as they answer for this programme on a day, with every dated version of each."""
    async with call.db.snapshot() as tx:
        today = (await call.platform.moments(tx)).today
        pack = await overrides.rules_of(tx)
    day, other = on or today, against or on or today
    lender = call.platform.programme.lender_type
    rules = [_rule_shown(pack, name, lender, day, other) for name in pack.ids()]
    return DatedRules(pack.name, pack.as_of, pack.digest, day, other, rules)


@makes(
    "/v1/policy_overrides/trial",
    by=[O],
    scope=Scope.POLICY_WRITE,
    status=200,
    is_keyed=False,
    is_change=False,
    refuses=[PolicyOverrideRefused, ConsumerLimitAboveRule],
)
async def try_policy_override(call: Call, data: JSONBody[OverrideAsked]) -> OverrideTried:
    """Try an override before it is proposed: what it changes, and what it had meant for what was bought.

    Nothing of it stays.
    """
    before, after, now = await _rules_after(call, data)
    on = max(data.from_on, overrides.earliest_on(now, call.platform.programme.zone))
    lender = call.platform.programme.lender_type
    check_rules(call, after, on)
    changes = [
        RuleChanged(name, _value(before.find(name, on=on, lender_type=lender)), _value(found))
        for name in before.ids()
        if _value(found := after.find(name, on=on, lender_type=lender))
        != _value(before.find(name, on=on, lender_type=lender))
    ]
    bought: list[Bought] = []
    above = [0, 0]
    cap = after.find("limit.consumer_max", on=on, lender_type=lender)
    for platform in call.services.shards.all():
        async with platform.db.begin() as tx:
            bought += await checkout.bought_between(tx, now.at - timedelta(days=TRIED_DAYS), now.at)
            if cap is not None and isinstance(cap.value, int):
                lines, amount = await checkout.lines_above(tx, cap.value)
                above = [above[0] + lines, above[1] + amount]
    result = tried(_book(call, before), _book(call, after), bought, on=on)
    return OverrideTried(on, TRIED_DAYS, changes, result, above[0], above[1])


async def _rules_after(call: Call, data: OverrideAsked) -> tuple[Pack, Pack, Moment]:
    """Propose in a transaction that is thrown away. Refuses: PolicyOverrideRefused."""
    found: list[tuple[Pack, Pack, Moment]] = []

    async def attempt(tx: Tx) -> None:
        now = await call.platform.moments(tx)
        before = await overrides.rules_of(tx)
        proposal = proposal_of(call, data)
        _, after = await overrides.propose(tx, now, call.platform.programme.zone, proposal, who_asks(call))
        found.append((before, after, now))
        raise _Undone

    try:
        async with call.services.platform.db.begin() as tx:
            await attempt(tx)
    except _Undone:
        pass
    return found[0]


def _book(call: Call, pack: Pack) -> OfferBook:
    known = call.platform.book
    return OfferBook(
        products=known.products, pack=pack, lender=known.lender, lender_type=known.lender_type, zone=known.zone
    )


def _rule_shown(pack: Pack, name: str, lender: str, day: date, other: date) -> DatedRuleShown:
    rows = pack.rows_of(name)
    found = pack.find(name, on=day, lender_type=lender)
    then = pack.find(name, on=other, lender_type=lender)
    row = found.row if found is not None else rows[-1]
    stricter = pack.stricter.get(name)
    return DatedRuleShown(
        id=name,
        unit=row.unit,
        value=_value(found),
        value_against=_value(then),
        is_different=_value(found) != _value(then),
        is_overridden=found is not None and any(each.rule == name and each.holds_on(day) for each in pack.overrides),
        binding=row.binding,
        evidence=row.evidence,
        needs_check=row.verify,
        source=pack.sources[row.source].name,
        enforced_in=row.enforced_in,
        note=row.note,
        options=[str(each) for each in row.options],
        stricter=None if stricter is None else stricter.value,
        versions=[_version_shown(pack, each) for each in rows],
    )


def _version_shown(pack: Pack, row: Row) -> RuleVersionShown:
    return RuleVersionShown(
        value=msgspec.to_builtins(row.value),
        applies_to=list(row.applies_to),
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        source=pack.sources[row.source].name,
        article=row.article,
        is_switched=row.mode.value != "default",
    )


def _value(found: Found | None) -> Any:  # noqa: ANN401  a rule's value is a number, a text, a list or a range
    return None if found is None else msgspec.to_builtins(found.value)


ROUTES = [list_policy_rules, try_policy_override]
