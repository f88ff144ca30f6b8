"""What people decide: objections raised, limits proposed, and cases answered by others than who made them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.casework import rules as casework
from tiao.credit import actions as credit
from tiao.credit import carrying, granting, rules, store
from tiao.credit.cases import actions as cases
from tiao.credit.cases import rules as case_rules
from tiao.credit.cases import store as case_store
from tiao.credit.cases.model import Case, CaseKind, CaseState, Vote
from tiao.credit.cases.rules import new_case
from tiao.credit.limits import actions as sublimits
from tiao.credit.limits.model import LimitKind
from tiao.credit.model import (
    Decision,
    DecisionOutcome,
    Engine,
    StatementDays,
)
from tiao.credit.refusals import (
    ApplicationUnderWay,
    CaseLimitInvalid,
    ContestedBefore,
    ContestedTooLate,
    DecisionUnknown,
    LineNotFrozen,
)
from tiao.credit.registry import actions as registry
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine, LineStatus
from tiao.runtime.db import Tx
from tiao.runtime.registry.refusals import ReasonMissing
from tiao.values.moment import Moment


class Said(NamedTuple):
    """What a person says about a case: yes or no, to which limit, and why."""

    actor: str
    agrees: bool
    reason: str
    limit_minor: int | None = None


class Answer(NamedTuple):
    """A case after somebody spoke, and the decision when it was the last word."""

    case: Case
    decision: Decision | None


async def contest(
    tx: Tx, now: Moment, engine: Engine, decision_id: UUID, *, customer_id: UUID, reason: str, answer_days: int
) -> Case:
    """Have a person look at a decision again; the answer is owed within *answer_days*.

    Refuses: DecisionUnknown, ApplicationUnderWay, ContestedBefore, ContestedTooLate, CaseAlreadyOpen, ReasonMissing.
    Source: Personal Information Protection Law, art. 24.
    """
    about = await credit.decision(tx, decision_id)
    if about.customer_id != customer_id:
        raise DecisionUnknown
    if about.outcome is DecisionOutcome.REFERRED:
        raise ApplicationUnderWay
    before = [each for each in await cases.cases_of(tx, customer_id) if each.kind is CaseKind.OBJECTION]
    if about.outcome is DecisionOutcome.UPHELD or any(
        each.about_id == decision_id and each.state is not CaseState.OPEN for each in before
    ):
        raise ContestedBefore
    if now.at > (ends := contestable_until(engine, about)):
        raise ContestedTooLate(until=ends.isoformat())
    made = new_case(
        now,
        CaseKind.OBJECTION,
        customer_id=customer_id,
        maker=about.actor,
        reason=_given(reason),
        due_at=now.at + timedelta(days=answer_days),
        approvers_needed=1,
        about=about,
    )
    await cases.open_cases(tx, [made])
    return made


def contestable_until(engine: Engine, decision: Decision) -> datetime:
    """Say until when a decision can be contested."""
    return decision.decided_at + timedelta(days=engine.policy.contest_days)


def is_contestable(engine: Engine, decision: Decision, at: datetime) -> bool:
    """Say whether a decision can be contested now, unless it was already."""
    is_final = decision.outcome not in {DecisionOutcome.REFERRED, DecisionOutcome.UPHELD}
    return is_final and at <= contestable_until(engine, decision)


async def propose_limit(
    tx: Tx, now: Moment, engine: Engine, line_id: UUID, wanted: granting.Proposal, *, actor: str, reason: str
) -> Case:
    """Propose another limit, which as many others agree to as the policy says.

    Refuses: LineUnknown, CaseLimitInvalid, SublimitInvalid, CaseAlreadyOpen, ReasonMissing.
    """
    engine = await registry.deciding(tx, now, engine)
    line = await carrying.locked_line(tx, line_id)
    limit_minor = wanted.limit_minor
    await granting.check_proposal(tx, now, engine, line, wanted)
    grade = (await store.read_last_grades(tx, [line.customer_id])).get(line.customer_id)
    ends = now.at + timedelta(days=engine.policy.case_days)
    made = new_case(
        now,
        CaseKind.LIMIT,
        customer_id=line.customer_id,
        maker=actor,
        reason=_given(reason),
        due_at=ends,
        approvers_needed=rules.approvers(engine.policy.proposals, grade, limit_minor),
    )
    made = msgspec.structs.replace(
        made,
        line_id=line.id,
        limit_minor=limit_minor,
        expires_at=ends,
        limit_kind=wanted.kind,
        scene=wanted.place.scene,
        merchant_id=wanted.place.merchant_id,
        ends_on=wanted.ends_on,
    )
    await cases.open_cases(tx, [made])
    return made


async def answer(tx: Tx, now: Moment, engine: Engine, case_id: UUID, said: Said) -> Answer:
    """Say yes or no to a case. One no ends it; a yes ends it when enough people have agreed to the same limit.

    Refuses: CaseUnknown, CaseClosed, MakerIsChecker, CheckedBefore, CaseNotClaimed, CaseLimitInvalid, CaseLimitDiffers,
    ReasonMissing, LineAlreadyOpen, LineNotFrozen.
    """
    case = await cases.locked(tx, case_id)
    votes = await case_store.read_votes(tx, case_id)
    casework.check_open(case, now.at)
    casework.check_checker(case, votes, said.actor)
    casework.check_holds(case, said.actor, now.at)
    engine = await registry.deciding(tx, now, engine)
    about = None if case.about_id is None else await credit.decision(tx, case.about_id)
    limit = await _limit(tx, engine, case, about, said) if said.agrees else None
    if said.agrees:
        case_rules.check_same_limit(case, votes, limit)
    votes = [*votes, _vote(now, case, len(votes) + 1, said, limit)]
    await case_store.insert_vote(tx, votes[-1])
    if not said.agrees:
        return await _refuse(tx, now, case, said)
    needed = case.approvers_needed
    if case.kind is CaseKind.OBJECTION and limit is not None:
        needed = rules.approvers(engine.policy.proposals, about.grade if about else None, limit)
        await case_store.update_limit(tx, case.id, limit_minor=limit, needed=needed)
    if not case_rules.is_agreed(votes, needed):
        await case_store.update_claim(tx, case.id, None, None)
        return Answer((await cases.case_of(tx, case.id))[0], None)
    made = await _agree(tx, now, engine, case, _Agreed(about, limit, tuple(vote.actor for vote in votes), said))
    return await _closed(tx, now, case, CaseState.AGREED, made)


async def lapse(tx: Tx, now: Moment, first: int, last: int, at: datetime) -> int:
    """End cases of a range of buckets whose time has run out; who applied may do so again at once."""
    lapsed = await case_store.lock_lapsed(tx, first, last, at)
    for case in lapsed:
        made = None
        if case.kind is CaseKind.APPLICATION:
            made = granting.case_decision(
                now, case, DecisionOutcome.LAPSED, (0, 0), (credit.ENGINE_ACTOR, (), case.reason)
            )
            await store.insert_decisions(tx, [made])
        await case_store.close(tx, case.id, CaseState.EXPIRED, now.at, made.id if made else None)
    return len(lapsed)


class _Agreed(NamedTuple):
    """What was agreed to: about which decision, which limit, by whom, and the last word."""

    about: Decision | None
    limit_minor: int | None
    approvers: tuple[str, ...]
    said: Said


async def _limit(tx: Tx, engine: Engine, case: Case, about: Decision | None, said: Said) -> int | None:
    """Find the limit that is agreed to; None where it is about no limit but about a freeze.

    Refuses: CaseLimitInvalid.
    """
    if about is not None and case.kind is CaseKind.OBJECTION and about.outcome is DecisionOutcome.FROZEN:
        return None
    limit = said.limit_minor if said.limit_minor is not None else case.limit_minor
    if limit is None:
        raise CaseLimitInvalid("say to which limit", pointer="/limit_minor")
    if case.limit_kind is LimitKind.FIXED:
        granting.check_limit(engine, limit)
    if case.kind is not CaseKind.OBJECTION and case.limit_minor is not None and limit > case.limit_minor:
        raise CaseLimitInvalid("more was not proposed", pointer="/limit_minor", limit_minor=case.limit_minor)
    if case.kind is CaseKind.LIMIT and limit != case.limit_minor:
        raise CaseLimitInvalid("another limit is another proposal", pointer="/limit_minor")
    line = await _line(tx, case)
    is_fixed = line is not None and case.limit_kind is LimitKind.FIXED
    if line is not None and is_fixed and limit == await carrying.fixed_limit(tx, line):
        raise CaseLimitInvalid("the line has this limit", pointer="/limit_minor")
    return limit


async def _agree(tx: Tx, now: Moment, engine: Engine, case: Case, agreed: _Agreed) -> Decision:
    """Do what was agreed to."""
    line = await _line(tx, case)
    said = (agreed.said.actor, agreed.approvers, agreed.said.reason.strip())
    if agreed.limit_minor is None:
        if line is None or line.status != LineStatus.FROZEN:
            raise LineNotFrozen
        limit = await carrying.fixed_limit(tx, line)
        made = granting.case_decision(now, case, DecisionOutcome.UNFROZEN, (limit, limit), said, line_id=line.id)
    elif line is None:
        made = granting.case_decision(
            now, case, DecisionOutcome.APPROVED, (0, agreed.limit_minor), said, line_id=now.new_id(case.bucket)
        )
    elif case.limit_kind is not LimitKind.FIXED:
        return await granting.grant(tx, now, case, line, said, agreed.limit_minor)
    else:
        before = await carrying.fixed_limit(tx, line)
        outcome = DecisionOutcome.RAISED if agreed.limit_minor > before else DecisionOutcome.CUT
        made = granting.case_decision(now, case, outcome, (before, agreed.limit_minor), said, line_id=line.id)
    await store.insert_decisions(tx, [made])
    if line is not None:
        await carrying.carry_out(tx, [made], await sublimits.extras_of(tx, [line]))
    else:
        opened = carrying.new_line(now, made, currency=engine.policy.currency, statement_days=StatementDays.SPREAD)
        await ledger.open_lines(tx, [opened])
        await sublimits.bound_scenes(tx, now, engine.policy, [opened])
    return made


async def _refuse(tx: Tx, now: Moment, case: Case, said: Said) -> Answer:
    """End a case with a no: an application is declined, what was contested stands, what was proposed falls."""
    if case.kind is CaseKind.LIMIT:
        return await _closed(tx, now, case, CaseState.REFUSED, None)
    line = await _line(tx, case)
    limit = 0 if line is None else await carrying.fixed_limit(tx, line)
    outcome = DecisionOutcome.DECLINED if case.kind is CaseKind.APPLICATION else DecisionOutcome.UPHELD
    words = (said.actor, (), said.reason.strip())
    made = granting.case_decision(now, case, outcome, (limit, limit), words, line_id=line.id if line else None)
    await store.insert_decisions(tx, [made])
    return await _closed(tx, now, case, CaseState.REFUSED, made)


async def _closed(tx: Tx, now: Moment, case: Case, state: CaseState, made: Decision | None) -> Answer:
    await case_store.close(tx, case.id, state, now.at, made.id if made else None)
    return Answer((await cases.case_of(tx, case.id))[0], made)


async def _line(tx: Tx, case: Case) -> CreditLine | None:
    """Lock the customer's line, if there is one by now."""
    found = (await ledger.lines_of_customers(tx, [case.customer_id])).get(case.customer_id)
    return None if found is None else await carrying.locked_line(tx, found.id)


def _given(reason: str) -> str:
    """Refuses: ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")
    return reason.strip()


def _vote(now: Moment, case: Case, number: int, said: Said, limit_minor: int | None) -> Vote:
    return Vote(
        bucket=case.bucket,
        case_id=case.id,
        number=number,
        maker=case.maker,
        actor=said.actor,
        agrees=said.agrees,
        limit_minor=limit_minor,
        reason=_given(said.reason),
        voted_at=now.at,
    )
