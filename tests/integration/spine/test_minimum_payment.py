"""Paying only the minimum of a bill: what is carried on, what it costs, and what becomes of it when facts come late."""

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

import pytest

from support.spine import Spine
from tiao.ledger.model import CreditLine
from tiao.lending import adjusting, daily, minimum
from tiao.lending.adjusting import Decision
from tiao.lending.carrying import CarryAgreement
from tiao.lending.minimum import MinimumQuote, MinimumTerms
from tiao.lending.records import Loan, LoanInstalment, Receipt, ReceiptKind
from tiao.lending.refusals import MinimumPaymentAgreed, MinimumPaymentWindowClosed, NothingToCarry
from tiao.lending.revolving import CarryTerms

TERMS = CarryTerms(ratio_ppm=100_000, carry_ppm=500)
STATEMENT, DUE, NEXT_STATEMENT, NEXT_DUE = date(2026, 4, 1), date(2026, 4, 10), date(2026, 5, 1), date(2026, 5, 10)


def terms_of(spine: Spine, day: date) -> MinimumTerms:
    conditions = spine.book.conditions(day)
    return MinimumTerms(TERMS, conditions.penalty_ppm, conditions.billing)


async def asked(spine: Spine, line: CreditLine) -> MinimumQuote:
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        [bill, *_] = await daily.bills_of_line(tx, line.id, before=date.max, limit=1)
        return await minimum.quote(tx, now, line, bill, terms_of(spine, now.today))


async def agree(spine: Spine, line: CreditLine) -> CarryAgreement:
    quoted = await asked(spine, line)
    async with spine.db.begin() as tx:
        return await minimum.agree(tx, await spine.moments(tx), quoted, actor="customer", reason="wages come late")


class Balance(NamedTuple):
    loan: Loan
    part: LoanInstalment


async def carried(spine: Spine, line: CreditLine) -> list[Balance]:
    async with spine.db.begin() as tx:
        loans = await daily.loans_of_line(tx, line.id, before=UUID(int=2**128 - 1), limit=50)
        found = [await daily.loan(tx, loan.id) for loan in loans if loan.kind == "revolving"]
    return sorted((Balance(loan, parts[0]) for loan, parts in found), key=lambda each: each.loan.taken_on)


async def owed(spine: Spine, line: CreditLine) -> int:
    async with spine.db.begin() as tx:
        return sum(part.open_minor for part in await daily.open_instalments(tx, [line.id]))


async def test_the_rest_is_carried_on_without_penalty_and_bears_interest_by_the_day(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 100_000)
    await spine.live_until(STATEMENT)
    quoted = await asked(spine, line)
    assert (quoted.carry.still_to_pay_minor, quoted.rest_max_minor) == (10_000, 90_000)
    assert (quoted.days, quoted.interest_minor) == (20, 900), "from 11 to 30 April, 0.05 % a day on 900.00"
    await agree(spine, line)
    await spine.pay(line, 10_000)
    await spine.live_until(DUE + timedelta(days=1))
    [one] = await carried(spine, line)
    assert (one.loan.principal_minor, one.part.statement_on, one.part.due_on) == (90_000, NEXT_STATEMENT, NEXT_DUE)
    assert (one.part.fee_minor, one.loan.stage) == (0, 0)
    await spine.live_until(DUE + timedelta(days=6))
    assert (await carried(spine, line))[0].part.fee_minor == 5 * 45
    await spine.pay(line, 225 + 45_000)
    await spine.live_until(NEXT_STATEMENT)
    assert (await carried(spine, line))[0].part.fee_minor == 225 + 337, "22.50 a day from then on, down"
    async with spine.db.begin() as tx:
        [bill, first] = await daily.bills_of_line(tx, line.id, before=date.max, limit=5)
    assert (bill.statement_on, bill.principal_minor, bill.fee_minor) == (NEXT_STATEMENT, 45_000, 337)
    assert (first.settled_on, first.open_minor) == (DUE, 0), "paid as agreed"
    await spine.live_until(NEXT_DUE)
    assert await owed(spine, line) == 45_337, "who pays the statement in full owes nothing after it"
    await spine.pay(line, 45_337)
    await spine.assert_sound()
    assert await owed(spine, line) == 0


