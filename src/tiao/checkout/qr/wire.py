"""The documents of `tiao qr`: a question or a list of questions in, as many answers out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeVar

import msgspec

from tiao.checkout.qr import consumer_presented, merchant_presented, schemes
from tiao.checkout.qr.model import Crc, Element, Tlv, Warned
from tiao.checkout.qr.refusals import QrDocumentMalformed, QrRefused
from tiao.runtime.questions import Answered, answered

_Asked = TypeVar("_Asked")
Format = Literal["mpm", "cpm", "payment_code"]

_CPM_BEGINS = "hQVDUFY"  # tag 85, length 5, "CPV", in Base64
_MPM_BEGINS = "000201"


class DecodeAsked(msgspec.Struct, frozen=True):
    """A code to be read."""

    payload: str
    format: Literal["auto", "mpm", "cpm", "payment_code"] = "auto"
    strict: bool = False


class ElementAsked(msgspec.Struct, frozen=True):
    """An element to be written: a value, or elements."""

    id: str | None = None
    tag: str | None = None
    value: str = ""
    elements: tuple[ElementAsked, ...] = ()


class EncodeAsked(msgspec.Struct, frozen=True):
    """A code to be written."""

    format: Literal["mpm", "cpm"]
    elements: tuple[ElementAsked, ...]
    strict: bool = True


class MerchantCodeRead(msgspec.Struct, frozen=True):
    """What a merchant's code says."""

    ok: bool
    format: Format
    elements: tuple[Element, ...]
    crc: Crc
    point_of_initiation: str | None
    warnings: tuple[Warned, ...]


class ConsumerCodeRead(msgspec.Struct, frozen=True):
    """What a customer's code says."""

    ok: bool
    format: Format
    hex: str
    elements: tuple[Tlv, ...]
    applications: tuple[dict[str, str], ...]
    common: dict[str, str]


class PaymentCodeRead(msgspec.Struct, frozen=True):
    """Whose payment code it is."""

    ok: bool
    format: Format
    scheme: str


class MerchantCodeWritten(msgspec.Struct, frozen=True):
    """A merchant's code, ready to be printed."""

    ok: bool
    format: Format
    payload: str
    crc: str


class ConsumerCodeWritten(msgspec.Struct, frozen=True):
    """A customer's code, ready to be shown."""

    ok: bool
    format: Format
    payload: str
    hex: str


class Fault(msgspec.Struct, frozen=True):
    """Why a code cannot be read or written, and the character or byte at which that shows."""

    code: str
    at: int
    detail: str


class RefusedAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to a question that cannot be answered."""

    ok: bool
    error: Fault
    format: Format | None = None


Answer = (
    MerchantCodeRead | ConsumerCodeRead | PaymentCodeRead | MerchantCodeWritten | ConsumerCodeWritten | RefusedAnswer
)


def decoded(document: bytes) -> Answered:
    """Answer questions about codes to be read."""
    return answered(document, answer=_read, malformed=_malformed)


def encoded(document: bytes) -> Answered:
    """Answer questions about codes to be written."""
    return answered(document, answer=_write, malformed=_malformed)


def _malformed(detail: str) -> Answer:
    return _refused(QrDocumentMalformed(detail, at=0), None)


def _read(asked: object) -> Answer:
    code: Format | None = None
    try:
        question = _converted(asked, DecodeAsked)
        code = _format_of(question)
        return _READERS[code](question)
    except QrRefused as refusal:
        return _refused(refusal, code)


def _write(asked: object) -> Answer:
    code: Format | None = None
    try:
        question = _converted(asked, EncodeAsked)
        code = question.format
        return _write_mpm(question) if code == "mpm" else _write_cpm(question)
    except QrRefused as refusal:
        return _refused(refusal, code)


def _converted(asked: object, into: type[_Asked]) -> _Asked:
    try:
        return msgspec.convert(asked, into)
    except msgspec.ValidationError as error:
        raise QrDocumentMalformed(str(error), at=0) from error


def _format_of(question: DecodeAsked) -> Format:
    if question.format != "auto":
        return question.format
    if question.payload.startswith(_CPM_BEGINS):
        return "cpm"
    if schemes.is_payment_code(question.payload) and not question.payload.startswith(_MPM_BEGINS):
        return "payment_code"
    return "mpm"


def _read_mpm(question: DecodeAsked) -> Answer:
    code = merchant_presented.decode(question.payload, is_strict=question.strict)
    return MerchantCodeRead(
        ok=True,
        format="mpm",
        elements=code.elements,
        crc=code.crc,
        point_of_initiation=code.point_of_initiation,
        warnings=code.warnings,
    )


def _read_cpm(question: DecodeAsked) -> Answer:
    code = consumer_presented.decode(question.payload)
    return ConsumerCodeRead(
        ok=True,
        format="cpm",
        hex=code.payload.hex().upper(),
        elements=code.elements,
        applications=code.applications,
        common=code.common,
    )


def _read_payment_code(question: DecodeAsked) -> Answer:
    return PaymentCodeRead(ok=True, format="payment_code", scheme=schemes.scheme_of(question.payload))


_READERS: dict[Format, Callable[[DecodeAsked], Answer]] = {
    "mpm": _read_mpm,
    "cpm": _read_cpm,
    "payment_code": _read_payment_code,
}


def _write_mpm(question: EncodeAsked) -> Answer:
    payload = merchant_presented.encode([_element(each) for each in question.elements], is_strict=question.strict)
    return MerchantCodeWritten(ok=True, format="mpm", payload=payload, crc=payload[-4:])


def _write_cpm(question: EncodeAsked) -> Answer:
    payload = consumer_presented.encode([_tlv(each) for each in question.elements])
    raw = consumer_presented.decode(payload).payload
    return ConsumerCodeWritten(ok=True, format="cpm", payload=payload, hex=raw.hex().upper())


def _element(asked: ElementAsked) -> Element:
    if asked.id is None:
        raise QrDocumentMalformed("an element of a merchant's code needs an id", at=0)
    return Element(asked.id, asked.value, tuple(_element(each) for each in asked.elements))


def _tlv(asked: ElementAsked) -> Tlv:
    if asked.tag is None:
        raise QrDocumentMalformed("an element of a customer's code needs a tag", at=0)
    return Tlv(asked.tag, asked.value, tuple(_tlv(each) for each in asked.elements))


def _refused(refusal: QrRefused, code: Format | None) -> RefusedAnswer:
    return RefusedAnswer(ok=False, error=Fault(refusal.fault, refusal.at, refusal.detail), format=code)
