"""Rows to payments and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from tiao.payments.model import (
    MERCHANT_BUCKET,
    Attempt,
    Contradiction,
    Debit,
    FundingSource,
    LimitedRefund,
    NewPayout,
    Payout,
    Settlement,
    SettlementHold,
    SettlementLine,
)
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.payments")
#: Before every bucket, for the first page.
_FIRST = (-1, UUID(int=0))
#: After every id.
_LAST_ID = UUID(int=2**128 - 1)


async def insert_source(tx: Tx, source: FundingSource) -> FundingSource | None:
    """Bind, or bind again; None when the account is bound already."""
    return await tx.maybe(
        _QUERIES.bind_source,
        FundingSource,
        bucket=source.bucket,
        id=source.id,
        customer=source.customer_id,
        channel=source.channel,
        agreement=source.agreement,
        display=source.display,
        autopay_agreed_at=source.autopay_agreed_at,
        bound_at=source.bound_at,
        issuer=source.issuer,
        card_kind=source.card_kind,
        account_class=source.account_class,
    )


async def lock_source(tx: Tx, customer_id: UUID, source_id: UUID) -> FundingSource | None:
    """Lock a customer's account and read it."""
    return await tx.maybe(
        _QUERIES.lock_source, FundingSource, bucket=bucket_of(customer_id), id=source_id, customer=customer_id
    )


async def update_source(tx: Tx, source: FundingSource) -> None:
    """Write what may change about an account."""
    await tx.execute(
        _QUERIES.set_source,
        bucket=source.bucket,
        id=source.id,
        status=source.status,
        autopay_agreed_at=source.autopay_agreed_at,
    )


async def read_sources(tx: Tx, ids: Iterable[UUID]) -> list[FundingSource]:
    """Read accounts by id."""
    wanted = sorted(set(ids))
    return await tx.rows(_QUERIES.sources, FundingSource, buckets=_buckets(wanted), ids=wanted)


async def read_sources_of(tx: Tx, customer_id: UUID) -> list[FundingSource]:
    """Read the accounts a customer has bound now."""
    return await tx.rows(_QUERIES.sources_of, FundingSource, bucket=bucket_of(customer_id), customer=customer_id)


async def read_sources_of_many(tx: Tx, customer_ids: Sequence[UUID]) -> list[FundingSource]:
    """Read the accounts that customers have bound now."""
    return await tx.rows(
        _QUERIES.sources_of_many, FundingSource, buckets=_buckets(customer_ids), customers=list(customer_ids)
    )


async def read_autopay_sources(tx: Tx, customer_ids: Sequence[UUID]) -> list[FundingSource]:
    """Read one account for automatic payment for each customer who agreed to it."""
    return await tx.rows(
        _QUERIES.autopay_sources, FundingSource, buckets=_buckets(customer_ids), customers=list(customer_ids)
    )


async def put_first(tx: Tx, customer_id: UUID, source_id: UUID) -> bool:
    """Put an account before all others; False when the customer has no such account."""
    return await tx.execute(_QUERIES.put_first, bucket=bucket_of(customer_id), customer=customer_id, id=source_id) == 1


async def has_open_debit(tx: Tx, source: FundingSource) -> bool:
    """Tell whether a payment from an account is under way."""
    return bool(await tx.value(_QUERIES.has_open_debit, bucket=source.bucket, source=source.id))


async def insert_debits(
    tx: Tx, attempts: Sequence[Attempt], *, created_at: datetime, query_after: datetime
) -> set[UUID]:
    """Write debits down, and answer which of them are new; those that cannot be begun are left out."""
    orders = [attempt.order for attempt in attempts]
    made = await tx.column(
        _QUERIES.begin_debits,
        bucket=[bucket_of(order.debit_id) for order in orders],
        id=[order.debit_id for order in orders],
        line=[order.line_id for order in orders],
        customer=[order.customer_id for order in orders],
        source=[order.funding_source_id for order in orders],
        purpose=[str(order.purpose) for order in orders],
        currency=[order.currency for order in orders],
        amount=[order.amount_minor for order in orders],
        channel=[attempt.channel for attempt in attempts],
        agreement=[attempt.agreement for attempt in attempts],
        order=[attempt.order_id or attempt.order.debit_id for attempt in attempts],
        attempt=[attempt.attempt for attempt in attempts],
        created_at=created_at,
        query_after=query_after,
    )
    return set(made)


async def read_debits(tx: Tx, ids: Sequence[UUID]) -> list[Debit]:
    """Read debits by id."""
    return await tx.rows(_QUERIES.debits, Debit, buckets=_buckets(ids), ids=list(ids))


