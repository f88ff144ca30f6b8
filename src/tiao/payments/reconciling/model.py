"""What a reconciliation is made of: a channel's day, and the differences that it leaves."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.payments.files.model import Blocks
from tiao.payments.routing.capability import Capability


class DifferenceKind(StrEnum):
    """What differs."""

    LONG = "long"  # 长款: the channel has it, we never asked for it
    SHORT = "short"  # 短款: we have it, the channel has not, two days on
    DOUBTFUL = "doubtful"  # 存疑: the same, and it may still come
    CUT_OFF = "cut_off"  # 日切: near the end of the day, awaited in the next file
    AMOUNT = "amount"
    STATUS = "status"  # we say failed, the channel says done
    FEE = "fee"
    DUPLICATE = "duplicate"
    STATEMENT = "statement"  # the bank's statement is not what the file says


class DifferenceState(StrEnum):
    """How far a difference has come."""

    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Ending(StrEnum):
    """What people may decide about a difference; each takes one who proposes and another who agrees."""

    SUSPEND = "suspend"  # 挂账: the money is booked as it is, against suspense
    CORRECT = "correct"  # the bank put it right: the suspense is undone
    WRITE_OFF = "write_off"  # it is lost
    TAKE_IN = "take_in"  # nobody claims it
    ACCEPT = "accept"  # explained, and no money is in the wrong place


class Difference(msgspec.Struct, frozen=True):
    """A ticket. *Units*: minor units; of a fee, what was agreed and what was taken."""

    bucket: int
    id: UUID
    channel: str
    business_date: date
    kind: DifferenceKind
    flow: str
    request_no: str | None
    subject_id: UUID | None
    channel_no: str | None
    ours_minor: int | None
    theirs_minor: int | None
    state: DifferenceState
    resolution: str | None
    explained_on: date | None
    proposed: Ending | None
    note: str | None
    maker: str | None
    checker: str | None
    opened_at: datetime
    changed_at: datetime


class ChannelDay(msgspec.Struct, frozen=True):
    """What a channel said of a day, in sum. *Units*: minor units. *waiting*: its file has not come.

    *fault*: what is wrong with it; it is fetched again, and was so *fetches* times.
    """

    channel: str
    business_date: date
    state: str
    file_digest: str | None
    statement_digest: str | None
    rows: int
    matched: int
    different: int
    debited_minor: int
    paid_out_minor: int
    channel_fee_minor: int
    statement_minor: int | None
    expected_at: datetime
    reconciled_at: datetime | None
    fault: str | None
    fetches: int
    statement_sequence: int | None


class StatementRow(NamedTuple):
    """An entry of our account's statement. *Units*: minor units; what came in is positive."""

    request_no: str
    amount_minor: int


class Statement(NamedTuple):
    """What the bank's statement says about a channel on a day."""

    rows: list[StatementRow]
    digest: str
    sequence: int | None = None


class DayFile(NamedTuple):
    """A channel's day as it came: who it is of, the file, the statement if it came too.

    *is_final*: it is held even where it is at odds with the statement, or that could not be read (*statement_fault*);
    until then it may be fetched again.
    """

    capability: Capability
    day: date
    blocks: Blocks
    statement: Statement | None = None
    is_final: bool = True
    statement_fault: str | None = None


class Hours(NamedTuple):
    """The channel's day in instants; what we sent after *late_from* may be in the next file."""

    starts: datetime
    ends: datetime
    late_from: datetime


class FileAnswer(NamedTuple):
    """A request whose outcome the file settles. *state* is what our books say of it so far."""

    flow: str
    id: UUID
    channel_no: str
    amount_minor: int
    state: str


class Reconciled(NamedTuple):
    """What a day came to: its sums, and how many open requests the file settled or ended."""

    day: ChannelDay
    settled: int
    ended: int


class Alarms(NamedTuple):
    """What somebody has to look at: files late or at fault, outcomes unknown and differences open past their time."""

    files_late: int
    files_at_fault: int
    unknown_late: int
    differences_late: int
    suspended_minor: int
