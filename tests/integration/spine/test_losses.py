"""Money that comes after a loss: it makes the loss good first, and only what is left over is the customer's."""

from datetime import UTC, date, datetime
from uuid import UUID

from support.spine import Spine
from tiao.checkout.refunding import refund
from tiao.ledger import actions as ledger
from tiao.ledger.model import Account, CreditLine, LineStatus
from tiao.lending import actions as lending
from tiao.lending import adjusting, daily
from tiao.lending.adjusting import Decision
from tiao.lending.records import Receipt, ReceiptKind, Repayment
from tiao.payments import actions as payments
from tiao.payments.model import DebitPurpose, NewDebit, Succeeded
from tiao.servicing import repaying
from tiao.servicing.close import close_day

LOST_ON = date(2026, 7, 15)


class Debtor:
    """A customer with a loan of 1,000.00 due on 10 April that is given up in July, penalties and all."""

    def __init__(self, spine: Spine, line: CreditLine) -> None:
        self.spine = spine
        self.line = line
        self.purchase_id = UUID(int=0)
        self.loan_id = UUID(int=0)

    async def buy(self, amount_minor: int = 100_000) -> None:
        self.purchase_id = (await self.spine.buy(self.line, amount_minor)).id
        async with self.spine.db.begin() as tx:
            [loan] = await daily.loans_of_purchase(tx, self.purchase_id)
        self.loan_id = loan.id

    async def buy_again(self) -> None:
        """Buy for 300.00 more; a person has let the line be used again."""
        async with self.spine.db.begin() as tx:
            await ledger.set_line_status(tx, self.line.id, LineStatus.ACTIVE)
        await self.spine.buy(self.line, 30_000)

    async def begin_debit(self, amount_minor: int) -> UUID:
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            order = NewDebit(
                line_id=self.line.id,
                customer_id=self.line.customer_id,
                funding_source_id=self.spine.account_of(self.line),
                amount_minor=amount_minor,
                currency="CNY",
                purpose=DebitPurpose.REPAYMENT,
                debit_id=now.new_id(self.line.bucket),
            )
            assert (await payments.begin_debits(tx, now, [order])).refused == []
        return order.debit_id

    async def bank_says_yes(self, debit_id: UUID) -> Repayment:
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            answer = Succeeded("no 1", datetime(2026, 7, 15, tzinfo=UTC))
            await payments.apply_debit_answers(tx, now, [(debit_id, answer)], repaying.book_debits)
        return await self.read(debit_id)

    async def read(self, repayment_id: UUID) -> Repayment:
        async with self.spine.db.begin() as tx:
            return (await daily.repayment(tx, repayment_id))[0]

    async def give_up(self) -> None:
        async with self.spine.db.begin() as tx:
            await lending.write_off(
                tx, await self.spine.moments(tx), self.loan_id, proposed_by="one", agreed_by="another"
            )

    async def receive(self, kind: ReceiptKind, amount_minor: int, on: date) -> UUID:
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            receipt_id = now.new_id(self.line.bucket)
            receipt = Receipt(receipt_id, self.line.id, self.line.customer_id, kind, "CNY", amount_minor, on)
            await adjusting.receive(tx, now, receipt, policy_of=self.spine.refund_policy)
        return receipt_id

    async def take_back(self, repayment_id: UUID) -> None:
        async with self.spine.db.begin() as tx:
            now = await self.spine.moments(tx)
            decision = Decision(now.new_id(self.line.bucket), self.line.id, "CNY", "operator", "the bank recalled it")
            await adjusting.reverse(
                tx, now, decision, repayment_id, effective_on=now.today, policy_of=self.spine.refund_policy
            )

    async def credit(self) -> int:
        async with self.spine.db.begin() as tx:
            return -await ledger.owner_balance(tx, Account.CREDIT_BALANCE, self.line.id)

    async def lost(self) -> int:
        async with self.spine.db.begin() as tx:
            found: int = await tx.value("select sum(principal_minor + fee_minor + penalty_minor) from loan_write_off")
            return int(found)


async def debtor(spine: Spine) -> Debtor:
    one = Debtor(spine, await spine.line(1_000_000))
    await one.buy()
    await spine.live_until(LOST_ON)
    return one


async def test_a_debit_that_succeeds_after_its_loan_was_written_off_makes_the_loss_good(spine: Spine) -> None:
    one = await debtor(spine)
    running = await one.begin_debit(60_000)
    await one.give_up()
    paid = await one.bank_says_yes(running)
    assert (paid.recovered_minor, paid.overpaid_minor, await one.credit()) == (60_000, 0, 0)
    await spine.assert_sound()
    left = await one.lost() - 60_000
    again = await one.bank_says_yes(await one.begin_debit(left + 700))
    assert (again.recovered_minor, again.overpaid_minor, await one.credit()) == (left, 700, 700)
    await spine.assert_sound()
    await spine.live_until(date(2026, 7, 17))
    await spine.assert_sound()


