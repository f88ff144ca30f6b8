"""Which field of a JSON document is wrong, as a JSON pointer."""

from __future__ import annotations

import re
from typing import Any, cast

import msgspec

from tiao.values.refusal import Refusal

_MESSAGE = re.compile(r"(?P<what>.*?)(?: - at `(?P<path>\$.*)`)?", re.DOTALL)
_NAMED = re.compile(r"Object (?:contains unknown|missing required) field `(?P<name>.*)`", re.DOTALL)
#: How the decoder writes an element or member without naming it.
_SOMEWHERE = "..."
_STEP = re.compile(r"\.(?P<key>[^.\[]+)|\[(?P<index>\.\.\.|\d+)\]")


def explain(
    error: Exception, text: bytes | str, shape: object, *, unknown: type[Refusal], malformed: type[Refusal]
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
    if _SOMEWHERE in tokens:
        try:
            tokens = _find_indices(tokens, msgspec.json.decode(text), shape, str(error))
        except msgspec.DecodeError as later:
            return malformed(f"not a JSON document: {later}", pointer="")
    kind = unknown if named is not None and "unknown" in what else malformed
    return kind(what, pointer="".join(f"/{token}" for token in tokens))


def _tokens(path: str) -> list[str]:
    return [step["key"] or step["index"] for step in _STEP.finditer(path[1:])]


def _find_indices(tokens: list[str], document: object, shape: object, complaint: str) -> list[str]:
    """Put names where the decoder says `[...]`: the first element or member with which it complains in this way.

    The decoder reads from the front, so the shortest beginning that still has the complaint ends with the culprit.
    """
    found: list[str] = []
    place: Any = document
    for token in tokens:
        if token != _SOMEWHERE or not isinstance(place, list | dict):
            found.append(token)
            place = place.get(token) if isinstance(place, dict) else None
            continue
        members = list(place.items()) if isinstance(place, dict) else list(enumerate(place))
        culprit, value = members[-1]
        for taken, (culprit, value) in enumerate(members, start=1):  # noqa: B007  what is found last is used below
            _keep(place, members[:taken])
            if _still(document, shape, complaint):
                break
        _keep(place, members)
        found.append(str(culprit).replace("~", "~0").replace("/", "~1"))
        place = value
    return found


def _keep(place: list[Any] | dict[Any, Any], members: list[tuple[Any, Any]]) -> None:
    if isinstance(place, dict):
        place.clear()
        place.update(members)
    else:
        place[:] = [value for _, value in members]


def _still(document: object, shape: object, complaint: str) -> bool:
    try:
        msgspec.convert(document, cast("type[object]", shape))
    except msgspec.ValidationError as error:
        return str(error) == complaint
    return False
