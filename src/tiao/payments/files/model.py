"""What a channel's file is made of, and how a fault in one is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from tiao.values.refusal import Kind, Refusal

#: Larger files are no day of any channel; and nobody fills a disk by sending one.
FILE_BYTES_MAX = 4 << 30


class ChannelFileRefused(Refusal):
    """A channel's file is not what it must be. Nothing of it was applied."""

    kind = Kind.INVALID


def fault(detail: str, *, line: int, at: int = 0) -> ChannelFileRefused:
    """Say what is wrong with a file, and where: the line, and the byte in it, both from 1."""
    return ChannelFileRefused(f"line {line}, byte {at + 1}: {detail}")


class FileRow(NamedTuple):
    """One payment as a file tells it. *Units*: minor units; *fee_minor* is what the channel takes from us."""

    request_no: str
    channel_no: str
    flow: str
    amount_minor: int
    fee_minor: int


class Totals(NamedTuple):
    """What a file comes to. *Units*: minor units."""

    rows: int
    debited_minor: int
    paid_out_minor: int
    fee_minor: int


class Readable(Protocol):
    """A file that is open for reading bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """Read so many bytes, fewer at the end."""


class Blocks(Protocol):
    """A file that is being read: blocks for COPY into channel_row (line, request_no, channel_no, flow, amount, fee)."""

    def blocks(self) -> Iterator[bytes]:
        """Give tab-separated lines in blocks. Refuses: ChannelFileRefused, when a block is reached that is at fault."""

    @property
    def totals(self) -> Totals:
        """Tell what has been read so far."""

    @property
    def digest(self) -> str:
        """Name what has been read so far. *Shape*: SHA-256 in hex."""

    @property
    def sequence(self) -> int | None:
        """Give the number the file has among its kind; None where files have none."""
