"""Limits beside the fixed one: what may be proposed, put into force, and taken back after its last day."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.credit import carrying, records, rules, store
from tiao.credit.actions import ENGINE_ACTOR
from tiao.credit.cases.model import Case
from tiao.credit.limits import actions as sublimits
from tiao.credit.limits.model import LimitKind, Place, Sublimit
from tiao.credit.limits.rules import check_grant
from tiao.credit.model import About, CaseInputs, Decision, DecisionKind, DecisionOutcome, EndInputs, Engine
from tiao.credit.refusals import CaseLimitInvalid, SublimitInvalid
from tiao.credit.registry.actions import NO_VERSION
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.runtime.db import Tx
from tiao.values.ids import derived_id
from tiao.values.moment import Moment


class Proposal(NamedTuple):
    """A limit that a member of staff proposes: the fixed one, or one beside it, for a place and until a day."""

    limit_minor: int
    kind: LimitKind = LimitKind.FIXED
    place: Place = Place()
    ends_on: date | None = None


async def check_proposal(tx: Tx, now: Moment, engine: Engine, line: CreditLine, wanted: Proposal) -> None:
    """Refuses: CaseLimitInvalid, SublimitInvalid."""
    fixed = await carrying.fixed_limit(tx, line)
    if wanted.kind is LimitKind.FIXED:
        if wanted.limit_minor == fixed:
            raise CaseLimitInvalid("the line has this limit", pointer="/limit_minor")
        check_limit(engine, wanted.limit_minor)
        return
    check_grant(
        engine.policy, wanted.kind, wanted.limit_minor, fixed_minor=fixed, ends_on=wanted.ends_on, today=now.today
    )
    places = [part for part in wanted.place if part is not None]
    if len(places) != (0 if wanted.kind is LimitKind.TEMPORARY else 1):
        raise SublimitInvalid("a temporary limit holds everywhere, another for one scene or merchant", pointer="/scene")
    if wanted.kind is LimitKind.SCENE and wanted.place.scene is None:
        raise SublimitInvalid("it is a scene's", pointer="/scene")
    cap = engine.cap_on(now.today)
    most = engine.policy.exposure_cap_minor if cap is None else min(cap, engine.policy.exposure_cap_minor)
    if wanted.kind is not LimitKind.SCENE and line.limit_target_minor + wanted.limit_minor > most:
        raise SublimitInvalid("all limits together have a maximum", pointer="/limit_minor", limit_max_minor=most)


async def grant(
    tx: Tx, now: Moment, case: Case, line: CreditLine, said: tuple[str, tuple[str, ...], str], amount_minor: int
) -> Decision:
    """Put a temporary or exclusive limit, or one of a scene, into force."""
    made_id = now.new_id(case.bucket)
    sublimit = Sublimit(
        bucket=line.bucket,
        id=made_id,
        line_id=line.id,
        customer_id=line.customer_id,
        kind=case.limit_kind,
        scene=case.scene,
        merchant_id=case.merchant_id,
        amount_minor=amount_minor,
        ends_on=case.ends_on,
        granted_id=made_id,
        granted_at=now.at,
    )
    total = line.limit_target_minor
    made = case_decision(
        now, case, DecisionOutcome.GRANTED, (total, total + sublimit.extra_minor), said, line_id=line.id
    )
    await store.insert_decisions(tx, [made])
    await sublimits.grant(tx, line, msgspec.structs.replace(sublimit, granted_id=made.id))
    return made


async def end_sublimits(tx: Tx, now: Moment, first: int, last: int, day: date) -> int:
    """Take back what ends with a day in a range of buckets, and say so in a decision each."""
    over = await sublimits.end_over(tx, now, first, last, day)
    lines = await ledger.lock_lines(tx, sorted({each.line_id for each in over})) if over else {}
    made = []
    for each in over:
        assert each.ends_on is not None, "what is over had an end"
        after = lines[each.line_id].limit_target_minor
        inputs = EndInputs(each.id, each.kind, each.ends_on, after + each.extra_minor, after)
        about = About(
            decision_id=derived_id("sublimit over", each.id, bucket=each.bucket),
            customer_id=each.customer_id,
            application_id=None,
            line_id=each.line_id,
            kind=DecisionKind.REVIEW,
            model_version=NO_VERSION,
            policy_version=NO_VERSION,
            actor=ENGINE_ACTOR,
        )
        made.append(records.recorded(about, inputs, rules.end_verdict(inputs), decided_at=now.at))
    if made:
        await store.insert_decisions(tx, made)
    return len(made)


def check_limit(engine: Engine, limit_minor: int) -> None:
    """Hold a fixed limit against steps and the programme's cap. Refuses: CaseLimitInvalid."""
    policy = engine.policy
    if not 0 < limit_minor <= policy.programme_cap_minor or limit_minor != rules.whole_steps(policy, limit_minor):
        raise CaseLimitInvalid(
            pointer="/limit_minor", limit_max_minor=policy.programme_cap_minor, step_minor=policy.limit_step_minor
        )


def case_decision(
    now: Moment,
    case: Case,
    outcome: DecisionOutcome,
    limits: tuple[int, int],
    words: tuple[str, tuple[str, ...], str],
    *,
    line_id: UUID | None = None,
) -> Decision:
    """Write the decision that ends a case; *words* are who spoke last, who agreed, and why."""
    actor, approvers, reason = words
    inputs = CaseInputs(
        case_id=case.id,
        about_id=case.about_id,
        outcome=outcome,
        limit_before_minor=limits[0],
        limit_after_minor=limits[1],
        approvers=approvers,
        reason=reason,
        limit_kind=case.limit_kind,
        scene=case.scene,
        merchant_id=case.merchant_id,
        ends_on=case.ends_on,
    )
    about = About(
        decision_id=now.new_id(case.bucket),
        customer_id=case.customer_id,
        application_id=case.application_id,
        line_id=line_id,
        kind=DecisionKind.CASE,
        model_version=NO_VERSION,
        policy_version=NO_VERSION,
        actor=actor,
    )
    return records.recorded(about, inputs, rules.case_verdict(inputs), decided_at=now.at)
