"""What can be done with cases, inside the caller's transaction; `checkout.reviewing` acts on answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from tiao.casework import rules as casework
from tiao.casework.refusals import CaseUnknown, NothingToClaim
from tiao.risk.cases import rules, store
from tiao.risk.cases.model import CaseState, QueueState, Related, RiskCase, Step, StepKind, Subject, Suspect
from tiao.risk.cases.store import Done
from tiao.risk.refusals import CaseAssigned
from tiao.runtime.db import Tx
from tiao.values.moment import Moment

#: So many suspended purchases get their case at once.
OPENED_AT_ONCE = 500
#: A merchant that was released is let alone for so long.
CLEARED = timedelta(days=7)
#: How far back a case looks for what hangs together with it, and how much of it is shown.
RELATED, RELATED_MAX = timedelta(days=90), 100


async def open_cases(tx: Tx, now: Moment, about: Sequence[Suspect]) -> list[RiskCase]:
    """Open cases, but not a second one about the same; answers those that are new."""
    if not about:
        return []
    home = await store.read_home_bucket(tx)
    cases = [rules.new_case(now, each, home_bucket=home) for each in about]
    new = await store.insert(tx, cases, now.at)
    opened = [each for each in cases if each.id in new]
    if opened:
        done = [Done(each.id, StepKind.OPENED, each.maker, ", ".join(each.reasons)) for each in opened]
        await store.note(tx, done, now.at)
    return opened


async def cleared(tx: Tx, now: Moment, merchant_ids: Sequence[UUID]) -> set[UUID]:
    """Tell which merchants people have looked into and released not long ago."""
    return await store.read_cleared(tx, merchant_ids, now.at - CLEARED)


async def looked_into(tx: Tx, now: Moment, customer_ids: Sequence[UUID]) -> set[UUID]:
    """Tell about which customers there was a case not long ago."""
    return await store.read_looked_into(tx, customer_ids, now.at - CLEARED)


async def follow(tx: Tx, now: Moment) -> list[RiskCase]:
    """Open cases about purchases that wait for a person, and let those lapse whose purchase is over."""
    waiting = await store.read_unasked(tx, now.at, OPENED_AT_ONCE)
    opened = await open_cases(
        tx,
        now,
        [
            Suspect(
                Subject.PURCHASE,
                each.amount_minor,
                each.currency,
                rules.probability_ppm(each.score),
                each.reasons or ["suspended"],
                purchase_id=each.id,
                customer_id=each.customer_id,
                merchant_id=each.merchant_id,
                expires_at=each.expires_at,
            )
            for each in waiting
        ],
    )
    lapsed = await store.lapse(tx, now.at)
    if lapsed:
        await store.note(tx, [Done(each, StepKind.LAPSED, "risk", "the purchase is over") for each in lapsed], now.at)
    return opened


async def case_of(tx: Tx, case_id: UUID) -> tuple[RiskCase, list[Step]]:
    """Read a case and what was done about it. Refuses: CaseUnknown."""
    found = await store.read(tx, case_id)
    if found is None:
        raise CaseUnknown
    return found, await store.read_steps(tx, case_id)


async def related(tx: Tx, now: Moment, case: RiskCase) -> list[Related]:
    """Read the payments that hang together with a case: by customer, by links, by merchant; latest first."""
    return await store.read_related(tx, case, since=now.at - RELATED, limit=RELATED_MAX)


async def queue(
    tx: Tx, subject: Subject | None, actor: str | None, *, after_loss: int, after_id: UUID, limit: int
) -> list[RiskCase]:
    """Read open cases, the dearest expected loss first; those of one person where that is asked."""
    return await store.read_queue(tx, subject, actor, after_loss=after_loss, after_id=after_id, limit=limit)


async def queue_state(tx: Tx, now: Moment) -> list[QueueState]:
    """Tell how the queue stands: what waits, what is late, what it may cost, how old the oldest is."""
    return await store.read_queue_state(tx, now.at)


async def claim(tx: Tx, now: Moment, case_id: UUID, *, actor: str) -> RiskCase:
    """Take a case on; who has it already keeps it longer.

    Refuses: CaseUnknown, CaseClosed, CaseClaimed, CaseAssigned, MakerIsChecker, CheckedBefore.
    """
    case = await locked(tx, case_id)
    casework.check_open(case, now.at)
    casework.check_checker(case, rules.votes(await store.read_steps(tx, case_id)), actor)
    casework.check_claim(case, actor, now.at)
    if case.assigned_to not in {None, actor}:
        raise CaseAssigned
    return await _claimed(tx, now, case, actor)


async def claim_next(tx: Tx, now: Moment, subject: Subject | None, *, actor: str) -> RiskCase:
    """Take on what comes next: one's own first, then what is late, then the dearest. Refuses: NothingToClaim."""
    case = await store.lock_next(tx, subject, actor, now.at)
    if case is None:
        raise NothingToClaim
    return await _claimed(tx, now, case, actor)


