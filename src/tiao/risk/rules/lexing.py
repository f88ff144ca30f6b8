"""The text of a condition in pieces, each with its place."""

from __future__ import annotations

import re
from typing import NamedTuple

from tiao.risk.rules.refusals import RuleTextRefused

#: Longer conditions are nobody's to read; several rules say it better.
TEXT_MAX = 2_000
_PIECES = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<duration>[0-9]{1,6}(?:s|m|h|d)(?![A-Za-z0-9_.]))
      | (?P<number>[0-9]{1,15}(?:\.[0-9]{1,6})?(?![A-Za-z0-9_.]))
      | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
      | (?P<text>"[^"\\\x00-\x1f\x7f]{0,64}")
      | (?P<sign><=|>=|==|!=|<|>|\+|-|\*|\(|\)|,)
    """,
    re.VERBOSE,
)


class Piece(NamedTuple):
    """A piece of the text: what sort, what it says, where it begins. The last one is the end."""

    sort: str
    text: str
    position: int


def pieces_of(text: str) -> list[Piece]:
    """Cut a text into pieces. Refuses: RuleTextRefused."""
    if len(text) > TEXT_MAX:
        raise RuleTextRefused(f"a condition has at most {TEXT_MAX} characters", TEXT_MAX)
    found: list[Piece] = []
    position = 0
    while position < len(text):
        match = _PIECES.match(text, position)
        if match is None:
            raise RuleTextRefused(_why(text, position), position)
        if match.lastgroup != "space":
            assert match.lastgroup is not None, "every piece is of a sort"
            found.append(Piece(match.lastgroup, match[0], position))
        position = match.end()
    found.append(Piece("end", "", len(text)))
    return found


def _why(text: str, position: int) -> str:
    first = text[position]
    if first == '"':
        return "a text has no end, or is longer than 64 characters, or has a sign that no text may have"
    if first in "0123456789":
        return "no such number: 15 digits, 6 decimals; a duration ends in s, m, h or d"
    if first == "=":
        return "equality is =="
    return f"{first!r} means nothing here"
