"""XML read in pieces: UTF-8 only, no document types, and never more in memory than one entry of a statement.

What is refused is told with its line, and with the byte or column in it where that is known.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from tiao.values.refusal import Kind, Refusal

#: Messages about single payments, a batch of a thousand included, come to a tenth of this.
MESSAGE_BYTES_MAX = 8 << 20
#: So many elements are kept at once: of a message all, of a statement those of an entry and those before the entries.
ELEMENTS_MAX = 200_000
DEPTH_MAX = 40
#: A text, or a tag with its attributes, longer than this is none of these messages'.
PIECE_BYTES_MAX = 1 << 16
_FED_BYTES = 1 << 14
#: So many names are remembered; a message knows a few dozen.
_NAMES_MAX = 1_000
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([^\"'>]{0,40})", re.ASCII)
_UTF_8 = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})


class MessageRefused(Refusal):
    """An ISO 20022 message is not what it must be. Nothing of it was applied."""

    kind = Kind.INVALID


class Reading:
    """A document that is being read. *takes*: the path of names whose elements are handed over and let go of."""

    def __init__(self, pieces: Iterable[bytes], *, takes: tuple[str, ...] = (), bytes_max: int) -> None:
        self._pieces = pieces
        self._bytes_max = bytes_max
        self._tree = _Tree(takes)
        self._parser = DefusedXMLParser(
            target=self._tree, encoding="utf-8", forbid_dtd=True, forbid_entities=True, forbid_external=True
        )
        # The defused handlers stay; elements go past the Python layer between, which took half of the time.
        expat = self._parser.parser
        expat.StartElementHandler, expat.EndElementHandler = self._tree.start, self._tree.end
        self._text = _Utf8()

    @property
    def so_far(self) -> ET.Element:
        """Give what has been read of the document, without what was handed over."""
        if self._tree.root is None:
            raise MessageRefused("line 1: there is no document")
        return self._tree.root

    def elements(self) -> Iterator[ET.Element]:
        """Give each element at the path as it ends, and read the document to its end. Refuses: MessageRefused."""
        read_bytes = 0
        try:
            for piece in self._pieces:
                read_bytes += len(piece)
                if read_bytes > self._bytes_max:
                    raise MessageRefused(f"{self._place()}: more than {self._bytes_max} bytes")
                for start in range(0, len(piece), _FED_BYTES):
                    self._feed(piece[start : start + _FED_BYTES])
                    yield from self._tree.handed()
            self._text.end()
            self._parser.close()
        except DefusedXmlException as error:
            kind = type(error).__name__
            raise MessageRefused(f"{self._place()}: a document type or entity: {kind}") from error
        except ET.ParseError as error:
            line, column = error.position
            raise MessageRefused(f"line {line}, column {column + 1}: no XML") from error
        yield from self._tree.handed()

    def _feed(self, text: bytes) -> None:
        self._text.check(text)
        self._tree.unmoved_bytes += len(text)
        self._parser.feed(text)
        if self._tree.unmoved_bytes > PIECE_BYTES_MAX:
            raise MessageRefused(f"{self._place()}: a tag of more than {PIECE_BYTES_MAX} bytes")
        if self._tree.fault is not None:
            raise MessageRefused(f"{self._place()}: {self._tree.fault}")

    def _place(self) -> str:
        expat = self._parser.parser
        return f"line {expat.CurrentLineNumber}, column {expat.CurrentColumnNumber + 1}"


class _Tree:
    """What the parser builds: elements as they come, bounded in number, depth and length."""

    def __init__(self, takes: tuple[str, ...]) -> None:
        self.root: ET.Element | None = None
        self.fault: str | None = None
        self.unmoved_bytes = 0
        self._takes = takes
        self._taken_depth = len(takes)
        self._builder = ET.TreeBuilder()
        self._open: list[ET.Element] = []
        self._handed: list[ET.Element] = []
        self._names: dict[str, str] = {}
        self._depth = self._kept = self._kept_before = self._text_signs = 0

    def start(self, name: str, attributes: list[str]) -> None:
        """Take the start of an element; attributes are names and values in turn."""
        self.unmoved_bytes = self._text_signs = 0
        self._kept += 1
        self._depth += 1
        if self._kept > ELEMENTS_MAX or self._depth > DEPTH_MAX:
            self.fault = f"more than {ELEMENTS_MAX} elements, or {DEPTH_MAX} in each other"
        if self.fault is not None:
            return
        given: dict[str, str] = {}
        if attributes:
            given = {self._named(each): said for each, said in zip(attributes[::2], attributes[1::2], strict=True)}
        element = self._builder.start(self._names.get(name) or self._named(name), given)
        if self.root is None:
            self.root = element
        if self._depth <= self._taken_depth:
            self._open.append(element)
            if self._depth == self._taken_depth:
                self._kept_before = self._kept - 1

    def end(self, name: str) -> None:
        """Take the end of an element; one that was waited for is handed over and forgotten."""
        self.unmoved_bytes = self._text_signs = 0
        self._depth -= 1
        if self.fault is not None:
            return
        self._builder.end(self._names.get(name) or self._named(name))
        if self._depth >= self._taken_depth:
            return
        element = self._open.pop()
        if self._depth == self._taken_depth - 1 and self._is_taken(element):
            self._handed.append(element)
            del self._open[-1][-1]
            self._kept = self._kept_before

    def _is_taken(self, last: ET.Element) -> bool:
        return all(_is(each, name) for each, name in zip([*self._open, last], self._takes, strict=True))

    def _named(self, name: str) -> str:
        """Write a name as ElementTree does, its namespace in braces; remembered, for there are few."""
        if len(self._names) > _NAMES_MAX:
            self._names.clear()
        return self._names.setdefault(name, "{" + name if "}" in name else name)

    def data(self, text: str) -> None:
        """Take a piece of text."""
        self.unmoved_bytes = 0
        self._text_signs += len(text)
        if self._text_signs > PIECE_BYTES_MAX:
            self.fault = f"a text of more than {PIECE_BYTES_MAX} signs"
        if self.fault is None:
            self._builder.data(text)

    def close(self) -> None:
        """Take the end of the document."""

    def handed(self) -> list[ET.Element]:
        """Give what has been handed over since it was asked last."""
        found, self._handed = self._handed, []
        return found


class _Utf8:
    """Holds that the bytes are UTF-8, and say nothing else of themselves."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._line, self._line_began, self._read = 1, 0, 0
        self._is_first = True

    def check(self, text: bytes) -> None:
        """Refuse what is not UTF-8, lone surrogates included. Refuses: MessageRefused, with line and byte."""
        if self._is_first and (found := _DECLARED.search(text)) and found[1].lower() not in _UTF_8:
            raise MessageRefused(f"line 1, byte {found.start(1) + 1}: says {found[1].decode('ascii', 'replace')}")
        self._is_first = False
        pending = len(self._decoder.getstate()[0])
        try:
            self._decoder.decode(text)
        except UnicodeDecodeError as error:
            raise self._fault(text, error.start - pending) from error
        self._line += text.count(b"\n")
        if b"\n" in text:
            self._line_began = self._read + text.rindex(b"\n") + 1
        self._read += len(text)

    def end(self) -> None:
        """Refuse a sign that was cut. Refuses: MessageRefused."""
        if self._decoder.getstate()[0]:
            raise self._fault(b"", -len(self._decoder.getstate()[0]))

    def _fault(self, text: bytes, at: int) -> MessageRefused:
        before = text[: max(at, 0)]
        began = self._line_began if b"\n" not in before else self._read + before.rindex(b"\n") + 1
        line = self._line + before.count(b"\n")
        return MessageRefused(f"line {line}, byte {self._read + at - began + 1}: no UTF-8")


def _is(element: ET.Element, name: str) -> bool:
    return element.tag.rpartition("}")[2] == name
