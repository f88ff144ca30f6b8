"""Which channel an order takes: facts read, the chooser asked, its decision kept; where a failed attempt goes next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from tiao.payments import route_store, rules, store
from tiao.payments.model import Attempt, Debit, DebitResolved, Failed, NewDebit, RefusedDebit, SourceAgreement
from tiao.payments.refusals import NoChannelUsable
from tiao.payments.routing.capability import Wish
from tiao.payments.routing.chooser import Chooser
from tiao.payments.routing.decision import NoneUsable, RouteDecision
from tiao.payments.routing.tables import Again, meaning_of
from tiao.runtime.db import Tx
from tiao.values.moment import Moment

#: An order is tried at so many channels, then it is left for another day.
ATTEMPTS_MAX = 4


async def keep_agreement(tx: Tx, now: Moment, agreement: SourceAgreement) -> None:
    """Write down what a further channel calls a bound account; asked for again, the newer number holds."""
    await route_store.keep_agreement(tx, agreement, now.at)


async def agreements_of(tx: Tx, source_ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    """Read what channels call accounts, by account."""
    found: dict[UUID, dict[str, str]] = defaultdict(dict)
    for each in await route_store.read_agreements(tx, source_ids):
        found[each.source_id][each.channel] = each.agreement
    return found


async def attempts_of(tx: Tx, order_id: UUID) -> list[Debit]:
    """Read every attempt of an order, in the order in which they were made."""
    return await route_store.read_attempts(tx, [order_id])


async def decisions_of(tx: Tx, order_id: UUID) -> list[RouteDecision]:
    """Read why the attempts of an order took their channels."""
    return await route_store.read_decisions(tx, order_id)


async def decided_between(tx: Tx, *, since: datetime, until: datetime) -> list[route_store.DecidedBefore]:
    """Read decisions of a span of time with what became of them."""
    return await route_store.read_decided(tx, since=since, until=until)


async def learn_outcomes(tx: Tx, chooser: Chooser) -> None:
    """Let a chooser learn what was recorded since it last did."""
    chooser.follow(await route_store.read_outcomes(tx, after=chooser.followed_through))


async def routed(
    tx: Tx, now: Moment, orders: Sequence[NewDebit], chooser: Chooser | None, after: Sequence[Debit] = ()
) -> tuple[list[Attempt], list[RefusedDebit]]:
    """Choose a channel for each order; one without any is refused with NoChannelUsable.

    Without a chooser each takes its account's own channel. *after*: the failed attempts that the orders follow.
    """
    if chooser is None or not orders:
        return [Attempt(order) for order in orders], []
    await learn_outcomes(tx, chooser)
    source_ids = [order.funding_source_id for order in orders]
    sources = {each.id: each for each in await store.read_sources(tx, source_ids)}
    agreements = await agreements_of(tx, source_ids)
    used: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in await route_store.read_used(tx, source_ids, _day_began(now, chooser)):
        used[row.source_id][row.channel] = row.amount_minor
    tried = await _tried(tx, after)
    attempts, refused = [], []
    for place, order in enumerate(orders):
        source = sources.get(order.funding_source_id)
        if source is None:  # the statement that begins it says why not
            attempts.append(Attempt(order))
            continue
        failed = after[place] if after else None
        decided = chooser.choose(
            Wish(
                debit_id=order.debit_id,
                issuer=source.issuer,
                card_kind=source.card_kind,
                account_class=source.account_class,
                amount_minor=order.amount_minor,
                at=now.at,
                agreements=agreements[source.id],
                used_today_minor=used[source.id],
                tried=frozenset() if failed is None else tried[failed.order_id],
            )
        )
        if isinstance(decided, NoneUsable):
            why = "; ".join(f"{each.channel}: {', '.join(each.reasons)}" for each in decided.excluded)
            refused.append(RefusedDebit(order, NoChannelUsable(why)))
            continue
        attempts.append(
            Attempt(
                order=order,
                channel=decided.chosen,
                agreement=agreements[source.id][decided.chosen],
                order_id=None if failed is None else failed.order_id,
                attempt=1 if failed is None else failed.attempt + 1,
                decision=decided,
            )
        )
    return attempts, refused


async def begin(tx: Tx, now: Moment, attempts: Sequence[Attempt]) -> set[UUID]:
    """Write attempts down with the decisions behind them; answer which are new."""
    made = await store.insert_debits(tx, attempts, created_at=now.at, query_after=now.at + rules.LEASE)
    decisions = [each.decision for each in attempts if each.decision is not None and each.order.debit_id in made]
    await route_store.keep_decisions(tx, decisions)
    return made


async def go_elsewhere(
    tx: Tx, now: Moment, failed: Sequence[DebitResolved], chooser: Chooser | None
) -> dict[UUID, Debit]:
    """Begin a further attempt for each failure that another channel may mend, by the failed one; send after commit.

    Only a definite answer gets here: what is unknown goes nowhere.
    """
    mendable = [
        each.debit
        for each in failed
        if isinstance(each.answer, Failed)
        and meaning_of(each.answer.code).again is Again.ELSEWHERE
        and each.debit.attempt < ATTEMPTS_MAX
    ]
    if chooser is None or not mendable:
        return {}
    orders = [rules.following(each) for each in mendable]
    attempts, _ = await routed(tx, now, orders, chooser, mendable)
    made = await begin(tx, now, attempts)
    by_next = {order.debit_id: each.id for each, order in zip(mendable, orders, strict=True)}
    found = {by_next[each.id]: each for each in await store.read_debits(tx, sorted(made))}
    await route_store.set_next(tx, [(failed_id, each.id) for failed_id, each in found.items()])
    return found


async def keep_outcomes(tx: Tx, now: Moment, changed: Sequence[Debit]) -> None:
    """Keep what answers teach about channels; each attempt teaches its outcome once, and its silence once."""
    taught = [(each.id, lesson) for each in changed if (lesson := rules.lesson(each)) is not None]
    await route_store.keep_outcomes(tx, taught, now.at)


async def _tried(tx: Tx, after: Sequence[Debit]) -> dict[UUID, frozenset[str]]:
    found: dict[UUID, set[str]] = defaultdict(set)
    if after:
        for each in await route_store.read_attempts(tx, [one.order_id for one in after]):
            found[each.order_id].add(each.channel)
    return {order_id: frozenset(channels) for order_id, channels in found.items()}


def _day_began(now: Moment, chooser: Chooser) -> datetime:
    local = now.at.astimezone(chooser.zone)
    return now.at - timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
