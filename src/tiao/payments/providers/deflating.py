"""Files as they come over a wire, deflated: inflated only so far, for a small message can hold a huge file."""

from __future__ import annotations

import zlib

#: A day of some millions of payments; what inflates to more is no file of a day.
FILE_BYTES_MAX = 1 << 30


def inflated(content: bytes, size_max: int = FILE_BYTES_MAX) -> bytes | None:
    """Inflate a file; None when it is damaged, cut short, followed by something, or larger than *size_max* bytes."""
    inflating = zlib.decompressobj()
    try:
        found = inflating.decompress(content, size_max)
    except zlib.error:
        return None
    return found if inflating.eof and not inflating.unused_data else None
