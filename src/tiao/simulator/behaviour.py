"""How customers repay: chances by last month's status, as `tiao credit behaviour` derives them from real statements."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import NamedTuple

from tiao.simulator.chance import CERTAIN_PPM
from tiao.simulator.refusals import BehaviourTableInvalid

COLUMNS = ("last_status", "pay_full", "pay_part", "pay_none", "part_share")


class Status(StrEnum):
    """How a customer's last month went. *none*: nothing was to be paid."""

    NONE = "none"
    FULL = "full"
    PART = "part"
    LATE_1 = "late_1"
    LATE_2 = "late_2"
    LATE_3_PLUS = "late_3_plus"


class Payment(StrEnum):
    """What a customer does on a due day."""

    FULL = "full"
    PART = "part"
    NONE = "none"


class Chances(NamedTuple):
    """What follows a status. *Units*: millionths; *part_share_ppm* is the share of the bill in a part payment."""

    full_ppm: int
    part_ppm: int
    part_share_ppm: int


class BehaviourTable(NamedTuple):
    """Chances by status."""

    rows: Mapping[Status, Chances]

    def payment(self, status: Status, drawn_ppm: int) -> Payment:
        """Say what a draw makes of a status."""
        chances = self.rows[status]
        if drawn_ppm < chances.full_ppm:
            return Payment.FULL
        return Payment.PART if drawn_ppm < chances.full_ppm + chances.part_ppm else Payment.NONE

    def part_of(self, status: Status, owed_minor: int) -> int:
        """Say how much a part payment is. Rounds: down, but at least one unit."""
        return max(1, owed_minor * self.rows[status].part_share_ppm // CERTAIN_PPM)


_LATER = {
    Status.NONE: Status.LATE_1,
    Status.FULL: Status.LATE_1,
    Status.PART: Status.LATE_1,
    Status.LATE_1: Status.LATE_2,
    Status.LATE_2: Status.LATE_3_PLUS,
    Status.LATE_3_PLUS: Status.LATE_3_PLUS,
}
_LESS_LATE = {Status.LATE_3_PLUS: Status.LATE_2, Status.LATE_2: Status.LATE_1}


def is_late(status: Status) -> bool:
    """Tell whether the last month ended with nothing paid."""
    return status in {Status.LATE_1, Status.LATE_2, Status.LATE_3_PLUS}


def after(status: Status, payment: Payment) -> Status:
    """Find the status that a payment leads to.

    Source: the statuses as `credit/training/behaviour.py` reads them: who is less late than before has paid in part.
    """
    match payment:
        case Payment.FULL:
            return Status.FULL
        case Payment.PART:
            return _LESS_LATE.get(status, Status.LATE_1) if is_late(status) else Status.PART
        case Payment.NONE:
            return _LATER[status]


def status_of_code(code: int | None) -> Status:
    """Read a bureau's status of the latest month: -2 no use, -1 paid in full, 0 part paid, n months late."""
    if code is None:
        return Status.NONE
    return {-2: Status.NONE, -1: Status.FULL, 0: Status.PART, 1: Status.LATE_1, 2: Status.LATE_2}.get(
        code, Status.LATE_3_PLUS
    )


def read_behaviour(text: str) -> BehaviourTable:
    """Read the table from CSV. Refuses: BehaviourTableInvalid."""
    rows: dict[Status, Chances] = {}
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise BehaviourTableInvalid(f"the columns are {', '.join(COLUMNS)}")
    for row in reader:
        try:
            status = Status(row["last_status"])
            full, part, nothing, share = (_ppm(row[name]) for name in COLUMNS[1:])
        except (ValueError, InvalidOperation, TypeError) as error:
            raise BehaviourTableInvalid(f"line {reader.line_num} cannot be read") from error
        if full + part + nothing != CERTAIN_PPM:
            raise BehaviourTableInvalid(f"line {reader.line_num}: the chances add up to {full + part + nothing} ppm")
        if status in rows:
            raise BehaviourTableInvalid(f"line {reader.line_num}: {status} was told before")
        rows[status] = Chances(full, part, share)
    missing = [status.value for status in Status if status not in rows]
    if missing:
        raise BehaviourTableInvalid(f"no row for {', '.join(missing)}")
    return BehaviourTable(rows)


def _ppm(text: str) -> int:
    """Read a share with at most six decimals."""
    scaled = Decimal(text) * CERTAIN_PPM
    if not 0 <= scaled <= CERTAIN_PPM or scaled != int(scaled):
        raise ValueError(text)
    return int(scaled)
