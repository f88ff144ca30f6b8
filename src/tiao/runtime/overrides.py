"""A programme's departures from its policy pack: who proposed, approved or withdrew each, when and why.

Facts with a day. What is decided counts from a day that has not begun, so the contracts of one day have one set of
rules, and a line that is lived again finds those it was made under.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from psycopg.types.json import Jsonb

from tiao.policy.enforcement import check_choice
from tiao.policy.model import Override
from tiao.policy.pack import Pack
from tiao.policy.refusals import PolicyOverrideDecided, PolicyOverrideUnknown, SecondPersonNeeded
from tiao.runtime.clock import business_date
from tiao.runtime.db import Tx
from tiao.runtime.programme import read_programme
from tiao.runtime.queries import load_queries
from tiao.values.moment import Moment

QUERIES = load_queries("tiao.runtime")

#: A server's other processes learn of a decision within seconds; none is made so near midnight that one could miss it.
NOTICE = timedelta(hours=1)


class OverrideKind(StrEnum):
    """How an override departs from the pack."""

    SWITCH = "switch"
    CHOICE = "choice"
    TIGHTER = "tighter"


class Who(NamedTuple):
    """The person who decides, and the key or command by which it came; two keys of one person are one person."""

    person: str
    actor: str


class Proposal(NamedTuple):
    """What is proposed. *value*: a row's source, an option, or a stricter number."""

    rule: str
    applies_to: str
    kind: OverrideKind
    value: str | bool | int
    reason: str
    from_on: date
    review_on: date
    expires_on: date


class StoredOverride(msgspec.Struct, frozen=True):
    """An override as stored; *value* is JSON."""

    id: UUID
    rule: str
    applies_to: str
    kind: str
    value: str
    reason: str
    person: str
    actor: str
    from_on: date
    review_on: date
    expires_on: date
    proposed_on: date
    recorded_at: datetime
    approved_by: str | None
    approved_with: str | None
    approval_reason: str | None
    approved_on: date | None
    starts_on: date | None
    withdrawn_by: str | None
    withdrawn_with: str | None
    withdrawal_reason: str | None
    ends_on: date | None

    def state_on(self, day: date) -> str:
        """Say how it stands on a day: proposed, withdrawn, approved but not begun, in force, or expired."""
        if self.starts_on is None:
            return "proposed" if self.ends_on is None else "withdrawn"
        if self.ends_on is not None and self.ends_on <= max(day, self.starts_on):
            return "withdrawn"
        if day < self.starts_on:
            return "approved"
        return "in_force" if day < self.expires_on else "expired"


async def rules_of(tx: Tx) -> Pack:
    """Give the programme's pack with every override that was ever approved, each in its own time.

    Refuses: ProgrammeMissing; PolicyOverrideRefused when a new version of the pack allows one no more: withdraw it.
    """
    pack = Pack.load((await read_programme(tx)).market.lower())
    for stored in await overrides(tx):
        if (made := _as_override(stored)) is not None:
            pack = pack.overridden(made)
    return pack


async def mark_of(tx: Tx) -> int:
    """Give a number that changes whenever something was decided."""
    found: int = await tx.value(QUERIES.policy_override_mark)
    return found


class Facts(msgspec.Struct, frozen=True):
    """Everything that was proposed and decided, as rows, for a server that follows this one."""

    proposed: list[dict[str, Any]]
    decided: list[dict[str, Any]]


async def facts_of(tx: Tx) -> Facts:
    """Read everything that was proposed and decided; it is little."""
    return await tx.one(QUERIES.policy_override_facts, Facts)


async def follow(tx: Tx, facts: Facts) -> None:
    """Write down what was decided at home. Nothing is ever changed, so what is here already stays."""
    await tx.execute(QUERIES.follow_policy_overrides, rows=Jsonb(facts.proposed))
    await tx.execute(QUERIES.follow_policy_override_steps, rows=Jsonb(facts.decided))


async def overrides(tx: Tx) -> list[StoredOverride]:
    """List the overrides in the order in which they were approved, those only proposed last."""
    return await tx.rows(QUERIES.policy_overrides, StoredOverride)


async def override(tx: Tx, override_id: UUID) -> StoredOverride:
    """Read an override. Refuses: PolicyOverrideUnknown."""
    found = next((one for one in await overrides(tx) if one.id == override_id), None)
    if found is None:
        raise PolicyOverrideUnknown
    return found


async def propose(tx: Tx, now: Moment, zone: ZoneInfo, proposal: Proposal, who: Who) -> tuple[UUID, Pack]:
    """Propose an override; one that is only stricter stands at once. Answers the rules as they would be.

    Refuses: PolicyOverrideRefused.
    """
    if proposal.kind is OverrideKind.CHOICE:
        check_choice(proposal.rule)
    await tx.execute(QUERIES.lock_policy_overrides)
    starts_on = max(proposal.from_on, earliest_on(now, zone))
    is_tighter = proposal.kind is OverrideKind.TIGHTER
    after = (await rules_of(tx)).overridden(
        _override(
            proposal,
            approved_by=who.person,
            # Whoever approves is not known yet; that it is somebody else is held then.
            reviewed_by="" if is_tighter else f"somebody other than {who.person}",
            approved_on=now.today,
            starts_on=starts_on,
            ends_on=proposal.expires_on,
        )
    )
    override_id = now.new_id()
    await tx.execute(
        QUERIES.insert_policy_override,
        id=override_id,
        rule=proposal.rule,
        applies_to=proposal.applies_to,
        kind=proposal.kind.value,
        value=msgspec.json.encode(proposal.value).decode(),
        reason=proposal.reason,
        person=who.person,
        actor=who.actor,
        from_on=proposal.from_on,
        review_on=proposal.review_on,
        expires_on=proposal.expires_on,
        proposed_on=now.today,
        recorded_at=now.at,
    )
    if is_tighter:
        await _decide(tx, now, override_id, "approved", who, proposal.reason, starts_on)
    return override_id, after


