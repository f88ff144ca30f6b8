"""The merchant's day file of UnionPay's form (`INNyymmdd88ZM_<merId>`): 42 fields, 607 bytes, GB18030, cut by bytes.

A field is as many *bytes* wide as the table says, padded with blanks, one blank between two; a Chinese sign takes two,
a rare one four (GBK has none of these; what GBK has, GB18030 writes alike).
So bytes are cut first and decoded after. Files of a million rows are read in blocks of columns, not row by row.

*Source:* the merchant file as published for acquirers: widths 3 11 11 6 10 19 12 ... 98.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tiao.payments.files.model import FILE_BYTES_MAX, Readable, Totals, fault

Bytes = npt.NDArray[np.uint8]


class Field(NamedTuple):
    """A field of the file: its name here and in the standard, its width, and where it begins. *Units*: bytes."""

    name: str
    title: str
    width: int
    start: int


_LAYOUT = """
trade_code 交易代码 3|agent_institution 代理机构标识码 11|sending_institution 发送机构标识码 11
trace_no 系统跟踪号 6|sent_at 交易传输时间 10|account_no 帐号 19
amount 交易金额 12|mcc 商户类别 4|terminal_kind 终端类型 2
query_no 查询流水号 21|old_method 支付方式(旧) 2|order_no 商户订单号 32
card_kind 支付卡类型 2|original_trace_no 原始交易系统跟踪号 6|original_sent_at 原始交易日期时间 10
fee 商户手续费 13|settled 结算金额 13|method 支付方式 4
group_merchant 集团商户代码 15|trade_kind 交易类型 2|trade_subkind 交易子类 2
business_kind 业务类型 6|account_kind 帐号类型 2|bill_kind 账单类型 4
bill_no 账单号码 32|interaction 交互方式 1|original_query_no 原交易查询流水号 21
merchant_id 商户代码 15|split_kind 分账入账方式 1|submerchant_id 二级商户代码 15
submerchant_name 二级商户简称 32|split_amount 二级商户分账入账金额 13|net 清算净额 13
terminal_id 终端号 8|custom 商户自定义域 32|discount 优惠金额 13
invoice 发票金额 13|instalment_fee 分期付款附加手续费 12|instalments 分期付款期数 2
medium 交易介质 1|original_order_no 原始交易订单号 32|reserved 保留使用 98
"""


def _fields() -> tuple[Field, ...]:
    found, start = [], 0
    for cell in _LAYOUT.strip().replace("\n", "|").split("|"):
        name, title, width = cell.split()
        found.append(Field(name, title, int(width), start))
        start += int(width) + 1
    return tuple(found)


FIELDS = _fields()
BY_NAME = {each.name: each for each in FIELDS}
RECORD_BYTES = FIELDS[-1].start + FIELDS[-1].width
assert (len(FIELDS), RECORD_BYTES) == (42, 607), "the file's published size"
_SEPARATORS = np.array([each.start - 1 for each in FIELDS[1:]])

#: 交易类型 of what we ask for: taken from a payer, given back to one, paid to one.
TAKEN, GIVEN_BACK, PAID = b"01", b"04", b"12"
_BLANK, _ZERO, _NINE = 0x20, 0x30, 0x39
_TAB, _NEWLINE, _BACKSLASH, _DELETE = 0x09, 0x0A, 0x5C, 0x7F
_SIGNED_DIGITS = 13
_ENCODING = "gb18030"
_ASCII_MAX = 0x7F
#: Where signs outside ASCII may stand: in names and texts, not in numbers and codes.
_TEXTS = ("submerchant_name", "custom", "bill_no", "original_order_no", "reserved")
#: 系统跟踪号 counts what one institution sent in one instant.
_TRACED_BY = ("agent_institution", "sending_institution", "sent_at", "trace_no")
_ROWS_A_BLOCK = 8192
_HAN_FIRST, _HAN_LAST = "\u4e00", "\u9fff"
_WEIGHTS_SEED = 607


def write_record(values: Mapping[str, str]) -> bytes:
    """Write one record, without its line end; what is too wide is cut at a whole sign. *Shape*: 607 bytes.

    Refuses nothing: half a sign of UTF-16, which no text has, becomes a question mark.
    """
    record = b" ".join(_padded(values.get(each.name, ""), each.width) for each in FIELDS)
    assert len(record) == RECORD_BYTES, "every field has its width"
    return record


def read_record(record: bytes, *, line: int = 1) -> dict[str, str]:
    """Read one record, every field without its padding. Refuses: ChannelFileRefused, naming line and byte."""
    if len(record) != RECORD_BYTES:
        raise fault(f"the record has {len(record)} bytes, not {RECORD_BYTES}", line=line, at=len(record))
    found = {}
    for each in FIELDS:
        if each.start and record[each.start - 1] != _BLANK:
            raise fault("no blank between two fields", line=line, at=each.start - 1)
        raw = record[each.start : each.start + each.width]
        try:
            found[each.name] = raw.decode(_ENCODING).rstrip(" ")
        except UnicodeDecodeError as error:
            raise fault(f"{each.title} is not GB18030", line=line, at=each.start + error.start) from error
    return found


def _padded(text: str, width: int) -> bytes:
    raw = text.encode(_ENCODING, errors="replace")
    if len(raw) > width:
        whole = codecs.getincrementaldecoder(_ENCODING)().decode(raw[:width])  # keeps back half a sign at the end
        raw = whole.encode(_ENCODING)
    return raw.ljust(width)


class ZmFile:
    """A file being read in blocks of columns; any fault ends it, named by line and byte."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._hash = hashlib.sha256()
        self._rows = self._bytes = 0
        self._debited = self._paid = self._fees = 0
        self._traces: list[npt.NDArray[np.uint64]] = []

    @property
    def totals(self) -> Totals:
        """Tell what has been read so far."""
        return Totals(self._rows, self._debited, self._paid, self._fees)

    @property
    def digest(self) -> str:
        """Name what has been read so far. *Shape*: SHA-256 in hex."""
        return self._hash.hexdigest()

    @property
    def sequence(self) -> None:
        """Give nothing: these files have no numbers."""

    def blocks(self) -> Iterator[bytes]:
        """Give the rows for COPY. Refuses: ChannelFileRefused."""
        head = self._read(RECORD_BYTES + 2)
        if not head:
            return
        ending = b"\r\n" if head[RECORD_BYTES:] == b"\r\n" else b"\n"
        size = RECORD_BYTES + len(ending)
        rest, head = head, b""
        while True:
            read = self._read(size * _ROWS_A_BLOCK)
            block = rest + read
            whole = len(block) // size * size
            if not read and whole != len(block) and len(block) - whole == RECORD_BYTES:
                block += ending  # the last line may lack its end
                whole = len(block)
            if not read and whole != len(block):
                at = len(block) - whole
                raise fault(f"the file ends after {at} bytes of a record", line=self._rows + whole // size + 1, at=at)
            if whole:
                yield self._taken(block[:whole], size, ending)
            rest = block[whole:]
            if not read:
                self._check_traces()
                return

    def _read(self, size: int) -> bytes:
        found = self._source.read(size)
        self._hash.update(found)
        self._bytes += len(found)
        if self._bytes > FILE_BYTES_MAX:
            raise fault(f"the file is larger than {FILE_BYTES_MAX} bytes", line=self._rows + 1)
        return found

    def _taken(self, block: bytes, size: int, ending: bytes) -> bytes:
        table = np.frombuffer(block, dtype=np.uint8).reshape(-1, size)
        first = self._rows + 1
        _check_frame(table, first, ending)
        order, query = _column(table, "order_no"), _column(table, "query_no")
        for column, name in ((order, "order_no"), (query, "query_no")):
            is_plain = (column >= _BLANK) & (column < _DELETE) & (column != _BACKSLASH)
            _must(is_plain, first, BY_NAME[name].start, f"{BY_NAME[name].title} holds a sign that no number has")
        _must(order[:, :1] != _BLANK, first, BY_NAME["order_no"].start, "商户订单号 is empty")
        _check_signs(table, first)
        self._traces.append(_traces(table))
        amount = _digits(table, "amount", first)
        fee = _signed(table, "fee", first)
        is_out = self._flows(table, first)
        self._rows += len(table)
        self._debited += int(amount[~is_out].sum())
        self._paid += int(amount[is_out].sum())
        self._fees += int(fee.sum())
        return _for_copy(first, order, query, is_out, amount, fee)

    def _check_traces(self) -> None:
        """Refuse a 系统跟踪号 that comes twice; rows without one are none of it."""
        traces = np.concatenate(self._traces) if self._traces else np.zeros(0, dtype=np.uint64)
        order = np.argsort(traces, kind="stable")
        again = order[1:][(traces[order][1:] == traces[order][:-1]) & (traces[order][1:] != 0)]
        if len(again):
            line = int(again.min()) + 1
            raise fault("系统跟踪号 was there before", line=line, at=BY_NAME["trace_no"].start)

    @staticmethod
    def _flows(table: Bytes, first: int) -> npt.NDArray[np.bool_]:
        kind = _column(table, "trade_kind")
        is_kind = [(kind == np.frombuffer(each, dtype=np.uint8)).all(axis=1) for each in (TAKEN, GIVEN_BACK, PAID)]
        known = is_kind[0] | is_kind[1] | is_kind[2]
        _must(known[:, None], first, BY_NAME["trade_kind"].start, "交易类型 is none of 01, 04, 12")
        return np.asarray(~is_kind[0])


def _check_frame(table: Bytes, first: int, ending: bytes) -> None:
    """Refuse records without their blanks and line ends, or with signs that end lines where none ends."""
    is_right = np.empty(table.shape, dtype=np.bool_)
    is_right[:, :RECORD_BYTES] = table[:, :RECORD_BYTES] >= _BLANK
    is_right[:, RECORD_BYTES:] = table[:, RECORD_BYTES:] == np.frombuffer(ending, dtype=np.uint8)
    is_right[:, _SEPARATORS] = table[:, _SEPARATORS] == _BLANK
    if not is_right.all():
        row, column = divmod(int(np.argmin(is_right)), table.shape[1])
        detail = "no blank between two fields" if column in _SEPARATORS else "no sign of a record"
        raise fault("no line end" if column >= RECORD_BYTES else detail, line=first + row, at=column)


def _check_signs(table: Bytes, first: int) -> None:
    """Refuse signs outside ASCII where only numbers and codes stand, and texts that are not GB18030 or read as UTF-8.

    Two Chinese signs in UTF-8 are often three others in GB18030; in UTF-8 what was written in GB18030 makes no sense.
    """
    is_high = table > _ASCII_MAX
    if not is_high.any():
        return
    for field in FIELDS:
        rows = np.nonzero(is_high[:, field.start : field.start + field.width].any(axis=1))[0]
        if not len(rows):
            continue
        cells = table[rows, field.start : field.start + field.width]
        if field.name not in _TEXTS:
            column = int(np.argmax(cells[0] > _ASCII_MAX))
            raise fault(
                f"{field.title} holds a sign that it has not", line=first + int(rows[0]), at=field.start + column
            )
        ended = np.hstack([cells, np.full((len(rows), 1), _NEWLINE, dtype=np.uint8)]).tobytes()
        try:
            ended.decode(_ENCODING)
        except UnicodeDecodeError as error:
            row, at = divmod(error.start, field.width + 1)
            raise fault(f"{field.title} is not GB18030", line=first + int(rows[row]), at=field.start + at) from error
        texts = ended.split(b"\n")[:-1]  # no sign has a byte of a line end in it
        utf8 = {each for each in set(texts) if _reads_as_utf8(each)}
        if utf8:
            row = min(map(texts.index, utf8))
            raise fault(f"{field.title} is UTF-8", line=first + int(rows[row]), at=field.start)


def _reads_as_utf8(text: bytes) -> bool:
    try:
        return any(_HAN_FIRST <= sign <= _HAN_LAST for sign in set(text.decode()))
    except UnicodeDecodeError:
        return False


def _traces(table: Bytes) -> npt.NDArray[np.uint64]:
    """Bring what names a row's trace into one number; 0 where it has none."""
    named = np.hstack([_column(table, name) for name in _TRACED_BY])
    weights = np.random.default_rng(_WEIGHTS_SEED).integers(1, 2**63, named.shape[1], dtype=np.uint64) | np.uint64(1)
    # 64 bits of a sum with random odd weights: two rows of a million are taken for one once in ten million files
    found = (named.astype(np.uint64) * weights).sum(axis=1, dtype=np.uint64)
    return np.where((_column(table, "trace_no") == _BLANK).any(axis=1), np.uint64(0), found)


def _column(table: Bytes, name: str) -> Bytes:
    field = BY_NAME[name]
    return table[:, field.start : field.start + field.width]


def _must(is_right: npt.NDArray[np.bool_], first: int, start: int, detail: str) -> None:
    """Refuse the first place that is wrong."""
    if not is_right.all():
        row, column = (int(each[0]) for each in np.nonzero(~is_right))
        raise fault(detail, line=first + row, at=start + column)


def _digits(table: Bytes, name: str, first: int, skip: int = 0) -> npt.NDArray[np.int64]:
    field, column = BY_NAME[name], _column(table, name)[:, skip:]
    _must((column >= _ZERO) & (column <= _NINE), first, field.start + skip, f"{field.title} holds no digit here")
    places = 10 ** np.arange(column.shape[1] - 1, -1, -1, dtype=np.int64)
    return np.asarray((column.astype(np.int64) - _ZERO) @ places, dtype=np.int64)


def _signed(table: Bytes, name: str, first: int) -> npt.NDArray[np.int64]:
    """Read X+digits: D is taken from us, C is given to us."""
    field, sign = BY_NAME[name], _column(table, name)[:, :1]
    _must((sign == ord("D")) | (sign == ord("C")), first, field.start, f"{field.title} begins with neither C nor D")
    digits = _digits(table, name, first, skip=1)
    return np.where(sign[:, 0] == ord("D"), digits, -digits)


def _for_copy(
    first: int,
    order: Bytes,
    query: Bytes,
    is_out: npt.NDArray[np.bool_],
    amount: npt.NDArray[np.int64],
    fee: npt.NDArray[np.int64],
) -> bytes:
    """Lay the columns that matter side by side, tab-separated, padded as they are: one array, no row is touched."""
    count = len(order)
    tab = np.full((count, 1), _TAB, dtype=np.uint8)
    flows = np.frombuffer(b"debit payout", dtype=np.uint8).reshape(2, 6)
    cells = [
        _decimal(np.arange(first, first + count, dtype=np.int64)),
        order,
        query,
        flows[is_out.astype(np.int64)],
        _decimal(amount),
        _decimal(fee),
    ]
    parts = [part for cell in cells for part in (cell, tab)][:-1]
    return np.hstack([*parts, np.full((count, 1), _NEWLINE, dtype=np.uint8)]).tobytes()


def _decimal(values: npt.NDArray[np.int64]) -> Bytes:
    """Write numbers with a sign and thirteen digits, leading zeros included: as PostgreSQL reads them."""
    places = 10 ** np.arange(_SIGNED_DIGITS - 1, -1, -1, dtype=np.int64)
    digits = (np.abs(values)[:, None] // places % 10 + _ZERO).astype(np.uint8)
    sign = np.where(values < 0, ord("-"), ord("+")).astype(np.uint8)[:, None]
    return np.hstack([sign, digits])
