"""The simulated bank's own books: what it knows, what it decides, every movement it ever made.

State changes only by applying an event, and an event is kept before it is applied; replaying them gives the same bank.
"""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from tiao.simulator.bank.faults import FaultRates, draw, pick
from tiao.simulator.bank.journal import Journal, NoJournal

#: Our own account at the bank. It may be overdrawn: the bank lends to the platform what it needs.
HOUSE_ACCOUNT = "house"


class Flow(StrEnum):
    """Which way money goes, seen from the platform."""

    DEBIT = "debit"
    PAYOUT = "payout"
    DEPOSIT = "deposit"


class Income(msgspec.Struct, frozen=True):
    """Money that comes to an account monthly and is spent after it: so much on a day of the month at an hour.

    *day* 31 is the last of the month; all but *kept_minor* is spent evenly within *spent_days*. Hours are *zone*'s.
    """

    day: Annotated[int, msgspec.Meta(ge=1, le=31)]
    hour: Annotated[int, msgspec.Meta(ge=0, le=23)]
    amount_minor: int
    spent_days: Annotated[int, msgspec.Meta(ge=1, le=60)]
    kept_minor: int = 0
    currency: str = "CNY"
    zone: str = "Asia/Shanghai"

    def movements(self, since: datetime, until: datetime, balance_minor: int) -> Iterator[tuple[datetime, int]]:
        """Live from an instant (not included) until another: salaries, and what is spent at eight in the evening."""
        zone = ZoneInfo(self.zone)
        day = since.astimezone(zone).date()
        while day <= until.astimezone(zone).date():
            paid_on = min(self.day, monthrange(day.year, day.month)[1])
            for hour, amount in ((self.hour, self.amount_minor if day.day == paid_on else 0), (20, None)):
                at = datetime.combine(day, time(hour), zone)
                if not since < at <= until:
                    continue
                spent = min(self.amount_minor // self.spent_days, max(balance_minor - self.kept_minor, 0))
                moved = -spent if amount is None else amount
                if moved:
                    balance_minor += moved
                    yield at, moved
            day += timedelta(days=1)


class BankAccount(msgspec.Struct, frozen=True):
    """An account. *holder_name* may be empty: then anybody may bind it. *debit_max_minor* bounds each debit."""

    account_no: str
    holder_name: str = ""
    bank_name: str = "模拟银行"
    is_frozen: bool = False
    debit_max_minor: int | None = None
    phone: str = ""
    account_class: int = 1
    income: Income | None = None


class Order(NamedTuple):
    """What the platform asks: money from or to the account that *agreement* names."""

    flow: Flow
    request_no: str
    agreement: str
    amount_minor: int
    currency: str


class Decided(msgspec.Struct, frozen=True, tag="decided"):
    """The bank's decision about an order; without a code it was executed."""

    flow: Flow
    request_no: str
    agreement: str
    account_no: str | None
    amount_minor: int
    currency: str
    code: str | None
    at: datetime

    @property
    def channel_no(self) -> str:
        """Give the bank's own number for it."""
        return f"SB{hashlib.sha256(self.request_no.encode()).hexdigest()[:18].upper()}"

    def is_about(self, order: Order) -> bool:
        """Tell whether an order with this number says the same again."""
        return order == Order(self.flow, self.request_no, self.agreement, self.amount_minor, self.currency)


class AccountSet(msgspec.Struct, frozen=True, tag="account_set"):
    """An account was opened or changed."""

    account: BankAccount


class Deposited(msgspec.Struct, frozen=True, tag="deposited"):
    """Money came to, or left, an account from outside: a salary, the owner's capital."""

    account_no: str
    amount_minor: int
    currency: str
    at: datetime


class AgreementMade(msgspec.Struct, frozen=True, tag="agreement_made"):
    """A customer let the platform debit an account."""

    agreement: str
    account_no: str


class AgreementEnded(msgspec.Struct, frozen=True, tag="agreement_ended"):
    """A customer took that back at the bank."""

    agreement: str


class NumberClosed(msgspec.Struct, frozen=True, tag="number_closed"):
    """A debit was asked about before it was seen; its number will not be executed any more."""

    request_no: str


class FaultsSet(msgspec.Struct, frozen=True, tag="faults_set"):
    """Somebody chose what goes wrong."""

    rates: FaultRates


Event: TypeAlias = AccountSet | Deposited | AgreementMade | AgreementEnded | Decided | NumberClosed | FaultsSet


class Movement(msgspec.Struct, frozen=True):
    """One line of the bank's statement. *Units*: minor units; what comes into the account is positive."""

    number: int
    at: datetime
    account_no: str
    amount_minor: int
    balance_minor: int
    currency: str
    flow: Flow
    request_no: str | None


class RequestDiffers(Exception):  # noqa: N818  the bank's answer to a misuse of its wire
    """A request number came back with other content."""


class Books:
    """The bank's state. *opening_balance_minor*: accounts nobody opened come to be, with so much, when first named."""

    def __init__(self, seed: int, *, opening_balance_minor: int | None = None, journal: Journal | None = None) -> None:
        self.seed = seed
        self.faults = FaultRates()
        self.accounts: dict[str, BankAccount] = {}
        self.balances: dict[str, int] = {HOUSE_ACCOUNT: 0}
        self.agreements: dict[str, str] = {}
        self.decisions: dict[str, Decided] = {}
        self.movements: list[Movement] = []
        #: Until when the life of an account was lived: its last movement from outside.
        self._lived: dict[str, datetime] = {}
        self._ended: set[str] = set()
        self._closed: set[str] = set()
        self._opening_balance_minor = opening_balance_minor
        self._journal = journal or NoJournal()
        for body in self._journal.events():
            self._apply(msgspec.json.decode(body, type=Event))

    def set_account(self, account: BankAccount) -> None:
        """Open or change an account."""
        assert account.account_no != HOUSE_ACCOUNT, "the platform's own account is not a customer's"
        self._record(AccountSet(account))

    def deposit(self, account_no: str, amount_minor: int, currency: str, at: datetime) -> bool:
        """Bring money to an account from outside, or take it away; False when there is no such account."""
        if account_no not in self.balances:
            return False
        self._live(account_no, at)
        self._record(Deposited(account_no, amount_minor, currency, at))
        return True

    def set_faults(self, rates: FaultRates) -> None:
        """Choose what goes wrong from now on."""
        self._record(FaultsSet(rates))

    def bind(self, account_no: str, holder_name: str, currency: str, at: datetime) -> AgreementMade | str:
        """Make an agreement, the same one each time it is asked for, or answer a code."""
        account = self.find_account(account_no, currency, at)
        if account is None or account_no == HOUSE_ACCOUNT:
            return "account_unknown"
        if account.is_frozen:
            return "account_frozen"
        if account.holder_name and account.holder_name != holder_name:
            return "holder_differs"
        agreement = f"AG{hashlib.sha256(f'{self.seed}/{account_no}'.encode()).hexdigest()[:18].upper()}"
        made = AgreementMade(agreement, account_no)
        if agreement not in self.agreements or agreement in self._ended:
            self._record(made)
        return made

    def end_agreement(self, agreement: str) -> None:
        """Let a customer take an agreement back at the bank."""
        self._record(AgreementEnded(agreement))

    def execute(self, order: Order, at: datetime) -> Decided:
        """Execute an order once: one seen before answers what became of it. Raises: RequestDiffers."""
        known = self.decisions.get(order.request_no)
        if known is not None:
            if not known.is_about(order):
                raise RequestDiffers(order.request_no)
            return known
        account_no = self._account_of(order, at)
        self._live(account_no, at)
        code = self._why_not(order, account_no)
        decided = Decided(**order._asdict(), account_no=account_no, code=code, at=at)
        self._record(decided)
        return decided

    def look_up(self, request_no: str, *, closes: bool) -> Decided | None:
        """Find what became of an order; with *closes*, one never seen never will be."""
        known = self.decisions.get(request_no)
        if known is None and closes and request_no not in self._closed:
            self._record(NumberClosed(request_no))
        return known

    def account_of_agreement(self, agreement: str) -> BankAccount:
        """Find the account that an agreement names."""
        return self.accounts[self.agreements[agreement]]

    def find_account(self, account_no: str, currency: str, at: datetime) -> BankAccount | None:
        """Find an account; one nobody opened comes to be where the bank opens such."""
        if account_no not in self.accounts and self._opening_balance_minor is not None and account_no:
            self._record(AccountSet(BankAccount(account_no)))
            self._record(Deposited(account_no, self._opening_balance_minor, currency, at))
        return self.accounts.get(account_no)

    def _live(self, account_no: str | None, at: datetime) -> None:
        """Let salaries come and be spent that fell between the account's last movement from outside and now."""
        account = self.accounts.get(account_no or "")
        if account is None or account.income is None:
            return
        since = self._lived.get(account.account_no, at)
        self._lived.setdefault(account.account_no, at)
        for moved_at, amount in account.income.movements(since, at, self.balances[account.account_no]):
            self._record(Deposited(account.account_no, amount, account.income.currency, moved_at))

    def _account_of(self, order: Order, at: datetime) -> str | None:
        """Find the account an order names: by agreement, or, to pay a merchant, by its number."""
        account_no = self.agreements.get(order.agreement)
        if account_no is None and order.flow is Flow.PAYOUT:
            found = self.find_account(order.agreement, order.currency, at)
            return None if found is None else found.account_no
        return account_no

    def _why_not(self, order: Order, account_no: str | None) -> str | None:
        """Decide: what the bank knows first, then chance, then the balance."""
        account = self.accounts.get(account_no or "")
        is_payout = order.flow is Flow.PAYOUT
        if not is_payout and order.request_no in self._closed:
            return "request_closed"
        if account is None or (not is_payout and order.agreement in self._ended):
            return "account_unknown" if is_payout else "agreement_invalid"
        if account.is_frozen:
            return "account_frozen"
        rates = self.faults.payout_declines() if is_payout else self.faults.declines()
        by_chance = pick(draw(self.seed, order.request_no, "decline"), rates)
        if is_payout or by_chance:
            return by_chance
        if account.debit_max_minor is not None and order.amount_minor > account.debit_max_minor:
            return "limit_exceeded"
        return "insufficient_funds" if self.balances[account.account_no] < order.amount_minor else None

    def _record(self, event: Event) -> None:
        self._journal.append(msgspec.json.encode(event))
        self._apply(event)

    def _apply(self, event: Event) -> None:
        match event:
            case AccountSet(account=account):
                self.accounts[account.account_no] = account
                self.balances.setdefault(account.account_no, 0)
            case Deposited():
                self._lived[event.account_no] = event.at
                self._move(event.account_no, event.amount_minor, event.currency, event.at, Flow.DEPOSIT, None)
            case AgreementMade():
                self.agreements[event.agreement] = event.account_no
                self._ended.discard(event.agreement)
            case AgreementEnded():
                self._ended.add(event.agreement)
            case NumberClosed():
                self._closed.add(event.request_no)
            case FaultsSet():
                self.faults = event.rates
            case Decided():
                self.decisions[event.request_no] = event
                if event.code is None and event.account_no is not None:
                    to_us = event.amount_minor if event.flow is Flow.DEBIT else -event.amount_minor
                    detail = (event.currency, event.at, event.flow, event.request_no)
                    self._move(event.account_no, -to_us, *detail)
                    self._move(HOUSE_ACCOUNT, to_us, *detail)

    def _move(
        self, account_no: str, amount_minor: int, currency: str, at: datetime, flow: Flow, request_no: str | None
    ) -> None:
        balance = self.balances[account_no] + amount_minor
        self.balances[account_no] = balance
        number = len(self.movements) + 1
        self.movements.append(Movement(number, at, account_no, amount_minor, balance, currency, flow, request_no))