async def lock_debits(tx: Tx, ids: Iterable[UUID]) -> list[Debit]:
    """Lock debits in id order and read them."""
    wanted = sorted(set(ids))
    return await tx.rows(_QUERIES.lock_debits, Debit, buckets=_buckets(wanted), ids=wanted)


async def read_due_debits(tx: Tx, at: datetime, limit: int) -> list[Debit]:
    """Read debits whose outcome must be asked."""
    return await tx.rows(_QUERIES.due_debits, Debit, at=at, limit=limit)


async def read_open_debit(tx: Tx, line_id: UUID) -> Debit | None:
    """Read the debit of a line that is under way."""
    return await tx.maybe(_QUERIES.open_debit, Debit, bucket=bucket_of(line_id), line=line_id)


async def update_debits(tx: Tx, debits: Sequence[Debit]) -> None:
    """Write what answers did."""
    if debits:
        await tx.execute(
            _QUERIES.set_debits,
            bucket=[debit.bucket for debit in debits],
            id=[debit.id for debit in debits],
            state=[str(debit.state) for debit in debits],
            code=[debit.code for debit in debits],
            answered_at=[debit.answered_at for debit in debits],
            query_after=[debit.query_after for debit in debits],
            queries=[debit.queries for debit in debits],
        )


async def insert_payouts(tx: Tx, orders: Sequence[NewPayout], *, created_at: datetime) -> set[UUID]:
    """Write refunds to pay out down, and answer which of them are new."""
    made = await tx.column(
        _QUERIES.begin_payouts,
        bucket=[bucket_of(order.payout_id) for order in orders],
        id=[order.payout_id for order in orders],
        customer=[order.customer_id for order in orders],
        source=[order.source_id for order in orders],
        channel=[order.channel for order in orders],
        agreement=[order.agreement for order in orders],
        currency=[order.currency for order in orders],
        amount=[order.amount_minor for order in orders],
        due_on=[order.due_on for order in orders],
        created_at=created_at,
    )
    return set(made)


async def read_payouts(tx: Tx, ids: Iterable[UUID]) -> list[Payout]:
    """Read payouts by id."""
    wanted = sorted(set(ids))
    return await tx.rows(_QUERIES.payouts, Payout, buckets=_payout_buckets(wanted), ids=wanted)


async def read_payouts_of_source(tx: Tx, source_id: UUID) -> list[Payout]:
    """Read the payouts of a settlement or refund."""
    return await tx.rows(_QUERIES.payouts_of_source, Payout, source=source_id)


async def lock_payouts(tx: Tx, ids: Iterable[UUID]) -> list[Payout]:
    """Lock payouts in id order and read them."""
    wanted = sorted(set(ids))
    return await tx.rows(_QUERIES.lock_payouts, Payout, buckets=_payout_buckets(wanted), ids=wanted)


async def lock_due_payouts(tx: Tx, today: date, limit: int, drained: Collection[str]) -> list[Payout]:
    """Lock payouts to send and read them."""
    return await tx.rows(_QUERIES.due_payouts, Payout, today=today, limit=limit, drained=sorted(drained))


async def read_limited_refunds(tx: Tx, ids: Sequence[UUID], *, since: datetime) -> list[LimitedRefund]:
    """Read which payouts are refunds to accounts that take only so much a day, and what those got since an instant."""
    if not ids:
        return []
    return await tx.rows(
        _QUERIES.limited_refunds, LimitedRefund, buckets=_payout_buckets(ids), ids=sorted(ids), since=since
    )


async def postpone(tx: Tx, ids: Sequence[UUID], due_on: date) -> None:
    """Let payouts wait for another day."""
    await tx.execute(_QUERIES.postpone_payouts, buckets=_payout_buckets(ids), ids=list(ids), due_on=due_on)


async def read_due_payout_queries(tx: Tx, at: datetime, limit: int) -> list[Payout]:
    """Read payouts whose outcome must be asked."""
    return await tx.rows(_QUERIES.due_payout_queries, Payout, at=at, limit=limit)


async def read_failed_refunds(tx: Tx, limit: int, customer_id: UUID | None) -> list[Payout]:
    """Read refunds whose payout failed and was not retried."""
    return await tx.rows(_QUERIES.failed_refunds, Payout, limit=limit, customer=customer_id)


async def update_payouts(tx: Tx, payouts: Sequence[Payout]) -> None:
    """Write what sending and answers did."""
    if payouts:
        await tx.execute(
            _QUERIES.set_payouts,
            bucket=[payout.bucket for payout in payouts],
            id=[payout.id for payout in payouts],
            state=[str(payout.state) for payout in payouts],
            code=[payout.code for payout in payouts],
            answered_at=[payout.answered_at for payout in payouts],
            query_after=[payout.query_after for payout in payouts],
            tries=[payout.tries for payout in payouts],
        )


