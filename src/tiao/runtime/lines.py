"""Answering documents one by one: a refusal is an answer too, and the next document follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec

from tiao.values.refusal import Refusal


class Line(NamedTuple):
    """One answer as JSON, and whether it is a refusal."""

    text: bytes
    is_refused: bool


class _Problem(msgspec.Struct):
    type: str
    title: str
    detail: str
    pointer: str


class _Refused(msgspec.Struct):
    id: str | int | None
    error: _Problem


class _Named(msgspec.Struct):
    id: str | int | None = None


_ENCODER = msgspec.json.Encoder()
_NAME = msgspec.json.Decoder(_Named)


def answered(answer: Callable[[bytes], bytes], document: bytes) -> Line:
    """Answer one document; a refusal names the document, if it has a name, and the field by its JSON pointer."""
    try:
        return Line(answer(document), is_refused=False)
    except Refusal as refusal:
        problem = _Problem(refusal.code, refusal.title(), refusal.detail, refusal.pointer or "")
        return Line(_ENCODER.encode(_Refused(_name_of(document), problem)), is_refused=True)


def each_answered(answer: Callable[[bytes], bytes], lines: Iterable[bytes]) -> Iterator[Line]:
    """Answer one document a line, in order."""
    for line in lines:
        yield answered(answer, line.rstrip(b"\r\n"))


def _name_of(document: bytes) -> str | int | None:
    try:
        return _NAME.decode(document).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
