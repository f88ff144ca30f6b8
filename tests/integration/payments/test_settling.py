"""Reserves, shares, withdrawals, adjustments: what merchants are settled for beside the day's sales."""

import csv
import hashlib
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from uuid import UUID

import pytest

from support.spine import OPENED, Spine
from tiao.checkout import refunding
from tiao.ledger import actions as ledger
from tiao.ledger.model import Account
from tiao.partners import actions as partners
from tiao.partners.model import NewMerchant
from tiao.payments import actions as payments
from tiao.payments.model import Settlement
from tiao.payments.settling import actions as settling
from tiao.payments.settling.model import NewTerms, People, Schedule, Withdrawal
from tiao.payments.settling.refusals import (
    SettlementTermsInvalid,
    ShareInvalid,
    WithdrawalExceedsBalance,
    WithdrawalNotOffered,
)
from tiao.payments.settling.statement import statement
from tiao.runtime.db import Database

TWO = People("one", "another")
DAY = timedelta(days=1)


class Shop(Spine):
    """The spine, with what settling adds."""

    async def terms(self, schedule: Schedule, rate: str = "0", days: int = 0) -> None:
        async with self.db.begin() as tx:
            now = await self.moments(tx)
            new = NewTerms(schedule, Decimal(rate), days)
            await settling.agree_terms(tx, now, self.merchant.id, new, from_on=now.today, people=TWO)

    async def settled(self, day: date, merchant_id: UUID | None = None) -> Settlement:
        async with self.db.begin() as tx:
            return await payments.settlement(tx, merchant_id or self.merchant.id, day)

    async def rows_of_file(self, found: Settlement) -> list[dict[str, str]]:
        async with self.db.begin() as tx:
            lines = await settling.file_lines(tx, found.merchant_id, found.business_date)
        file = statement(found, lines)
        assert file.digest == hashlib.sha256(file.content).digest()
        assert statement(found, lines) == file
        return list(csv.DictReader(StringIO(file.content.decode())))

    async def withdraw(self, amount_minor: int | None, key: str) -> Withdrawal:
        async with self.db.begin() as tx:
            now = await self.moments(tx)
            return await settling.withdraw(
                tx, now, self.merchant.id, amount_minor=amount_minor, channel="bank", key=key
            )

    async def balance(self, account: Account) -> int:
        async with self.db.begin() as tx:
            return -await ledger.owner_balance(tx, account, self.merchant.id)


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Shop]:
    made = Shop(database)
    await made.open()
    yield made
    await made.desk.close()


async def test_a_reserve_is_kept_back_of_sales_and_released_when_its_days_are_over(shop: Shop) -> None:
    await shop.terms(Schedule.DAILY, "0.1", 5)
    line = await shop.line(1_000_000)
    await shop.buy(line, 100_000)
    await shop.live_until(OPENED + DAY)
    first = await shop.settled(OPENED)
    # 100,000 less 0.6 % discount is 99,400; 10 % of sales stays.
    assert (first.gross_minor, first.reserved_minor, first.net_minor, first.paid_minor) == (
        100_000,
        10_000,
        89_400,
        89_400,
    )
    assert await shop.balance(Account.MERCHANT_RESERVE) == 10_000
    await shop.live_until(OPENED + 6 * DAY)
    # Nothing was sold on that day: the release alone makes a settlement.
    last = await shop.settled(OPENED + 5 * DAY)
    assert (last.gross_minor, last.released_minor, last.net_minor) == (0, 10_000, 10_000)
    assert await shop.balance(Account.MERCHANT_RESERVE) == 0
    rows = await shop.rows_of_file(first)
    assert [(row["line"], int(row["amount_minor"])) for row in rows] == [
        ("reserve_moved", -10_000),
        ("purchase_captured", 99_400),
        ("carried_from_before", 0),
        ("net", 89_400),
        ("paid", 89_400),
    ]
    await shop.assert_sound()


async def test_a_reserve_is_never_more_than_there_is(shop: Shop) -> None:
    await shop.terms(Schedule.DAILY, "0.5", 30)
    line = await shop.line(1_000_000)
    bought = await shop.buy(line, 100_000)
    async with shop.db.begin() as tx:
        now = await shop.moments(tx)
        await refunding.refund(tx, now, shop.book, bought.id, amount_minor=70_000, reference="back", key="r")
    await shop.live_until(OPENED + DAY)
    found = await shop.settled(OPENED)
    assert (found.reserved_minor, found.net_minor) == (29_400, 0)
    await shop.assert_sound()


async def test_who_is_paid_on_demand_keeps_its_money_until_it_asks(shop: Shop) -> None:
    await shop.terms(Schedule.ON_DEMAND)
    line = await shop.line(1_000_000)
    await shop.buy(line, 100_000)
    await shop.live_until(OPENED + DAY)
    found = await shop.settled(OPENED)
    assert (found.net_minor, found.paid_minor, found.payout_id) == (99_400, 0, None)
    with pytest.raises(WithdrawalExceedsBalance):
        await shop.withdraw(99_401, "a")
    made = await shop.withdraw(40_000, "b")
    assert await shop.withdraw(40_000, "b") == made, "once"
    rest = await shop.withdraw(None, "c")
    assert rest.amount_minor == 59_400
    with pytest.raises(WithdrawalExceedsBalance):
        await shop.withdraw(None, "d")
    async with shop.db.begin() as tx:
        [payout] = await payments.payouts_of(tx, made.id)
    assert (payout.amount_minor, payout.agreement) == (40_000, shop.merchant.payout_account)
    await shop.buy(line, 10_000)
    await shop.live_until(OPENED + 2 * DAY)
    found = await shop.settled(OPENED + DAY)
    assert (found.carried_minor, found.withdrawn_minor, found.net_minor) == (99_400, 99_400, 9_940)
    await shop.assert_sound()
    # Daily again: what was kept is paid without a sale.
    await shop.terms(Schedule.DAILY)
    await shop.live_until(OPENED + 3 * DAY)
    found = await shop.settled(OPENED + 2 * DAY)
    assert (found.gross_minor, found.net_minor, found.paid_minor) == (0, 9_940, 9_940)
    with pytest.raises(WithdrawalNotOffered):
        await shop.withdraw(1, "e")
    await shop.assert_sound()


