"""What may happen to a line, drawn from a seed: buying, paying, and whatever people ask for and staff decide."""

from datetime import date, timedelta
from random import Random
from uuid import UUID

from support.spine import OPENED, Spine
from tiao.checkout.refunding import refund
from tiao.ledger.model import CreditLine
from tiao.lending import actions as lending
from tiao.lending import (
    adjusting,
    crediting,
    daily,
    minimum,
    payoff,
    refinancing,
    rescheduling,
)
from tiao.lending.adjusting import Decision
from tiao.lending.archive import CreditPayout
from tiao.lending.life import Component
from tiao.lending.minimum import MinimumTerms
from tiao.lending.model import FeePayer
from tiao.lending.records import Receipt, ReceiptKind
from tiao.lending.refinancing import Refinancing
from tiao.lending.rescheduling import NewRows
from tiao.lending.revolving import CarryTerms
from tiao.servicing.repaying import refund_credit
from tiao.values.refusal import Refusal

PLANS = (
    *("pay_later", "pay_later", "pay_later_order", "instalments_3", "instalments_6_order", "instalments_12"),
    *("annuity_6", "annuity_12", "equal_principal_12"),
)
STEPS = 50


class Fate:
    """Draws what happens next."""

    def __init__(self, spine: Spine, line: CreditLine, seed: int) -> None:
        self.spine = spine
        self.line = line
        self.draw = Random(seed)
        self.today = OPENED
        self.repaid: list[Receipt] = []
        self.decided: list[UUID] = []
        self.done: list[str] = []

    async def step(self) -> None:
        happens = self.draw.choice(
            [
                *(self.agree_minimum, self.arrange_anew, self.buy),
                *(self.buy, self.buy, self.pay, self.pay, self.late_transfer, self.recall, self.refund, self.refund),
                *(self.pay_off, self.pay_off_stale, self.charge, self.undo, self.credit_back),
                *(
                    self.give_up,
                    self.recover,
                    self.waive,
                    self.pause,
                    self.defer,
                    self.bill_plan,
                    self.days,
                    self.days,
                    self.days,
                ),
            ]
        )
        self.done.append(happens.__name__)
        try:
            await happens()
        except Refusal:
            self.done[-1] += " refused"

    async def days(self) -> None:
        self.today += timedelta(days=self.draw.randrange(1, 18))
        await self.spine.live_until(self.today)

    async def buy(self) -> None:
        amount = self.draw.randrange(10_001, 90_000)
        await self.spine.buy(self.line, amount, self.draw.choice(PLANS))

    async def pay(self) -> None:
        owed = await self.owed()
        if owed:
            await self.spine.pay(self.line, self.draw.choice([owed, owed // 2 + 1, owed + 500]))

    async def pay_off(self, *, short_minor: int = 0) -> None:
        """Settle a loan or the line; what is short, or too much, is what a quote of another day brings."""
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            parts = await daily.open_instalments(tx, [self.line.id])
            if not parts:
                return
            loan = self.draw.choice([None, *(part.loan_id for part in parts)])
            receipt_id = now.new_id(self.line.bucket)
            quote = await payoff.quote_payoff(tx, now, self.line.id, loan_id=loan, cause=receipt_id)
            receipt = Receipt(
                receipt_id, self.line.id, self.line.customer_id, ReceiptKind.TRANSFER, "CNY",
                max(quote.total_minor - short_minor, 1), now.today,
            )  # fmt: skip
            await payoff.pay_off(tx, now, [receipt], {receipt_id: loan})
            left = [one for one in await daily.open_instalments(tx, [self.line.id]) if loan in {None, one.loan_id}]
        if short_minor == 0:
            assert left == [], "what was quoted settles it"
        self.repaid.append(receipt)

    async def pay_off_stale(self) -> None:
        await self.pay_off(short_minor=self.draw.randrange(-5_000, 20_000))

    async def late_transfer(self) -> None:
        back = self.today - timedelta(days=self.draw.randrange(0, 20))
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            receipt = Receipt(
                now.new_id(self.line.bucket),
                self.line.id,
                self.line.customer_id,
                self.draw.choice([ReceiptKind.TRANSFER, ReceiptKind.GOODWILL]),
                "CNY",
                self.draw.randrange(1, 40_000),
                max(back, OPENED),
            )
            await adjusting.receive(tx, now, receipt, policy_of=self.spine.refund_policy)
        self.repaid.append(receipt)

    async def recall(self) -> None:
        if self.repaid:
            receipt = self.draw.choice(self.repaid)
            decision = await self.decision()
            async with self.spine.db.begin() as tx:
                now = await self.spine.moments(tx)
                await adjusting.reverse(
                    tx, now, decision, receipt.id, effective_on=now.today, policy_of=self.spine.refund_policy
                )

    async def refund(self) -> None:
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            loans = [
                loan
                for loan in await daily.loans_of_line(tx, self.line.id, before=now.new_id(255), limit=50)
                if loan.merchant_id
            ]
            if loans:
                loan = self.draw.choice(loans)
                amount = self.draw.randrange(1, loan.principal_minor + 1)
                await refund(
                    tx, now, self.spine.book, loan.purchase_id, amount_minor=amount, reference="r",
                    key=str(len(self.done)),
                )  # fmt: skip

    async def give_up(self) -> None:
        """Write a loan off, where the lot falls on one that is late: what comes in later makes the loss good."""
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            late = [part for part in await daily.open_instalments(tx, [self.line.id]) if part.due_on < now.today]
            if late:
                await lending.write_off(tx, now, self.draw.choice(late).loan_id, proposed_by="one", agreed_by="another")

    async def recover(self) -> None:
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            receipt = Receipt(
                now.new_id(self.line.bucket), self.line.id, self.line.customer_id, ReceiptKind.RECOVERY, "CNY",
                self.draw.randrange(1, 20_000), now.today,
            )  # fmt: skip
            await lending.recover(tx, now, receipt)
        self.repaid.append(receipt)

    async def waive(self) -> None:
        decision = await self.decision()
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            open_parts = await daily.open_instalments(tx, [self.line.id])
            if open_parts:
                self.decided.append(decision.id)
                await adjusting.waive(
                    tx,
                    now,
                    decision,
                    loan_id=self.draw.choice(open_parts).loan_id,
                    component=self.draw.choice(list(Component)),
                    amount_minor=self.draw.randrange(1, 400),
                    policy_of=self.spine.refund_policy,
                )

    async def charge(self) -> None:
        decision = await self.decision()
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            open_parts = await daily.open_instalments(tx, [self.line.id])
            if open_parts:
                await adjusting.charge(
                    tx,
                    now,
                    decision,
                    key=self.draw.choice(open_parts).key,
                    component=self.draw.choice(list(Component)),
                    amount_minor=self.draw.randrange(1, 900),
                    policy_of=self.spine.refund_policy,
                )
                self.decided.append(decision.id)

    async def undo(self) -> None:
        if self.decided:
            decision = await self.decision()
            async with self.spine.db.begin() as tx:
                now = await self.spine.moments(tx)
                await adjusting.reverse(
                    tx,
                    now,
                    decision,
                    self.draw.choice(self.decided),
                    effective_on=now.today,
                    policy_of=self.spine.refund_policy,
                )

    async def credit_back(self) -> None:
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            most = await crediting.payable_credit(tx, self.line.id)
            paid = CreditPayout(
                bucket=self.line.bucket,
                id=now.new_id(self.line.bucket),
                line_id=self.line.id,
                customer_id=self.line.customer_id,
                funding_source_id=self.spine.account_of(self.line),
                currency="CNY",
                amount_minor=self.draw.randrange(most + 200),
                reason="by lot",
                actor="customer",
                effective_on=now.today,
                recorded_at=now.at,
            )
            await refund_credit(tx, now, paid)

    async def pause(self) -> None:
        decision = await self.decision()
        self.decided.append(decision.id)
        from_on = self.today + timedelta(days=self.draw.randrange(-20, 10))
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            await adjusting.pause_penalties(
                tx,
                now,
                decision,
                from_on=max(from_on, OPENED),
                to_on=max(from_on, OPENED) + timedelta(days=self.draw.randrange(1, 12)),
                policy_of=self.spine.refund_policy,
            )

    async def defer(self) -> None:
        decision = await self.decision()
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            parts = await daily.open_instalments(tx, [self.line.id])
            if parts:
                self.decided.append(decision.id)
                await adjusting.defer(
                    tx, now, decision, key=self.draw.choice(parts).key, days=self.draw.randrange(1, 8), days_max=7,
                    policy_of=self.spine.refund_policy,
                )  # fmt: skip

    async def bill_plan(self) -> None:
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            bills = await daily.bills_of_line(tx, self.line.id, before=date.max, limit=1)
            if bills:
                asked = Refinancing(
                    id=now.new_id(self.line.bucket),
                    line_id=self.line.id,
                    customer_id=self.line.customer_id,
                    currency="CNY",
                    terms=self.spine.book.terms("instalments_3", FeePayer.CONSUMER, now.today),
                    statement_day=self.line.statement_day,
                    penalty_ppm=500,
                )
                await refinancing.refinance_bill(
                    tx,
                    now,
                    asked,
                    statement_on=bills[0].statement_on,
                    amount_minor=self.draw.randrange(1, 20_000),
                    policy=self.spine.book.conditions(now.today).billing,
                )

    async def agree_minimum(self) -> None:
        """Agree to pay only the minimum of the latest bill, and pay about as much."""
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            bills = await daily.bills_of_line(tx, self.line.id, before=date.max, limit=1)
            if not bills:
                return
            conditions = self.spine.book.conditions(now.today)
            terms = MinimumTerms(CarryTerms(100_000, 500), conditions.penalty_ppm, conditions.billing)
            quoted = await minimum.quote(tx, now, self.line, bills[0], terms)
            made = await minimum.agree(tx, now, quoted, actor="customer", reason="by lot")
        self.decided.append(made.id)
        least = quoted.carry.still_to_pay_minor
        paid = self.draw.choice([least, least, least + 1_000, least - 1])
        if paid > 0:
            await self.spine.pay(self.line, paid)

    async def arrange_anew(self) -> None:
        """Re-amortise or re-age a loan that is open."""
        decision = await self.decision()
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            parts = await daily.open_instalments(tx, [self.line.id])
            if not parts:
                return
            loan = self.draw.choice(parts).loan_id
            if self.draw.random() < 0.5:
                await rescheduling.reamortise(tx, now, decision, loan_id=loan, policy_of=self.spine.refund_policy)
            else:
                billing = self.spine.book.conditions(now.today).billing
                wanted = NewRows(
                    self.draw.randrange(1, 7), now.today, self.draw.random() < 0.5, self.line.statement_day, billing
                )
                await rescheduling.reage(
                    tx, now, decision, loan_id=loan, wanted=wanted, policy_of=self.spine.refund_policy
                )
            self.decided.append(decision.id)

    async def owed(self) -> int:
        async with self.spine.db.begin() as tx:
            return sum(part.open_minor for part in await daily.open_instalments(tx, [self.line.id]))

    async def decision(self) -> Decision:
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
        return Decision(now.new_id(self.line.bucket), self.line.id, "CNY", "operator", "by lot")
