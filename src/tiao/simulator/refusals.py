"""Every "no" of the simulator."""

from __future__ import annotations

from msgspec import Struct

from tiao.values.refusal import Kind, Refusal


class BadRow(Struct, frozen=True, order=True):
    """A row that cannot be replayed. *line* counts the header of a CSV file; in Parquet the first row is line 1."""

    line: int
    reason: str
    value: str


class TransactionsInvalid(Refusal):
    """Some rows of the file cannot be replayed; nothing of it was applied."""

    kind = Kind.INVALID

    def __init__(self, rows: list[BadRow]) -> None:
        super().__init__(f"{len(rows)} rows cannot be replayed; nothing of the file was applied", rows=len(rows))
        self.rows = rows


class TransactionsUnreadable(Refusal):
    """The file of transactions cannot be read."""

    kind = Kind.INVALID


class ReplayMapInvalid(Refusal):
    """The map names, for each field, a column of the file or a constant written as =VALUE."""

    kind = Kind.INVALID


class BehaviourTableInvalid(Refusal):
    """The table of repayment behaviour has one row a status, and chances that add up to 1."""

    kind = Kind.INVALID


class AnotherProgramme(Refusal):
    """The database holds another programme; a replay or simulation needs one of its own."""

    kind = Kind.CONFLICT
