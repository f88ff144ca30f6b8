"""What can be done about the choice of channels: proposed by one, agreed to by another, followed by every chooser."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from tiao.payments.actions import routes
from tiao.payments.model import DebitState
from tiao.payments.proposing.refusals import OwnProposal, ProposalDecided, ProposalUnknown
from tiao.payments.routing.chooser import Chooser, Closed
from tiao.payments.routing.tables import meaning_of
from tiao.payments.steering import rules, store
from tiao.payments.steering.health import ChannelFigures, counted
from tiao.payments.steering.model import RoutingProposal, RoutingStep, Steer, Steering, StepKind
from tiao.runtime.db import Tx
from tiao.values.moment import Moment

__all__ = ["agree", "facts", "figures", "follow", "look", "mark", "proposals", "propose", "reject", "stand"]


async def propose(tx: Tx, now: Moment, chooser: Chooser, content: Steer, *, reason: str, actor: str) -> RoutingProposal:
    """Propose something about the choice of channels.

    Refuses: RoutingChannelUnknown, ChannelDrainedAlready, ChannelNotDrained, ChannelIsLast, MaintenanceInvalid,
    RoutingTableInvalid.
    """
    await store.lock_steps(tx)
    _check(chooser, content, await stand(tx), now)
    number = await store.read_last(tx) + 1
    made = RoutingStep(number, number, StepKind.PROPOSED, rules.written(content), actor, actor, reason, now.at)
    await store.insert_steps(tx, [made])
    return RoutingProposal(made, None)


async def agree(tx: Tx, now: Moment, chooser: Chooser, proposal: int, *, actor: str) -> RoutingProposal:
    """Agree to what another person proposed; it counts once the choosers have looked, within a second or so.

    Refuses: ProposalUnknown, ProposalDecided, OwnProposal, and what `propose` refuses as things stand by now.
    """
    found = await _open(tx, proposal)
    if found.maker == actor:
        raise OwnProposal
    _check(chooser, rules.content_of(found), await stand(tx), now)
    return await _decide(tx, now, found, StepKind.AGREED, actor=actor)


async def reject(tx: Tx, now: Moment, proposal: int, *, actor: str) -> RoutingProposal:
    """Reject a proposal, or take one's own back. Refuses: ProposalUnknown, ProposalDecided."""
    return await _decide(tx, now, await _open(tx, proposal), StepKind.REJECTED, actor=actor)


async def proposals(tx: Tx) -> list[RoutingProposal]:
    """Read every proposal with what became of it, latest first."""
    return rules.proposals_of(await store.read_steps(tx))


async def stand(tx: Tx) -> Steering:
    """Tell what stands by now."""
    return rules.folded(await store.read_steps(tx))


async def look(tx: Tx, chooser: Chooser) -> None:
    """Let a chooser know what was decided since it last looked."""
    if await store.read_last(tx) == chooser.steered_through:
        return
    found = await stand(tx)
    closed = [Closed(each.channel, each.starts_at, each.ends_at) for each in found.closures]
    chooser.steer(found.policies, drained=found.drained, closed=closed, through=found.through)


async def figures(tx: Tx, chooser: Chooser, since: datetime) -> dict[str, ChannelFigures]:
    """Count what became of each channel's debits since an instant, on this server; the chooser learns what is new."""
    await routes.learn_outcomes(tx, chooser)
    grouped: dict[str, list[store.Attempts]] = defaultdict(list)
    for each in await store.read_attempts(tx, since):
        grouped[each.channel].append(each)
    open_now = {each.channel: each for each in await store.read_open(tx)}
    found = {}
    for name in (each.name for each in chooser.capabilities):
        ended = grouped[name]
        failed = [each for each in ended if each.state is DebitState.FAILED]
        waiting = open_now.get(name)
        found[name] = counted(
            succeeded=[(each.attempts, each.amount_minor) for each in ended if each.state is DebitState.SUCCEEDED],
            failed_by_channel=sum(each.attempts for each in failed if meaning_of(each.code or "").is_channels),
            failed_by_payer=sum(each.attempts for each in failed if not meaning_of(each.code or "").is_channels),
            open_now=0 if waiting is None else waiting.open,
            unknown_now=0 if waiting is None else waiting.unknown,
            oldest_at=None if waiting is None else waiting.oldest_at,
            latencies_ms=[ms for each in ended for ms in each.latencies_ms or ()],
        )
    return found


async def mark(tx: Tx) -> int:
    """Tell how far this server knows the steps."""
    return await store.read_last(tx)


async def facts(tx: Tx) -> list[RoutingStep]:
    """Give every step, for another server."""
    return await store.read_steps(tx)


async def follow(tx: Tx, taken: Sequence[RoutingStep]) -> None:
    """Take over what was decided at home."""
    await store.insert_steps(tx, taken)


def _check(chooser: Chooser, content: Steer, found: Steering, now: Moment) -> None:
    names = [each.name for each in chooser.capabilities]
    rules.check(content, found, names=names, reachable=chooser.reachable, at=now.at)


async def _open(tx: Tx, proposal: int) -> RoutingStep:
    await store.lock_steps(tx)
    found = next((each for each in await proposals(tx) if each.proposed.number == proposal), None)
    if found is None:
        raise ProposalUnknown
    if found.decided is not None:
        raise ProposalDecided
    return found.proposed


async def _decide(tx: Tx, now: Moment, found: RoutingStep, kind: StepKind, *, actor: str) -> RoutingProposal:
    number = await store.read_last(tx) + 1
    made = RoutingStep(number, found.number, kind, found.content, found.maker, actor, found.reason, now.at)
    await store.insert_steps(tx, [made])
    return RoutingProposal(found, made)
