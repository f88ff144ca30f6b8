"""Files as they come over a wire, deflated: inflated as they are read, for a small message can hold a huge file."""

from __future__ import annotations

import io
import zlib
from typing import NamedTuple

from tiao.payments.files.model import FILE_BYTES_MAX, ChannelFileRefused, Readable

_PIECE_BYTES = 1 << 16


class DayText(NamedTuple):
    """A file of a day as it came; a day of a million payments is six hundred megabytes, and a tenth of it deflated."""

    content: bytes
    is_deflated: bool = True

    def open(self) -> Readable:
        """Open it for reading, from its beginning. What is damaged or too large is refused where that is reached."""
        return Inflating(self.content) if self.is_deflated else io.BytesIO(self.content)


class Inflating:
    """A deflated file that is being read. Refuses: ChannelFileRefused, when it is damaged, cut short or too large."""

    def __init__(self, content: bytes, bytes_max: int = FILE_BYTES_MAX) -> None:
        self._content = content
        self._bytes_max = bytes_max
        self._inflating = zlib.decompressobj()
        self._taken = self._given = 0

    def read(self, size: int = -1, /) -> bytes:
        """Read so many bytes, fewer at the end."""
        assert size > 0, "nobody knows how large it is: it is read in pieces"
        found = bytearray()
        while len(found) < size and not self._inflating.eof:
            text = self._inflating.unconsumed_tail
            if not text:
                text = self._content[self._taken : self._taken + _PIECE_BYTES]
                self._taken += len(text)
            try:
                piece = self._inflating.decompress(text, size - len(found))
            except zlib.error as error:
                raise self._refusal("is damaged") from error
            if not text and not piece and not self._inflating.eof:
                raise self._refusal("is cut short")
            found += piece
        self._given += len(found)
        if self._given > self._bytes_max:
            raise self._refusal(f"is larger than {self._bytes_max} bytes")
        if self._inflating.eof and (self._inflating.unused_data or self._taken < len(self._content)):
            raise self._refusal("is followed by something")
        return bytes(found)

    def _refusal(self, detail: str) -> ChannelFileRefused:
        return ChannelFileRefused(f"byte {self._taken} of what came: the file {detail}")
