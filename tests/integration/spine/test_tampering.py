"""Rows that were changed by hand are found: each invariant sees what it says it guards."""

from contextlib import suppress
from datetime import date

from support.spine import Spine
from tiao.checkout import actions as checkout
from tiao.checkout.refunding import refund
from tiao.lending import actions as lending
from tiao.lending import daily
from tiao.lending.model import BillingMode, FeePayer
from tiao.runtime.checks import examining, run_checks

OTHER = "overlay({0}::text placing 'ffff' from 1 for 4)::uuid"
TAMPERED = [
    ("limits_are_what_was_granted", "update credit_line set limit_minor = limit_minor + 1"),
    ("limits_are_what_was_granted", "update credit_line set sublimits = 1"),
    ("loans_are_booked_as_they_stand", "update loan set discount_minor = discount_minor + 1 where kind = 'purchase'"),
    *(
        ("a_loan_belongs_to_one_line_customer_and_merchant", f"update {table} set {name} = {OTHER.format(name)}")
        for table, name in (
            ("purchase", "customer_id"), ("purchase", "merchant_id"), ("loan", "merchant_id"), ("loan", "line_id"),
            ("loan_instalment", "line_id"), ("bill", "customer_id"), ("repayment", "customer_id"),
            ("refund", "merchant_id"), ("repayment_part", "repayment_id"), ("refund_part", "loan_id"),
        )
    ),
    ("a_loan_belongs_to_one_line_customer_and_merchant", "update loan_instalment set penalty_ppm = 1"),
    ("declined_and_ended_purchases_are_so", "update purchase set outcome = 'declined'"),
    ("declined_and_ended_purchases_are_so", "update purchase set closed_as = 'voided'"),
    ("quotes_name_the_plans_they_offer", "update quote set plan_codes = plan_codes[2:]"),
    ("quotes_name_the_plans_they_offer", "update quote set fee_payer = 'merchant'"),
    ("stages_and_losses_have_their_reason", "update loan set stage = stage + 1"),
    ("stages_and_losses_have_their_reason", "update loan set status = 'settled' where status = 'written_off'"),
    ("postings_are_of_their_facts_day", "update ledger_posting set effective_on = effective_on + 1"),
    *(
        (
            "postings_are_of_their_facts_day",
            f"update ledger_posting set effective_on = effective_on - 1 where kind = '{kind}'",
        )
        for kind in ("purchase_captured", "repayment_received", "refund_given", "loan_written_off")
    ),
    (
        "postings_are_of_their_facts_day",
        "update ledger_posting set kind = 'refund_given' where kind = 'repayment_received'",
    ),
    *(
        ("postings_move_what_their_kind_says", f"update ledger_posting set kind = '{other}' where kind = '{kind}'")
        for kind, other in (
            ("penalty_accrued", "instalment_billed"), ("instalment_billed", "penalty_accrued"),
            ("refund_given", "prepaid_held"), ("settlement_paid", "reserve_moved"),
            ("refund_given", "merchant_adjusted"),
        )
    ),
    ("bills_ask_for_what_fell_due", "update bill set principal_minor = principal_minor + 200000"),
    ("bills_ask_for_what_fell_due", "update bill set fee_minor = fee_minor + 10000"),
    ("bills_ask_for_what_fell_due", "update bill set due_on = due_on + 40"),
    ("bills_ask_for_what_fell_due", "update bill set currency = 'EUR'"),
    ("bills_ask_for_what_fell_due", "update bill set principal_minor = 0"),
    ("bills_ask_for_what_fell_due", "update loan set mode = 'order'"),
    ("loans_fall_due_by_their_mode", "update loan set mode = 'order'"),
    ("loans_fall_due_by_their_mode", "update loan_instalment set due_on = statement_on"),
    ("bills_are_settled_when_nothing_is_open", "update bill set settled_on = null"),
    ("what_was_taken_back_was_decided", "update repayment set kind = 'goodwill'"),
    ("payouts_go_to_whom_they_are_owed", f"update payout set beneficiary_id = {OTHER.format('beneficiary_id')}"),
    ("payouts_go_to_whom_they_are_owed", f"update settlement set payout_id = {OTHER.format('payout_id')}"),
]  # fmt: skip


async def lived(spine: Spine) -> None:
    """Ask, buy, return, pay, be late and be given up; the merchant is paid."""
    line = await spine.line(1_000_000)
    async with spine.db.begin() as tx:
        await checkout.quote(
            tx,
            await spine.moments(tx),
            spine.book,
            merchant_id=spine.merchant.id,
            customer_id=line.customer_id,
            currency="CNY",
            amount_minor=50_000,
            mode=BillingMode.STATEMENT,
            fee_payer=FeePayer.CONSUMER,
        )
    back = await spine.buy(line, 50_000)
    await spine.buy(line, 60_000, "instalments_3")
    await spine.live_until(date(2026, 4, 2))
    async with spine.db.begin() as tx:
        await refund(tx, await spine.moments(tx), spine.book, back.id, amount_minor=20_000, reference="r", key="1")
    await spine.pay(line, 30_000)
    await spine.live_until(date(2026, 5, 20))
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        late = [part for part in await daily.open_instalments(tx, [line.id]) if part.due_on < now.today]
        await lending.write_off(tx, now, late[0].loan_id, proposed_by="one", agreed_by="another")


async def test_what_was_changed_by_hand_is_found(spine: Spine) -> None:
    await lived(spine)
    await spine.assert_sound()
    unseen = []
    for check, tampering in TAMPERED:
        with suppress(_UndoneError):
            async with spine.db.begin() as tx:
                await tx.execute("set local session_replication_role = replica")
                await tx.execute(tampering)
                if check not in {one.check for one in await run_checks(tx)}:
                    unseen.append(tampering)
                raise _UndoneError
    assert unseen == []


async def test_an_entry_changed_by_hand_is_found_in_the_copy_as_in_the_ledger(spine: Spine) -> None:
    await lived(spine)
    async with examining(spine.db) as tx:
        assert await run_checks(tx) == []
    async with spine.db.begin() as tx:
        await tx.execute("set local session_replication_role = replica")
        await tx.execute("update ledger_posting set amounts_minor[1] = amounts_minor[1] + 1")
    async with examining(spine.db) as tx:
        in_the_copy = [each.check for each in await run_checks(tx)]
    async with spine.db.snapshot() as tx:
        assert in_the_copy == [each.check for each in await run_checks(tx)] != []
    async with spine.db.begin() as tx:
        await tx.execute("set local session_replication_role = replica")
        await tx.execute("update ledger_posting set amounts_minor[1] = amounts_minor[1] - 1")


class _UndoneError(Exception):
    """What was changed is put back."""
