"""Buying as a shop's server has people buy: quotes, accepted cost sheets, authorisations in sets, captures, refunds."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from tiao.checkout import actions as checkout
from tiao.checkout import challenges, rules, suspended
from tiao.checkout.desk import Answer
from tiao.checkout.model import Order, Purchase, PurchaseOutcome
from tiao.checkout.refunding import refund
from tiao.lending.disclosure import CostSheetAck
from tiao.runtime.db import Tx
from tiao.simulator.chance import stream
from tiao.simulator.platform import Platform, desk_of, moment
from tiao.simulator.possessions import context_of
from tiao.simulator.shopping import Way, Wish
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal

SET = 256
#: Acts that are planned for a day are done so many in one transaction, each behind a savepoint of its own.
_ERRANDS = 64
#: How long a customer reads a cost sheet before confirming it.
READING = timedelta(seconds=12)


class Errand(NamedTuple):
    """Something to be done about a purchase: what, and for which share of what is held or captured, in percent."""

    what: str
    purchase_id: UUID
    percent: int
    is_final: bool = True


class Bought(NamedTuple):
    """What a day's shopping came to, and what is to be done about it so many days later."""

    counts: Counter[str]
    errands: list[tuple[int, Errand]]


class _Asked(NamedTuple):
    wish: Wish
    order: Order


