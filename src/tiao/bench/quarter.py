"""A quarter of payments with every failure switched on: three channels, each on its own wire, lie, hang and lose files.

Customers buy, autopay and the channels do what they do for ninety days; then the failures stop and a week passes. What
must hold then is asserted: nobody debited twice, no money of a customer's lost, nothing unknown, every difference one
that was put into a file, our cash the banks', every invariant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import msgspec

from tiao.bench.faulty_files import put_wrong
from tiao.bench.ground import Ground, check, open_ground, own_server
from tiao.checkout import actions as checkout
from tiao.checkout.desk import Desk
from tiao.checkout.model import Order
from tiao.checkout.rules import idempotency_id
from tiao.ledger import actions as ledger
from tiao.ledger.model import HOUSE, Account, CreditLine
from tiao.lending.model import FeePayer
from tiao.partners import actions as partners
from tiao.partners.model import Merchant, NewMerchant
from tiao.payments import actions as payments
from tiao.payments import jobs
from tiao.payments.iso20022.messages import Account as BankAccountName
from tiao.payments.model import CardFacts, SourceAgreement
from tiao.payments.providers.channel import Channel
from tiao.payments.providers.http_bank import HttpBank
from tiao.payments.providers.iso20022_bank import Iso20022Bank
from tiao.payments.providers.unionpay import UnionPay
from tiao.payments.providers.unionpay_wire import make_keys, read_keys
from tiao.payments.reconciling import actions as reconciling
from tiao.payments.routing.capability import Capability, CardKind, FileFormat, StatementForm, WireFormat
from tiao.payments.routing.chooser import Chooser
from tiao.payments.routing.tables import Policies, Policy
from tiao.runtime.programme import move_clock, read_programme
from tiao.servicing.close import Closer
from tiao.servicing.days import Servicer, advance
from tiao.servicing.repaying import book_debits
from tiao.simulator.bank.books import BankAccount, Books
from tiao.simulator.bank.faults import FaultRates
from tiao.simulator.bank.iso20022 import Iso20022Server
from tiao.simulator.bank.server import BankServer
from tiao.simulator.bank.teller import Teller
from tiao.simulator.bank.unionpay import UnionPayServer
from tiao.values.calendar import china_calendar
from tiao.values.ids import BUCKETS
from tiao.values.refusal import Kind, Refusal
from tiao.wiring import shipped_engine

ZONE = ZoneInfo("Asia/Shanghai")
_KEY = b"q" * 32
#: Everything goes wrong, far more often than in life.
BAD = FaultRates(
    insufficient_funds_ppm=60_000,
    limit_exceeded_ppm=30_000,
    maintenance_ppm=60_000,
    payout_failed_ppm=30_000,
    time_out_before_ppm=50_000,
    time_out_after_ppm=60_000,
    processing_ppm=50_000,
    garbled_ppm=30_000,
    wrongly_signed_ppm=30_000,
    query_time_out_ppm=200_000,
    row_missing_ppm=20_000,
    row_amount_ppm=20_000,
    row_fee_ppm=20_000,
    row_twice_ppm=20_000,
    row_foreign_ppm=20_000,
    file_late_ppm=200_000,
)
_FEE_BPS = 20
_WEEK = 8
Tell = Callable[[int, int], None]


class QuarterBroken(Refusal):
    """After the quarter something does not hold that must."""

    kind = Kind.CONFLICT


class QuarterReport(msgspec.Struct, frozen=True):
    """What a quarter came to. *Units*: minor units."""

    customers: int
    days: int
    attempts: int
    orders: int
    went_elsewhere: int
    debited_minor: int
    paid_out_minor: int
    contradictions: int
    differences: dict[str, int]
    invariants_held: int


class _Bank(NamedTuple):
    name: str
    teller: Teller
    channel: Channel

    @property
    def books(self) -> Books:
        return self.teller.books


class _Town(NamedTuple):
    ground: Ground
    banks: tuple[_Bank, ...]
    servicer: Servicer
    desk: Desk
    merchant: Merchant
    lines: list[CreditLine]


async def measure(customers: int, days: int, seed: int, tell: Tell) -> QuarterReport:
    """Live a quarter on a server of its own. Refuses: QuarterBroken, InvariantViolated."""
    with own_server() as server:
        async with open_ground(server, "quarter") as ground:
            return await live(ground, customers, days, seed, tell)


async def live(ground: Ground, customers: int, days: int, seed: int, tell: Tell) -> QuarterReport:
    """Live *days* of *customers* and a quiet week, and hold everything against everything. Refuses: QuarterBroken."""
    with TemporaryDirectory(prefix="tiao-quarter-") as folder:
        async with _opened(ground, customers, seed, Path(folder)) as town:
            chance = Random(seed)  # noqa: S311  a quarter repeats itself
            async with ground.db.begin() as tx:
                began = (await ground.moments(tx)).at
            for bank in town.banks:
                bank.books.set_faults(BAD)
            for day in range(days + _WEEK):
                if day == days:
                    for bank in town.banks:
                        bank.books.set_faults(_only_files())
                await _live_day(town, chance, began + timedelta(days=day + 1), is_buying=day < days)
                tell(day + 1, days + _WEEK)
            return await _held(town, customers, days)


def _only_files() -> FaultRates:
    """Keep what is wrong with files, so that a day's file is the same whenever it is fetched; answer everything."""
    names = [name for name in FaultRates.__struct_fields__ if name.startswith("row_")]
    return FaultRates(**{name: getattr(BAD, name) for name in names})


