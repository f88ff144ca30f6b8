"""What can be done with cases as such: open, claim, let go, read. `credit.answering` decides them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tiao.casework import rules as casework
from tiao.casework.refusals import CaseUnknown, NothingToClaim
from tiao.credit.cases import store
from tiao.credit.cases.model import Case, Vote
from tiao.credit.cases.store import QueueState
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


async def open_cases(tx: Tx, cases: Sequence[Case]) -> None:
    """Put cases into the queue. Refuses: CaseAlreadyOpen."""
    if cases:
        await store.insert_cases(tx, cases)


async def case_of(tx: Tx, case_id: UUID) -> tuple[Case, list[Vote]]:
    """Read a case and what was said about it. Refuses: CaseUnknown."""
    found = await store.read_case(tx, case_id)
    if found is None:
        raise CaseUnknown
    return found, await store.read_votes(tx, case_id)


async def cases_of(tx: Tx, customer_id: UUID) -> list[Case]:
    """Read a customer's cases, latest first."""
    return await store.read_cases_of(tx, customer_id)


async def queue(tx: Tx, kind: str | None, *, after_at: datetime, after_id: UUID, limit: int) -> list[Case]:
    """Read open cases, what is owed soonest first."""
    return await store.read_queue(tx, kind, after_at=after_at, after_id=after_id, limit=limit)


async def queue_state(tx: Tx, now: Moment) -> list[QueueState]:
    """Tell how the queue stands, by kind."""
    return await store.read_queue_state(tx, now.at)


async def claim(tx: Tx, now: Moment, case_id: UUID, *, actor: str) -> Case:
    """Take a case on; who has it already keeps it longer.

    Refuses: CaseUnknown, CaseClosed, CaseClaimed, MakerIsChecker, CheckedBefore.
    """
    case = await locked(tx, case_id)
    casework.check_open(case, now.at)
    casework.check_checker(case, await store.read_votes(tx, case_id), actor)
    casework.check_claim(case, actor, now.at)
    return await _claimed(tx, now, case, actor)


async def claim_next(tx: Tx, now: Moment, kind: str | None, *, actor: str) -> Case:
    """Take on the case that is owed soonest, among those this person may answer. Refuses: NothingToClaim."""
    case = await store.lock_next(tx, kind, actor, now.at)
    if case is None:
        raise NothingToClaim
    return await _claimed(tx, now, case, actor)


async def let_go(tx: Tx, now: Moment, case_id: UUID, *, actor: str) -> Case:
    """Put a case back. Refuses: CaseUnknown, CaseClosed, CaseNotClaimed."""
    case = await locked(tx, case_id)
    casework.check_open(case, now.at)
    casework.check_holds(case, actor, now.at)
    await store.update_claim(tx, case_id, None, None)
    return (await case_of(tx, case_id))[0]


async def locked(tx: Tx, case_id: UUID) -> Case:
    """Read a case and lock it. Refuses: CaseUnknown."""
    found = await store.lock_case(tx, case_id)
    if found is None:
        raise CaseUnknown
    return found


async def _claimed(tx: Tx, now: Moment, case: Case, actor: str) -> Case:
    await store.update_claim(tx, case.id, actor, now.at + casework.CLAIM)
    return (await case_of(tx, case.id))[0]
