"""Rows to quotes and purchases, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.checkout.model import (
    Bought,
    Challenge,
    Facts,
    Offer,
    Order,
    Purchase,
    PurchaseOutcome,
    Quote,
    Quoted,
    SignedQuote,
)
from tiao.credit.limits.model import Use
from tiao.lending.booking import Arrays
from tiao.lending.model import FeePayer
from tiao.runtime.arrays import Bigints, Booleans, Integers, Smallints, Texts, Uuids
from tiao.runtime.db import Row, Sent, Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.checkout")
_SECOND = timedelta(seconds=1)
_PURCHASE = msgspec.json.Decoder(Purchase)
_OFFERS = msgspec.json.Decoder(tuple[Offer, ...])


class _QuoteRow(msgspec.Struct, frozen=True):
    bucket: int
    id: UUID
    merchant_id: UUID
    customer_id: UUID
    line_id: UUID
    currency: str
    amount_minor: int
    plans: bytes
    created_at: datetime
    expires_at: datetime
    accepted_plan: str | None
    accepted_at: datetime | None
    cost_sheet_digest: str | None

    def quote(self) -> Quote:
        values = {name: getattr(self, name) for name in self.__struct_fields__ if name != "plans"}
        return Quote(**values, offers=_OFFERS.decode(self.plans))


async def insert_quote(tx: Tx, quote: Quote) -> None:
    """Write a quote."""
    await tx.execute(
        _QUERIES.insert_quote,
        bucket=quote.bucket,
        id=quote.id,
        merchant=quote.merchant_id,
        customer=quote.customer_id,
        line=quote.line_id,
        currency=quote.currency,
        amount=quote.amount_minor,
        plans=msgspec.json.encode(quote.offers),
        plan_codes=Texts([offer.plan for offer in quote.offers]),
        fee_payer=next((offer.fee_payer for offer in quote.offers), FeePayer.CONSUMER).value,  # all of them agree
        created_at=quote.created_at,
        expires_at=quote.expires_at,
    )


async def read_quotes(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Quote]:
    """Read quotes by id."""
    if not ids:
        return {}
    rows = await tx.rows(_QUERIES.quotes, _QuoteRow, ids=Uuids(ids), buckets=sorted({bucket_of(i) for i in ids}))
    return {row.id: row.quote() for row in rows}


async def read_quoted(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Quoted]:
    """Read what of quotes orders are made from, without their offers."""
    rows = await tx.rows(_QUERIES.quoted, Quoted, buckets=Smallints([bucket_of(each) for each in ids]), ids=Uuids(ids))
    return {row.id: row for row in rows}


async def lock_quote(tx: Tx, quote_id: UUID) -> Quote | None:
    """Read a quote and lock it."""
    row = await tx.maybe(_QUERIES.lock_quote, _QuoteRow, bucket=bucket_of(quote_id), id=quote_id)
    return None if row is None else row.quote()


async def update_accepted(tx: Tx, quote_id: UUID, *, plan: str, digest: str, at: datetime) -> None:
    """Write which plan was accepted."""
    await tx.execute(_QUERIES.accept_quote, bucket=bucket_of(quote_id), id=quote_id, plan=plan, digest=digest, at=at)


class FactsAsked(NamedTuple):
    """What orders are decided by, on its way."""

    orders: Sequence[Order]
    quotes: Sent | None
    facts: Sent

    async def read(self) -> list[Facts]:
        """Read it, in the order of the orders."""
        signed = [] if self.quotes is None else await self.quotes.rows(SignedQuote)
        quotes: dict[UUID | None, SignedQuote] = {each.id: each for each in signed}
        rows = await self.facts.records()
        return [_facts(row, quotes.get(order.quote_id)) for row, order in zip(rows, self.orders, strict=True)]


async def ask_facts(tx: Tx, orders: Sequence[Order]) -> FactsAsked:
    """Ask what orders are decided by."""
    # Quotes first: whoever used one in between, with the same key elsewhere, is then found by the key.
    quotes = [order.quote_id for order in orders if order.quote_id]
    return FactsAsked(
        orders,
        await _ask_signed(tx, quotes) if quotes else None,
        await tx.send(
            _QUERIES.facts,
            bucket=Smallints([bucket_of(order.line_id) for order in orders]),
            line=Uuids([order.line_id for order in orders]),
            merchant=Uuids([order.merchant_id for order in orders]),
            key=Uuids([order.idempotency_id for order in orders]),
        ),
    )


async def read_facts(tx: Tx, orders: Sequence[Order]) -> list[Facts]:
    """Read what orders are decided by, in their order."""
    return await (await ask_facts(tx, orders)).read()


def _facts(row: Row, quote: SignedQuote | None) -> Facts:
    *seen, known, test_time = row
    make: Callable[..., Facts] = Facts
    return make(*seen, None if known is None else _PURCHASE.decode(known), test_time, quote)


async def _ask_signed(tx: Tx, ids: Sequence[UUID]) -> Sent:
    return await tx.send(_QUERIES.signed_quotes, buckets=Smallints([bucket_of(each) for each in ids]), ids=Uuids(ids))


async def insert_purchases(tx: Tx, purchases: Sequence[Purchase], booked: Arrays) -> None:
    """Write purchases, and the loans of those captured at once, which come first, in one statement."""
    await tx.execute(
        _QUERIES.authorise,
        bucket=Smallints([one.bucket for one in purchases]),
        id=Uuids([one.id for one in purchases]),
        key=Uuids([one.idempotency_id for one in purchases]),
        line=Uuids([one.line_id for one in purchases]),
        customer=Uuids([one.customer_id for one in purchases]),
        merchant=Uuids([one.merchant_id for one in purchases]),
        quote=Uuids([one.quote_id for one in purchases]),
        plan=Texts([one.plan_code for one in purchases]),
        fee_payer=Texts([one.fee_payer for one in purchases]),
        reference=Texts([one.reference for one in purchases]),
        currency=Texts([one.currency for one in purchases]),
        amount=Bigints([one.amount_minor for one in purchases]),
        reasons=Texts([",".join(one.decline_reasons) for one in purchases]),
        is_capture_asked=Booleans([bool(one.is_capture_asked) for one in purchases]),
        outcome=Texts([one.outcome for one in purchases]),
        lease_seconds=Integers([(one.expires_at - one.authorised_at) // _SECOND for one in purchases]),
        **booked,
    )


async def read_purchase(tx: Tx, purchase_id: UUID) -> Purchase | None:
    """Read one purchase."""
    return await tx.maybe(_QUERIES.purchase, Purchase, bucket=bucket_of(purchase_id), id=purchase_id)


async def read_purchases(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Purchase]:
    """Read purchases by id."""
    rows = await tx.rows(
        _QUERIES.purchases, Purchase, bucket=Smallints([bucket_of(each) for each in ids]), id=Uuids(ids)
    )
    return {row.id: row for row in rows}


async def read_purchase_of_key(tx: Tx, idempotency_id: UUID) -> Purchase | None:
    """Read the purchase that a key stands for."""
    return await tx.maybe(_QUERIES.purchase_of_key, Purchase, key=idempotency_id)


async def read_purchases_of_merchant(
    tx: Tx,
    merchant_id: UUID,
    *,
    before_at: datetime,
    before_id: UUID,
    limit: int,
    reference: str | None = None,
    outcome: PurchaseOutcome | None = None,
) -> list[Purchase]:
    """Read a merchant's purchases, latest first; of one reference, or of one outcome."""
    return await tx.rows(
        _QUERIES.purchases_of_merchant,
        Purchase,
        merchant=merchant_id,
        before_at=before_at,
        before_id=before_id,
        limit=limit,
        reference=reference,
        outcome=outcome,
    )


