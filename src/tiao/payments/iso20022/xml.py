"""XML as these messages need it: elements in order, and read by path (see reading.py for the bytes).

Reading refuses any element that is missing or said twice, by its path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple
from xml.etree import ElementTree as ET

from tiao.payments.iso20022.reading import MESSAGE_BYTES_MAX, MessageRefused, Reading

#: Nobody books more at once, or holds more; and what is added up of it still fits a column. *Units*: minor units.
AMOUNT_MAX_MINOR = 10**15
_CENT = 100
_TEXT_MAX = 500
#: What xs:decimal allows of an amount: no exponent, no sign, 18 digits, 5 of them after the point.
_AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,5})?", re.ASCII)
#: A number of 35 signs, without those that mean something in a list.
_NUMBER, _NUMBER_MAX = re.compile(r"[ -\[\]-~]+", re.ASCII), 35
_CONTROL = re.compile(r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]")


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
        found = self._element.findall(_steps(self._namespace, path))
        if len(found) > 1:
            raise MessageRefused(f"{self._path}: {path} comes {len(found)} times")
        return Element(found[0], self._namespace, f"{self._path}/{path}[1]") if found else None

    def all(self, path: str) -> Iterator[Element]:
        """Find every element at a path."""
        for number, found in enumerate(self._element.findall(_steps(self._namespace, path)), start=1):
            yield Element(found, self._namespace, f"{self._path}/{path}[{number}]")

    def number(self, path: str) -> str:
        """Read a number that somebody gave a payment: printable ASCII. Refuses: MessageRefused."""
        found = self.text(path, max_length=_NUMBER_MAX)
        if not _NUMBER.fullmatch(found):
            raise MessageRefused(f"{self._path}/{path}: a sign that no number has")
        return found

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

    def fault(self, detail: str) -> MessageRefused:
        """Say what is wrong with this element."""
        return MessageRefused(f"{self._path}: {detail}")

    def child(self, element: ET.Element, path: str) -> Element:
        """Take an element that was read apart for one of this one's."""
        return Element(element, self._namespace, f"{self._path}/{path}")

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
        if value > AMOUNT_MAX_MINOR:
            raise MessageRefused(f"{self._path}/{path}: {text[:40]} is more than anybody pays")
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


@lru_cache(maxsize=512)
def _steps(namespace: str, path: str) -> str:
    return "/".join(f"{{{namespace}}}{step}" for step in path.split("/"))


def read(text: bytes, namespace: str, root: str) -> Element:
    """Read a document of one kind, and give its root. Refuses: MessageRefused, with line and column where it can."""
    reading = Reading([text], bytes_max=MESSAGE_BYTES_MAX)
    for _ in reading.elements():
        pass
    return rooted(reading.so_far, namespace, root)


def rooted(document: ET.Element, namespace: str, root: str) -> Element:
    """Give the root of a document of one kind. Refuses: MessageRefused."""
    uri = f"urn:iso:std:iso:20022:tech:xsd:{namespace}"
    if document.tag != f"{{{uri}}}Document":
        raise MessageRefused(f"Document: no {namespace}")
    return Element(document, uri, "Document").one(root)


def amount_text(minor: int) -> str:
    """Write minor units as a decimal, exact."""
    assert minor >= 0, "an amount in a message has a direction of its own"
    return f"{minor // _CENT}.{minor % _CENT:02}"


def instant_text(at: datetime) -> str:
    """Write an instant."""
    return at.isoformat(timespec="milliseconds")
