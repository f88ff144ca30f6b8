"""A programme, a clock that is moved by hand, a simulated bank behind its real wire, and what servicing does above."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from tiao.ledger import actions as ledger
from tiao.ledger.model import HOUSE, Account, Posting, credit, debit
from tiao.payments import actions, jobs
from tiao.payments.model import DebitPurpose, DebitResolved, FundingSource, NewDebit
from tiao.payments.providers.channel import BindOrder, Bound
from tiao.payments.providers.http_bank import HttpBank
from tiao.payments.settling import actions as settling
from tiao.payments.settling.model import People
from tiao.runtime.checks import run_checks
from tiao.runtime.clock import business_date
from tiao.runtime.db import Database, Tx
from tiao.simulator.bank.books import HOUSE_ACCOUNT, BankAccount, Books
from tiao.simulator.bank.server import BankServer
from tiao.simulator.bank.teller import Teller
from tiao.values.ids import bucket_of, derived_id, seeded_ids
from tiao.values.moment import Moment

KEY = b"k" * 32
ZONE = ZoneInfo("Asia/Shanghai")
#: A Monday, ten in the morning in Shanghai.
START = datetime(2026, 3, 2, 2, tzinfo=UTC)
PROGRAMME = """
insert into programme (name, currency, time_zone, market, lender_type, is_test_clock, now_at, cut_off_on,
                       closed_through, opened_on)
values ('test', 'CNY', 'Asia/Shanghai', 'CN', 'platform', false, null, '2026-03-01', '2026-03-01', '2026-03-01')
"""
REPAYMENT = """
insert into repayment (bucket, id, line_id, customer_id, kind, debit_id, funding_source_id, currency, amount_minor,
                       overpaid_minor, effective_on, recorded_at)
values (%(bucket)s, %(id)s, %(line)s, %(customer)s, 'debit', %(debit)s, %(source)s, 'CNY', %(amount)s, %(amount)s,
        %(on)s, %(at)s)
"""


class World:
    """A programme and its bank."""

    def __init__(self, db: Database, books: Books, server: BankServer, client: httpx.AsyncClient) -> None:
        self.db = db
        self.books = books
        self.server = server
        self.client = client
        self.bank = HttpBank(client, key=KEY)
        self.channels: jobs.Channels = {"bank": self.bank}
        self.at = START
        self.ids = seeded_ids(1)
        self.applied: list[DebitResolved] = []

    @property
    def now(self) -> Moment:
        return Moment(self.at, business_date(self.at, ZONE), self.ids)

    def later(self, **length: int) -> None:
        self.at += timedelta(**length)

    async def moment(self, _tx: Tx) -> Moment:
        return self.now

    async def repay(self, tx: Tx, now: Moment, resolved: Sequence[DebitResolved]) -> None:
        """Stand for servicing: what came in is the customer's credit balance."""
        for one in (each.debit for each in resolved):
            repayment_id = derived_id("repayment", one.id, bucket=one.bucket)
            await tx.execute(
                REPAYMENT,
                bucket=one.bucket,
                id=repayment_id,
                line=one.line_id,
                customer=one.customer_id,
                debit=one.id,
                source=one.funding_source_id,
                amount=one.amount_minor,
                on=now.today,
                at=now.at,
            )
            entries = (
                debit(Account.CASH, HOUSE, one.amount_minor),
                credit(Account.CREDIT_BALANCE, one.line_id, one.amount_minor),
            )
            posting = Posting(
                one.bucket, repayment_id, "repayment_received", repayment_id, one.currency, now.today, entries
            )
            await ledger.post(tx, [posting], booked_on=now.today, recorded_at=now.at)
        self.applied.extend(resolved)

    async def customer(self, number: int, *, balance_minor: int = 100_000) -> FundingSource:
        """Bind a new customer's account; bucket and ids follow from the number."""
        account_no = f"6222{number:012}"
        self.books.set_account(BankAccount(account_no))
        self.books.deposit(account_no, balance_minor, "CNY", self.at)
        bound = await self.bank.bind(BindOrder(f"bind{number}", account_no, "", self.at))
        assert isinstance(bound, Bound), bound
        async with self.db.begin() as tx:
            return await actions.bind_source(
                tx,
                self.now,
                customer_id=derived_id("customer", str(number), bucket=number % 256),
                channel="bank",
                agreement=bound.agreement,
                display=bound.display,
                is_autopay_agreed=True,
            )

    def order(self, source: FundingSource, amount_minor: int = 100, *, number: int = 1) -> NewDebit:
        """Order a debit on the customer's only line."""
        return NewDebit(
            line_id=derived_id("line", source.customer_id, bucket=source.bucket),
            customer_id=source.customer_id,
            funding_source_id=source.id,
            amount_minor=amount_minor,
            currency="CNY",
            purpose=DebitPurpose.REPAYMENT,
            debit_id=derived_id("debit", source.customer_id, str(number), bucket=source.bucket),
        )

    async def merchant(self, number: int) -> UUID:
        merchant_id = derived_id("merchant", str(number))
        self.books.set_account(BankAccount(f"shop{number}"))
        async with self.db.begin() as tx:
            await tx.execute(
                "insert into merchant (id, name, category, currency, discount_rate, payout_account, joined_at) values"
                " (%(id)s, 'shop', 'food', 'CNY', 0.01, %(account)s, %(at)s)",
                id=merchant_id,
                account=f"shop{number}",
                at=self.at,
            )
        return merchant_id

    async def owe_merchant(self, merchant_id: UUID, amount_minor: int, *, number: int = 1) -> None:
        """Let two people decide that a merchant gets something: it is owed that without a sale."""
        adjustment_id = derived_id("adjustment", merchant_id, str(number), bucket=0)
        async with self.db.begin() as tx:
            await settling.adjust(
                tx,
                self.now,
                adjustment_id,
                merchant_id,
                amount_minor=amount_minor,
                reason="owed",
                people=People("opr_one", "opr_two"),
            )

    async def owe_customer(self, customer_id: UUID, amount_minor: int, *, number: int = 1) -> None:
        """Book that money goes back to a customer; the owner's capital stands for the credit balance that it was."""
        bucket = bucket_of(customer_id)
        posting_id = derived_id("credit", customer_id, str(number), bucket=bucket)
        entries = (
            debit(Account.OWNER_FUNDING, HOUSE, amount_minor),
            credit(Account.REFUND_PAYABLE, customer_id, amount_minor),
        )
        posting = Posting(bucket, posting_id, "credit_paid_out", posting_id, "CNY", self.now.today, entries)
        async with self.db.begin() as tx:
            await ledger.post(tx, [posting], booked_on=self.now.today, recorded_at=self.at)

    async def balance(self, account: Account, owner_id: UUID = HOUSE) -> int:
        async with self.db.begin() as tx:
            return await ledger.owner_balance(tx, account, owner_id)

    async def books_agree(self) -> None:
        """Hold our cash against the bank's statement, and every invariant."""
        ours = await self.balance(Account.CASH)
        theirs = sum(move.amount_minor for move in self.books.movements if move.account_no == HOUSE_ACCOUNT)
        assert ours == theirs == self.books.balances[HOUSE_ACCOUNT]
        async with self.db.snapshot() as tx:
            assert await run_checks(tx) == []


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    async with database.begin() as tx:
        await tx.execute(PROGRAMME)
    books = Books(seed=7)
    server = BankServer(books, key=KEY, notice_url="http://tiao/notices/bank", teller=Teller(books, zone=ZONE))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url="http://bank") as client:
        yield World(database, books, server, client)
