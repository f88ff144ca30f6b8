"""The tables of routing as they are shown: with everything that was left to its default."""

from __future__ import annotations

import msgspec

from tiao.payments.routing.capability import Capability, CardKind, FileFormat, StatementForm, WireFormat
from tiao.payments.routing.tables import Policies


class WindowShown(msgspec.Struct, frozen=True):
    """Hours of the day, as HH:MM in the programme's zone; no *days*: every one, else 1 to 7 for Monday to Sunday."""

    starts: str
    ends: str
    days: list[int]


class CapabilityShown(msgspec.Struct, frozen=True):
    """What a channel can do, as its agreement says. No issuers or kinds of cards named: every one."""

    name: str
    title: str
    format: WireFormat
    file: FileFormat
    statement: StatementForm
    issuers: list[str]
    card_kinds: list[CardKind]
    single_min_minor: int
    single_max_minor: int | None
    daily_max_minor: int | None
    cost_bps: int
    cost_fixed_minor: int
    latency_ms: int
    open: list[WindowShown]
    maintenance: list[WindowShown]
    cut_off: str | None


class PolicyShown(msgspec.Struct, frozen=True):
    """How channels are chosen. Without a margin only success counts."""

    margin_bps: int | None
    latency_bps_second: int
    commitments: dict[str, int]
    behind_weight: float


class PolicyTableShown(msgspec.Struct, frozen=True):
    """The policy that decides, and those that only say what they would have done."""

    live: str
    policies: dict[str, PolicyShown]
    shadows: list[str]


def capability_shown(capability: Capability) -> CapabilityShown:
    """Show what a channel can do."""
    shown = msgspec.convert(capability, CapabilityShown, from_attributes=True)
    return msgspec.structs.replace(shown, issuers=sorted(shown.issuers), card_kinds=sorted(shown.card_kinds))


def policies_shown(policies: Policies) -> PolicyTableShown:
    """Show the policies that stand."""
    return msgspec.convert(policies, PolicyTableShown, from_attributes=True)