@asynccontextmanager
async def _opened(ground: Ground, customers: int, seed: int, folder: Path) -> AsyncIterator[_Town]:
    async with AsyncExitStack() as stack:
        banks = await _banks(seed, folder, stack)
        capabilities = [_capability(bank.name) for bank in banks]
        policies = Policies("live", {"live": Policy(400), "surest": Policy()}, ("surest",))
        chooser = Chooser(capabilities, policies, ZONE)
        channels = jobs.RoutedChannels({bank.name: bank.channel for bank in banks}, chooser)
        closer = Closer(
            ground.db, ground.moments, shipped_engine(), china_calendar(), "giro", checkout.expire, chunk=BUCKETS
        )
        desk = Desk(ground.db, ground.moments, ground.book)
        stack.push_async_callback(desk.close)
        async with ground.db.begin() as tx:
            now = await ground.moments(tx)
            programme = await read_programme(tx)
            new = NewMerchant("quarter", "books", programme.currency, Decimal("0.006"), "shop")
            merchant = await partners.create_merchant(tx, now, new)
        for bank in banks:
            bank.books.set_account(BankAccount("shop"))
        lines = [await _customer(ground, banks, number) for number in range(customers)]
        offset = ground.book.conditions(programme.opened_on).billing.autopay_offset_days
        yield _Town(ground, banks, Servicer(closer, channels, offset), desk, merchant, lines)


async def _banks(seed: int, folder: Path, stack: AsyncExitStack) -> tuple[_Bank, ...]:
    make_keys(folder)
    ours, theirs = (
        read_keys(folder, side=side, other=other) for side, other in (("merchant", "gateway"), ("gateway", "merchant"))
    )
    found = []
    for number, name in enumerate(("bank", "unionpay", "giro")):
        books = Books(seed + number)
        teller = Teller(books, zone=ZONE, fee_bps=_FEE_BPS if name == "unionpay" else 0)
        control = BankServer(books, key=_KEY, teller=teller)
        apps: dict[str, Any] = {
            "bank": control,
            "unionpay": UnionPayServer(teller, theirs, control),
            "giro": Iso20022Server(teller, key=_KEY, control=control),
        }
        client = await stack.enter_async_context(
            httpx.AsyncClient(transport=httpx.ASGITransport(apps[name]), base_url="http://bank")
        )
        channel: Channel = HttpBank(client, key=_KEY)
        if name == "unionpay":
            channel = UnionPay(client, ours, merchant_id="777290058110048", zone=ZONE)
        elif name == "giro":
            channel = Iso20022Bank(client, key=_KEY, account=BankAccountName("tiao", "house"), zone=ZONE)
        found.append(_Bank(name, teller, channel))
    return tuple(found)


def _capability(name: str) -> Capability:
    form = {"bank": WireFormat.TIAO, "unionpay": WireFormat.UNIONPAY, "giro": WireFormat.ISO20022}[name]
    file = {"bank": FileFormat.TIAO, "unionpay": FileFormat.ZM, "giro": FileFormat.CAMT053}[name]
    price = _FEE_BPS if name == "unionpay" else 0
    statement = StatementForm.NET if name == "unionpay" else StatementForm.EACH
    return Capability(name, name, form, file, statement, cost_bps=price)


async def _customer(ground: Ground, banks: tuple[_Bank, ...], number: int) -> CreditLine:
    """Open a line, and an account that all three banks know; it holds enough most of the time."""
    bucket, account = number % BUCKETS, f"6222{number:015}"
    async with ground.db.begin() as tx:
        now = await ground.moments(tx)
        line = CreditLine(
            bucket=bucket,
            id=now.new_id(bucket),
            customer_id=now.new_id(bucket),
            currency="CNY",
            limit_minor=2_000_000,
            limit_target_minor=2_000_000,
            held_minor=0,
            used_minor=0,
            statement_day=1 + number % 28,
            status="active",
            opened_on=now.today,
        )
        await ledger.open_lines(tx, [line])
        agreements = {}
        for bank in banks:
            bank.books.set_account(BankAccount(account))
            bank.books.deposit(account, 3_000_000, "CNY", now.at)
            made = bank.books.bind(account, "", "CNY", now.at)
            assert not isinstance(made, str), made
            agreements[bank.name] = made.agreement
        source = await payments.bind_source(
            tx,
            now,
            customer_id=line.customer_id,
            channel="bank",
            agreement=agreements["bank"],
            display=f"bank {number}",
            is_autopay_agreed=True,
            card=CardFacts("ICBC", CardKind.DEBIT, 1),
        )
        for name in ("unionpay", "giro"):
            await payments.keep_agreement(tx, now, SourceAgreement(source.id, name, agreements[name]))
    return line


