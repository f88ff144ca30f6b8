"""Rows to what risk control remembers and decided, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tiao.risk.live import CUSTOMER, DEVICE, IP, MERCHANT, TERMINAL
from tiao.risk.records import Allowance, Decided, Decision, Said, Told
from tiao.risk.rules.ruleset import CAP_BEGINS, CAP_WINDOW, PARTS
from tiao.risk.states import Row, keys_of
from tiao.runtime.arrays import Bigints, Blobs, Booleans, Doubles, Hexes, Integers, Smallints, Texts, Uuids
from tiao.runtime.db import Sent, Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.risk")
#: Entities share so many locks; a set takes each of its own once, in their order.
STRIPES = 61
_NO_SCORE = -1.0


async def ask(tx: Tx, entities: Sequence[tuple[str | None, ...]], patience_ms: int) -> Sent:
    """Ask what is remembered of entities, locked against everybody else until the transaction ends."""
    customers: dict[str, None] = {}
    shared: dict[str, None] = {}
    for each in entities:
        for place, key in enumerate(keys_of(each)):
            if key is not None:
                (customers if place == CUSTOMER else shared)[key] = None
    return await tx.send(
        _QUERIES.look,
        stripes=Integers(sorted({int(key, 16) % STRIPES for key in (*customers, *shared)})),
        bucket=Smallints(map(_bucket_of_key, customers)),
        customer=Hexes(customers),
        key=Hexes(shared),
        patience_ms=patience_ms,
    )


async def answered(asked: Sent) -> list[Row]:
    """Read what was asked for by `ask`."""
    return [Row(kind, key or "", content) for kind, key, content in await asked.records()]


async def write(
    tx: Tx, rows: Sequence[Row], decided: Sequence[Decided], *, versions: str, content: bytes, at: datetime
) -> None:
    """Write what is remembered now, and what was decided, in one statement."""
    customers = [row for row in rows if row.place == CUSTOMER]
    shared = [row for row in rows if row.place != CUSTOMER]
    judged = [each.judged for each in decided]
    named = [each.asked.entities for each in decided]
    await tx.execute(
        _QUERIES.write,
        c_bucket=Smallints([_bucket_of_key(row.key) for row in customers]),
        c_customer=Hexes([row.key for row in customers]),
        c_content=Blobs([row.content for row in customers]),
        s_key=Hexes([row.key for row in shared]),
        s_kind=Smallints([row.place for row in shared]),
        s_content=Blobs([row.content for row in shared]),
        bucket=Smallints([bucket_of(each.purchase_id) for each in decided]),
        purchase=Uuids([each.purchase_id for each in decided]),
        customer=Hexes([each[CUSTOMER] or "" for each in named]),
        merchant=Hexes([each[MERCHANT] or "" for each in named]),
        device=Blobs([bytes.fromhex(each[DEVICE] or "") for each in named]),
        ip=Blobs([bytes.fromhex(each[IP] or "") for each in named]),
        terminal=Blobs([bytes.fromhex(each[TERMINAL] or "") for each in named]),
        amount=Bigints([each.asked.amount_minor for each in decided]),
        outcome=Texts([each.outcome for each in judged]),
        reasons=Texts([",".join(each.reasons) for each in judged]),
        hits=Texts([",".join(each.hits) for each in judged]),
        score=Doubles([_NO_SCORE if each.score is None else each.score for each in judged]),
        shadow_outcome=Texts([each.shadow_outcome for each in judged]),
        shadow_hits=Texts([",".join(each.shadow_hits) for each in judged]),
        challenger_score=Doubles(
            [_NO_SCORE if each.challenger_score is None else each.challenger_score for each in judged]
        ),
        challenger_outcome=Texts([each.challenger_outcome for each in judged]),
        fallback=Texts([each.fallback for each in judged]),
        inputs=Blobs([each.inputs for each in judged]),
        versions=versions,
        content=content,
        at=at,
    )


def _bucket_of_key(key: str) -> int:
    """Read the bucket from the digits of a customer's id."""
    return int(key[-2:], 16)


async def read_versions(tx: Tx, digest: str) -> bytes | None:
    """Read what decisions were made by."""
    found: bytes | None = await tx.value(_QUERIES.versions, digest=digest)
    return found


async def read_decision(tx: Tx, purchase_id: UUID) -> Decision | None:
    """Read the decision on a purchase."""
    return await tx.maybe(_QUERIES.decision, Decision, bucket=bucket_of(purchase_id), purchase=purchase_id)


async def read_decisions(tx: Tx, purchase_ids: Sequence[UUID]) -> dict[UUID, Decision]:
    """Read the decisions on purchases."""
    found = await tx.rows(
        _QUERIES.decisions_of,
        Decision,
        buckets=sorted({bucket_of(each) for each in purchase_ids}),
        purchases=Uuids(purchase_ids),
    )
    return {each.purchase_id: each for each in found}


async def read_decisions_between(tx: Tx, since: datetime, until: datetime, *, after: int, limit: int) -> list[Decision]:
    """Read decisions of a time in the order in which they were made, from one on."""
    return await tx.rows(_QUERIES.decisions_between, Decision, since=since, until=until, after=after, limit=limit)


async def read_said(tx: Tx, purchase_ids: Sequence[UUID]) -> dict[UUID, Said]:
    """Read what was said last about purchases."""
    found = await tx.rows(
        _QUERIES.outcomes_of,
        Said,
        buckets=sorted({bucket_of(each) for each in purchase_ids}),
        purchases=Uuids(purchase_ids),
    )
    return {each.purchase_id: each for each in found}


async def write_outcomes(tx: Tx, rows: Sequence[Row], outcomes: Sequence[Told], at: datetime) -> None:
    """Write what payments turned out to be, and what is remembered now."""
    await write(tx, rows, [], versions="", content=b"", at=at)
    await tx.execute(
        _QUERIES.record_outcomes,
        bucket=Smallints([bucket_of(each.purchase_id) for each in outcomes]),
        purchase=Uuids([each.purchase_id for each in outcomes]),
        source=Texts([each.source for each in outcomes]),
        is_fraud=Booleans([each.is_fraud for each in outcomes]),
        known_at=[each.known_at for each in outcomes],
        at=at,
    )


async def read_folded(tx: Tx) -> list[Said]:
    """Read all that was folded on this server, in its order; a payment has no outcome."""
    return await tx.rows(_QUERIES.folded, Said)


async def read_remembered(tx: Tx) -> list[Row]:
    """Read everything that is remembered on this server."""
    found = await tx.records(_QUERIES.remembered)
    return [Row(kind, key, content) for kind, key, content in found]


async def spend(
    tx: Tx, rules: str, caps: Mapping[str, int], asked: Mapping[str, int], *, decided: int, at: datetime
) -> dict[str, int]:
    """Take from the buckets of capped rules what they ask; answers what each was given."""
    codes = list(caps)
    found = await tx.records(
        _QUERIES.spend,
        rules=rules,
        codes=Texts(codes),
        caps=Integers([caps[code] for code in codes]),
        asked=Integers([asked.get(code, 0) for code in codes]),
        decided=decided,
        begins=CAP_BEGINS * PARTS,
        window=CAP_WINDOW,
        at=at,
    )
    return {str(code): int(granted) for code, granted in found}


async def read_allowances(tx: Tx, rules: str) -> list[Allowance]:
    """Read what the capped rules of a set may still stop."""
    return await tx.rows(_QUERIES.allowances, Allowance, rules=rules)
