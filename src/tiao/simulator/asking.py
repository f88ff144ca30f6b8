"""What customers ask for about running loans: to settle early, to pay a bill in instalments or later, money back."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from tiao.ledger import actions as ledger
from tiao.lending import adjusting, daily, minimum, payoff, refinancing
from tiao.lending.adjusting import Decision, deferral_days_max
from tiao.lending.archive import CreditPayout
from tiao.lending.crediting import payable_credit
from tiao.lending.disclosure import CostSheetAck, check_acknowledged
from tiao.lending.minimum import MinimumTerms
from tiao.lending.model import FeePayer
from tiao.lending.plans import check_offer, make_bill_plan
from tiao.lending.product import Scene
from tiao.lending.records import LoanInstalment
from tiao.lending.refinancing import Refinancing
from tiao.lending.refusals import NothingOwed, NothingToCarry, NothingToRefinance
from tiao.lending.revolving import carry_terms
from tiao.runtime.db import Tx
from tiao.servicing.repaying import AskedFor, PayoffAskedFor, pay_off, refund_credit
from tiao.simulator.admission import Member
from tiao.simulator.buying import READING
from tiao.simulator.chance import number
from tiao.simulator.platform import Platform
from tiao.values.moment import Moment

BY_CUSTOMER, REASON = "customer", "asked for by the customer"
#: Plans that a bill is put into. *Source*: lending/products.yaml.
_BILL_PLANS = ("instalments_3", "instalments_6", "instalments_12")


class Agreed(NamedTuple):
    """A minimum payment that was agreed, and what is still to be paid for it. *Units*: minor units."""

    id: UUID
    still_to_pay_minor: int


class Customers:
    """Does what customers ask for, each in the caller's transaction where no bank is asked."""

    def __init__(self, platform: Platform, seed: str) -> None:
        self._platform = platform
        self._seed = seed

    async def quote(self, tx: Tx, now: Moment, member: Member, *, is_whole_line: bool) -> payoff.PayoffQuote:
        """Ask what settles a loan, or everything. Refuses: NothingOwed."""
        line_id = line_of(member)
        owed = await daily.open_instalments(tx, [line_id])
        if not owed:
            raise NothingOwed
        loans = sorted({part.loan_id for part in owed})
        loan_id = None if is_whole_line else loans[self._pick("settled", member, now.today) % len(loans)]
        return await payoff.quote_payoff(tx, now, line_id, loan_id=loan_id, cause=now.new_id())

    async def settle(self, member: Member, quote: payoff.PayoffQuote) -> None:
        """Pay what was quoted. Refuses: PayoffQuoteChanged, NothingOwed, LoanNotActive, DebitAlreadyRunning."""
        platform = self._platform
        assert member.source_id is not None, "who has a line has an account"
        asked = PayoffAskedFor(
            line_id=quote.line_id,
            customer_id=member.customer_id,
            funding_source_id=member.source_id,
            loan_id=quote.loan_id,
            amount_minor=quote.total_minor,
            currency=platform.programme.currency,
            key=f"simulated/payoff/{quote.good_on}",
        )
        await pay_off(platform.db, platform.channels, platform.moments, asked)

    async def put_bill_into_instalments(self, tx: Tx, now: Moment, member: Member) -> UUID:
        """Put the latest statement's single payments, or part of them, into instalments, the cost sheet confirmed.

        Refuses: NothingToRefinance, BillInstalmentWindowClosed, InstalmentAmountBelowMinimum.
        """
        line = await ledger.line(tx, line_of(member))
        statement_on = _latest_statement(await daily.open_instalments(tx, [line.id]), now.today)
        owed = await refinancing.refinancable(tx, line.id, statement_on)
        drawn = self._pick("bill plan", member, now.today)
        share = (100, 100, 60)[drawn // len(_BILL_PLANS) % 3]
        amount = sum(part.principal_open_minor for part in owed) * share // 100
        book = self._platform.book
        conditions = book.conditions(now.today)
        terms = book.terms(_BILL_PLANS[drawn % len(_BILL_PLANS)], FeePayer.CONSUMER, now.today, Scene.BILL)
        check_offer(terms, amount, conditions.billing)
        plan = make_bill_plan(
            terms,
            amount,
            statement_on=statement_on,
            chosen_on=now.today,
            statement_day=line.statement_day,
            policy=conditions.billing,
        )
        sheet = book.cost_sheet(plan, currency=line.currency, on=now.today)
        ack = CostSheetAck(sheet.digest, shown_at=now.at - READING, confirmed_at=now.at)
        check_acknowledged(sheet, ack, pack=book.pack, lender_type=book.lender_type, contract_on=now.today)
        asked = Refinancing(
            id=now.new_id(line.bucket),
            line_id=line.id,
            customer_id=line.customer_id,
            currency=line.currency,
            terms=terms,
            statement_day=line.statement_day,
            penalty_ppm=conditions.penalty_ppm,
            actor=BY_CUSTOMER,
            reason=REASON,
        )
        return await refinancing.refinance_bill(
            tx, now, asked, statement_on=statement_on, amount_minor=amount, policy=conditions.billing
        )

    async def agree_minimum(self, tx: Tx, now: Moment, member: Member) -> Agreed:
        """Agree to pay only the minimum of the latest bill, what carrying the rest costs confirmed.

        Refuses: MinimumPaymentNotOffered, MinimumPaymentWindowClosed, MinimumPaymentAgreed, NothingToCarry.
        """
        line, book = await ledger.line(tx, line_of(member)), self._platform.book
        bills = await daily.bills_of_line(tx, line.id, before=date.max, limit=1)
        if not bills:
            raise NothingToCarry
        conditions = book.conditions(now.today)
        carried = carry_terms(book.pack, on=now.today, lender_type=book.lender_type)
        terms = MinimumTerms(carried, conditions.penalty_ppm, conditions.billing)
        quote = await minimum.quote(tx, now, line, bills[0], terms)
        sheet = minimum.sheet_of(quote, lender=book.lender, policy_digest=book.pack.digest)
        ack = CostSheetAck(sheet.digest, shown_at=now.at - READING, confirmed_at=now.at)
        check_acknowledged(sheet, ack, pack=book.pack, lender_type=book.lender_type, contract_on=now.today)
        made = await minimum.agree(tx, now, quote, actor=BY_CUSTOMER, reason=REASON)
        return Agreed(made.id, quote.carry.still_to_pay_minor)

    async def pay_minimum(self, member: Member, agreed: Agreed, day: date) -> None:
        """Pay what a minimum payment takes. Refuses: NothingOwed, DebitAlreadyRunning."""
        platform = self._platform
        assert member.source_id is not None, "who has a line has an account"
        asked = AskedFor(
            line_id=line_of(member),
            customer_id=member.customer_id,
            funding_source_id=member.source_id,
            amount_minor=agreed.still_to_pay_minor,
            currency=platform.programme.currency,
            key=f"simulated/minimum/{day}",
        )
        await platform.repayments.repay(asked)

    async def defer(self, tx: Tx, now: Moment, member: Member) -> UUID | None:
        """Have a billed instalment fall due some days later; None where none is billed and not yet due.

        Refuses: DeferralNotOffered, DeferralTooLong.
        """
        line = await ledger.line(tx, line_of(member))
        billed = [
            part for part in await daily.open_instalments(tx, [line.id]) if part.is_billed and part.due_on >= now.today
        ]
        if not billed:
            return None
        drawn, book = self._pick("deferred", member, now.today), self._platform.book
        days_max = deferral_days_max(book.pack, on=now.today, lender_type=book.lender_type)
        decision = Decision(now.new_id(line.bucket), line.id, line.currency, BY_CUSTOMER, REASON)
        await adjusting.defer(
            tx,
            now,
            decision,
            key=billed[drawn % len(billed)].key,
            days=1 + drawn % days_max,
            days_max=days_max,
            policy_of=lambda taken_on: book.conditions(taken_on).refund,
        )
        return decision.id

    async def get_credit_back(self, tx: Tx, now: Moment, member: Member) -> UUID | None:
        """Have a credit balance sent back, or half of it; None where nothing may go back."""
        line = await ledger.line(tx, line_of(member))
        payable = await payable_credit(tx, line.id)
        if payable == 0:
            return None
        assert member.source_id is not None, "who has a line has an account"
        share = (100, 100, 50)[self._pick("credit back", member, now.today) % 3]
        paid = CreditPayout(
            bucket=line.bucket,
            id=now.new_id(line.bucket),
            line_id=line.id,
            customer_id=line.customer_id,
            funding_source_id=member.source_id,
            currency=line.currency,
            amount_minor=max(1, payable * share // 100),
            reason=REASON,
            actor=BY_CUSTOMER,
            effective_on=now.today,
            recorded_at=now.at,
        )
        await refund_credit(tx, now, paid)
        return paid.id

    def _pick(self, what: str, member: Member, day: date) -> int:
        return number(self._seed, what, member.key, day.isoformat())


def line_of(member: Member) -> UUID:
    """Give the line of somebody who has one."""
    assert member.line_id is not None, "who has no line owes nothing"
    return member.line_id


def _latest_statement(owed: list[LoanInstalment], today: date) -> date:
    """Find the statement that was cut last. Refuses: NothingToRefinance."""
    days = [part.statement_on for part in owed if part.statement_on <= today]
    if not days:
        raise NothingToRefinance
    return max(days)
