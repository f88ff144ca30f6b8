"""Limits that move with history: lines are reviewed in sets, raised, cut or frozen, each once a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import compress
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.credit import carrying, reasons, records, rules, screening, store
from tiao.credit.actions import ENGINE_ACTOR
from tiao.credit.known import known_of
from tiao.credit.limits import actions as limits
from tiao.credit.model import (
    About,
    Decision,
    DecisionKind,
    DecisionOutcome,
    Engine,
    LastChange,
    LineHistory,
    ReviewInputs,
)
from tiao.credit.registry import actions as registry
from tiao.credit.warning import actions as warning
from tiao.credit.warning.model import Watched
from tiao.credit.warning.rules import is_fresh
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine, LineStatus
from tiao.profile import actions as profile
from tiao.profile.model import Profile
from tiao.runtime.db import Tx
from tiao.values.ids import derived_id
from tiao.values.moment import Moment


async def review_limits(
    tx: Tx, now: Moment, engine: Engine, histories: Sequence[LineHistory], *, on: date
) -> list[Decision]:
    """Review lines on a business day: raise those repaid on time, freeze those seriously overdue.

    A line is reviewed once a day: run again, nothing happens, and the answer leaves it out. Lines that stay as they
    are leave no record. A history of a line that does not exist is a bug. Lines are looked at as arrays first, without
    a lock; those that would change are locked, read again and decided one by one.
    """
    engine = await registry.deciding(tx, now, engine)
    line_ids = [history.line_id for history in histories]
    assert len(set(line_ids)) == len(line_ids), "a review sees each line once"
    histories = await _moving(tx, engine, histories, on=on)
    return await _decided(tx, now, engine, histories, on=on) if histories else []


async def _moving(tx: Tx, engine: Engine, histories: Sequence[LineHistory], *, on: date) -> list[LineHistory]:
    """Keep the lines that a review would change."""
    standings = await store.read_standings(tx, [history.line_id for history in histories])
    mask = screening.changing(engine.policy, standings, histories, on=on, cap_minor=engine.cap_on(on))
    return list(compress(histories, mask.tolist()))


async def _decided(
    tx: Tx, now: Moment, engine: Engine, histories: Sequence[LineHistory], *, on: date
) -> list[Decision]:
    line_ids = [history.line_id for history in histories]
    lines = await ledger.lock_lines(tx, line_ids)
    seen = await _seen(tx, list(lines.values()))
    inputs = [_review_inputs(engine, lines[history.line_id], seen, history, on) for history in histories]
    warned = [(each.line_id, rules.warnings_on(engine.policy, each), each.warnings_before) for each in inputs]
    changed = [(line_id, codes) for line_id, codes, before in warned if codes != before]
    if changed:
        await store.write_warnings(tx, changed, behaviour=reasons.WARNING_BEHAVIOUR, on=on)
    inputs = await _with_means(tx, now, engine, lines, inputs)
    reviews = [_reviewed(now, engine, lines[each.line_id], each) for each in inputs]
    decisions = [made for made in reviews if made is not None]
    if not decisions:
        return []
    new = await store.insert_decisions(tx, decisions)
    decisions = [made for made in decisions if made.id in new]
    await carrying.carry_out(tx, decisions, seen.extras)
    return decisions


async def last_changes(tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, LastChange]:
    """Read when a review last moved customers' limits, and whether down, by line; others are left out."""
    found = await store.read_last_changes(tx, customer_ids)
    seen = {line: (outcome, records.read_canonical(body)) for line, (outcome, body) in found.items()}
    return {
        line: LastChange(inputs.reviewed_on, outcome == DecisionOutcome.CUT)
        for line, (outcome, inputs) in seen.items()
        if isinstance(inputs, ReviewInputs)
    }


async def _with_means(
    tx: Tx, now: Moment, engine: Engine, lines: Mapping[UUID, CreditLine], inputs: Sequence[ReviewInputs]
) -> list[ReviewInputs]:
    """Ask the profiles of those whose limits would be raised what they say of their means; nobody else's is asked."""
    verdicts = {each.line_id: rules.review_limit(engine.policy, each) for each in inputs}
    raised = [line for line, made in verdicts.items() if made is not None and made.outcome is DecisionOutcome.RAISED]
    if engine.policy.profile is None or not raised:
        return list(inputs)
    profiles = await profile.profiles(tx, now, sorted({lines[line].customer_id for line in raised}))
    seen = {line: profiles[lines[line].customer_id] for line in raised}
    return [_meaning(each, seen[each.line_id]) if each.line_id in seen else each for each in inputs]


def _meaning(inputs: ReviewInputs, seen: Profile) -> ReviewInputs:
    absent = tuple(source.value for source in seen.absent)
    known = known_of(seen.values, absent)
    return msgspec.structs.replace(
        inputs, inflow_minor=known.inflow_minor, exposure_minor=known.exposure_minor, absent=absent
    )


class _Seen(NamedTuple):
    """What a review reads about a set of lines."""

    grades: dict[UUID, str]
    incomes: dict[UUID, int]
    watched: Mapping[UUID, Watched]
    extras: dict[UUID, int]


async def _seen(tx: Tx, lines: Sequence[CreditLine]) -> _Seen:
    customers = [line.customer_id for line in lines]
    return _Seen(
        await store.read_last_grades(tx, customers),
        await store.read_incomes(tx, customers),
        await warning.watched(tx, [line.id for line in lines]),
        await limits.extras_of(tx, lines),
    )


def _review_inputs(engine: Engine, line: CreditLine, seen: _Seen, history: LineHistory, on: date) -> ReviewInputs:
    watched = seen.watched.get(line.id)
    scored = watched if watched is not None and is_fresh(watched.behaviour_on, on) else None
    return ReviewInputs(
        line_id=line.id,
        reviewed_on=on,
        grade=seen.grades.get(line.customer_id, engine.policy.thin_file.grade),
        limit_minor=line.limit_target_minor - seen.extras.get(line.id, 0),
        is_active=line.status == LineStatus.ACTIVE,
        bills_on_time_in_a_row=history.bills_on_time_in_a_row,
        worst_stage=history.worst_stage,
        bills_since_change=history.bills_since_change,
        is_after_cut=history.is_after_cut,
        late_bills=history.late_bills,
        used_minor=line.used_minor,
        behaviour=scored.behaviour if scored else None,
        behaviour_on=scored.behaviour_on if scored else None,
        behaviour_version=scored.behaviour_version if scored else None,
        behaviour_reasons=tuple(scored.behaviour_reasons) if scored else (),
        warnings_before=tuple(watched.flags) if watched else (),
        income_minor=seen.incomes.get(line.customer_id),
        cap_minor=engine.cap_on(on),
    )


def _reviewed(now: Moment, engine: Engine, line: CreditLine, inputs: ReviewInputs) -> Decision | None:
    """Review one line; its decision's id is derived from the line and the day, so that it happens once."""
    verdict = rules.review_limit(engine.policy, inputs)
    if verdict is None:
        return None
    about = About(
        decision_id=derived_id("limit review", line.id, inputs.reviewed_on.isoformat(), bucket=line.bucket),
        customer_id=line.customer_id,
        application_id=None,
        line_id=line.id,
        kind=DecisionKind.REVIEW,
        model_version=engine.model_version,
        policy_version=engine.policy_version,
        actor=ENGINE_ACTOR,
    )
    return records.recorded(about, inputs, verdict, decided_at=now.at)
