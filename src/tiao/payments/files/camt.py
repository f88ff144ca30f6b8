"""A bank's statement (camt.053) as the file of a day: read entry by entry, refused whole when anything is wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date

from tiao.payments.files.model import ChannelFileRefused, Readable, Totals
from tiao.payments.iso20022.accounts import STATEMENT, AccountReading, Booked
from tiao.payments.iso20022.reading import MessageRefused

_READ_BYTES = 1 << 18
_ROWS_A_BLOCK = 4096


class CamtFile:
    """A statement being read; any fault ends it, named by line and column or by element."""

    def __init__(self, source: Readable, *, day: date, currency: str) -> None:
        self._source = source
        self._day = day
        self._currency = currency
        self._hash = hashlib.sha256()
        self._totals = Totals(0, 0, 0, 0)
        self._reading = AccountReading(self._pieces(), STATEMENT)

    @property
    def totals(self) -> Totals:
        """Tell what has been read so far."""
        return self._totals

    @property
    def digest(self) -> str:
        """Name the entries that have been read so far. *Shape*: SHA-256 in hex.

        Two statements of the same entries are the same, whatever else they say of themselves.
        """
        return self._hash.hexdigest()

    @property
    def sequence(self) -> int | None:
        """Give the statement's number among its account's."""
        return self._reading.sequence

    @property
    def net_minor(self) -> int:
        """Tell by how much the account has grown."""
        return self._reading.closing_minor - self._reading.opening_minor

    def entries(self) -> Iterator[Booked]:
        """Give the entries, all of the day and of the currency. Refuses: ChannelFileRefused."""
        try:
            for number, entry in enumerate(self._reading.entries(), start=1):
                if entry.booked_on != self._day:
                    raise ChannelFileRefused(f"Ntry[{number}]/BookgDt: {entry.booked_on}, not {self._day}")
                self._check_currency()
                told = f"{entry.end_to_end_id}\t{entry.bank_no}\t{entry.amount_minor}\n"
                self._hash.update(told.encode("ascii"))
                yield entry
        except MessageRefused as refusal:
            raise ChannelFileRefused(str(refusal)) from refusal
        self._check_currency()

    def blocks(self) -> Iterator[bytes]:
        """Give the rows for COPY; entries of nothing are none. Refuses: ChannelFileRefused."""
        lines: list[bytes] = []
        for entry in self.entries():
            if not entry.amount_minor:
                continue
            rows, debited, paid_out, _ = self._totals
            is_in = entry.amount_minor > 0
            amount = abs(entry.amount_minor)
            self._totals = Totals(rows + 1, debited + amount * is_in, paid_out + amount * (not is_in), 0)
            flow = "debit" if is_in else "payout"
            line = f"{rows + 1}\t{entry.end_to_end_id}\t{entry.bank_no}\t{flow}\t{amount}\t0\n"
            lines.append(line.encode("ascii"))
            if len(lines) == _ROWS_A_BLOCK:
                yield b"".join(lines)
                lines = []
        yield b"".join(lines)

    def _pieces(self) -> Iterator[bytes]:
        while piece := self._source.read(_READ_BYTES):
            yield piece

    def _check_currency(self) -> None:
        if self._reading.currency != self._currency:
            raise ChannelFileRefused(f"Acct/Ccy: {self._reading.currency}, not {self._currency}")
