"""XML as these messages need it: elements in order, no document types, nothing that grows while it is read.

Reading refuses what is larger than a message is, any document type (and with it entities, bombs, outside references),
and any element that is missing or said twice, by its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple
from xml.etree import ElementTree as ET

from defusedxml import ElementTree as Safe
from defusedxml.common import DefusedXmlException

from tiao.values.refusal import Kind, Refusal

MESSAGE_BYTES_MAX = 64 << 20
_CENT = 100
_TEXT_MAX = 500
#: What xs:decimal allows of an amount: no exponent, no sign, 18 digits, 5 of them after the point.
_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,5})?", re.ASCII)
_CONTROL = re.compile(r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]")


class MessageRefused(Refusal):
    """An ISO 20022 message is not what it must be. Nothing of it was applied."""

    kind = Kind.INVALID


class Node(NamedTuple):
    """An element to write: its name, its text or what it holds, its attributes."""

    name: str
    content: str | tuple[Node | None, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()


def write(namespace: str, root: Node) -> bytes:
    """Write a document; an element that is None is left out."""
    document = ET.Element("Document", {"xmlns": f"urn:iso:std:iso:20022:tech:xsd:{namespace}"})
    _add(document, root)
    return bytes(ET.tostring(document, encoding="utf-8", xml_declaration=True))


def _add(parent: ET.Element, node: Node) -> None:
    element = ET.SubElement(parent, node.name, dict(node.attributes))
    if isinstance(node.content, str):
        element.text = _CONTROL.sub("", node.content)
        return
    for child in node.content:
        if child is not None:
            _add(element, child)


class Element:
    """An element that is read; asked for what it lacks, or has twice, it refuses by path."""

    def __init__(self, element: ET.Element, namespace: str, path: str) -> None:
        self._element = element
        self._namespace = namespace
        self._path = path

    def one(self, path: str) -> Element:
        """Find the one element at a path. Refuses: MessageRefused."""
        found = self.maybe(path)
        if found is None:
            raise MessageRefused(f"{self._path}: no {path}")
        return found

    def maybe(self, path: str) -> Element | None:
        """Find the element at a path, or None. Refuses: MessageRefused when there are several."""
        found = list(self.all(path))
        if len(found) > 1:
            raise MessageRefused(f"{self._path}: {path} comes {len(found)} times")
        return found[0] if found else None

    def all(self, path: str) -> Iterator[Element]:
        """Find every element at a path."""
        steps = "/".join(f"{{{self._namespace}}}{step}" for step in path.split("/"))
        for number, found in enumerate(self._element.findall(steps), start=1):
            yield Element(found, self._namespace, f"{self._path}/{path}[{number}]")

    def text(self, path: str, *, max_length: int = _TEXT_MAX) -> str:
        """Read the text at a path. Refuses: MessageRefused."""
        found = self.one(path).own_text()
        if not 0 < len(found) <= max_length:
            raise MessageRefused(f"{self._path}/{path}: {len(found)} signs, not 1 to {max_length}")
        return found

    def maybe_text(self, path: str) -> str | None:
        """Read the text at a path, if it is there."""
        found = self.maybe(path)
        return None if found is None else found.own_text()

    def own_text(self) -> str:
        """Read the element's own text."""
        return (self._element.text or "").strip()

    def attribute(self, name: str) -> str:
        """Read an attribute; empty when it is not there."""
        return self._element.get(name, "")

    def amount(self, path: str) -> tuple[int, str]:
        """Read an amount in minor units, with its currency. Refuses: MessageRefused for a fraction of a cent."""
        found = self.one(path)
        currency = found.attribute("Ccy")
        text = found.own_text()
        value = Decimal(text) * _CENT if _AMOUNT.fullmatch(text) else None
        if value is None or value != value.to_integral_value():
            raise MessageRefused(f"{self._path}/{path}: {text[:40]} is no amount in cents")
        if not re.fullmatch("[A-Z]{3}", currency):
            raise MessageRefused(f"{self._path}/{path}: no currency")
        return int(value), currency

    def instant(self, path: str) -> datetime:
        """Read an instant; one without a zone is UTC. Refuses: MessageRefused."""
        try:
            found = datetime.fromisoformat(self.text(path))
        except ValueError as error:
            raise MessageRefused(f"{self._path}/{path}: no instant") from error
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def day(self, path: str) -> date:
        """Read a day. Refuses: MessageRefused."""
        try:
            return date.fromisoformat(self.text(path))
        except ValueError as error:
            raise MessageRefused(f"{self._path}/{path}: no day") from error


def read(text: bytes, namespace: str, root: str) -> Element:
    """Read a document of one kind, and give its root. Refuses: MessageRefused, with line and column where it can."""
    if len(text) > MESSAGE_BYTES_MAX:
        raise MessageRefused(f"{len(text)} bytes; a message has at most {MESSAGE_BYTES_MAX}")
    try:
        document = Safe.fromstring(text, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise MessageRefused(f"a document type or entity: {type(error).__name__}") from error
    except (ET.ParseError, ValueError, LookupError) as error:
        place = getattr(error, "position", None)
        where = "" if place is None else f"line {place[0]}, column {place[1] + 1}: "
        raise MessageRefused(f"{where}no XML") from error
    uri = f"urn:iso:std:iso:20022:tech:xsd:{namespace}"
    if document.tag != f"{{{uri}}}Document":
        raise MessageRefused(f"no {namespace}")
    return Element(document, uri, "Document").one(root)


def amount_text(minor: int) -> str:
    """Write minor units as a decimal, exact."""
    assert minor >= 0, "an amount in a message has a direction of its own"
    return f"{minor // _CENT}.{minor % _CENT:02}"
