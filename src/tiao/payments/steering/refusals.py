"""Every "no" about steering the choice of channels."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class RoutingChannelUnknown(Refusal):
    """No channel has this name."""

    kind = Kind.INVALID


class ChannelIsLast(Refusal):
    """Without this channel no payment could be taken: no other that can be reached is left."""

    kind = Kind.CONFLICT


class ChannelDrainedAlready(Refusal):
    """The channel is drained already."""

    kind = Kind.CONFLICT


class ChannelNotDrained(Refusal):
    """The channel is not drained."""

    kind = Kind.CONFLICT


class MaintenanceInvalid(Refusal):
    """A maintenance ends after it starts, lies ahead and lasts a week at most."""

    kind = Kind.INVALID


class OneThingProposed(Refusal):
    """A proposal about the choice of channels is about exactly one thing."""

    kind = Kind.INVALID
