"""What a code says that is printed, shown on a till's screen, or shown on a payer's phone, as EMVCo writes it. Pure.

A merchant's code holds, in templates of our own, the address at which the payer pays: any wallet of this platform finds
it, and others see whose code it is. *Source:* EMVCo, QR Code Specification for Payment Systems, merchant-presented and
consumer-presented mode 1.1; the templates 26 to 51 are for whoever names itself by a domain of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from tiao.checkout.counters.codes import is_ours
from tiao.checkout.qr import consumer_presented, merchant_presented
from tiao.checkout.qr.model import Element, Tlv
from tiao.checkout.qr.refusals import QrRefused

_GUID, _PART = "00", "01"
_GUID_MAX, _VALUE_MAX, _HEAD = 32, 99, 4
_TEMPLATES = range(26, 52)
#: ISO 18245, as far as merchants of a kind are told apart here; whatever else is sold is general merchandise.
_CATEGORIES = {
    "appliances": "5722",
    "books": "5942",
    "clothing": "5651",
    "education": "8299",
    "electronics": "5732",
    "food": "5812",
    "furniture": "5712",
    "groceries": "5411",
    "jewellery": "5944",
    "medical": "8099",
    "travel": "4722",
}
_ANY_CATEGORY = "5399"
#: ISO 4217 by number, and where it is the tender.
_CURRENCIES = {"CNY": ("156", "CN"), "EUR": ("978", "DE")}
_NAME_MAX, _CITY_MAX, _LABEL_MAX = 25, 15, 25
_FEN = 100
#: An application's name without a registration begins with F (ISO/IEC 7816-5); ours is our own name.
_APPLICATION = "F0" + b"TIAO".hex().upper()
_LABEL_OF_APPLICATION = b"TIAO".hex().upper()


class Shown(NamedTuple):
    """What a merchant's code is about. *amount_minor* makes it one for a single sale, under *reference*."""

    address: str
    merchant: str
    category: str
    currency: str
    city: str
    store: str
    terminal: str
    amount_minor: int | None = None
    reference: str | None = None


class Scanned(NamedTuple):
    """What a scanned code of ours says: where it is paid, and how much, if it is for one sale."""

    address: str
    amount: str | None
    is_static: bool


def merchant_code(said: Shown) -> str:
    """Write the code of a till: printed, or for one sale on its screen."""
    number, country = _CURRENCIES[said.currency]
    is_static = said.amount_minor is None
    labels = [("05", said.reference or ""), ("03", said.store), ("07", said.terminal)]
    elements = [
        Element("00", "01"),
        Element("01", "11" if is_static else "12"),
        *_addressed(said.address),
        Element("52", _CATEGORIES.get(said.category, _ANY_CATEGORY)),
        Element("53", number),
        *([] if said.amount_minor is None else [Element("54", _amount(said.amount_minor))]),
        Element("58", country),
        Element("59", said.merchant[:_NAME_MAX]),
        Element("60", said.city[:_CITY_MAX]),
        *_additional([Element(name, text[:_LABEL_MAX]) for name, text in labels if text]),
    ]
    return merchant_presented.encode(elements)


def scanned(payload: str) -> Scanned | None:
    """Read a merchant's code; None when it is none of this platform's form. *Refuses:* what is no code at all."""
    code = merchant_presented.decode(payload)
    parts = {
        each.elements[0].value: "".join(
            part.value for other in code.elements if _is_of(other, each) for part in other.elements[1:]
        )
        for each in code.elements
        if int(each.id) in _TEMPLATES
    }
    for guid, address in parts.items():
        if guid == guid_of(address):
            amount = next((each.value for each in code.elements if each.id == "54"), None)
            return Scanned(address, amount, code.point_of_initiation != "dynamic")
    return None


def guid_of(address: str) -> str:
    """Name whoever serves an address by its domain, read backwards: com.example.pay; the most general part counts."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    labels = host.split(".") if host.replace(".", "").isdigit() else host.split(".")[::-1]
    while len(".".join(labels)) > _GUID_MAX:
        labels = labels[:-1]
    return ".".join(labels)


def device_code(code: str) -> str:
    """Write a payer's code for tills that read EMVCo's form: the same digits, as an application's own data."""
    application = (Tlv("4F", _APPLICATION), Tlv("50", _LABEL_OF_APPLICATION), Tlv("63", "", (_digits(code),)))
    return consumer_presented.encode([Tlv("85", b"CPV01".hex().upper()), Tlv("61", "", application)])


def digits_of(code: str) -> str:
    """Give the digits of a payer's code, however the till read it; what is none of ours is given as it is."""
    if is_ours(code):
        return code
    try:
        read = consumer_presented.decode(code)
    except QrRefused:
        return code
    for each in (application for application in read.elements if application.tag == "61"):
        inner = {part.tag: part for part in each.elements}
        if "63" in inner and "4F" in inner and inner["4F"].value == _APPLICATION:
            return next((part.value.rstrip("F") for part in inner["63"].elements if part.tag == _DIGITS_TAG), code)
    return code


#: Issuer's data; eighteen digits are nine bytes.
_DIGITS_TAG = "DF01"


def _digits(code: str) -> Tlv:
    return Tlv(_DIGITS_TAG, code)


def _addressed(address: str) -> list[Element]:
    """Write an address into as many templates as it takes; each names whose it is."""
    guid = guid_of(address)
    room = _VALUE_MAX - 2 * _HEAD - len(guid)
    parts = [address[begin : begin + room] for begin in range(0, len(address), room)]
    assert len(parts) <= len(_TEMPLATES), "no address is so long"
    return [
        Element(f"{template}", "", (Element(_GUID, guid), Element(_PART, part)))
        for template, part in zip(_TEMPLATES, parts, strict=False)
    ]


def _additional(labels: Sequence[Element]) -> list[Element]:
    """Write what a till is known by, as far as there is room: the reference first."""
    kept: list[Element] = []
    for each in labels:
        if sum(_HEAD + len(one.value) for one in (*kept, each)) <= _VALUE_MAX:
            kept.append(each)
    return [Element("62", "", tuple(sorted(kept, key=lambda one: one.id)))] if kept else []


def _is_of(element: Element, first: Element) -> bool:
    return int(element.id) in _TEMPLATES and bool(element.elements) and element.elements[0] == first.elements[0]


def _amount(minor: int) -> str:
    return f"{minor // _FEN}.{minor % _FEN:02d}"