async def read_purchases_of_customer(
    tx: Tx, customer_id: UUID, *, before_at: datetime, before_id: UUID, limit: int
) -> list[Purchase]:
    """Read a customer's purchases, latest first."""
    return await tx.rows(
        _QUERIES.purchases_of_customer,
        Purchase,
        bucket=bucket_of(customer_id),
        customer=customer_id,
        before_at=before_at,
        before_id=before_id,
        limit=limit,
    )


async def change_purchase(
    tx: Tx,
    purchase_id: UUID,
    *,
    captured_minor: int = 0,
    released_minor: int = 0,
    refunded_minor: int = 0,
    closed_as: str | None = None,
) -> None:
    """Add to what became of a purchase."""
    await tx.execute(
        _QUERIES.change_purchase,
        bucket=bucket_of(purchase_id),
        id=purchase_id,
        captured=captured_minor,
        released=released_minor,
        refunded=refunded_minor,
        closed_as=closed_as,
    )


async def capture_purchases(tx: Tx, captures: Sequence[tuple[UUID, int, int]]) -> None:
    """Add what was captured and released of purchases; the hold of one of which nothing is left has ended."""
    await tx.execute(
        _QUERIES.capture_purchases,
        bucket=Smallints([bucket_of(purchase) for purchase, _, _ in captures]),
        id=Uuids([purchase for purchase, _, _ in captures]),
        captured=Bigints([captured for _, captured, _ in captures]),
        released=Bigints([released for _, _, released in captures]),
    )


