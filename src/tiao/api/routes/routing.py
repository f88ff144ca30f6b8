"""How channels do and how they are chosen: health, tables, policies, what if, what would have been."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from litestar.params import JSONBody, QueryParameter

from tiao.api.ids import AmountMinor, ChannelName, Instant
from tiao.api.operation import O, makes, reads
from tiao.api.routes.routing_tables import CapabilityShown, PolicyTableShown, capability_shown, policies_shown
from tiao.api.services import Call
from tiao.partners.scopes import Scope
from tiao.payments import actions as payments
from tiao.payments import jobs
from tiao.payments.routing.backtest import Estimate, backtest
from tiao.payments.routing.capability import Capability, CardKind, Excluded, Wish
from tiao.payments.routing.chooser import Chooser
from tiao.payments.routing.decision import Candidate, LeftOut, NoneUsable
from tiao.payments.routing.tables import Again, Policies, meanings
from tiao.payments.steering import actions as steering
from tiao.payments.steering.health import ChannelFigures, joined
from tiao.payments.steering.model import Steering

Hours = Annotated[int, QueryParameter(name="hours", ge=1, le=24 * 31, description="How far back debits are counted.")]
Days = Annotated[int, msgspec.Meta(ge=1, le=366, description="Decisions of so many days.")]


class BeliefShown(msgspec.Struct, frozen=True):
    """What a server believes of a channel: by payments of one issuer, or of all (*issuer* absent).

    *outcomes*: how many the rate stands on. *fell_from*: its rate before it fell; *is_broken* when it hardly works, and
    is left alone but for a probe after *probe_in_payments* more payments.
    """

    server: int
    issuer: str | None
    rate: float
    outcomes: int
    fell_from: float | None
    is_broken: bool
    probe_in_payments: int | None


class ChannelHealth(msgspec.Struct, frozen=True):
    """How a channel does. *Units*: minor units, milliseconds.

    *success_rate* leaves out what payers caused. *open_now* has no answer yet, *unknown_now* of it got none that says
    anything. *silent_until*: nothing new is sent before, for it gave no answers. *against*: why nothing may be sent
    now. *cost_minor*: what its table says its successes cost. *volume_minor*: brought this month, of what was promised.
    """

    name: str
    title: str
    against: tuple[Excluded, ...]
    drained_at: datetime | None
    silent_until: datetime | None
    succeeded: int
    failed_by_channel: int
    failed_by_payer: int
    success_rate: float | None
    open_now: int
    unknown_now: int
    oldest_open_at: datetime | None
    latency_ms_p50: int | None
    latency_ms_p99: int | None
    amount_minor: int
    cost_minor: int
    volume_minor: int
    promised_minor: int | None
    beliefs: list[BeliefShown]


class RoutingHealth(msgspec.Struct, frozen=True):
    """How every channel does, counted since an instant."""

    since: datetime
    policy: str
    data: list[ChannelHealth]


class DrainShown(msgspec.Struct, frozen=True):
    """A channel that nothing new is sent through."""

    channel: str
    since: datetime
    maker: str
    checker: str
    reason: str


class ClosureShown(msgspec.Struct, frozen=True):
    """A single maintenance that has not ended."""

    channel: str
    starts_at: datetime
    ends_at: datetime


class ChannelTable(msgspec.Struct, frozen=True):
    """What each channel can do, and what people decided about it."""

    data: list[CapabilityShown]
    reachable: list[str]
    drained: list[DrainShown]
    closures: list[ClosureShown]


class CodeShown(msgspec.Struct, frozen=True):
    """What a failure means for the next attempt. *is_channels*: it counts against the channel."""

    code: str
    again: Again
    is_channels: bool


class PoliciesShown(msgspec.Struct, frozen=True):
    """The policies that stand: which is live, which only say what they would choose; and the map of failure codes."""

    digest: str
    policies: PolicyTableShown
    are_shipped: bool
    codes: list[CodeShown]


class WhatIfGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A payment that might be: of which bank's card, how much, when; with agreements at *channels*, or at all."""

    amount_minor: AmountMinor
    issuer: Annotated[str, msgspec.Meta(pattern="^[A-Z0-9]{2,20}$")] | None = None
    card_kind: CardKind | None = CardKind.DEBIT
    account_class: Annotated[int, msgspec.Meta(ge=1, le=3)] | None = None
    used_today_minor: Annotated[int, msgspec.Meta(ge=0, le=10**12)] = 0
    channels: list[ChannelName] | None = None
    at: Instant | None = None