async def let_go(tx: Tx, now: Moment, case_id: UUID, *, actor: str) -> RiskCase:
    """Put a case back. Refuses: CaseUnknown, CaseClosed, CaseNotClaimed."""
    case = await _held(tx, now, case_id, actor)
    await store.claim(tx, case.id, None, None)
    await store.note(tx, [Done(case.id, StepKind.LET_GO, actor, "")], now.at)
    return await locked(tx, case_id)


async def assign(tx: Tx, now: Moment, case_id: UUID, *, assignee: str | None, actor: str) -> RiskCase:
    """Say whose a case is, or nobody's in particular. Refuses: CaseUnknown, CaseClosed, MakerIsChecker."""
    case = await locked(tx, case_id)
    casework.check_open(case, now.at)
    if assignee is not None:
        casework.check_checker(case, (), assignee)
    await store.assign(tx, case_id, assignee)
    await store.note(tx, [Done(case_id, StepKind.ASSIGNED, actor, assignee or "")], now.at)
    return await locked(tx, case_id)


async def add_note(tx: Tx, now: Moment, case_id: UUID, *, actor: str, said: str, digest: bytes | None = None) -> Step:
    """Note something, or a document by its digest. A closed case takes notes too. Refuses: CaseUnknown."""
    case = await locked(tx, case_id)
    kind = StepKind.NOTE if digest is None else StepKind.EVIDENCE
    await store.note(tx, [Done(case.id, kind, actor, said, digest)], now.at)
    return (await store.read_steps(tx, case_id))[-1]


async def vote(tx: Tx, now: Moment, case_id: UUID, *, releases: bool, actor: str, reason: str) -> RiskCase:
    """Say yes or no to a case. One no refuses it; it is released when as many have agreed as it needs.

    Refuses: CaseUnknown, CaseClosed, CaseNotClaimed, MakerIsChecker, CheckedBefore.
    """
    case = await locked(tx, case_id)
    casework.check_open(case, now.at)
    casework.check_checker(case, rules.votes(await store.read_steps(tx, case_id)), actor)
    casework.check_holds(case, actor, now.at)
    kind = StepKind.RELEASE if releases else StepKind.REFUSE
    await store.note(tx, [Done(case_id, kind, actor, reason)], now.at)
    state = rules.answer(case, await store.read_steps(tx, case_id))
    if state is CaseState.OPEN:
        await store.claim(tx, case_id, None, None)  # the next pair of eyes may have it at once
    else:
        await store.close(tx, case_id, state, now.at)
    return await locked(tx, case_id)


async def locked(tx: Tx, case_id: UUID) -> RiskCase:
    """Read a case and lock it. Refuses: CaseUnknown."""
    found = await store.lock(tx, case_id)
    if found is None:
        raise CaseUnknown
    return found


async def _held(tx: Tx, now: Moment, case_id: UUID, actor: str) -> RiskCase:
    case = await locked(tx, case_id)
    casework.check_open(case, now.at)
    casework.check_holds(case, actor, now.at)
    return case


async def _claimed(tx: Tx, now: Moment, case: RiskCase, actor: str) -> RiskCase:
    await store.claim(tx, case.id, actor, now.at + casework.CLAIM)
    await store.note(tx, [Done(case.id, StepKind.CLAIMED, actor, "")], now.at)
    return await locked(tx, case.id)
