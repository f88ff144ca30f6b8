"""Purchases of a file in sets: at most one of a customer in a set, each customer's in the order of time."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from tiao.checkout import rules
from tiao.checkout.model import Order
from tiao.lending.model import FeePayer
from tiao.simulator.admission import Member
from tiao.simulator.platform import Platform, desk_of
from tiao.simulator.replay.transactions import Transaction
from tiao.values.refusal import Refusal

#: Larger than the sets of the live desk: nobody waits for an answer here.
SET = 512
#: Sets under way at once. Every customer stays in one lane, so that lanes never wait for each other's lines.
LANES = 3
#: What everybody in a file buys on: the everyday purchase, due with the monthly bill.
PLAN = "pay_later"


class Offered(NamedTuple):
    """A transaction with who buys where."""

    transaction: Transaction
    member: Member
    merchant_id: UUID


def in_sets(offered: Iterable[Offered]) -> list[list[Offered]]:
    """Put purchases in sets, in the order of time; a customer's second purchase waits for the next set."""
    sets: list[list[Offered]] = []
    waiting = deque(offered)
    while waiting:
        taken: list[Offered] = []
        put_off: list[Offered] = []
        seen: set[UUID] = set()
        while waiting and len(taken) < SET:
            one = waiting.popleft()
            if one.member.customer_id in seen:
                put_off.append(one)
            else:
                seen.add(one.member.customer_id)
                taken.append(one)
        waiting.extendleft(reversed(put_off))
        sets.append(taken)
    return sets


async def sell(
    platform: Platform,
    seed: str,
    transactions: Sequence[Transaction],
    *,
    members: Mapping[str, Member],
    merchants: Mapping[str, UUID],
    on_set: Callable[[int], None],
) -> Counter[str]:
    """Put transactions through the desk and count refusals by code; who has no line cannot ask.

    A transaction that was decided before, by a run that was killed, is answered with what was stored.
    """
    lanes: list[list[Offered]] = [[] for _ in range(LANES)]
    for each in transactions:
        member = members[each.customer]
        if member.line_id is not None:
            lane = member.customer_id.bytes[-1] % LANES
            lanes[lane].append(Offered(each, member, merchants[each.merchant]))
    refused: Counter[str] = Counter()

    async def work(lane: int) -> None:
        for taken in in_sets(lanes[lane]):
            refused.update(await _decide(platform, seed, taken))
            on_set(len(taken))

    await asyncio.gather(*(work(lane) for lane in range(LANES)))
    return refused


async def _decide(platform: Platform, seed: str, taken: Sequence[Offered]) -> Counter[str]:
    """Decide one set at the instant of its last purchase; its ids belong to its first."""
    at = max(one.transaction.occurred_at for one in taken)
    desk = desk_of(platform, seed, f"set/{taken[0].transaction.transaction_id}", at)
    answers = await desk.decide([_order(platform, seed, one) for one in taken])
    refused: Counter[str] = Counter()
    for answer in answers:
        if isinstance(answer, Refusal):
            refused[answer.code] += 1
        elif isinstance(answer, Exception):
            raise answer
    return refused


def _order(platform: Platform, seed: str, one: Offered) -> Order:
    transaction, member = one.transaction, one.member
    assert member.line_id is not None, "who has no line orders nothing"
    return Order(
        idempotency_id=rules.idempotency_id(one.merchant_id, f"{seed}/{transaction.transaction_id}"),
        line_id=member.line_id,
        customer_id=member.customer_id,
        merchant_id=one.merchant_id,
        currency=platform.programme.currency,
        amount_minor=transaction.amount_minor,
        plan=PLAN,
        fee_payer=FeePayer.CONSUMER,
        reference=transaction.transaction_id,
        is_captured=True,
    )
