"""What risk control does inside the caller's transaction: look, decide, write; learn what payments turned out to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tiao.risk import store
from tiao.risk.deciding import STATES_UNREADABLE, Setup
from tiao.risk.features.definition import ENTITY_FEATURES, HIGH
from tiao.risk.features.fold import Outcome
from tiao.risk.live import CUSTOMER, from_bytes, microseconds, values_of
from tiao.risk.records import Allowance, Decided, Decision, Said, Told
from tiao.risk.refusals import RiskDecisionUnknown, StateUnreadable
from tiao.risk.rules.ruleset import Ruler
from tiao.risk.states import Remembered
from tiao.runtime.db import Sent, Tx
from tiao.values.moment import Moment

#: What is no purchase waits for its locks so long.
PATIENT_MS = 30_000
#: Where the amount against the customer's usual one stands among the features.
_RATIO = CUSTOMER * len(ENTITY_FEATURES) + [kind.name for kind in ENTITY_FEATURES].index("ratio")


async def look(tx: Tx, entities: Sequence[tuple[str | None, ...]], *, patience_ms: int = PATIENT_MS) -> Remembered:
    """Read what is remembered of the entities of payments, locked until the transaction ends; or why it cannot be.

    Take these locks before those of lines. Shape: entities in the order of `tiao.risk.live.ENTITIES`.
    Units: *patience_ms* is how long locks are waited for.
    """
    return await answered(await ask(tx, entities, patience_ms=patience_ms))


async def ask(tx: Tx, entities: Sequence[tuple[str | None, ...]], *, patience_ms: int = PATIENT_MS) -> Sent:
    """Ask for it as `look` does, and let `answered` read it: both may be sent along with other statements."""
    return await store.ask(tx, entities, patience_ms)


async def answered(asked: Sent) -> Remembered:
    """Read what was asked for."""
    rows = await store.answered(asked)
    try:
        return Remembered(rows)
    except StateUnreadable:
        return Remembered(fault=STATES_UNREADABLE)


async def spend(tx: Tx, now: Moment, ruler: Ruler, asked: Mapping[str, int], *, decided: int) -> dict[str, int]:
    """Let capped rules stop what they ask, as far as their share of the traffic goes; answers what each may.

    *decided*: the purchases decided since this was last said. The buckets stay locked until the transaction ends.
    """
    if not ruler.caps:
        return {}
    return await store.spend(tx, ruler.version, ruler.caps, asked, decided=decided, at=now.at)


async def allowances(tx: Tx, version: str) -> list[Allowance]:
    """Read what the capped rules of a set may still stop on this server."""
    return await store.read_allowances(tx, version)


async def write(tx: Tx, now: Moment, setup: Setup, remembered: Remembered, decided: Sequence[Decided]) -> None:
    """Write what was decided, and what is remembered from now on, in one statement."""
    digest, content = setup.versions
    await store.write(
        tx,
        remembered.rows(),
        decided,
        versions=digest,
        content=content,
        at=now.at,
    )


async def learn(tx: Tx, now: Moment, outcomes: Sequence[Told]) -> int:
    """Learn what payments turned out to be: the features know it from now on. Answers how many were news.

    What was said before is corrected where it differs, and nothing happens where it does not. A payment that risk
    control did not decide is passed over. Begin a transaction with this: it takes locks that come before all others.
    """
    known = await store.read_decisions(tx, [each.purchase_id for each in outcomes])
    told = [each for each in outcomes if each.purchase_id in known]
    if not told:
        return 0
    remembered = await look(tx, [known[each.purchase_id].entities for each in told])
    if remembered.fault:
        raise StateUnreadable(remembered.fault)
    said = await store.read_said(tx, [each.purchase_id for each in told])
    news = []
    for each in told:
        before = said.get(each.purchase_id)
        if before is not None and before.is_fraud == each.is_fraud:
            continue
        decision = known[each.purchase_id]
        correction = None if before is None else outcome_of(decision, before)
        taken = Said(0, decision.bucket, each.purchase_id, each.is_fraud, each.known_at)
        remembered.learn(outcome_of(decision, taken), before=correction)
        said[each.purchase_id] = taken
        news.append(each)
    if news:
        await store.write_outcomes(tx, remembered.rows(), news, now.at)
    return len(news)


def outcome_of(decision: Decision, said: Said) -> Outcome:
    """Give what was said of a payment as the features take it."""
    assert said.is_fraud is not None, "something was said"
    assert said.known_at is not None, "it is known since some instant"
    ratio = values_of(from_bytes(decision.inputs))[_RATIO]
    return Outcome(microseconds(said.known_at), said.is_fraud, is_plain=not ratio > HIGH, entities=decision.entities)


async def decision_of(tx: Tx, purchase_id: UUID) -> Decision:
    """Read the decision on a purchase. Refuses: RiskDecisionUnknown."""
    found = await store.read_decision(tx, purchase_id)
    if found is None:
        raise RiskDecisionUnknown
    return found


async def decisions_between(
    tx: Tx, since: datetime, until: datetime, *, after: int = 0, limit: int = 10_000
) -> list[Decision]:
    """Read decisions of a time in the order in which they were made; go on after the last one's number."""
    return await store.read_decisions_between(tx, since, until, after=after, limit=limit)


async def softened(tx: Tx, version: str) -> list[str]:
    """Name the rules of a set that have used their share up on this server."""
    return [each.code for each in await allowances(tx, version) if each.is_short]


async def truth_of(tx: Tx, purchase_ids: Sequence[UUID]) -> dict[UUID, bool]:
    """Tell what purchases turned out to be, where somebody has said."""
    said = await store.read_said(tx, purchase_ids)
    return {each: bool(found.is_fraud) for each, found in said.items()}
