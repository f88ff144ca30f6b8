"""Paying off early: it closes at exactly zero, unbilled fees fall away, and the intent outlives the bank's silence."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from support.spine import Spine
from tiao.checkout.refunding import refund
from tiao.ledger import actions as ledger
from tiao.ledger.model import Account, CreditLine
from tiao.lending import adjusting, daily, payoff
from tiao.lending.adjusting import Decision
from tiao.lending.payoff import PayoffQuote
from tiao.lending.records import LoanInstalment
from tiao.lending.refusals import LoanNotActive, LoanUnknown, NothingOwed
from tiao.payments import actions as payments
from tiao.payments.model import DebitPurpose, NewDebit, Succeeded
from tiao.payments.refusals import FundingSourceUnknown
from tiao.servicing import repaying


class Payer:
    """A customer with a loan of 1,200.00 in three terms of 400.00 and 7.20 of fee."""

    def __init__(self, spine: Spine, line: CreditLine) -> None:
        self.spine = spine
        self.line = line
        self.loan_id = UUID(int=0)
        self.debit_id = UUID(int=0)

    async def buy(self) -> UUID:
        bought = await self.spine.buy(self.line, 120_000, "instalments_3")
        async with self.spine.db.begin() as tx:
            self.loan_id = (await daily.loans_of_line(tx, self.line.id, before=UUID(int=2**128 - 1), limit=9))[0].id
        return bought.id

    async def quote(self) -> PayoffQuote:
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            return await payoff.quote_payoff(
                tx, now, self.line.id, loan_id=self.loan_id, cause=now.new_id(self.line.bucket)
            )

    async def ask(self) -> PayoffQuote:
        """Begin the debit; the bank does not answer yet."""
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            self.debit_id = now.new_id(self.line.bucket)
            quote = await payoff.quote_payoff(tx, now, self.line.id, loan_id=self.loan_id, cause=self.debit_id)
            [source] = await payments.sources_of(tx, self.line.customer_id)
            order = NewDebit(
                line_id=self.line.id,
                customer_id=self.line.customer_id,
                funding_source_id=source.id,
                amount_minor=quote.total_minor,
                currency="CNY",
                purpose=DebitPurpose.REPAYMENT,
                debit_id=self.debit_id,
            )
            begun = await payments.begin_debits(tx, now, [order])
            assert begun.refused == []
            await payoff.remember(tx, self.debit_id, quote)
        return quote

    async def bank_says_yes(self) -> None:
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            answer = Succeeded("no 1", datetime(2026, 4, 1, tzinfo=UTC))
            await payments.apply_debit_answers(tx, now, [(self.debit_id, answer)], repaying.book_debits)

    async def parts(self) -> list[LoanInstalment]:
        async with self.spine.db.begin() as tx:
            return (await daily.loan(tx, self.loan_id))[1]

    async def credit(self) -> int:
        async with self.spine.db.begin() as tx:
            return -await ledger.owner_balance(tx, Account.CREDIT_BALANCE, self.line.id)


async def payer(spine: Spine) -> Payer:
    made = Payer(spine, await spine.line(1_000_000))
    await made.buy()
    return made


async def test_a_payoff_before_any_statement_costs_the_price_and_nothing_else(spine: Spine) -> None:
    one = await payer(spine)
    quote = await one.ask()
    assert (quote.principal_minor, quote.fee_minor, quote.penalty_minor) == (120_000, 0, 0)
    assert quote.fee_falling_minor == 3 * 720
    await one.bank_says_yes()
    assert [part.open_minor for part in await one.parts()] == [0, 0, 0]
    assert (await spine.read(one.line)).used_minor == 0
    await spine.assert_sound()
    await spine.live_until(date(2026, 6, 20))
    await spine.assert_sound()


async def test_billed_fees_and_penalties_are_part_of_it(spine: Spine) -> None:
    one = await payer(spine)
    await spine.live_until(date(2026, 4, 20))
    quote = await one.ask()
    # Due on 10 April: 9 days of 0.05 % on 400.00 are 1.80.
    assert (quote.principal_minor, quote.fee_minor, quote.penalty_minor) == (120_000, 720, 180)
    assert quote.fee_falling_minor == 2 * 720
    await one.bank_says_yes()
    assert [part.fee_cancelled_minor for part in await one.parts()] == [0, 720, 720]
    assert (sum(part.open_minor for part in await one.parts()), await one.credit()) == (0, 0)
    await spine.assert_sound()


async def test_an_answer_after_the_next_statement_pays_billed_terms_first_and_leaves_the_rest_owed(
    spine: Spine,
) -> None:
    one = await payer(spine)
    await spine.live_until(date(2026, 3, 30))
    assert (await one.ask()).total_minor == 120_000
    await spine.live_until(date(2026, 4, 3))
    await one.bank_says_yes()
    # The first term was billed meanwhile: its fee of 7.20 came out of the money, and the last term keeps its own.
    parts = await one.parts()
    assert [part.principal_open_minor for part in parts] == [0, 0, 720]
    assert [part.fee_open_minor for part in parts] == [0, 0, 720]
    assert [part.fee_cancelled_minor for part in parts] == [0, 720, 0]
    await spine.assert_sound()


async def test_what_became_too_much_meanwhile_is_a_credit_balance(spine: Spine) -> None:
    one = await payer(spine)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        loan, _ = await daily.loan(tx, one.loan_id)
    await one.ask()
    async with spine.db.begin() as tx:
        await refund(tx, now, spine.book, loan.purchase_id, amount_minor=30_000, reference="r", key="1")
    await one.bank_says_yes()
    assert (sum(part.open_minor for part in await one.parts()), await one.credit()) == (0, 30_000)
    await spine.assert_sound()


async def test_a_payoff_taken_back_brings_its_fees_back(spine: Spine) -> None:
    one = await payer(spine)
    await one.ask()
    await one.bank_says_yes()
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        decision = Decision(now.new_id(one.line.bucket), one.line.id, "CNY", "operator", "recalled")
        await adjusting.reverse(tx, now, decision, one.debit_id, effective_on=now.today, policy_of=spine.refund_policy)
    assert [part.open_minor for part in await one.parts()] == [40_720] * 3
    await spine.assert_sound()


async def test_a_refund_after_a_payoff_does_not_bring_a_fee_back(spine: Spine) -> None:
    one = await payer(spine)
    await one.ask()
    await one.bank_says_yes()
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        loan, _ = await daily.loan(tx, one.loan_id)
        done = await refund(tx, now, spine.book, loan.purchase_id, amount_minor=50_000, reference="r", key="1")
    assert (done.refund.returned_minor, done.refund.fee_cancelled_minor) == (50_000, 0)
    assert [part.open_minor for part in await one.parts()] == [0, 0, 0]
    await spine.assert_sound()


async def test_what_cannot_be_settled_is_refused(spine: Spine) -> None:
    one = await payer(spine)
    other = await spine.line(1_000_000)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        with pytest.raises(LoanUnknown):
            await payoff.quote_payoff(tx, now, other.id, loan_id=one.loan_id, cause=one.loan_id)
        with pytest.raises(NothingOwed):
            await payoff.quote_payoff(tx, now, other.id, loan_id=None, cause=one.loan_id)
    await one.ask()
    await one.bank_says_yes()
    with pytest.raises(LoanNotActive):
        await one.quote()


async def test_an_account_of_another_bucket_is_nobodys_and_no_bug(spine: Spine) -> None:
    one = await payer(spine)
    other = await spine.line(1_000_000, bucket=9)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        [foreign] = await payments.sources_of(tx, other.customer_id)
        order = NewDebit(
            line_id=one.line.id,
            customer_id=one.line.customer_id,
            funding_source_id=foreign.id,
            amount_minor=1,
            currency="CNY",
            purpose=DebitPurpose.REPAYMENT,
            debit_id=now.new_id(one.line.bucket),
        )
        begun = await payments.begin_debits(tx, now, [order])
    assert (begun.debits, [type(each.refusal) for each in begun.refused]) == ([], [FundingSourceUnknown])
