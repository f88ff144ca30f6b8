"""Documents that ask: one JSON question, or a list of them, is answered by one answer, or as many."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import msgspec


class Answer(Protocol):
    """What a question is answered with; a refusal is an answer that is not ok."""

    @property
    def ok(self) -> bool:
        """Tell whether the question could be answered."""
        ...


class Answered(NamedTuple):
    """The answers as JSON, and whether a single question could be answered; a list always can."""

    text: bytes
    was_answered: bool


def answered(document: bytes, *, answer: Callable[[object], Answer], malformed: Callable[[str], Answer]) -> Answered:
    """Answer a question, or each question of a list in order; *malformed* answers what is no JSON."""
    try:
        asked = msgspec.json.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Answered(msgspec.json.encode(malformed(f"the document is no JSON: {error}")), was_answered=False)
    if isinstance(asked, list):
        return Answered(msgspec.json.encode([answer(each) for each in asked]), was_answered=True)
    single = answer(asked)
    return Answered(msgspec.json.encode(single), single.ok)