async def _live_day(town: _Town, chance: Random, until: datetime, *, is_buying: bool) -> None:
    """Live to the next day: its close, its morning, purchases, and questions about what is open a few hours later."""
    await advance(town.servicer, until)
    ground, servicer = town.ground, town.servicer
    if is_buying:
        for line in chance.sample(town.lines, max(1, len(town.lines) // 5)):
            key = f"{line.id}/{until.date()}"
            await town.desk.decide([_order(town.merchant, line, key, chance.randrange(500, 20_000))])
    for hours in (1, 4):
        async with ground.db.begin() as tx:
            await move_clock(tx, until + timedelta(hours=hours))
        await jobs.resolve_unknown(ground.db, servicer.channels, ground.moments, book_debits)
        await jobs.resolve_payouts(ground.db, servicer.channels, ground.moments)


def _order(merchant: Merchant, line: CreditLine, key: str, amount_minor: int) -> Order:
    return Order(
        idempotency_id=idempotency_id(merchant.id, key),
        line_id=line.id,
        customer_id=line.customer_id,
        merchant_id=merchant.id,
        currency="CNY",
        amount_minor=amount_minor,
        plan="pay_later",
        fee_payer=FeePayer.CONSUMER,
        reference=key,
        is_captured=True,
    )


class _Attempt(NamedTuple):
    id: UUID
    order_id: UUID
    channel: str
    state: str
    amount_minor: int


async def _held(town: _Town, customers: int, days: int) -> QuarterReport:
    """Hold books, channels and files against each other. Refuses: QuarterBroken."""
    ground = town.ground
    async with ground.db.begin() as tx:
        now = await ground.moments(tx)
        attempts = await tx.rows("select id, order_id, channel, state, amount_minor from debit", _Attempt)
        payouts = await tx.rows("select id, source_id as order_id, channel, state, amount_minor from payout", _Attempt)
        repaid = await tx.value("select coalesce(sum(amount_minor), 0) from repayment where debit_id is not null")
        contradictions = await tx.value("select count(*) from bank_contradiction")
        alarms = await reconciling.alarms(tx, now)
        found = await reconciling.differences(tx, is_open=False, limit=1_000_000)
        cash = await ledger.owner_balance(tx, Account.CASH, HOUSE)
    _must(alarms.unknown_late == 0, f"{alarms.unknown_late} outcomes are unknown past their time")
    done = {each.id.hex: each for each in (*attempts, *payouts) if each.state == "succeeded"}
    taken = {
        number: decided.amount_minor
        for bank in town.banks
        for number, decided in bank.books.decisions.items()
        if decided.code is None
    }
    _must(taken == {number: each.amount_minor for number, each in done.items()}, "books and banks know other payments")
    debits = [each for each in attempts if each.state == "succeeded"]
    twice = [order for order, count in Counter(each.order_id for each in debits).items() if count > 1]
    _must(not twice, f"{len(twice)} orders were debited twice")
    debited = sum(each.amount_minor for each in debits)
    _must(debited == repaid, f"{debited} was debited and {repaid} repaid")
    expected = put_wrong([(bank.name, bank.teller) for bank in town.banks], BAD, now.today)
    kinds = Counter((each.channel, each.request_no, _class_of(each.kind.value)) for each in found)
    _must(kinds == expected, f"differences: {kinds - expected} more, {expected - kinds} fewer than were made")
    _must(cash == _cash_of(town, now.today), "our cash is not what the banks have")
    return QuarterReport(
        customers=customers,
        days=days,
        attempts=len(attempts),
        orders=len({each.order_id for each in attempts}),
        went_elsewhere=len(attempts) - len({each.order_id for each in attempts}),
        debited_minor=debited,
        paid_out_minor=sum(each.amount_minor for each in payouts if each.state == "succeeded"),
        contradictions=int(contradictions),
        differences=dict(Counter(each.kind.value for each in found)),
        invariants_held=await check(ground),
    )


def _class_of(kind: str) -> str:
    """Name what was made wrong in the file: a row left out becomes doubtful, then short."""
    return "absent" if kind in {"cut_off", "doubtful", "short"} else kind


def _cash_of(town: _Town, today: date) -> int:
    """Tell what the banks have of ours, less the fees that their files have told."""
    total = sum(bank.books.balances["house"] for bank in town.banks)
    for bank in town.banks:
        if bank.name != "giro":
            days: Mapping[date, None] = dict.fromkeys(
                each.at.astimezone(ZONE).date() for each in bank.books.decisions.values()
            )
            for day in days:
                if day < today:
                    total -= sum(row.fee_minor for row in bank.teller.day_rows(day) or ())
    return total


def _must(is_so: bool, otherwise: str) -> None:  # noqa: FBT001  the claim, before its words
    if not is_so:
        raise QuarterBroken(otherwise[:2_000])
