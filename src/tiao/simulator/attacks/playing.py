"""Playing attacks: days of a normal world, frauds among them, through the desk, the cases, the graph and the labels.

Whose account it is confirms codes, thieves cannot; a reviewer finds the truth within the hour; victims say "not me" a
day later. Nothing is read that the platform would not know.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from tiao.checkout import reviewing, rules, suspended
from tiao.checkout.model import Context, Order, Purchase, PurchaseOutcome
from tiao.checkout.refunding import refund
from tiao.lending.model import FeePayer
from tiao.risk import actions as risk
from tiao.risk.cases import actions as cases
from tiao.risk.cases.model import RiskCase, Subject
from tiao.risk.entities import EntityKind, digest_of
from tiao.risk.graph import actions as graph
from tiao.risk.labels import actions as labels
from tiao.risk.labels.model import NewLabel, Source
from tiao.runtime.db import Tx
from tiao.servicing import suspecting
from tiao.simulator.attacks.model import Attack, Day, Outcome, Payment, Played
from tiao.simulator.attacks.scripts import SCRIPTS, Stage, honest_day
from tiao.simulator.chance import stream
from tiao.simulator.platform import Platform, be_at, desk_of, moment
from tiao.values.moment import Moment

#: The world is normal for so many days before the first attack.
QUIET_DAYS = 14
#: Payments of so many minutes are decided together; what follows a payment happens after them.
SLOT = timedelta(minutes=10)
#: A reviewer has answered after so long, a victim has seen the bill after so long.
REVIEWED, REPORTED = timedelta(hours=1), timedelta(hours=20)
_DAY = timedelta(days=1)
_FIRST_ID = UUID(int=0)

Tell = Callable[[int, int], None]


class _Done(NamedTuple):
    payment: Payment
    purchase: Purchase


class Play:
    """One life under way."""

    def __init__(self, platform: Platform, stage: Stage, seed: str, attacks: Sequence[Attack], *, learns: bool) -> None:
        self._platform, self._stage, self._seed = platform, stage, seed
        self._attacks, self._learns = attacks, learns
        self._done: dict[UUID, _Done] = {}
        self._attempts: dict[Attack, list[tuple[Payment, bool]]] = defaultdict(list)
        self._stopped_by: dict[Attack, Counter[str]] = defaultdict(Counter)
        self._noticed: dict[Attack, tuple[datetime, str]] = {}
        self._waiting: list[tuple[datetime, RiskCase]] = []
        self._reports: list[tuple[datetime, UUID]] = []
        self._refunds: list[tuple[datetime, UUID, int]] = []
        self._honest = self._challenged = self._refused = self._cases = 0
        self._serial = 0

    async def live(self, opened: datetime, days: int, tell: Tell, *, skip: int = 0) -> Played:
        """Live the days from *skip* on, the first QUIET_DAYS of all without an attack."""
        told: list[Day] = []
        for number in range(skip, days):
            day = opened + number * _DAY
            chance = stream(self._seed, "attacks", str(number))
            payments = honest_day(self._stage, chance, day)
            for attack in self._attacks if number >= QUIET_DAYS else ():
                payments += SCRIPTS[attack](self._stage, chance, day, number - QUIET_DAYS)
            before = (self._honest, self._challenged, self._cases)
            lost_before, saved_before = self._sums()
            await self._live_day(day, sorted(payments, key=lambda each: (each.at, each.shopper.line_id)))
            lost, saved = self._sums()
            told.append(
                Day(
                    number,
                    lost - lost_before,
                    saved - saved_before,
                    self._honest - before[0],
                    self._challenged - before[1],
                    self._cases - before[2],
                )
            )
            tell(number + 1, days)
        async with self._platform.db.begin() as tx:
            learning = await labels.learning_since(tx, opened)
        return Played(
            self._learns,
            tuple(self._outcome(each) for each in self._attacks),
            tuple(told),
            self._honest,
            self._challenged,
            self._refused,
            learning.p95_seconds,
        )

    async def _live_day(self, day: datetime, payments: Sequence[Payment]) -> None:
        place = 0
        for slot in range(int(_DAY / SLOT)):
            ends = day + (slot + 1) * SLOT
            now_due = []
            while place < len(payments) and payments[place].at < ends:
                now_due.append(payments[place])
                place += 1
            if now_due or self._has_due(ends):
                await be_at(self._platform, ends)
                await self._pay(now_due, ends)
                await self._follow(ends)
        await be_at(self._platform, day + _DAY)
        async with self._platform.db.begin() as tx:
            now = self._moment(day + _DAY)
            today = day.astimezone(self._platform.programme.zone).date()
            currency = self._platform.programme.currency
            await suspecting.look_at_day(tx, now, today, day, day + _DAY, currency=currency, is_home=True)

    def _has_due(self, at: datetime) -> bool:
        times = [*(each[0] for each in self._waiting), *(each[0] for each in self._reports)]
        return any(when <= at for when in (*times, *(each[0] for each in self._refunds)))

    async def _pay(self, payments: Sequence[Payment], at: datetime) -> None:
        """Buy; of one line one thing after the other."""
        left = list(payments)
        while left:
            taken: dict[UUID, Payment] = {}
            for each in left:
                taken.setdefault(each.shopper.line_id, each)
            chosen = list(taken.values())
            left = [each for each in left if taken[each.shopper.line_id] is not each]
            self._serial += 1
            desk = desk_of(self._platform, self._seed, f"attacks/{self._serial}", at)
            answers = await desk.decide([self._order(each, place) for place, each in enumerate(chosen)])
            for payment, answer in zip(chosen, answers, strict=True):
                if isinstance(answer, Purchase):
                    await self._take(payment, answer, at)

    def _order(self, payment: Payment, place: int) -> Order:
        vault = self._platform.vault
        reference = f"{self._serial}-{place}"
        return Order(
            idempotency_id=rules.idempotency_id(payment.merchant_id, f"{self._seed}/{reference}"),
            line_id=payment.shopper.line_id,
            customer_id=payment.shopper.customer_id,
            merchant_id=payment.merchant_id,
            currency=self._platform.programme.currency,
            amount_minor=payment.amount_minor,
            plan="pay_later",
            fee_payer=FeePayer.CONSUMER,
            reference=reference,
            is_captured=True,
            context=Context(
                digest_of(vault, EntityKind.DEVICE, payment.device), digest_of(vault, EntityKind.IP, payment.ip)
            ),
        )

    async def _take(self, payment: Payment, purchase: Purchase, at: datetime) -> None:
        """See what became of a payment, and let whoever has to do with it react."""
        self._done[purchase.id] = _Done(payment, purchase)
        is_stopped = purchase.outcome != PurchaseOutcome.AUTHORISED
        by_risk = is_stopped and (purchase.outcome != PurchaseOutcome.DECLINED or "risk" in purchase.decline_reasons)
        if purchase.outcome == PurchaseOutcome.STEP_UP and not payment.is_victim:
            await self._confirm(purchase, at)
            is_stopped = False
        if payment.attack is None:
            self._honest += 1
            self._challenged += by_risk
            self._refused += purchase.outcome == PurchaseOutcome.DECLINED and by_risk
            return
        self._attempts[payment.attack].append((payment, is_stopped))
        if is_stopped:
            self._stopped_by[payment.attack].update(await self._why(purchase))
        if by_risk and is_stopped:
            self._notice(payment.attack, at, f"payment: {purchase.outcome}")
        if not is_stopped and payment.is_victim:
            self._reports.append((at + REPORTED, purchase.id))
        if not is_stopped and payment.refunded_percent:
            self._refunds.append((at + _DAY, purchase.id, payment.refunded_percent))

    async def _why(self, purchase: Purchase) -> list[str]:
        """Tell what stopped a payment: the rules that held, the model where none did, or the decline's own reasons."""
        async with self._platform.db.begin() as tx:
            decision = await risk.decision_of(tx, purchase.id)
        is_of_risk = purchase.outcome != PurchaseOutcome.DECLINED or "risk" in purchase.decline_reasons
        return (list(decision.hits) or [decision.fallback or "model"]) if is_of_risk else list(purchase.decline_reasons)

    async def _confirm(self, purchase: Purchase, at: datetime) -> None:
        """Let a customer confirm with the code; the phone is at hand."""
        async with self._platform.db.begin() as tx:
            now = self._moment(at)
            await suspended.release(tx, now, self._platform.book, purchase.id)
            told = NewLabel(purchase.id, purchase.customer_id, Source.STEP_UP, is_fraud=False, actor="customer")
            await labels.tell(tx, now, [told])

    async def _follow(self, at: datetime) -> None:
        """Do what the platform does all the time, then what people do by now."""
        platform, currency = self._platform, self._platform.programme.currency
        async with platform.db.begin() as tx:
            now = self._moment(at)
            await graph.see_decided(tx, now)
        await graph.link_all(platform.db, now)
        async with platform.db.begin() as tx:
            opened = await reviewing.open_due(tx, now, platform.programme.zone)
            opened += await reviewing.open_rings(tx, now, currency)
            await suspecting.look_at_hour(tx, now, currency=currency, is_home=True)
            merchants = await cases.queue(
                tx, Subject.MERCHANT, None, after_loss=2**63 - 1, after_id=_FIRST_ID, limit=100
            )
        self._cases += len(opened)
        self._waiting += [(at + REVIEWED, each) for each in opened]
        known = {each.id for _, each in self._waiting}
        for case in merchants:
            if case.id not in known:
                self._cases += 1
                self._waiting.append((at + REVIEWED, case))
        for case in (*opened, *merchants):
            self._notice_case(case, at)
        await self._people(at)
        if self._learns:
            await labels.learn_due(platform.db, platform.moments, risk.learn)

    async def _people(self, at: datetime) -> None:
        """Let reviewers answer, victims report, and goods come back, whatever is due."""
        due = [case for when, case in self._waiting if when <= at]
        self._waiting = [each for each in self._waiting if each[0] > at]
        for case in due:
            await self._judge(case, at)
        reports = [purchase for when, purchase in self._reports if when <= at]
        self._reports = [each for each in self._reports if each[0] > at]
        refunds = [(purchase, percent) for when, purchase, percent in self._refunds if when <= at]
        self._refunds = [each for each in self._refunds if each[0] > at]
        for purchase_id in reports:
            done = self._done[purchase_id]
            async with self._platform.db.begin() as tx:
                await reviewing.report(tx, self._moment(at), purchase_id, customer_id=done.payment.shopper.customer_id)
            assert done.payment.attack is not None, "only victims report"
            self._notice(done.payment.attack, at, "customer: not me")
        for purchase_id, percent in refunds:
            await self._send_back(purchase_id, percent, at)

    async def _judge(self, case: RiskCase, at: datetime) -> None:
        """Let two reviewers look: they find out what is true."""
        is_bad = self._is_bad(case)
        for actor in ("reviewer 1", "reviewer 2"):
            async with self._platform.db.begin() as tx:
                now = self._moment(at)
                found, _ = await cases.case_of(tx, case.id)
                if not found.is_open or (found.expires_at is not None and at >= found.expires_at):
                    return
                await cases.claim(tx, now, case.id, actor=actor)
                said = reviewing.Verdict(actor, releases=not is_bad, reason="called and checked")
                await reviewing.answer(tx, now, self._platform.book, case.id, said)
                await self._label_ring(tx, case, is_bad=is_bad)

    async def _label_ring(self, tx: Tx, case: RiskCase, *, is_bad: bool) -> None:
        """Let the payments of a ring that was found out be known as fraud."""
        if not is_bad or case.subject is not Subject.CUSTOMER or "ring" not in case.reasons:
            return
        told = [
            NewLabel(purchase_id, done.payment.shopper.customer_id, Source.REVIEW, is_fraud=True, actor="reviewer 1")
            for purchase_id, done in self._done.items()
            if done.payment.attack is Attack.RING and done.purchase.outcome == PurchaseOutcome.AUTHORISED
        ]
        await labels.tell(tx, self._moment((await self._platform.moments(tx)).at), told)

    def _is_bad(self, case: RiskCase) -> bool:
        """Say what is true of what a case is about."""
        if case.purchase_id is not None:
            return self._done[case.purchase_id].payment.attack is not None
        if case.merchant_id is not None and case.subject is Subject.MERCHANT:
            return case.merchant_id in {self._stage.crooked, self._stage.merchants[-1]}
        return case.customer_id in {each.customer_id for each in self._stage.own} or "not_me" in case.reasons

    async def _send_back(self, purchase_id: UUID, percent: int, at: datetime) -> None:
        purchase = self._done[purchase_id].purchase
        async with self._platform.db.begin() as tx:
            await refund(
                tx,
                self._moment(at),
                self._platform.book,
                purchase_id,
                amount_minor=purchase.amount_minor * percent // 100,
                reference=f"R{purchase_id.hex[:12]}",
                key=f"back/{purchase_id}",
            )

    def _notice_case(self, case: RiskCase, at: datetime) -> None:
        if case.subject is Subject.MERCHANT and self._is_bad(case):
            attack = Attack.CASH_OUT if case.merchant_id == self._stage.crooked else Attack.REFUND_ABUSE
            self._notice(attack, at, f"merchant: {', '.join(case.reasons)}")
        elif case.subject is Subject.CUSTOMER and "ring" in case.reasons and self._is_bad(case):
            self._notice(Attack.RING, at, "graph: ring")

    def _notice(self, attack: Attack, at: datetime, by: str) -> None:
        self._noticed.setdefault(attack, (at, by))

    def _moment(self, at: datetime) -> Moment:
        self._serial += 1
        return moment(self._platform, self._seed, f"attacks/act/{self._serial}", at)

    def _sums(self) -> tuple[int, int]:
        """Sum what went through and what was stopped of all attacks."""
        every = [each for attempts in self._attempts.values() for each in attempts]
        stopped = sum(payment.amount_minor for payment, is_stopped in every if is_stopped)
        return sum(payment.amount_minor for payment, _ in every) - stopped, stopped

    def _outcome(self, attack: Attack) -> Outcome:
        attempts = self._attempts[attack]
        noticed = self._noticed.get(attack)
        began = min((payment.at for payment, _ in attempts), default=None)
        stopped = [payment.amount_minor for payment, is_stopped in attempts if is_stopped]
        attempted = sum(payment.amount_minor for payment, _ in attempts)
        minutes = None if noticed is None or began is None else int((noticed[0] - began) / timedelta(minutes=1))
        return Outcome(
            attack,
            len(attempts),
            len(stopped),
            attempted,
            attempted - sum(stopped),
            None if noticed is None else noticed[1],
            minutes,
            dict(self._stopped_by[attack].most_common()),
        )
