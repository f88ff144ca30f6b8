"""What risk control recognises again: customers, devices, cards, addresses. A keyed digest is all it finds them by."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Callable
from enum import StrEnum

from tiao.identity.refusals import PhoneInvalid
from tiao.identity.rules import normal_phone
from tiao.risk.refusals import EntityInvalid
from tiao.runtime.secrets import FieldCipher


class EntityKind(StrEnum):
    """What kind of thing a value names."""

    CUSTOMER = "customer"
    DEVICE = "device"
    TERMINAL = "terminal"
    CARD = "card"
    IP = "ip"
    PHONE = "phone"
    ADDRESS = "address"
    MERCHANT = "merchant"


_VALUE_MAX = 300
_TAIL = 4
#: What people write differently in one and the same address.
_NOISE = re.compile(r"[\s,.;:，。；：、\-#（）()]+")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!$)|$)){4}")
_CARD = re.compile(r"[0-9]{12,19}")
_ID = re.compile(r"(?:cus|mer)_([0-9a-f]{32})")


def normal(kind: EntityKind, value: str) -> str:
    """Bring a value into the one form under which it is recognised. Refuses: EntityInvalid."""
    text = unicodedata.normalize("NFKC", value).strip()
    if not text or len(text) > _VALUE_MAX:
        raise EntityInvalid(kind=kind.value)
    return _NORMAL[kind](text)


def digest_of(vault: FieldCipher, kind: EntityKind, value: str) -> bytes:
    """Give the digest under which a value is kept; equal only within one kind. Refuses: EntityInvalid.

    Shape: 32 bytes.
    """
    return vault.lookup(normal(kind, value), purpose=f"risk {kind.value}")


def shown(kind: EntityKind, value: str) -> str:
    """Say enough of a value that staff recognise it, and no more of a person's. Refuses: EntityInvalid."""
    text = normal(kind, value)
    if kind in {EntityKind.CUSTOMER, EntityKind.MERCHANT}:
        return f"{'cus' if kind is EntityKind.CUSTOMER else 'mer'}_{text}"
    if kind is EntityKind.IP:
        return text
    return f"…{text[-_TAIL:]}"


def _matched(kind: EntityKind, pattern: re.Pattern[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        found = pattern.fullmatch(text)
        if found is None:
            raise EntityInvalid(kind=kind.value)
        return found[1] if found.groups() else found[0]

    return read


def _card(text: str) -> str:
    return _matched(EntityKind.CARD, _CARD)(re.sub(r"[ -]", "", text))


def _phone(text: str) -> str:
    try:
        return normal_phone(text)
    except PhoneInvalid as error:
        raise EntityInvalid(kind=EntityKind.PHONE.value) from error


def _ip(text: str) -> str:
    """Give an address; of version 6 the network of 64 bits, for a household gets a whole one."""
    if _IPV4.fullmatch(text):
        return text  # nearly all are written in their one form
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise EntityInvalid(kind=EntityKind.IP.value) from error
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


_NORMAL: dict[EntityKind, Callable[[str], str]] = {
    EntityKind.CUSTOMER: _matched(EntityKind.CUSTOMER, _ID),
    EntityKind.MERCHANT: _matched(EntityKind.MERCHANT, _ID),
    EntityKind.DEVICE: str,
    EntityKind.TERMINAL: str,
    EntityKind.CARD: _card,
    EntityKind.IP: _ip,
    EntityKind.PHONE: _phone,
    EntityKind.ADDRESS: lambda text: _NOISE.sub("", text.casefold()),
}
