"""The life of a purchase on the books of a real database."""

from datetime import date, timedelta

import pytest

from support.spine import Spine
from tiao.checkout import actions as checkout
from tiao.checkout.refunding import refund
from tiao.checkout.refusals import CaptureExceedsAuthorised, CostSheetChanged, PurchaseKeyReused, PurchaseNotOpen
from tiao.ledger import actions as ledger
from tiao.ledger.model import Account
from tiao.lending import daily
from tiao.lending.actions import write_off
from tiao.lending.disclosure import CostSheetAck
from tiao.lending.model import BillingMode, FeePayer
from tiao.lending.refusals import RefundExceedsCaptured

pytestmark = pytest.mark.anyio


async def test_a_captured_purchase_uses_the_line_and_owes_the_merchant(spine: Spine) -> None:
    line = await spine.line(100_000)
    bought = await spine.buy(line, 30_000)
    assert (bought.outcome, bought.captured_minor) == ("authorised", 30_000)
    assert (await spine.read(line)).used_minor == 30_000
    async with spine.db.begin() as tx:
        assert await ledger.owner_balance(tx, Account.MERCHANT_PAYABLE, spine.merchant.id) == -(30_000 - 180)
    await spine.assert_sound()


async def test_a_purchase_beyond_the_limit_is_declined_and_changes_no_balance(spine: Spine) -> None:
    line = await spine.line(10_000)
    bought = await spine.buy(line, 10_001)
    assert (bought.outcome, bought.decline_reasons) == ("declined", ["credit_limit"])
    assert (await spine.read(line)).available_minor == 10_000
    await spine.assert_sound()


async def test_the_same_key_gives_the_same_purchase_and_other_content_is_refused(spine: Spine) -> None:
    line = await spine.line(100_000)
    order = spine.order(line, 5_000, key="k1")
    [first] = await spine.desk.decide([order])
    [again] = await spine.desk.decide([order])
    [other] = await spine.desk.decide([spine.order(line, 6_000, key="k1")])
    assert again == first
    assert isinstance(other, PurchaseKeyReused)
    assert "amount_minor" in other.detail
    assert (await spine.read(line)).used_minor == 5_000


async def test_a_set_isolates_its_items(spine: Spine) -> None:
    lines = [await spine.line(10_000, bucket=bucket) for bucket in (3, 4, 5)]
    answers = await spine.desk.decide(
        [spine.order(lines[0], 5_000), spine.order(lines[1], 5_000, plan="no_such_plan"), spine.order(lines[2], 50_000)]
    )
    assert [getattr(answer, "outcome", None) for answer in answers] == ["authorised", None, "declined"]
    await spine.assert_sound()


async def test_two_partial_captures_and_a_void_account_for_the_whole_hold(spine: Spine) -> None:
    line = await spine.line(100_000)
    bought = await spine.buy(line, 60_000, captured=False)
    assert (await spine.read(line)).held_minor == 60_000
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await checkout.capture(tx, now, spine.book, bought.id, amount_minor=20_000, is_final=False, key="a")
    async with spine.db.begin() as tx:
        with pytest.raises(CaptureExceedsAuthorised):
            await checkout.capture(tx, now, spine.book, bought.id, amount_minor=40_001, is_final=False, key="b")
    async with spine.db.begin() as tx:
        await checkout.capture(tx, now, spine.book, bought.id, amount_minor=25_000, is_final=False, key="c")
        after = await checkout.void(tx, now, bought.id)
    assert (after.captured_minor, after.released_minor, after.closed_as) == (45_000, 15_000, "voided")
    read = await spine.read(line)
    assert (read.held_minor, read.used_minor) == (0, 45_000)
    await spine.assert_sound()


async def test_an_authorisation_expires_at_the_close_of_its_last_day(spine: Spine) -> None:
    line = await spine.line(100_000)
    bought = await spine.buy(line, 60_000, captured=False)
    await spine.live_until(date(2026, 3, 29))
    assert (await spine.read(line)).held_minor == 60_000
    await spine.live_until(date(2026, 3, 30))
    assert (await spine.read(line)).held_minor == 0
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        with pytest.raises(PurchaseNotOpen):
            await checkout.capture(tx, now, spine.book, bought.id, amount_minor=1, is_final=False, key="late")
    await spine.assert_sound()


async def test_a_bill_is_cut_on_the_statement_day_and_paid_without_cost(spine: Spine) -> None:
    line = await spine.line(100_000)
    await spine.buy(line, 30_000)
    await spine.live_until(date(2026, 4, 1))
    async with spine.db.begin() as tx:
        [bill] = await daily.bills_of_line(tx, line.id, before=date.max, limit=10)
    assert (bill.statement_on, bill.due_on, bill.open_minor) == (date(2026, 4, 1), date(2026, 4, 10), 30_000)
    applied = await spine.pay(line, 30_000)
    assert applied.overpaid_minor == 0
    async with spine.db.begin() as tx:
        [bill] = await daily.bills_of_line(tx, line.id, before=date.max, limit=10)
    assert (bill.open_minor, bill.settled_on) == (0, date(2026, 4, 1))
    assert (await spine.read(line)).used_minor == 0
    await spine.live_until(date(2026, 4, 12))
    await spine.assert_sound()


async def test_late_payment_costs_five_hundredths_of_a_percent_a_day(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 300_000)
    await spine.live_until(date(2026, 4, 20))  # due on 10 April, charged for 11 to 19 April
    async with spine.db.begin() as tx:
        [part] = await daily.open_instalments(tx, [line.id])
    assert part.penalty_minor == 300_000 * 9 * 5 // 10_000
    declined = await spine.buy(line, 1_000)
    assert declined.decline_reasons == ["payment_overdue"]
    await spine.pay(line, 300_000 + part.penalty_minor)
    assert (await spine.read(line)).used_minor == 0
    await spine.live_until(date(2026, 4, 22))
    await spine.assert_sound()