async def approve(tx: Tx, now: Moment, zone: ZoneInfo, override_id: UUID, who: Who, reason: str) -> Pack:
    """Approve what somebody else proposed. Answers the rules as they are from then on.

    Refuses: PolicyOverrideUnknown, PolicyOverrideDecided, SecondPersonNeeded, PolicyOverrideRefused.
    """
    await tx.execute(QUERIES.lock_policy_overrides)
    stored = await override(tx, override_id)
    if stored.starts_on is not None or stored.ends_on is not None:
        raise PolicyOverrideDecided
    if stored.person == who.person:
        raise SecondPersonNeeded
    before = await rules_of(tx)
    starts_on = max(stored.from_on, earliest_on(now, zone))
    after = before.overridden(
        _override(
            _proposal(stored),
            approved_by=stored.person,
            reviewed_by=who.person,
            approved_on=now.today,
            starts_on=starts_on,
            ends_on=stored.expires_on,
        )
    )
    await _decide(tx, now, override_id, "approved", who, reason, starts_on)
    return after


async def withdraw(tx: Tx, now: Moment, zone: ZoneInfo, override_id: UUID, who: Who, reason: str) -> None:
    """End an override; whoever was stricter needs somebody else to lift it. Days gone by keep their rules.

    Refuses: PolicyOverrideUnknown, PolicyOverrideDecided, SecondPersonNeeded.
    """
    await tx.execute(QUERIES.lock_policy_overrides)
    stored = await override(tx, override_id)
    if stored.ends_on is not None:
        raise PolicyOverrideDecided
    if stored.kind == OverrideKind.TIGHTER and stored.person == who.person:
        raise SecondPersonNeeded
    await _decide(tx, now, override_id, "withdrawn", who, reason, earliest_on(now, zone))


def earliest_on(now: Moment, zone: ZoneInfo) -> date:
    """Find the first day that a decision can count from."""
    return business_date(now.at + NOTICE, zone) + timedelta(days=1)


async def _decide(
    tx: Tx, now: Moment, override_id: UUID, step: str, who: Who, reason: str, counts_from_on: date
) -> None:
    await tx.execute(
        QUERIES.insert_policy_override_step,
        id=override_id,
        step=step,
        person=who.person,
        actor=who.actor,
        reason=reason,
        counts_from_on=counts_from_on,
        decided_on=now.today,
        recorded_at=now.at,
    )


def _proposal(stored: StoredOverride) -> Proposal:
    return Proposal(
        stored.rule,
        stored.applies_to,
        OverrideKind(stored.kind),
        msgspec.json.decode(stored.value),
        stored.reason,
        stored.from_on,
        stored.review_on,
        stored.expires_on,
    )


def _as_override(stored: StoredOverride) -> Override | None:
    """Give the override that stands, cut short where it was withdrawn; nothing when it never began."""
    if stored.starts_on is None or stored.approved_on is None or stored.approved_by is None:
        return None
    ends_on = stored.expires_on if stored.ends_on is None else min(stored.ends_on, stored.expires_on)
    if ends_on <= stored.starts_on:
        return None
    is_tighter = stored.kind == OverrideKind.TIGHTER
    return _override(
        _proposal(stored)._replace(review_on=min(stored.review_on, ends_on)),
        approved_by=stored.person,
        reviewed_by="" if is_tighter else stored.approved_by,
        approved_on=stored.approved_on,
        starts_on=stored.starts_on,
        ends_on=ends_on,
    )


def _override(
    proposal: Proposal, *, approved_by: str, reviewed_by: str, approved_on: date, starts_on: date, ends_on: date
) -> Override:
    text, kind = str(proposal.value), proposal.kind
    is_tighter = kind is OverrideKind.TIGHTER
    return Override(
        rule=proposal.rule,
        applies_to=proposal.applies_to,
        approved_by=approved_by,
        reviewed_by=reviewed_by,
        reason=proposal.reason,
        approved_on=approved_on,
        review_on=proposal.review_on,
        expires_on=ends_on,
        switches_on=text if kind is OverrideKind.SWITCH else None,
        chooses=_choice(proposal.value) if kind is OverrideKind.CHOICE else None,
        tightens=_number(proposal.value) if is_tighter else None,
        from_on=starts_on,
    )


def _choice(value: str | bool | int) -> str | bool:  # noqa: FBT001  a choice may be a yes or no
    return value if isinstance(value, bool) else str(value)


def _number(value: str | bool | int) -> int | str:  # noqa: FBT001  a yes or no is no number and is refused as a text
    return value if isinstance(value, int) and not isinstance(value, bool) else str(value)