class WhatIfShown(msgspec.Struct, frozen=True):
    """Which channel such a payment would take now, and why; none chosen: none may be used."""

    chosen: str | None
    because: str | None
    policy: str
    candidates: tuple[Candidate, ...]
    excluded: tuple[LeftOut, ...]
    shadows: dict[str, str]


class BacktestGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Policies to hold against stored decisions; without any, those that stand."""

    days: Days = 30
    policies: Policies | None = None


class EstimateShown(msgspec.Struct, frozen=True):
    """What a policy would have brought. *effective*: how many independent decisions the figures stand on."""

    policy: str
    is_live: bool
    decisions: int
    agreeing: int
    effective: float
    success_rate: float | None
    cost_minor_each: float | None


class BacktestShown(msgspec.Struct, frozen=True):
    """Every policy, held against the same decisions and what became of them."""

    since: datetime
    data: list[EstimateShown]


@reads("/v1/routing/health", by=[O], scope=Scope.LEDGER_READ)
async def read_health(call: Call, hours: Hours = 24) -> RoutingHealth:
    """Tell how every channel does: success, latency, cost, what is open and unknown, what is left alone until when."""
    chooser = chooser_of(call)
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        await steering.look(tx, chooser)
        stand = await steering.stand(tx)
    since = now.at - timedelta(hours=hours)
    figures: dict[str, ChannelFigures] = {}
    believed: dict[str, list[BeliefShown]] = {each.name: [] for each in chooser.capabilities}
    for server, platform in enumerate(call.services.shards.all()):
        own = jobs.chooser_of(platform.channels) or chooser
        async with platform.db.begin() as tx:
            found = await steering.figures(tx, own, since)
        for name, each in found.items():
            figures[name] = joined(figures[name], each) if name in figures else each
            believed[name] += _believed(own, name, server)
    shown = [
        _health(chooser, each, figures[each.name], believed[each.name], stand, now.at) for each in chooser.capabilities
    ]
    return RoutingHealth(since, chooser.policies.live, shown)


@reads("/v1/routing/channels", by=[O], scope=Scope.LEDGER_READ)
async def read_channels(call: Call) -> ChannelTable:
    """Show what each channel can do: banks, cards, amounts, hours, maintenance, price; drained ones are named."""
    chooser = chooser_of(call)
    async with call.db.begin() as tx:
        now, stand = await call.platform.moments(tx), await steering.stand(tx)
    return ChannelTable(
        [capability_shown(each) for each in chooser.capabilities],
        sorted(chooser.reachable),
        [DrainShown(name, *each) for name, each in sorted(stand.drained.items())],
        [ClosureShown(*each) for each in stand.closures if each.ends_at > now.at],
    )


@reads("/v1/routing/policies", by=[O], scope=Scope.LEDGER_READ)
async def read_policies(call: Call) -> PoliciesShown:
    """Show the policies that stand, and what each failure code means for the next attempt."""
    chooser = chooser_of(call)
    async with call.db.begin() as tx:
        stand = await steering.stand(tx)
    policies = stand.policies or chooser.shipped
    codes = [CodeShown(code, each.again, each.is_channels) for code, each in sorted(meanings().items())]
    return PoliciesShown(policies.digest, policies_shown(policies), stand.policies is None, codes)


@makes("/v1/routing/what_if", by=[O], scope=Scope.LEDGER_READ, status=200, is_keyed=False, is_change=False)
async def ask_what_if(call: Call, data: JSONBody[WhatIfGiven]) -> WhatIfShown:
    """Tell which channel a payment would take, and why, without making it; nothing that follows changes by it."""
    chooser = chooser_of(call)
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        await steering.look(tx, chooser)
        await payments.learn_outcomes(tx, chooser)
    names = [each.name for each in chooser.capabilities] if data.channels is None else data.channels
    wish = Wish(
        debit_id=now.new_id(0),
        issuer=data.issuer,
        card_kind=data.card_kind,
        account_class=data.account_class,
        amount_minor=data.amount_minor,
        at=data.at or now.at,
        agreements=dict.fromkeys(names, "what if"),
        used_today_minor=dict.fromkeys(names[:1], data.used_today_minor),
    )
    decided = chooser.choose(wish, is_trial=True)
    live = chooser.policies.live
    if isinstance(decided, NoneUsable):
        return WhatIfShown(None, None, live, (), decided.excluded, {})
    return WhatIfShown(decided.chosen, decided.because, live, decided.candidates, decided.excluded, decided.shadows)


@makes("/v1/routing/backtest", by=[O], scope=Scope.LEDGER_READ, status=200, is_keyed=False, is_change=False)
async def ask_backtest(call: Call, data: JSONBody[BacktestGiven]) -> BacktestShown:
    """Estimate what policies would have brought, from decisions that were made and what became of them."""
    chooser = chooser_of(call)
    policies = data.policies or chooser.policies
    costs = {each.name: each.cost for each in chooser.capabilities}
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
    since = now.at - timedelta(days=data.days)
    decided = []
    for platform in call.services.shards.all():
        async with platform.db.begin() as tx:
            decided += await payments.decided_between(tx, since=since, until=now.at + timedelta(microseconds=1))
    known = [each for each in decided if all(one.channel in costs for one in each.candidates)]
    found = {name: backtest(policy, known, costs.__getitem__) for name, policy in policies.policies.items()}
    return BacktestShown(since, [_estimate(name, each, policies) for name, each in found.items()])


def chooser_of(call: Call) -> Chooser:
    """Give who chooses among the programme's channels, at home."""
    found = jobs.chooser_of(call.services.platform.channels)
    assert found is not None, "a platform chooses among its channels"
    return found


