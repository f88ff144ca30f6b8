"""What the ledger is made of: accounts, entries, postings, credit lines."""

from __future__ import annotations

from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

#: The owner of accounts that have no sub-ledger.
HOUSE = UUID(int=0)


class Account(IntEnum):
    """The chart of accounts, as migration 0002 stores it; names in docs/glossary.md."""

    CASH = 1001
    RECEIVABLE_PRINCIPAL = 1011
    RECEIVABLE_FEE = 1012
    RECEIVABLE_PENALTY = 1013
    RECEIVABLE_INTEREST = 1014
    SUSPENSE_RECEIVABLE = 1021
    MERCHANT_PAYABLE = 2001
    SUBSIDY_UNEARNED = 2002
    CREDIT_BALANCE = 2003
    REFUND_PAYABLE = 2004
    PAYOUT_IN_TRANSIT = 2005
    BETWEEN_SERVERS = 2006
    SUSPENSE_PAYABLE = 2007
    MERCHANT_RESERVE = 2008
    MERCHANT_HELD = 2009
    MERCHANT_TO_SHARE = 2015
    MERCHANT_PREPAID = 2018
    OWNER_FUNDING = 3001
    DISCOUNT_INCOME = 4001
    FEE_INCOME = 4002
    SUBSIDY_INCOME = 4003
    PENALTY_INCOME = 4004
    RECOVERY_INCOME = 4005
    INTEREST_INCOME = 4006
    MERCHANT_CHARGES = 4007
    CREDIT_LOSS = 5001
    GOODWILL = 5002
    CHANNEL_FEES = 5003
    SETTLEMENT_DIFFERENCES = 5004
    INCOME_SHARED = 5005


class Entry(NamedTuple):
    """One side of a posting. *Units*: minor units, debit positive, credit negative, never zero."""

    account: Account
    owner_id: UUID
    amount_minor: int


def debit(account: Account, owner_id: UUID, amount_minor: int) -> Entry:
    """Write a debit of a positive amount."""
    assert amount_minor >= 0, "a debit is not negative"
    return Entry(account, owner_id, amount_minor)


def credit(account: Account, owner_id: UUID, amount_minor: int) -> Entry:
    """Write a credit of a positive amount."""
    assert amount_minor >= 0, "a credit is not negative"
    return Entry(account, owner_id, -amount_minor)


class Posting(NamedTuple):
    """One business event in the books. Its id is the caller's and makes it happen once.

    *line_id* names the credit line whose use the entries move; *held_delta_minor* moves its held balance along.
    """

    bucket: int
    id: UUID
    kind: str
    source_id: UUID
    currency: str
    effective_on: date
    entries: tuple[Entry, ...]
    line_id: UUID | None = None
    held_delta_minor: int = 0


class PostingOutcome(StrEnum):
    """What became of a posting."""

    POSTED = "posted"
    ALREADY_POSTED = "already_posted"
    POSTING_DIFFERS = "posting_differs"


class LineStatus(StrEnum):
    """Whether a line may be used."""

    ACTIVE = "active"
    FROZEN = "frozen"
    CLOSED = "closed"


class CreditLine(msgspec.Struct, frozen=True):
    """A customer's credit line: limit, what is held for authorisations, what is used by loans."""

    bucket: int
    id: UUID
    customer_id: UUID
    currency: str
    limit_minor: int
    limit_target_minor: int
    held_minor: int
    used_minor: int
    statement_day: int
    status: str
    opened_on: date
    sublimits: int = 0

    @property
    def available_minor(self) -> int:
        """What may still be authorised."""
        return self.limit_minor - self.held_minor - self.used_minor if self.status == LineStatus.ACTIVE else 0


class BookedPosting(msgspec.Struct, frozen=True):
    """A posting as it stands in the books."""

    bucket: int
    id: UUID
    kind: str
    line_id: UUID | None
    source_id: UUID
    effective_on: date
    booked_on: date
    recorded_at: datetime


class BookedEntry(msgspec.Struct, frozen=True):
    """An entry as it stands in the books, with its account's name."""

    posting_id: UUID
    number: int
    account: int
    name: str
    owner_id: UUID
    currency: str
    amount_minor: int
    booked_on: date


class EntryBlock(msgspec.Struct, frozen=True):
    """Where a run of entries begins within its bucket, and how many it has."""

    bucket: int
    posting_id: UUID
    number: int
    entries: int


class TracedEntry(msgspec.Struct, frozen=True):
    """An entry with the posting that it belongs to."""

    bucket: int
    posting_id: UUID
    number: int
    kind: str
    account: int
    owner_id: UUID
    line_id: UUID | None
    currency: str
    amount_minor: int
    recorded_at: datetime


class TrialBalanceRow(msgspec.Struct, frozen=True):
    """One account of the trial balance. *Units*: minor units; a balance on the normal side is positive."""

    account: int
    name: str
    name_zh: str
    account_class: str
    currency: str
    debit_minor: int
    credit_minor: int
    balance_minor: int
