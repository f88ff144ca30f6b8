"""What payments ask of a bank, whichever it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

from tiao.payments.model import Answer
from tiao.payments.providers.deflating import DayText

#: A batch of payouts has at most so many lines, and so has one question about them.
PAYOUTS_MAX = 1000


class DebitOrder(NamedTuple):
    """Take money from the account an agreement names. *request_no* makes it happen once; *at* is business time."""

    request_no: str
    agreement: str
    amount_minor: int
    currency: str
    at: datetime


class PayoutOrder(NamedTuple):
    """Pay money into the account that *agreement* names: an agreement, or for merchants their account."""

    request_no: str
    agreement: str
    amount_minor: int
    currency: str


class BindOrder(NamedTuple):
    """Ask a customer's bank for a debit agreement. The account number passes through and is kept nowhere here."""

    request_no: str
    account_no: str
    holder_name: str
    at: datetime


class Bound(NamedTuple):
    """The bank agreed. *display* is what the customer recognises the account by: bank and last four digits."""

    agreement: str
    display: str


class BindRefused(NamedTuple):
    """The bank did not agree, or did not answer (*is_retryable*; asking again with the same number is harmless)."""

    code: str
    is_retryable: bool


BindAnswer: TypeAlias = Bound | BindRefused


class Channel(Protocol):
    """A way to one or many banks.

    Every request number is executed at most once, for ever: sent again, it answers what became of it. No method raises
    for what the bank or the network does: a time-out, a lost connection, a 5xx, an answer that is garbled or not signed
    is Unknown, never Failed.
    """

    async def debit(self, order: DebitOrder) -> Answer:
        """Take money from a customer's account."""

    async def query_debit(self, request_no: str, *, at: datetime) -> Answer:
        """Ask what became of a debit.

        An adapter answers Failed("never_seen") only when the bank will refuse that number from then on, so that a
        request still on its way cannot take money afterwards; where a number cannot be closed it answers Unknown.
        """

    async def pay_out(self, orders: Sequence[PayoutOrder], *, at: datetime) -> list[Answer]:
        """Pay out a batch. *Shape*: at most PAYOUTS_MAX orders; one answer for each, in order."""

    async def query_payouts(self, request_nos: Sequence[str], *, at: datetime) -> list[Answer]:
        """Ask what became of payouts; "never_seen" means the same number may be sent again. *Shape*: as pay_out."""

    async def bind(self, order: BindOrder) -> BindAnswer:
        """Ask for an agreement to debit an account. Asked twice with one number, it answers the same."""


@runtime_checkable
class DayFiles(Protocol):
    """A channel that gives the file of a day, and what its bank's statement says of it."""

    async def day_file(self, day: date, *, at: datetime) -> DayText | None:
        """Fetch the file of a day that is over; None when it is not there yet, or no answer can be believed."""

    async def day_statement(self, day: date, *, at: datetime) -> DayText | None:
        """Fetch the bank's statement of the day as camt.053; None when it is not there."""
