"""Values of decisions as they are kept: most are nothing, missing, or a small number, and every bit comes back.

Two bits a value say what it is: nothing, missing, a number that four bytes hold exactly, or one that takes eight. Then
come all of four bytes, then all of eight.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_NOTHING, _MISSING, _SHORT, _LONG = range(4)
_PLACES = np.array([0, 2, 4, 6], dtype=np.uint8)
_NAN_BITS = np.array(float("nan")).view(np.int64)
#: For each byte of codes, how many numbers of four and of eight bytes it announces.
_CODES = np.arange(256)[:, None] >> _PLACES & 3
_SHORTS, _LONGS = (_CODES == _SHORT).sum(axis=1), (_CODES == _LONG).sum(axis=1)


def packed(values: Floats) -> list[bytes]:
    """Write values. Shape: (payments, values), to one for each payment."""
    values = np.ascontiguousarray(values)
    bits = values.view(np.int64)
    with np.errstate(over="ignore"):
        short = values.astype("<f4")
    is_short = short.astype(np.float64).view(np.int64) == bits
    kinds = np.full(values.shape, _LONG, dtype=np.uint8)
    kinds[is_short] = _SHORT
    kinds[bits == 0] = _NOTHING
    kinds[bits == _NAN_BITS] = _MISSING
    count, width = values.shape
    coded = np.zeros((count, -(-width // 4) * 4), dtype=np.uint8)
    coded[:, :width] = kinds
    codes = (coded.reshape(count, -1, 4) << _PLACES).sum(axis=2, dtype=np.uint8)
    shorts, longs = short[kinds == _SHORT].tobytes(), values[kinds == _LONG].astype("<f8").tobytes()
    short_ends = (np.cumsum(_SHORTS[codes].sum(axis=1)) * 4).tolist()
    long_ends = (np.cumsum(_LONGS[codes].sum(axis=1)) * 8).tolist()
    made, short_at, long_at = [], 0, 0
    for code, short_end, long_end in zip(codes, short_ends, long_ends, strict=True):
        made.append(code.tobytes() + shorts[short_at:short_end] + longs[long_at:long_end])
        short_at, long_at = short_end, long_end
    return made


def unpacked_values(content: bytes, width: int) -> list[float]:
    """Read so many values."""
    length = -(-width // 4)
    codes = np.frombuffer(content, np.uint8, length)
    kinds = (codes[:, None] >> _PLACES & 3).ravel()[:width]
    values = np.zeros(width)
    values[kinds == _MISSING] = np.nan
    shorts = int((kinds == _SHORT).sum())
    values[kinds == _SHORT] = np.frombuffer(content, "<f4", shorts, length)
    values[kinds == _LONG] = np.frombuffer(content, "<f8", -1, length + 4 * shorts)
    return values.tolist()
