"""What a code is made of."""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Element(msgspec.Struct, frozen=True, omit_defaults=True):
    """One element of a merchant's code: two digits and a value; a template's value is elements again."""

    id: str
    value: str
    elements: tuple[Element, ...] = ()


class Crc(msgspec.Struct, frozen=True):
    """The checksum as it is printed, and as it ought to be."""

    value: str
    computed: str
    valid: bool


class Warned(msgspec.Struct, frozen=True):
    """What is wrong with a code that can be read all the same."""

    code: str
    id: str


class MerchantCode(NamedTuple):
    """A code that a merchant shows and a customer scans."""

    elements: tuple[Element, ...]
    crc: Crc
    point_of_initiation: str | None
    warnings: tuple[Warned, ...]


class Tlv(msgspec.Struct, frozen=True, omit_defaults=True):
    """One element of a customer's code: tag and value in upper case hexadecimal; a constructed one holds elements."""

    tag: str
    value: str
    elements: tuple[Tlv, ...] = ()


class ConsumerCode(NamedTuple):
    """A code that a customer shows and a merchant scans; each application's data objects by their names."""

    payload: bytes
    elements: tuple[Tlv, ...]
    applications: tuple[dict[str, str], ...]
    common: dict[str, str]