def _health(
    chooser: Chooser,
    capability: Capability,
    found: ChannelFigures,
    beliefs: list[BeliefShown],
    stand: Steering,
    at: datetime,
) -> ChannelHealth:
    name, cost = capability.name, capability.cost
    live = chooser.policies.policies[chooser.policies.live]
    drained = stand.drained.get(name)
    return ChannelHealth(
        name=name,
        title=capability.title,
        against=chooser.against(name, at),
        drained_at=None if drained is None else drained.since,
        silent_until=chooser.silent_until(name, at),
        succeeded=found.succeeded,
        failed_by_channel=found.failed_by_channel,
        failed_by_payer=found.failed_by_payer,
        success_rate=found.success_rate,
        open_now=found.open_now,
        unknown_now=found.unknown_now,
        oldest_open_at=found.oldest_at,
        latency_ms_p50=found.latency_ms(0.5),
        latency_ms_p99=found.latency_ms(0.99),
        amount_minor=found.amount_minor,
        cost_minor=cost.of(found.amount_minor, found.succeeded),
        volume_minor=chooser.volume_minor(name, at),
        promised_minor=live.commitments.get(name),
        beliefs=beliefs,
    )


def _believed(chooser: Chooser, name: str, server: int) -> list[BeliefShown]:
    return [
        BeliefShown(
            server,
            issuer,
            one.rate,
            one.outcomes,
            None if one.fallen is None else one.fallen.rate,
            one.fallen is not None and one.fallen.is_broken,
            one.probe_in,
        )
        for issuer, one in chooser.standings(name)
    ]


def _estimate(name: str, found: Estimate, policies: Policies) -> EstimateShown:
    return EstimateShown(
        name,
        name == policies.live,
        found.decisions,
        found.agreeing,
        found.effective,
        found.success_rate,
        found.cost_minor_each,
    )


ROUTES = [read_health, read_channels, read_policies, ask_what_if, ask_backtest]