async def test_carried_again_it_owes_the_days_since_the_statement(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 100_000)
    await spine.live_until(STATEMENT)
    await agree(spine, line)
    await spine.pay(line, 10_000)
    await spine.live_until(date(2026, 4, 20))
    await spine.buy(line, 50_000)
    await spine.live_until(NEXT_STATEMENT)
    quoted = await asked(spine, line)
    assert quoted.carry.still_to_pay_minor == 900 + 14_000, "its interest in full, a tenth of 900.00 and 500.00"
    await agree(spine, line)
    await spine.pay(line, 900 + 14_000)
    await spine.live_until(NEXT_DUE + timedelta(days=1))
    [_, one] = await carried(spine, line)
    assert one.loan.principal_minor == 126_000
    again = 90_000 - 14_000
    assert one.part.carry_micros == again * 500 * 10, (
        "ten days, 1 to 10 May, on what is left of what was carried before"
    )
    await spine.live_until(date(2026, 6, 1))
    [_, one] = await carried(spine, line)
    assert one.part.carry_micros == again * 500 * 10 + 126_000 * 500 * 21
    await spine.assert_sound()


async def test_where_the_minimum_is_not_paid_everything_is_overdue(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 100_000)
    await spine.live_until(STATEMENT)
    await agree(spine, line)
    await spine.pay(line, 9_999)
    await spine.live_until(DUE + timedelta(days=11))
    [one] = await carried(spine, line)
    assert (one.loan.principal_minor, one.loan.status) == (0, "settled")
    assert await owed(spine, line) == 90_001 + 10 * 90_001 * 500 // 10**6
    await spine.assert_sound()


async def test_money_that_comes_late_but_counts_in_time_carries_after_all_and_a_recall_undoes_it(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 100_000)
    await spine.live_until(STATEMENT)
    await agree(spine, line)
    await spine.live_until(DUE + timedelta(days=6))
    assert await owed(spine, line) == 100_000 + 5 * 50
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        late = Receipt(
            now.new_id(line.bucket), line.id, line.customer_id, ReceiptKind.TRANSFER, "CNY", 30_000,
            DUE - timedelta(days=1),
        )  # fmt: skip
        await adjusting.receive(tx, now, late, policy_of=spine.refund_policy)
    await spine.assert_sound()
    assert [one.loan.principal_minor for one in await carried(spine, line)] == [70_000]
    assert await owed(spine, line) == 70_000 + 5 * 35, "interest, and no penalty"
    await spine.live_until(DUE + timedelta(days=9))
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        decision = Decision(now.new_id(line.bucket), line.id, "CNY", "operator", "recalled by the bank")
        await adjusting.reverse(tx, now, decision, late.id, effective_on=now.today, policy_of=spine.refund_policy)
    await spine.assert_sound()
    assert await owed(spine, line) == 100_000 + 8 * 50
    assert [one.loan.principal_minor for one in await carried(spine, line)] == [0]


@pytest.mark.parametrize("is_late", [False, True], ids=["before the due date", "after it"])
async def test_an_agreement_is_undone_as_if_it_had_never_been(spine: Spine, *, is_late: bool) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 100_000)
    await spine.live_until(STATEMENT)
    made = await agree(spine, line)
    await spine.pay(line, 10_000)
    await spine.live_until(DUE + timedelta(days=4 if is_late else -1))
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        decision = Decision(now.new_id(line.bucket), line.id, "CNY", "operator", "changed their mind")
        await adjusting.reverse(tx, now, decision, made.id, effective_on=now.today, policy_of=spine.refund_policy)
    await spine.live_until(DUE + timedelta(days=5))
    await spine.assert_sound()
    assert await owed(spine, line) == 90_000 + 4 * 45
    assert [one.loan.principal_minor for one in await carried(spine, line)] == ([0] if is_late else [])


async def test_an_instalment_plan_is_paid_in_full_first(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 100_000)
    await spine.buy(line, 30_000, "instalments_3")
    await spine.live_until(STATEMENT)
    quoted = await asked(spine, line)
    assert quoted.carry.still_to_pay_minor == 10_000 + 10_000 + 180, "a tenth, and the plan's part with its fee"
    await agree(spine, line)
    await spine.pay(line, 20_180)
    await spine.live_until(DUE + timedelta(days=1))
    assert [one.loan.principal_minor for one in await carried(spine, line)] == [90_000]
    await spine.assert_sound()


async def test_it_is_agreed_once_and_in_its_time(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 100_000)
    await spine.live_until(STATEMENT)
    await agree(spine, line)
    with pytest.raises(MinimumPaymentAgreed):
        await agree(spine, line)
    await spine.live_until(DUE + timedelta(days=1))
    with pytest.raises(MinimumPaymentWindowClosed):
        await asked(spine, line)
    other = await spine.line(1_000_000, bucket=9)
    await spine.buy(other, 30_000, "instalments_3")
    await spine.live_until(NEXT_STATEMENT)
    with pytest.raises(NothingToCarry):
        await asked(spine, other)