async def test_what_is_owed_is_paid_before_what_was_given_up(spine: Spine) -> None:
    one = await debtor(spine)
    await one.give_up()
    await one.buy_again()
    paid = await one.bank_says_yes(await one.begin_debit(50_000))
    assert (paid.recovered_minor, paid.overpaid_minor) == (20_000, 0)
    assert (await spine.read(one.line)).used_minor == 0
    await spine.assert_sound()


async def test_a_recalled_debit_leaves_the_loss_as_it_was(spine: Spine) -> None:
    one = await debtor(spine)
    await one.give_up()
    running = await one.begin_debit(60_000)
    await one.bank_says_yes(running)
    await one.take_back(running)
    assert (await one.read(running)).recovered_minor == 0
    await spine.assert_sound()
    later = await one.bank_says_yes(await one.begin_debit(await one.lost()))
    assert (later.overpaid_minor, await one.credit()) == (0, 0)
    await spine.assert_sound()


async def test_money_from_before_the_loss_makes_it_smaller_and_frees_what_came_after(spine: Spine) -> None:
    one = await debtor(spine)
    await one.give_up()
    lost = await one.lost()
    paid = await one.bank_says_yes(await one.begin_debit(lost))
    assert paid.recovered_minor == lost
    await one.receive(ReceiptKind.TRANSFER, 100_000, date(2026, 4, 10))
    assert await one.lost() == 0
    after = await one.read(paid.id)
    assert (after.recovered_minor, after.overpaid_minor, await one.credit()) == (0, lost, lost)
    await spine.assert_sound()


async def test_goods_returned_after_the_customer_paid_the_loss_go_back_to_the_customer(spine: Spine) -> None:
    one = await debtor(spine)
    await one.give_up()
    await one.bank_says_yes(await one.begin_debit(await one.lost() - 10_000))
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        done = await refund(tx, now, spine.book, one.purchase_id, amount_minor=40_000, reference="r", key="1")
    assert (done.refund.recovered_minor, done.refund.returned_minor) == (10_000, 30_000)
    await spine.assert_sound()


async def test_a_late_transfer_takes_the_place_of_what_a_refund_made_good(spine: Spine) -> None:
    one = await debtor(spine)
    await one.give_up()
    await spine.live_until(date(2026, 7, 18))
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        done = await refund(tx, now, spine.book, one.purchase_id, amount_minor=100_000, reference="r", key="1")
    assert done.refund.recovered_minor == 100_000
    await spine.live_until(date(2026, 7, 20))
    await one.receive(ReceiptKind.TRANSFER, await one.lost(), date(2026, 7, 16))
    async with spine.db.begin() as tx:
        after = await daily.refund(tx, done.refund.id)
    assert (after.recovered_minor, after.shortfall_minor, await one.credit()) == (0, 100_000, 100_000)
    await spine.assert_sound()


async def test_a_recovery_is_put_on_nothing_else_and_more_than_was_lost_stays_the_customers(spine: Spine) -> None:
    one = await debtor(spine)
    await one.give_up()
    lost = await one.lost()
    await one.buy_again()
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        receipt = Receipt(
            now.new_id(7), one.line.id, one.line.customer_id, ReceiptKind.RECOVERY, "CNY", lost + 500, now.today
        )
        await lending.recover(tx, now, receipt)
        await lending.recover(tx, now, receipt)
    paid = await one.read(receipt.id)
    assert (paid.recovered_minor, paid.overpaid_minor, await one.credit()) == (lost, 500, 500)
    assert (await spine.read(one.line)).used_minor == 30_000
    await spine.assert_sound()
    await one.take_back(receipt.id)
    assert await one.credit() == 0
    await spine.assert_sound()


async def test_a_loan_given_up_on_its_statement_day_before_the_close_loses_the_fee_too(spine: Spine) -> None:
    one = Debtor(spine, await spine.line(1_000_000))
    one.purchase_id = (await spine.buy(one.line, 120_000, "instalments_3")).id
    async with spine.db.begin() as tx:
        [loan] = await daily.loans_of_purchase(tx, one.purchase_id)
    one.loan_id = loan.id
    await spine.live_until(date(2026, 3, 31))
    async with spine.db.begin() as tx:
        await tx.execute("update programme set now_at = '2026-04-01 04:00+00'")
    await one.give_up()
    assert await one.lost() == 120_000 + 720
    await spine.assert_sound()
    await close_day(spine.closer, date(2026, 3, 31))
    await spine.live_until(date(2026, 4, 3))
    await spine.assert_sound()
