"""Which field of a JSON document is wrong, as a JSON pointer."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from tiao.values.refusal import Refusal

_MESSAGE = re.compile(r"(?P<what>.*?)(?: - at `(?P<path>\$.*)`)?", re.DOTALL)
_NAMED = re.compile(r"Object (?:contains unknown|missing required) field `(?P<name>.*)`", re.DOTALL)
_STEP = re.compile(r"\.(?P<key>[^.\[]+)|\[(?P<index>\.\.\.|\d+)\]")


def explain(
    error: Exception, text: bytes | str, shape: type, *, unknown: type[Refusal], malformed: type[Refusal]
) -> Refusal:
    """Turn a decoder's complaint about *text* into a refusal that points at the field."""
    if not isinstance(error, msgspec.ValidationError):
        return malformed(f"not a JSON document: {error}", pointer="")
    located = _MESSAGE.fullmatch(str(error))
    assert located is not None, "the pattern fits every message"
    what = located["what"]
    tokens = _tokens(located["path"] or "$")
    named = _NAMED.fullmatch(what)
    if named is not None:
        tokens.append(named["name"].replace("~", "~0").replace("/", "~1"))
    if "..." in tokens:
        tokens = _find_indices(tokens, text, shape, str(error))
    kind = unknown if named is not None and "unknown" in what else malformed
    return kind(what, pointer="".join(f"/{token}" for token in tokens))


def _tokens(path: str) -> list[str]:
    return [step["key"] or step["index"] for step in _STEP.finditer(path[1:])]


def _find_indices(tokens: list[str], text: bytes | str, shape: type, complaint: str) -> list[str]:
    """Put numbers where the decoder says `[...]`: drop later elements until the same complaint goes away.

    The decoder reads a list from the front, so the shortest list that still has the complaint ends with the culprit.
    """
    document: Any = msgspec.json.decode(text)
    found: list[str] = []
    place = document
    for token in tokens:
        if token != "..." or not isinstance(place, list):  # noqa: S105  the decoder's mark for an element, no secret
            found.append(token)
            place = place.get(token) if isinstance(place, dict) else None
            continue
        culprit = 0
        everything = list(place)
        for culprit in range(len(everything)):
            place[:] = everything[: culprit + 1]
            if _still(document, shape, complaint):
                break
        place[:] = everything
        found.append(str(culprit))
        place = everything[culprit]
    return found


def _still(document: object, shape: type, complaint: str) -> bool:
    try:
        msgspec.convert(document, shape)
    except msgspec.ValidationError as error:
        return str(error) == complaint
    return False
