"""What is decided about messages: the text of each kind, and what a gateway's answer does to one."""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from tiao.messages.model import Accepted, Answer, Language, MessageState, NoAnswer, Rejected, Throttled

#: Stands in a text where a secret was; nothing else that is said may hold it.
MASK = "●●●●●●"
_MASK_SIGN = "●"
SECRET = "secret"  # noqa: S105  a place in a text
#: After which pauses a gateway that did not answer is asked again; then the message is given up.
PAUSES = tuple(timedelta(seconds=each) for each in (10, 60, 300, 1800))
#: A gateway that says no time is given this much.
THROTTLE_SECONDS_MAX = 3600
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class Kind(NamedTuple):
    """One thing that may be said."""

    name: str
    texts: dict[Language, str]
    valid: timedelta
    places: frozenset[str]

    @property
    def has_secret(self) -> bool:
        """Whether its text holds something nobody else may read."""
        return SECRET in self.places


class Step(NamedTuple):
    """What an answer does to a message; *due_at* only while it is queued."""

    state: MessageState
    due_at: datetime | None
    attempts: int
    gateway_no: str | None
    code: str | None


@cache
def catalogue() -> dict[str, Kind]:
    """Read what may be said. A kind whose languages ask for different values is a bug."""
    text = (files("tiao.messages") / "catalogue.yaml").read_text(encoding="utf-8")
    return {name: _kind(name, said) for name, said in yaml.safe_load(text).items()}


def _kind(name: str, said: Mapping[str, Any]) -> Kind:
    texts = {language: str(said[language.value]) for language in Language}
    places = {language: frozenset(_places(text)) for language, text in texts.items()}
    assert len(set(places.values())) == 1, f"{name}: its languages ask for different values"
    found = places[Language.ZH]
    assert all(text.count("{secret}") == (SECRET in found) for text in texts.values()), f"{name}: one secret at most"
    valid = str(said["valid"])
    return Kind(name, texts, int(valid[:-1]) * _UNITS[valid[-1]], found)


def _places(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]


def rendered(kind: Kind, language: Language, values: Mapping[str, str]) -> str:
    """Write the text; a secret's place holds the mask."""
    assert set(values) == kind.places - {SECRET}, f"{kind.name} says {sorted(kind.places)}, given {sorted(values)}"
    plain = {name: value.replace(_MASK_SIGN, "*") for name, value in values.items()}
    return (
        kind.texts[language].format(**plain, secret=MASK) if kind.has_secret else kind.texts[language].format(**plain)
    )


def unmasked(text: str, secret: str | None) -> str:
    """Put the secret where the mask is: what leaves for the handset."""
    return text if secret is None else text.replace(MASK, secret, 1)


def after(answer: Answer, *, attempts: int, at: datetime, expires_at: datetime) -> Step:
    """Say what a gateway's answer does; *attempts* counts this one. Being throttled is no attempt."""
    match answer:
        case Accepted(gateway_no):
            return Step(MessageState.SENT, None, attempts, gateway_no, None)
        case Rejected(code):
            return Step(MessageState.GIVEN_UP, None, attempts, None, code)
        case Throttled(seconds):
            pause = timedelta(seconds=min(max(1, seconds), THROTTLE_SECONDS_MAX))
            return _again(at + pause, attempts - 1, expires_at, "throttled")
        case NoAnswer(reason):
            if attempts > len(PAUSES):
                return Step(MessageState.GIVEN_UP, None, attempts, None, reason)
            return _again(at + PAUSES[attempts - 1], attempts, expires_at, reason)


def _again(due_at: datetime, attempts: int, expires_at: datetime, code: str) -> Step:
    if due_at >= expires_at:
        return Step(MessageState.GIVEN_UP, None, attempts, None, code)
    return Step(MessageState.QUEUED, due_at, attempts, None, code)
