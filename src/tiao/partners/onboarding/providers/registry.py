"""What is asked of the register of companies, and the wire form on which adapter and simulator agree.

A signed GET names a company by its unified social credit code; the answer is JSON with the register's own names of
fields, as companies' data are sold in mainland China, signed over the question's signature.
"""

from __future__ import annotations

import hmac
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

import msgspec

from tiao.partners.onboarding.model import NoRecord, Record, Standing

PATH = "/enterprises/"
SIGNATURE_HEADER = "registry-signature"
#: How far two clocks may differ before a signature counts as a replay.
SKEW_MAX_SECONDS = 300
#: What the register calls a company's standing; what it calls otherwise is not known to operate.
STANDINGS = {
    "存续": Standing.OPERATING,
    "在业": Standing.OPERATING,
    "开业": Standing.OPERATING,
    "经营异常": Standing.ABNORMAL,
    "吊销": Standing.REVOKED,
    "注销": Standing.CANCELLED,
}
_CAPITAL = re.compile(r"([0-9]+(?:\.[0-9]{1,6})?)万(?:元)?人民币")
_FEN_IN_TEN_THOUSAND = 1_000_000


class Registry(Protocol):
    """The register of companies. It is asked outside a transaction; no answer is an answer."""

    async def look_up(self, credit_code: str, *, at: datetime) -> Record | NoRecord:
        """Ask for a company's record."""


class Entry(msgspec.Struct, frozen=True):
    """A record as the register writes it."""

    code: str = msgspec.field(name="统一社会信用代码")
    company: str = msgspec.field(name="企业名称")
    representative: str = msgspec.field(name="法定代表人")
    standing: str = msgspec.field(name="登记状态")
    registered_on: date = msgspec.field(name="成立日期")
    capital: str = msgspec.field(name="注册资本")
    scope: str = msgspec.field(name="经营范围")


def sign(secret: bytes, *, timestamp: int, path: str) -> str:
    """Sign a question. *Shape*: ``t=<Unix seconds>,v1=<HMAC-SHA-256 of "t.path", hex>``."""
    return f"t={timestamp},v1={hmac.digest(secret, f'{timestamp}.{path}'.encode(), 'sha256').hex()}"


def sign_answer(secret: bytes, *, question_signature: str, body: bytes) -> str:
    """Sign an answer; it covers the question's signature, so that it cannot be given to another question."""
    return hmac.digest(secret, question_signature.encode() + b"." + body, "sha256").hex()


def is_signed(secret: bytes, header: str, *, path: str, at: datetime | None) -> bool:
    """Check a question's signature, and that it was made about *at*; without that instant its age is not asked."""
    timestamp = header.partition(",")[0].removeprefix("t=")
    if not (timestamp.isascii() and timestamp.isdigit()):
        return False
    if at is not None and abs(int(timestamp) - at.timestamp()) > SKEW_MAX_SECONDS:
        return False
    return hmac.compare_digest(header.encode(), sign(secret, timestamp=int(timestamp), path=path).encode())


def record_of(body: bytes, credit_code: str) -> Record | None:
    """Read an answer; None when it cannot be read, or is about another company."""
    try:
        entry = msgspec.json.decode(body, type=Entry)
    except msgspec.DecodeError:
        return None
    capital = _CAPITAL.fullmatch(entry.capital)
    if entry.code != credit_code or capital is None:
        return None
    return Record(
        credit_code=entry.code,
        company=entry.company,
        representative=entry.representative,
        standing=STANDINGS.get(entry.standing, Standing.ABNORMAL),
        registered_on=entry.registered_on,
        capital_minor=int(Decimal(capital[1]) * _FEN_IN_TEN_THOUSAND),
        scope=entry.scope,
    )
