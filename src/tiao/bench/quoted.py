"""Quotes that customers have accepted, made set-based before a round, so that a round is purchases and nothing else."""

from __future__ import annotations

import itertools
from datetime import date
from random import Random
from typing import NamedTuple

import msgspec

from tiao.bench.ground import CURRENCY, Ground, Lines
from tiao.checkout.actions import QUOTE_TIME
from tiao.checkout.model import Offer
from tiao.lending.model import BillingMode, FeePayer
from tiao.partners.model import Merchant
from tiao.runtime.arrays import Bigints, Blobs, Integers, Smallints, Texts, Uuids
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of, derived_id, show_id

_QUERIES = load_queries("tiao.bench")
PLAN = "pay_later"
AMOUNTS_MINOR = (1_00, 9_90, 35_00, 59_90, 128_00, 199_00)
#: Lines have the statement days of `insert_lines`.
_STATEMENT_DAYS = 28
_AT_ONCE = 5_000


class Ticket(NamedTuple):
    """A purchase that may be asked for; *customer* is known by number."""

    quote: str
    token: str
    reference: str
    amount_minor: int
    customer: int


class Tickets:
    """Makes accepted quotes of any line, at shops drawn by Zipf's law."""

    def __init__(
        self, ground: Ground, lines: Lines, shops: list[tuple[Merchant, str]], *, zipf: float, seed: int
    ) -> None:
        self._ground = ground
        self._lines = lines
        self._shops = shops
        self._cumulated = list(itertools.accumulate((rank + 1) ** -zipf for rank in range(len(shops))))
        self._chance = Random(seed)  # noqa: S311  a load, not a secret
        self._serial = 0
        self._waiting: list[Ticket] = []
        self._offered: list[tuple[Offer, ...]] = []

    async def stock(self, count: int) -> None:
        """Make quotes until *count* of them are waiting."""
        while len(self._waiting) < count:
            await self._make(min(_AT_ONCE, count - len(self._waiting)))

    def take(self) -> Ticket | None:
        """Take one; None when they are used up."""
        return self._waiting.pop() if self._waiting else None

    async def _make(self, count: int) -> None:
        ids, lines, customers, offers, merchants = Uuids(), Uuids(), Uuids(), Integers(), Uuids()
        for number in range(self._serial, self._serial + count):
            drawn = self._chance.randrange(self._lines.size)
            line_id, customer_id = self._lines.ids(drawn)
            merchant, token = self._chance.choices(self._shops, cum_weights=self._cumulated)[0]
            amount = self._chance.randrange(len(AMOUNTS_MINOR))
            quote_id = derived_id("quote", line_id, str(number), bucket=bucket_of(line_id))
            ids.append(quote_id)
            lines.append(line_id)
            customers.append(customer_id)
            merchants.append(merchant.id)
            offers.append(drawn % _STATEMENT_DAYS * len(AMOUNTS_MINOR) + amount + 1)
            self._waiting.append(
                Ticket(show_id("quo", quote_id), token, f"order {number}", AMOUNTS_MINOR[amount], drawn)
            )
        self._serial += count
        async with self._ground.db.begin() as tx:
            now = await self._ground.moments(tx)
            offered = self._offered = self._offered or _offered(self._ground, now.today)
            await tx.execute(
                _QUERIES.insert_accepted_quotes,
                bucket=Smallints([bucket_of(each) for each in ids if each]),
                id=ids,
                merchant=merchants,
                customer=customers,
                line=lines,
                offer=offers,
                amount=Bigints([amount for _ in range(_STATEMENT_DAYS) for amount in AMOUNTS_MINOR]),
                plans=Blobs([msgspec.json.encode(each) for each in offered]),
                plan_codes=Texts([",".join(of.plan for of in each) for each in offered]),
                fee_payer=FeePayer.CONSUMER.value,
                digest=Texts([next(of.cost_sheet_digest for of in each if of.plan == PLAN) for each in offered]),
                currency=CURRENCY,
                plan=PLAN,
                at=now.at,
                expires_at=now.at + QUOTE_TIME,
            )


def _offered(ground: Ground, today: date) -> list[tuple[Offer, ...]]:
    """Make what every statement day is offered for every amount."""
    return [
        ground.book.offers(
            amount,
            currency=CURRENCY,
            on=today,
            statement_day=day,
            mode=BillingMode.STATEMENT,
            fee_payer=FeePayer.CONSUMER,
        )
        for day in range(1, _STATEMENT_DAYS + 1)
        for amount in AMOUNTS_MINOR
    ]
