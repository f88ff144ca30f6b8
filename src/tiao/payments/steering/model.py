"""What may be decided about the choice of channels, and what stands by now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias

import msgspec

from tiao.payments.routing.tables import Policies


class DrainProposed(msgspec.Struct, frozen=True, tag="drain", tag_field="kind"):
    """Send nothing new through a channel; what is under way is asked about and reconciled as ever."""

    channel: str


class RefillProposed(msgspec.Struct, frozen=True, tag="refill", tag_field="kind"):
    """Use a drained channel again."""

    channel: str


class MaintenanceProposed(msgspec.Struct, frozen=True, tag="maintenance", tag_field="kind"):
    """Close a channel once, from an instant to another, as it has announced."""

    channel: str
    starts_at: datetime
    ends_at: datetime


class PoliciesProposed(msgspec.Struct, frozen=True, tag="policies", tag_field="kind"):
    """Choose by these policies: which is live, which are shadows, what each weighs and promises."""

    policies: Policies


Steer: TypeAlias = DrainProposed | RefillProposed | MaintenanceProposed | PoliciesProposed


class StepKind(StrEnum):
    """What somebody did about a proposal."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    REJECTED = "rejected"


class RoutingStep(msgspec.Struct, frozen=True):
    """One step, never changed. *proposal* is the number of the step that began it, *maker* who took that one."""

    number: int
    proposal: int
    step: StepKind
    content: str
    maker: str
    actor: str
    reason: str
    taken_at: datetime


class Drained(NamedTuple):
    """Since when a channel is drained, and by whom."""

    since: datetime
    maker: str
    checker: str
    reason: str


class Closure(NamedTuple):
    """A single maintenance of a channel."""

    channel: str
    starts_at: datetime
    ends_at: datetime


class Steering(NamedTuple):
    """What stands after every step. *policies* is None while nobody has changed the shipped ones."""

    drained: Mapping[str, Drained]
    closures: tuple[Closure, ...]
    policies: Policies | None
    through: int


class RoutingProposal(NamedTuple):
    """A proposal and what became of it: *decided* is the step that agreed or rejected."""

    proposed: RoutingStep
    decided: RoutingStep | None