class Buyer:
    """Carries wishes and errands out."""

    def __init__(self, platform: Platform, seed: str) -> None:
        self._platform = platform
        self._seed = seed

    async def buy(self, day: date, wished: Sequence[Wish]) -> Bought:
        """Buy what people wish for, in sets of at most one for each of them."""
        bought = Bought(Counter(), [])
        at = await self._now()
        quotes = await self._quotes(day, at, wished, bought.counts)
        asked = [
            _Asked(wish, self._order(day, place, wish, quotes.get(place)))
            for place, wish in enumerate(wished)
            if not wish.is_quoted or place in quotes
        ]
        for number, taken in enumerate(_in_sets(asked)):
            desk = desk_of(self._platform, self._seed, f"desk/{day}/{number}", at)
            answers = await desk.decide([one.order for one in taken])
            for place, (one, answer) in enumerate(zip(taken, answers, strict=True)):
                confirmed = await self._confirmed(f"{day}/{number}/{place}", at, answer, bought.counts)
                _note(bought, one.wish, confirmed)
        return bought

    async def _confirmed(self, name: str, at: datetime, answer: Answer, counts: Counter[str]) -> Answer:
        """Confirm a purchase that waits for a code: the phone is at hand."""
        if not isinstance(answer, Purchase) or answer.outcome != PurchaseOutcome.STEP_UP or not answer.is_suspended:
            return answer
        platform, codes = self._platform, list[str]()

        async def receive(_tx: Tx, _now: Moment, _customer: UUID, code: str, _until: datetime) -> None:
            codes.append(code)

        async with platform.db.begin() as tx:
            now = moment(platform, self._seed, f"confirm/{name}", at)
            await challenges.send_code(
                tx,
                now,
                platform.vault,
                answer.id,
                random_bytes=stream(self._seed, "code", name).randbytes,
                send=receive,
            )
            tried = await challenges.confirm(tx, now, platform.vault, platform.book, answer.id, codes[-1])
        counts["purchases confirmed with a code"] += 1
        return tried.purchase

    async def run_errands(self, day: date, errands: Sequence[Errand]) -> Counter[str]:
        """Capture, release, void and refund; what is refused by then is counted under the refusal's code."""
        counts: Counter[str] = Counter()
        at = await self._now()
        for start in range(0, len(errands), _ERRANDS):
            async with self._platform.db.begin() as tx:
                for place, errand in enumerate(errands[start : start + _ERRANDS], start):
                    now = moment(self._platform, self._seed, f"errand/{day}/{place}", at)
                    try:
                        async with tx.savepoint():
                            await self._run(tx, now, errand)
                        counts[errand.what] += 1
                    except Refusal as refusal:
                        counts[f"{errand.what} refused: {refusal.code}"] += 1
        return counts

    async def _run(self, tx: Tx, now: Moment, errand: Errand) -> None:
        purchase = await checkout.purchase_of(tx, errand.purchase_id)
        key = f"{now.today}/{errand.percent}"
        match errand.what:
            case "capture":
                amount = max(1, purchase.held_minor * errand.percent // 100)
                book = self._platform.book
                await checkout.capture(
                    tx, now, book, purchase.id, amount_minor=amount, is_final=errand.is_final, key=key
                )
            case "release":
                await suspended.release(tx, now, self._platform.book, purchase.id)
            case "void":
                await checkout.void(tx, now, purchase.id)
            case "refund":
                refundable = purchase.captured_minor - purchase.refunded_minor
                amount = refundable * errand.percent // 100
                await refund(
                    tx, now, self._platform.book, purchase.id, amount_minor=amount, reference=f"R{key}", key=key
                )
            case _:
                raise AssertionError(errand.what)

    async def _now(self) -> datetime:
        async with self._platform.db.begin() as tx:
            return (await self._platform.moments(tx)).at

    async def _quotes(self, day: date, at: datetime, wished: Sequence[Wish], counts: Counter[str]) -> dict[int, UUID]:
        """Quote what is bought in instalments, and have the cost sheet confirmed."""
        quotes: dict[int, UUID] = {}
        places = [place for place, wish in enumerate(wished) if wish.is_quoted]
        for start in range(0, len(places), _ERRANDS):
            async with self._platform.db.begin() as tx:
                for place in places[start : start + _ERRANDS]:
                    now = moment(self._platform, self._seed, f"quote/{day}/{place}", at)
                    try:
                        async with tx.savepoint():
                            quotes[place] = await self._quote(tx, now, wished[place])
                        counts["quotes accepted"] += 1
                    except Refusal as refusal:
                        counts[f"quotes refused: {refusal.code}"] += 1
        return quotes

    async def _quote(self, tx: Tx, now: Moment, wish: Wish) -> UUID:
        quote = await checkout.quote(
            tx,
            now,
            self._platform.book,
            merchant_id=wish.merchant_id,
            customer_id=wish.member.customer_id,
            currency=self._platform.programme.currency,
            amount_minor=wish.amount_minor,
            mode=wish.mode,
            fee_payer=wish.fee_payer,
        )
        offer = rules.offer_of(quote.offers, wish.plan)
        ack = CostSheetAck(offer.cost_sheet_digest, shown_at=now.at - READING, confirmed_at=now.at)
        await checkout.accept(
            tx, now, self._platform.book, quote.id, customer_id=wish.member.customer_id, plan=wish.plan, ack=ack
        )
        return quote.id

    def _order(self, day: date, place: int, wish: Wish, quote_id: UUID | None) -> Order:
        assert wish.member.line_id is not None, "who has no line buys nothing"
        reference = f"{day:%Y%m%d}-{place:05d}"
        return Order(
            idempotency_id=rules.idempotency_id(wish.merchant_id, f"{self._seed}/{reference}"),
            line_id=wish.member.line_id,
            customer_id=wish.member.customer_id,
            merchant_id=wish.merchant_id,
            currency=self._platform.programme.currency,
            amount_minor=wish.amount_minor,
            plan=wish.plan,
            fee_payer=wish.fee_payer,
            reference=reference,
            is_captured=wish.way is Way.AT_ONCE,
            quote_id=quote_id,
            context=context_of(self._platform.vault, self._seed, wish.member.key, day, reference),
        )


def _in_sets(asked: Iterable[_Asked]) -> list[list[_Asked]]:
    sets: list[list[_Asked]] = []
    waiting = deque(asked)
    while waiting:
        taken: dict[UUID, _Asked] = {}
        put_off: list[_Asked] = []
        while waiting and len(taken) < SET:
            one = waiting.popleft()
            if one.order.line_id in taken:
                put_off.append(one)
            else:
                taken[one.order.line_id] = one
        waiting.extendleft(reversed(put_off))
        sets.append(list(taken.values()))
    return sets


def _note(bought: Bought, wish: Wish, answer: Purchase | Refusal | Exception) -> None:
    """Count an answer, and plan what is to become of an authorisation."""
    if isinstance(answer, Refusal):
        bought.counts[f"purchases refused: {answer.code}"] += 1
        return
    if isinstance(answer, Exception):
        raise answer
    if answer.is_suspended:
        bought.counts["purchases in review"] += 1
        bought.errands.append((1, Errand("release", answer.id, 100)))
        return
    if answer.outcome != PurchaseOutcome.AUTHORISED:
        bought.counts["purchases declined"] += 1
        return
    bought.counts["purchases"] += 1
    bought.counts[f"purchases {wish.way}"] += 1
    later = wish.after_days
    match wish.way:
        case Way.LATER:
            bought.errands.append((later, Errand("capture", answer.id, 100)))
        case Way.LESS:
            bought.errands.append((later, Errand("capture", answer.id, 60)))
        case Way.IN_TWO:
            bought.errands.append((later, Errand("capture", answer.id, 40, is_final=False)))
            bought.errands.append((later + 2, Errand("capture", answer.id, 100)))
        case Way.VOIDED:
            bought.errands.append((later, Errand("void", answer.id, 100)))
        case Way.AT_ONCE | Way.FORGOTTEN:
            pass
    # What is sent back was delivered first.
    bought.errands.extend((later + 2 + days, Errand("refund", answer.id, percent)) for days, percent in wish.refunds)
