"""The day file of a bank that speaks tiao's own wire: lines of five cells, a header, and a footer that counts and adds.

    request_no,channel_no,flow,amount_minor,fee_minor
    5f1c...,SB01,debit,12000,0
    total,1,12000,0,0

The footer holds rows, debited, paid out and fees: a file that was cut short is refused, wherever it was cut.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from tiao.payments.files.model import FILE_BYTES_MAX, FileRow, Readable, Totals, fault

HEADER = b"request_no,channel_no,flow,amount_minor,fee_minor\n"
_ROW_PARTS = (
    rb"([0-9A-Za-z_-]{1,64}),",
    rb"([0-9A-Za-z_-]{0,64}),",
    rb"(debit|payout),",
    rb"([1-9][0-9]{0,14}),",
    rb"(-?[0-9]{1,12})\n",
)
_FOOTER_PARTS = (rb"total,", rb"([0-9]{1,9}),", rb"([0-9]{1,18}),", rb"([0-9]{1,18}),", rb"(-?[0-9]{1,18})\n")
_ROW, _FOOTER = re.compile(b"".join(_ROW_PARTS)), re.compile(b"".join(_FOOTER_PARTS))
_ROW_CELLS, _FOOTER_CELLS = (tuple(map(re.compile, parts)) for parts in (_ROW_PARTS, _FOOTER_PARTS))
_READ_BYTES = 1 << 20
_LINE_BYTES_MAX = 200


def write_plain(rows: Iterable[FileRow]) -> bytes:
    """Write a day file."""
    totals, lines = Totals(0, 0, 0, 0), [HEADER]
    for row in rows:
        lines.append(",".join(map(str, row)).encode() + b"\n")
        totals = _added(totals, row.flow, row.amount_minor, row.fee_minor)
    lines.append(b"total,%d,%d,%d,%d\n" % totals)
    return b"".join(lines)


class PlainFile:
    """A file being read; any fault ends it, named by line and byte."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._hash = hashlib.sha256()
        self._totals = Totals(0, 0, 0, 0)

    @property
    def totals(self) -> Totals:
        """Tell what has been read so far."""
        return self._totals

    @property
    def digest(self) -> str:
        """Name what has been read so far. *Shape*: SHA-256 in hex."""
        return self._hash.hexdigest()

    @property
    def sequence(self) -> None:
        """Give nothing: these files have no numbers."""

    def blocks(self) -> Iterator[bytes]:
        """Give the rows for COPY. Refuses: ChannelFileRefused."""
        is_ended, number = False, 0
        for lines in self._lines():
            out = []
            for line in lines:
                number += 1
                if is_ended:
                    raise fault("something follows the footer", line=number)
                if number == 1:
                    if line != HEADER:
                        raise fault("this is no header of a day file", line=1)
                    continue
                found = _ROW.fullmatch(line)
                if found is None:
                    self._check_footer(line, number)
                    is_ended = True
                    continue
                request_no, channel_no, flow, amount, fee = found.groups()
                self._totals = _added(self._totals, flow.decode(), int(amount), int(fee))
                out.append(b"%d\t%b\t%b\t%b\t%b\t%b\n" % (number - 1, request_no, channel_no, flow, amount, fee))
            yield b"".join(out)
        if not is_ended:
            raise fault("the file ends without its footer", line=number + 1)

    def _lines(self) -> Iterator[list[bytes]]:
        rest, read_bytes = b"", 0
        while read := self._source.read(_READ_BYTES):
            self._hash.update(read)
            read_bytes += len(read)
            if read_bytes > FILE_BYTES_MAX:
                raise fault(f"the file is larger than {FILE_BYTES_MAX} bytes", line=1)
            lines = (rest + read).splitlines(keepends=True)
            rest = b"" if lines[-1].endswith(b"\n") else lines.pop()
            if len(rest) > _LINE_BYTES_MAX:
                raise fault("a line has no end", line=self._totals.rows + 2, at=_LINE_BYTES_MAX)
            yield lines
        if rest:
            yield [rest]

    def _check_footer(self, line: bytes, number: int) -> None:
        found = _FOOTER.fullmatch(line)
        if found is None:
            raise fault("neither a payment nor the footer", line=number, at=_matched(line))
        said = Totals(*map(int, found.groups()))
        if said != self._totals:
            raise fault(f"the footer says {tuple(said)}, the rows come to {tuple(self._totals)}", line=number)


def _matched(line: bytes) -> int:
    """Tell where a line stops being a payment, or the footer: after the last cell that is one."""
    cells = _FOOTER_CELLS if line.startswith(b"total,") else _ROW_CELLS
    at = 0
    for cell in cells:
        found = cell.match(line, at)
        if found is None:
            break
        at = found.end()
    return at


def _added(totals: Totals, flow: str, amount: int, fee: int) -> Totals:
    is_debit = flow == "debit"
    return Totals(
        totals.rows + 1,
        totals.debited_minor + (amount if is_debit else 0),
        totals.paid_out_minor + (0 if is_debit else amount),
        totals.fee_minor + fee,
    )
