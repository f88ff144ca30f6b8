"""What merchants write, read strictly: JSON objects, texts, addresses. Two readers of a document read the same."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn
from urllib.parse import urlsplit

_SCHEMES = frozenset({"http", "https"})
_URL_MAX = 512
#: Control characters, and the two that part lines and paragraphs.
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class UnreadableError(ValueError):
    """A text that is not what it should be; the words may be shown to whoever wrote it."""


def object_of(text: str) -> dict[str, Any]:
    """Read a JSON object.

    A name that stands twice is refused: what was signed would say one thing to us and another to the next reader.

    *Refuses:* UnreadableError: no JSON, no object, a name twice, NaN, text that cannot be stored.
    """
    try:
        read = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        _check_texts(read)
    except RecursionError as error:
        raise UnreadableError("it is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(f"it is no JSON: {error}") from error
    except ValueError as error:
        raise UnreadableError(str(error)) from error
    if not isinstance(read, dict):
        raise UnreadableError("it is no JSON object")
    return read


def check_text(text: str) -> None:
    """Demand that a text can be stored. *Refuses:* UnreadableError: it holds NUL, or half of a character."""
    if "\x00" in text:
        raise UnreadableError("it holds the character NUL")
    if not text.isascii() and any("\ud800" <= each <= "\udfff" for each in text):
        raise UnreadableError("it holds half of a character")


def is_line(text: str) -> bool:
    """Tell whether a text is one line for people: a bill writes it into a table. Spaces and signs of any script are."""
    return not _BREAKS.search(text)


def is_web_address(text: str) -> bool:
    """Tell whether a text is an address that a browser or a server may be sent to: http or https, with a host."""
    try:
        place = urlsplit(text)
        return place.scheme in _SCHEMES and bool(place.hostname) and len(text) <= _URL_MAX and is_line(text)
    except ValueError:
        return False


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise UnreadableError(f"{twice[:64]} stands twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise UnreadableError(f"{name} is no number")


def _check_texts(read: object) -> None:
    match read:
        case str():
            check_text(read)
        case dict():
            for name, value in read.items():
                check_text(name)
                _check_texts(value)
        case list():
            for value in read:
                _check_texts(value)
