"""A transaction that read its moment before midnight and got its lock after the day was closed books what is true."""

from datetime import UTC, date, datetime

from support.spine import Spine
from tiao.checkout.refunding import refund
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.lending import actions as lending
from tiao.lending import daily, payoff, refinancing
from tiao.lending.model import FeePayer
from tiao.lending.records import Receipt, ReceiptKind
from tiao.lending.refinancing import Refinancing
from tiao.payments import actions as payments
from tiao.payments.model import DebitPurpose, NewDebit, Succeeded
from tiao.servicing import repaying
from tiao.values.moment import Moment

DAY, NEXT_DAY = date(2026, 4, 20), date(2026, 4, 21)


async def before_midnight(spine: Spine, *, plan: str = "pay_later") -> tuple[CreditLine, Moment]:
    """Leave 3,000.00 unpaid since 10 April; give a moment of the 20th, whose close is over when it is used."""
    line = await spine.line(1_000_000)
    await spine.buy(line, 300_000, plan)
    await spine.live_until(DAY)
    async with spine.db.begin() as tx:
        stale = await spine.moments(tx)
    await spine.live_until(NEXT_DAY)
    return line, stale


async def owed(spine: Spine, line: CreditLine) -> int:
    async with spine.db.begin() as tx:
        return sum(part.open_minor for part in await daily.open_instalments(tx, [line.id]))


def receipt(line: CreditLine, stale: Moment, amount_minor: int, kind: ReceiptKind = ReceiptKind.TRANSFER) -> Receipt:
    return Receipt(stale.new_id(line.bucket), line.id, line.customer_id, kind, "CNY", amount_minor, stale.today)


async def test_money_of_the_evening_is_charged_no_penalty_for_that_day(spine: Spine) -> None:
    line, stale = await before_midnight(spine)
    # Ten days late through the 19th, at 1.50 a day; the close of the 20th has charged an eleventh.
    assert await owed(spine, line) == 300_000 + 10 * 150
    order = NewDebit(
        line_id=line.id,
        customer_id=line.customer_id,
        funding_source_id=spine.account_of(line),
        amount_minor=300_000 + 9 * 150,
        currency="CNY",
        purpose=DebitPurpose.REPAYMENT,
        debit_id=stale.new_id(line.bucket),
    )
    async with spine.db.begin() as tx:
        await payments.begin_debits(tx, stale, [order])
    async with spine.db.begin() as tx:
        answer = Succeeded("no 1", datetime(2026, 4, 20, 15, 59, tzinfo=UTC))
        await payments.apply_debit_answers(tx, stale, [(order.debit_id, answer)], repaying.book_debits)
    assert await owed(spine, line) == 0
    await spine.assert_sound()
    await spine.live_until(date(2026, 4, 23))
    await spine.assert_sound()


async def test_a_part_of_what_is_owed_stops_the_penalty_of_that_part_from_that_evening(spine: Spine) -> None:
    line, stale = await before_midnight(spine)
    async with spine.db.begin() as tx:
        await lending.repay(tx, stale, [receipt(line, stale, 200_000)])
    rest = 300_000 + 9 * 150 - 200_000
    assert await owed(spine, line) == rest + 5 * rest // 10_000
    await spine.assert_sound()


async def test_a_payoff_of_the_evening_leaves_fees_unbilled_that_the_close_has_billed(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 120_000, "instalments_3")
    await spine.live_until(date(2026, 3, 31))
    async with spine.db.begin() as tx:
        stale = await spine.moments(tx)
    await spine.live_until(date(2026, 4, 1))
    paid = receipt(line, stale, 120_000)
    async with spine.db.begin() as tx:
        await payoff.pay_off(tx, stale, [paid], {paid.id: None})
    assert await owed(spine, line) == 0
    await spine.assert_sound()


async def test_goods_returned_in_the_evening_were_owed_no_penalty_for_that_day(spine: Spine) -> None:
    line, stale = await before_midnight(spine)
    async with spine.db.begin() as tx:
        [loan] = await daily.loans_of_line(tx, line.id, before=stale.new_id(255), limit=5)
        await ledger.lock_lines(tx, [line.id])
        await refund(tx, stale, spine.book, loan.purchase_id, amount_minor=300_000, reference="r", key="1")
    assert await owed(spine, line) == 9 * 150
    await spine.assert_sound()


async def test_a_loan_given_up_in_the_evening_lost_no_penalty_of_that_day(spine: Spine) -> None:
    line, stale = await before_midnight(spine)
    async with spine.db.begin() as tx:
        [loan] = await daily.loans_of_line(tx, line.id, before=stale.new_id(255), limit=5)
        await lending.write_off(tx, stale, loan.id, proposed_by="one", agreed_by="another")
    async with spine.db.begin() as tx:
        assert await tx.value("select penalty_minor from loan_write_off") == 9 * 150
    await spine.assert_sound()


async def test_a_bill_put_into_instalments_late_in_the_evening_pays_that_bill_and_nothing_else(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 300_000)
    await spine.buy(line, 90_000, "instalments_3")
    await spine.live_until(date(2026, 4, 9))
    async with spine.db.begin() as tx:
        stale = await spine.moments(tx)
    await spine.live_until(date(2026, 4, 10))
    conditions = spine.book.conditions(stale.today)
    asked = Refinancing(
        id=stale.new_id(line.bucket),
        line_id=line.id,
        customer_id=line.customer_id,
        currency="CNY",
        terms=spine.book.terms("instalments_3", FeePayer.CONSUMER, stale.today),
        statement_day=line.statement_day,
        penalty_ppm=conditions.penalty_ppm,
    )
    async with spine.db.begin() as tx:
        await refinancing.refinance_bill(
            tx, stale, asked, statement_on=date(2026, 4, 1), amount_minor=250_000, policy=conditions.billing
        )
    async with spine.db.begin() as tx:
        paid = await tx.column(
            "select n.plan_code from repayment_part p join loan n on n.bucket = p.bucket and n.id = p.loan_id"
        )
    assert paid == ["pay_later"]
    await spine.assert_sound()