async def test_a_suspended_merchant_is_paid_once_it_is_reinstated(shop: Shop) -> None:
    line = await shop.line(1_000_000)
    await shop.buy(line, 100_000)
    async with shop.db.begin() as tx:
        await partners.suspend_merchant(tx, shop.merchant.id)
    await shop.live_until(OPENED + DAY)
    assert (await shop.settled(OPENED)).paid_minor == 0
    await shop.assert_sound()
    async with shop.db.begin() as tx:
        await partners.reinstate_merchant(tx, shop.merchant.id)
    await shop.live_until(OPENED + 2 * DAY)
    assert (await shop.settled(OPENED + DAY)).paid_minor == 99_400
    await shop.assert_sound()


async def test_a_negative_balance_is_carried_until_sales_make_it_good(shop: Shop) -> None:
    line = await shop.line(1_000_000)
    bought = await shop.buy(line, 50_000)
    await shop.live_until(OPENED + DAY)
    async with shop.db.begin() as tx:
        now = await shop.moments(tx)
        await refunding.refund(tx, now, shop.book, bought.id, amount_minor=50_000, reference="back", key="r")
    await shop.live_until(OPENED + 2 * DAY)
    assert (await shop.settled(OPENED + DAY)).net_minor == -50_000
    await shop.buy(line, 60_000)
    await shop.live_until(OPENED + 3 * DAY)
    found = await shop.settled(OPENED + 2 * DAY)
    assert (found.carried_minor, found.net_minor, found.paid_minor) == (-50_000, 9_640, 9_640)
    assert [row["amount_minor"] for row in await shop.rows_of_file(found)] == ["59640", "-50000", "9640", "9640"]
    await shop.assert_sound()


async def test_a_platform_gets_its_share_of_the_discount_and_is_settled_for_it(shop: Shop) -> None:
    async with shop.db.begin() as tx:
        now = await shop.moments(tx)
        new = NewMerchant("集市平台", "platform", "CNY", Decimal(0), "6222-9999")
        platform = await partners.create_merchant(tx, now, new)
        share = {"platform_id": platform.id, "merchant_id": shop.merchant.id, "from_on": OPENED, "people": TWO}
        await settling.agree_share(tx, now, share_rate=Decimal("0.333"), **share)
        with pytest.raises(ShareInvalid):
            await settling.agree_share(
                tx, now, **(share | {"platform_id": shop.merchant.id}), share_rate=Decimal("0.1")
            )
    line = await shop.line(1_000_000)
    await shop.buy(line, 100_000)
    await shop.live_until(OPENED + DAY)
    # The discount is 600; a third of it, rounded down, is 199.
    assert (await shop.settled(OPENED)).net_minor == 99_400
    found = await shop.settled(OPENED, platform.id)
    assert (found.gross_minor, found.adjusted_minor, found.paid_minor) == (0, 199, 199)
    async with shop.db.begin() as tx:
        [shared] = await settling.shared_with(tx, platform.id, OPENED)
    assert (shared.discount_minor, shared.share_minor) == (600, 199)
    assert [row["line"] for row in await shop.rows_of_file(found)][:1] == ["income_shared"]
    await shop.assert_sound()


async def test_what_two_people_book_by_hand_is_a_line_of_the_file(shop: Shop) -> None:
    line = await shop.line(1_000_000)
    await shop.buy(line, 10_000)
    async with shop.db.begin() as tx:
        now = await shop.moments(tx)
        for amount in (-500, 200):
            await settling.adjust(
                tx, now, now.new_id(0), shop.merchant.id, amount_minor=amount, reason="terminal", people=TWO
            )
    await shop.live_until(OPENED + DAY)
    found = await shop.settled(OPENED)
    assert (found.adjusted_minor, found.net_minor) == (-300, 9_640)
    lines = sorted(int(row["amount_minor"]) for row in await shop.rows_of_file(found) if row["line"] != "net")
    assert lines == [-500, 0, 200, 9_640, 9_940]
    await shop.assert_sound()


async def test_terms_begin_today_at_the_earliest(shop: Shop) -> None:
    async with shop.db.begin() as tx:
        now = await shop.moments(tx)
        new = NewTerms(Schedule.DAILY, Decimal(0), 0)
        with pytest.raises(SettlementTermsInvalid):
            await settling.agree_terms(tx, now, shop.merchant.id, new, from_on=OPENED - DAY, people=TWO)
        with pytest.raises(AssertionError):
            await settling.agree_terms(tx, now, shop.merchant.id, new, from_on=OPENED, people=People("one", "one"))
