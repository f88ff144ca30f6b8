"""The tables that routing runs on, read from data: what channels can do, what codes mean, how channels are chosen."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TypeVar

import msgspec

from tiao.payments.routing.capability import Capability
from tiao.values.refusal import Kind, Refusal

T = TypeVar("T")


class RoutingTableInvalid(Refusal):
    """A table of channels or policies is not what it must be."""

    kind = Kind.INVALID


class Again(StrEnum):
    """What to do after a failure: take another channel now, try on another day, or leave it to people."""

    ELSEWHERE = "elsewhere"
    LATER = "later"
    NEVER = "never"


class CodeMeaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a failure means for the next attempt, and whether it was the channel's doing."""

    again: Again
    is_channels: bool


#: A code nobody has told us the meaning of: nothing is done by itself, and the channel is not blamed.
UNHEARD_OF = CodeMeaning(Again.NEVER, is_channels=False)


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How channels are chosen. Without a margin only success counts."""

    margin_bps: int | None = None
    latency_bps_second: int = 0
    commitments: dict[str, int] = {}
    behind_weight: float = 0.0


class Policies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy that decides, and those that only say what they would have done."""

    live: str
    policies: dict[str, Policy]
    shadows: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        missing = {self.live, *self.shadows} - set(self.policies)
        if missing:
            raise RoutingTableInvalid(f"no policy is called {', '.join(sorted(missing))}")

    @property
    def digest(self) -> str:
        """Name the content: a decision keeps it. *Shape*: 16 hex digits."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()[:16]


def read_channels(text: bytes) -> tuple[Capability, ...]:
    """Read a table of channels. Refuses: RoutingTableInvalid, naming the place."""
    found = _decoded(text, tuple[Capability, ...])
    names = [each.name for each in found]
    if len(set(names)) != len(names):
        raise RoutingTableInvalid("a channel is listed twice")
    return found


def read_policies(text: bytes) -> Policies:
    """Read a table of policies. Refuses: RoutingTableInvalid, naming the place."""
    return _decoded(text, Policies)


@cache
def shipped_channels() -> tuple[Capability, ...]:
    """Give the table of channels that ships."""
    return read_channels(_shipped("channels.yaml"))


@cache
def shipped_policies() -> Policies:
    """Give the policies that ship."""
    return read_policies(_shipped("policies.yaml"))


@cache
def meanings() -> dict[str, CodeMeaning]:
    """Give what every known failure code means."""
    return _decoded(_shipped("codes.yaml"), dict[str, CodeMeaning])


def meaning_of(code: str) -> CodeMeaning:
    """Tell what a failure code means."""
    return meanings().get(code, UNHEARD_OF)


def _shipped(name: str) -> bytes:
    return (files("tiao.payments.routing") / name).read_bytes()


def _decoded(text: bytes, kind: type[T]) -> T:
    try:
        return msgspec.yaml.decode(text, type=kind)
    except (msgspec.DecodeError, ValueError) as error:
        raise RoutingTableInvalid(str(error)) from error