async def decide_suspended(
    tx: Tx, purchase_id: UUID, *, outcome: str, reasons: Sequence[str], at: datetime, expires_at: datetime
) -> None:
    """Write how a suspended purchase was decided."""
    await tx.execute(
        _QUERIES.decide_suspended,
        bucket=bucket_of(purchase_id),
        id=purchase_id,
        outcome=outcome,
        reasons=list(reasons),
        at=at,
        expires_at=expires_at,
    )


async def read_challenge(tx: Tx, purchase_id: UUID) -> Challenge | None:
    """Read the code that was sent for a purchase."""
    return await tx.maybe(_QUERIES.challenge, Challenge, bucket=bucket_of(purchase_id), purchase=purchase_id)


async def keep_challenge(
    tx: Tx, purchase_id: UUID, code_hash: bytes, *, attempts: int, at: datetime, expires_at: datetime
) -> None:
    """Keep the code of a purchase in place of the one before."""
    await tx.execute(
        _QUERIES.keep_challenge,
        bucket=bucket_of(purchase_id),
        purchase=purchase_id,
        code_hash=code_hash,
        attempts=attempts,
        at=at,
        expires_at=expires_at,
    )


async def try_challenge(tx: Tx, purchase_id: UUID, *, confirmed_at: datetime | None) -> None:
    """Count a code that was tried."""
    await tx.execute(
        _QUERIES.try_challenge, bucket=bucket_of(purchase_id), purchase=purchase_id, confirmed_at=confirmed_at
    )


class _UseRow(NamedTuple):
    line_id: UUID
    merchant_id: UUID
    scene: str
    amount_minor: int


async def read_uses(tx: Tx, line_ids: Sequence[UUID]) -> list[tuple[UUID, Use]]:
    """Read what lines owe and hold at each merchant."""
    rows = await tx.rows(
        _QUERIES.uses, _UseRow, lines=Uuids(line_ids), buckets=sorted({bucket_of(i) for i in line_ids})
    )
    return [(row.line_id, Use(row.merchant_id, row.scene, row.amount_minor)) for row in rows]


async def expire(tx: Tx, first: int, last: int, at: datetime) -> int:
    """Let expired authorisations go."""
    return int(await tx.value(_QUERIES.expire, first=first, last=last, at=at))


async def count_prequalified(
    tx: Tx, bucket: int, customer_id: UUID, merchant_id: UUID, *, on: date, amount_minor: int
) -> int:
    """Write that an amount is asked about a customer, and count those of the day."""
    asked = {"bucket": bucket, "customer": customer_id, "merchant": merchant_id, "on": on}
    await tx.execute(_QUERIES.note_prequalified, **asked, amount=amount_minor)
    return int(await tx.value(_QUERIES.prequalified, **asked))


async def read_bought(tx: Tx, since: datetime, until: datetime) -> list[Bought]:
    """Read what was bought in a time."""
    return await tx.rows(_QUERIES.bought, Bought, since=since, until=until)


class _Above(NamedTuple):
    lines: int
    amount_minor: int


async def read_lines_above(tx: Tx, limit_minor: int) -> tuple[int, int]:
    """Read how many lines lie above a limit, and by how much."""
    found = await tx.one(_QUERIES.lines_above, _Above, limit=limit_minor)
    return found.lines, found.amount_minor