async def test_instalments_bill_their_fee_month_by_month(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 120_000, "instalments_12")
    await spine.live_until(date(2026, 4, 1))
    async with spine.db.begin() as tx:
        [bill] = await daily.bills_of_line(tx, line.id, before=date.max, limit=10)
    assert (bill.principal_minor, bill.fee_minor) == (10_000, 720)
    await spine.pay(line, 10_720)
    await spine.live_until(date(2026, 5, 2))
    await spine.assert_sound()


async def test_a_refund_comes_off_the_last_instalments_and_their_fees(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    bought = await spine.buy(line, 120_000, "instalments_3")
    await spine.live_until(date(2026, 4, 1))
    await spine.pay(line, 40_720)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        done = await refund(tx, now, spine.book, bought.id, amount_minor=50_000, reference="r", key="1")
    assert (done.refund.offset_principal_minor, done.refund.returned_minor) == (50_000, 0)
    assert done.refund.fee_cancelled_minor == 720 + 180
    await spine.assert_sound()
    async with spine.db.begin() as tx:
        with pytest.raises(RefundExceedsCaptured):
            await refund(tx, now, spine.book, bought.id, amount_minor=70_001, reference="r", key="2")


async def test_overpaying_stands_as_a_credit_balance(spine: Spine) -> None:
    line = await spine.line(100_000)
    await spine.buy(line, 10_000)
    applied = await spine.pay(line, 12_500)
    assert applied.overpaid_minor == 2_500
    async with spine.db.begin() as tx:
        assert await ledger.owner_balance(tx, Account.CREDIT_BALANCE, line.id) == -2_500
    await spine.assert_sound()


async def test_a_write_off_takes_the_loan_off_the_books_once(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 300_000, "instalments_3")
    await spine.live_until(date(2026, 7, 15))
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        [loan] = await daily.loans_of_line(tx, line.id, before=now.new_id(255), limit=5)
        assert loan.stage == 4
        await write_off(tx, now, loan.id, proposed_by="one", agreed_by="another")
    assert (await spine.read(line)).used_minor == 0
    await spine.live_until(date(2026, 7, 17))
    await spine.assert_sound()


async def test_merchants_are_settled_on_the_next_business_day(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    await spine.live_until(date(2026, 3, 6))  # a Friday
    bought = await spine.buy(line, 100_000)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await refund(tx, now, spine.book, bought.id, amount_minor=20_000, reference="r", key="1")
    await spine.live_until(date(2026, 3, 7))
    async with spine.db.begin() as tx:
        _, [row] = await tx.table(
            "select gross_minor, discount_minor, refunded_minor, net_minor, pays_on from settlement"
        )
    assert row == (100_000, 600, 20_000, 79_400, date(2026, 3, 9))
    await spine.assert_sound()


async def test_a_small_last_part_of_an_instalment_purchase_can_be_captured(spine: Spine) -> None:
    line = await spine.line(100_000)
    bought = await spine.buy(line, 60_000, "instalments_3", captured=False)
    for amount, key in ((55_000, "a"), (5_000, "b")):
        async with spine.db.begin() as tx:
            now = await spine.moments(tx)
            after, _ = await checkout.capture(
                tx, now, spine.book, bought.id, amount_minor=amount, is_final=False, key=key
            )
    assert (after.captured_minor, after.closed_as) == (60_000, "captured")
    await spine.assert_sound()


async def test_a_quote_accepted_before_midnight_is_not_another_loan_after_it(spine: Spine) -> None:
    line = await spine.line(100_000, statement_day=2)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        quote = await checkout.quote(
            tx, now, spine.book, merchant_id=spine.merchant.id, customer_id=line.customer_id, currency="CNY",
            amount_minor=30_000, mode=BillingMode.STATEMENT, fee_payer=FeePayer.CONSUMER,
        )  # fmt: skip
        offer = quote.offers[1]
        ack = CostSheetAck(offer.cost_sheet_digest, now.at - timedelta(seconds=30), now.at)
        await checkout.accept(tx, now, spine.book, quote.id, customer_id=line.customer_id, plan=offer.plan, ack=ack)
        await tx.execute("update quote set expires_at = expires_at + interval '2 days'")
    await spine.live_until(date(2026, 3, 2))
    order = spine.order(line, 30_000, offer.plan)._replace(quote_id=quote.id)
    [answer] = await spine.desk.decide([order])
    assert isinstance(answer, CostSheetChanged)
    assert (await spine.read(line)).used_minor == 0


async def test_a_refund_of_what_was_written_off_makes_the_loss_good_and_pays_nobody(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    bought = await spine.buy(line, 100_000)
    await spine.live_until(date(2026, 7, 15))
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        [loan] = await daily.loans_of_line(tx, line.id, before=now.new_id(255), limit=5)
        await write_off(tx, now, loan.id, proposed_by="one", agreed_by="another")
        done = await refund(tx, now, spine.book, bought.id, amount_minor=60_000, reference="r", key="1")
        assert (done.refund.returned_minor, done.refund.recovered_minor, done.payout_ids) == (0, 60_000, [])
        assert await ledger.owner_balance(tx, Account.CREDIT_BALANCE, line.id) == 0
    await spine.live_until(date(2026, 7, 17))
    await spine.assert_sound()
