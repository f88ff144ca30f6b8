"""A small programme without the outside world: one lender, one merchant, customers with lines."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from tiao.checkout import actions as checkout
from tiao.checkout import rules
from tiao.checkout.desk import Desk
from tiao.checkout.model import Order, Purchase
from tiao.checkout.offers import OfferBook
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.lending import actions as lending
from tiao.lending.model import FeePayer
from tiao.lending.products import shipped_products
from tiao.lending.records import Receipt, ReceiptKind
from tiao.lending.refunds import RefundPolicy
from tiao.lending.verifying import differing
from tiao.partners import actions as partners
from tiao.partners.model import Merchant, NewMerchant
from tiao.payments import actions as payments
from tiao.policy.pack import Pack
from tiao.runtime.checks import run_checks
from tiao.runtime.clock import ProgrammeClock
from tiao.runtime.db import Database
from tiao.runtime.programme import MomentSource, Programme, create_programme, move_clock, read_programme
from tiao.servicing.close import Closer, close_day
from tiao.values.calendar import china_calendar
from tiao.values.ids import seeded_ids
from tiao.wiring import MAIN_CHANNEL, shipped_engine

OPENED = date(2026, 3, 1)
ZONE = "Asia/Shanghai"


class Spine:
    """Moves one programme through time and does what its people do."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.moments = MomentSource(ProgrammeClock(), ZoneInfo(ZONE), seeded_ids("spine"))
        self.book = OfferBook(products=shipped_products(), pack=Pack.load("cn"), lender="条科技", lender_type="cfc")
        self.closer = Closer(
            db, self.moments, shipped_engine(), china_calendar(), MAIN_CHANNEL, checkout.expire, chunk=256
        )
        self.desk = Desk(db, self.moments, self.book)
        self.merchant: Merchant
        self._serial = 0
        self._accounts: dict[UUID, UUID] = {}

    async def open(self) -> None:
        at = datetime(2026, 3, 1, 1, tzinfo=UTC)
        before = OPENED - timedelta(days=1)
        async with self.db.begin() as tx:
            await create_programme(tx, Programme("条科技", "CNY", ZONE, "CN", "cfc", True, at, before, before, OPENED))
            now = await self.moments(tx)
            self.merchant = await partners.create_merchant(
                tx, now, NewMerchant("山脚书店", "books", "CNY", Decimal("0.006"), "6222-0001")
            )

    async def line(
        self, limit_minor: int, *, statement_day: int = 1, bucket: int = 7, agreement: str = ""
    ) -> CreditLine:
        async with self.db.begin() as tx:
            now = await self.moments(tx)
            made = CreditLine(
                bucket=bucket,
                id=now.new_id(bucket),
                customer_id=now.new_id(bucket),
                currency="CNY",
                limit_minor=limit_minor,
                limit_target_minor=limit_minor,
                held_minor=0,
                used_minor=0,
                statement_day=statement_day,
                status="active",
                opened_on=now.today,
            )
            await ledger.open_lines(tx, [made])
            account = await payments.bind_source(
                tx,
                now,
                customer_id=made.customer_id,
                channel=MAIN_CHANNEL,
                agreement=agreement or f"agreement of {made.id}",
                display="工商银行 1234",
                is_autopay_agreed=False,
            )
            self._accounts[made.id] = account.id
            return made

    def order(
        self, line: CreditLine, amount_minor: int, plan: str = "pay_later", *, captured: bool = True, key: str = ""
    ) -> Order:
        self._serial += 1
        return Order(
            idempotency_id=rules.idempotency_id(self.merchant.id, key or str(self._serial)),
            line_id=line.id,
            customer_id=line.customer_id,
            merchant_id=self.merchant.id,
            currency="CNY",
            amount_minor=amount_minor,
            plan=plan,
            fee_payer=FeePayer.CONSUMER,
            reference=key or f"order {self._serial}",
            is_captured=captured,
        )

    async def buy(self, line: CreditLine, amount_minor: int, plan: str = "pay_later", **kwargs: bool) -> Purchase:
        [answer] = await self.desk.decide([self.order(line, amount_minor, plan, **kwargs)])
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def pay(self, line: CreditLine, amount_minor: int) -> lending.Applied:
        async with self.db.begin() as tx:
            now = await self.moments(tx)
            receipt = Receipt(
                id=now.new_id(line.bucket),
                line_id=line.id,
                customer_id=line.customer_id,
                kind=ReceiptKind.DEBIT,
                currency="CNY",
                amount_minor=amount_minor,
                effective_on=now.today,
                funding_source_id=self._accounts[line.id],
            )
            return (await lending.repay(tx, now, [receipt]))[0]

    def account_of(self, line: CreditLine) -> UUID:
        return self._accounts[line.id]

    async def read(self, line: CreditLine) -> CreditLine:
        async with self.db.begin() as tx:
            return await ledger.line(tx, line.id)

    async def live_until(self, day: date) -> None:
        """Close every day before *day*, and be at noon of it."""
        async with self.db.begin() as tx:
            today = (await self.moments(tx)).today
        while today < day:
            async with self.db.begin() as tx:
                await move_clock(tx, datetime(today.year, today.month, today.day, 17, tzinfo=UTC))
            await close_day(self.closer, today)
            today += timedelta(days=1)
        async with self.db.begin() as tx:
            await move_clock(tx, datetime(day.year, day.month, day.day, 4, tzinfo=UTC))

    async def assert_sound(self) -> None:
        """No invariant is violated, and folding each line's facts anew gives the rows that stand."""
        async with self.db.begin() as tx:
            assert await run_checks(tx) == []
            closed = (await read_programme(tx)).closed_through
            for line_id in await tx.column("select id from credit_line"):
                found = await differing(tx, line_id, closed_through=closed, policy_of=self.refund_policy)
                assert found == [], found

    def refund_policy(self, taken_on: date) -> RefundPolicy:
        return self.book.conditions(taken_on).refund
