"""What is decided about steering: whether a proposal makes sense, and what stands after the steps. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import msgspec

from tiao.payments.routing.tables import RoutingTableInvalid
from tiao.payments.steering.model import (
    Closure,
    Drained,
    DrainProposed,
    MaintenanceProposed,
    PoliciesProposed,
    RefillProposed,
    RoutingProposal,
    RoutingStep,
    Steer,
    Steering,
    StepKind,
)
from tiao.payments.steering.refusals import (
    ChannelDrainedAlready,
    ChannelIsLast,
    ChannelNotDrained,
    MaintenanceInvalid,
    RoutingChannelUnknown,
)

#: What lasts longer is no maintenance: the channel is drained.
MAINTENANCE_MAX = timedelta(days=7)
_CONTENT: msgspec.json.Decoder[Steer] = msgspec.json.Decoder(Steer)
NOTHING = Steering({}, (), None, 0)


def content_of(step: RoutingStep) -> Steer:
    """Read what a step is about."""
    return _CONTENT.decode(step.content)


def written(content: Steer) -> str:
    """Write what a step is about, one way only."""
    return msgspec.json.encode(content, order="deterministic").decode()


def folded(steps: Sequence[RoutingStep]) -> Steering:
    """Tell what stands after steps in their order; proposals nobody agreed to change nothing."""
    drained: dict[str, Drained] = {}
    closures: list[Closure] = []
    policies = None
    for step in steps:
        if step.step is not StepKind.AGREED:
            continue
        match content_of(step):
            case DrainProposed(channel=channel):
                drained[channel] = Drained(step.taken_at, step.maker, step.actor, step.reason)
            case RefillProposed(channel=channel):
                drained.pop(channel, None)
            case MaintenanceProposed(channel=channel, starts_at=starts_at, ends_at=ends_at):
                closures.append(Closure(channel, starts_at, ends_at))
            case PoliciesProposed(policies=said):
                policies = said
    return Steering(drained, tuple(closures), policies, steps[-1].number if steps else 0)


def proposals_of(steps: Sequence[RoutingStep]) -> list[RoutingProposal]:
    """List proposals with what became of each, latest first."""
    decided = {each.proposal: each for each in steps if each.step is not StepKind.PROPOSED}
    made = [each for each in steps if each.step is StepKind.PROPOSED]
    return [RoutingProposal(each, decided.get(each.number)) for each in reversed(made)]


def check(content: Steer, stand: Steering, *, names: Collection[str], reachable: Collection[str], at: datetime) -> None:
    """Refuse what makes no sense as things stand.

    Refuses: RoutingChannelUnknown, ChannelDrainedAlready, ChannelNotDrained, ChannelIsLast, MaintenanceInvalid,
    RoutingTableInvalid.
    """
    if isinstance(content, PoliciesProposed):
        _check_policies(content, names)
        return
    if content.channel not in names:
        raise RoutingChannelUnknown(channel=content.channel)
    match content:
        case DrainProposed(channel=channel):
            if channel in stand.drained:
                raise ChannelDrainedAlready
            if not set(reachable) - {channel, *stand.drained}:
                raise ChannelIsLast
        case RefillProposed(channel=channel):
            if channel not in stand.drained:
                raise ChannelNotDrained
        case MaintenanceProposed(starts_at=starts_at, ends_at=ends_at):
            if not at < ends_at or not starts_at < ends_at <= starts_at + MAINTENANCE_MAX:
                raise MaintenanceInvalid


def _check_policies(content: PoliciesProposed, names: Collection[str]) -> None:
    for name, policy in content.policies.policies.items():
        unknown = sorted(set(policy.commitments) - set(names))
        if unknown:
            raise RoutingTableInvalid(f"{name}: no channel is called {', '.join(unknown)}")