async def note_sent(tx: Tx, payouts: Sequence[Payout], at: datetime) -> None:
    """Note when payouts were sent."""
    ids = [payout.id for payout in payouts]
    await tx.execute(_QUERIES.note_sent, buckets=sorted({payout.bucket for payout in payouts}), ids=ids, at=at)


async def is_settled(tx: Tx, day: date) -> bool:
    """Tell whether a day was settled."""
    return bool(await tx.value(_QUERIES.is_settled, day=day))


async def settle(tx: Tx, day: date, *, pays_on: date, channel: str, recorded_at: datetime) -> int:
    """Settle a day and count its settlements."""
    return int(await tx.value(_QUERIES.settle, day=day, pays_on=pays_on, channel=channel, recorded_at=recorded_at))


async def read_settlements(tx: Tx, merchant_id: UUID, *, before: date | None, limit: int) -> list[Settlement]:
    """Read a merchant's settlements, newest first."""
    return await tx.rows(_QUERIES.settlements_of, Settlement, merchant=merchant_id, before=before, limit=limit)


async def read_settlement(tx: Tx, merchant_id: UUID, day: date) -> Settlement | None:
    """Read one settlement."""
    return await tx.maybe(_QUERIES.settlement, Settlement, merchant=merchant_id, day=day)


async def read_settlement_lines(
    tx: Tx, merchant_id: UUID, day: date, *, after: tuple[int, UUID] | None, limit: int
) -> list[SettlementLine]:
    """Read what moved a merchant's payable on a day."""
    bucket, posting_id = after or _FIRST
    return await tx.rows(
        _QUERIES.settlement_lines,
        SettlementLine,
        merchant=merchant_id,
        day=day,
        after_bucket=bucket,
        after_id=posting_id,
        limit=limit,
    )


def _buckets(ids: Iterable[UUID]) -> list[int]:
    return sorted({bucket_of(each) for each in ids})


def _payout_buckets(ids: Iterable[UUID]) -> list[int]:
    """Name where payouts may live: settlements with the merchants, whatever their id; refunds where their id says."""
    return sorted({MERCHANT_BUCKET, *_buckets(ids)})


async def upsert_contradiction(tx: Tx, found: Contradiction) -> None:
    """Write a contradiction down, or count it once more."""
    later = {"resolution", "note", "actor", "resolved_at"}
    values = {name: getattr(found, name) for name in found.__struct_fields__ if name not in later}
    await tx.execute(_QUERIES.upsert_contradiction, **values)


async def read_due_contradictions(tx: Tx, at: datetime, limit: int) -> list[Contradiction]:
    """Read contradictions to ask about."""
    return await tx.rows(_QUERIES.due_contradictions, Contradiction, at=at, limit=limit)


async def lock_contradiction(tx: Tx, contradiction_id: UUID) -> Contradiction | None:
    """Lock a contradiction and read it."""
    return await tx.maybe(
        _QUERIES.lock_contradiction, Contradiction, bucket=bucket_of(contradiction_id), id=contradiction_id
    )


async def read_contradictions(
    tx: Tx, *, is_open: bool, before: tuple[datetime, UUID] | None, limit: int
) -> list[Contradiction]:
    """Read contradictions, latest first."""
    before_at, before_id = before or (None, _LAST_ID)
    return await tx.rows(
        _QUERIES.contradictions, Contradiction, is_open=is_open, before_at=before_at, before_id=before_id, limit=limit
    )


async def update_contradiction(tx: Tx, changed: Contradiction) -> None:
    """Write what became of a contradiction."""
    names = ("bucket", "id", "query_after", "queries", "resolution", "note", "actor", "resolved_at")
    await tx.execute(_QUERIES.set_contradiction, **{name: getattr(changed, name) for name in names})


async def hold_settlements(tx: Tx, reasons: Mapping[UUID, str], actor: str, at: datetime) -> set[UUID]:
    """Write who waits for its money; answers who did not before."""
    params = {"merchant": list(reasons), "reason": list(reasons.values()), "actor": actor, "at": at}
    return set(await tx.column(_QUERIES.hold_settlements, **params))


async def free_settlements(tx: Tx, merchant_id: UUID, actor: str, at: datetime) -> int:
    """Write that a merchant waits no longer."""
    return await tx.execute(_QUERIES.free_settlements, merchant=merchant_id, actor=actor, at=at)


async def read_settlement_hold(tx: Tx, merchant_id: UUID) -> SettlementHold | None:
    """Read whether a merchant waits."""
    return await tx.maybe(_QUERIES.settlements_held, SettlementHold, merchant=merchant_id)
