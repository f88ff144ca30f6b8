"""A fraud model of a wanted size, trained as any other, and put to work in a programme as any other: by two people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import polars as pl

from tiao.bench.ground import CURRENCY, ZONE, Ground
from tiao.checkout import rules
from tiao.checkout.desk import Desk
from tiao.checkout.model import Context, Order, Purchase
from tiao.checkout.screening import Screen
from tiao.learning.contract import table_of
from tiao.learning.refusals import TrainingUnavailable
from tiao.learning.schema import Schema
from tiao.lending.model import FeePayer
from tiao.risk import actions as risk
from tiao.risk.control import Control
from tiao.risk.deciding import on_no_list
from tiao.risk.exporting import schema_of_export
from tiao.risk.model import Costs
from tiao.risk.models import draft, evidence, models
from tiao.risk.records import NewOutcome
from tiao.runtime.registry.actions import Who

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from tiao.partners.model import Merchant
    from tiao.risk.training.train import Trained

#: Trees of the model that a measurement scores.
TREES = 200
#: Lines on which the model is tried in shadow; one in so many turns out to be fraud, in every set of them.
TRIED, ONE_IN = 400, 6
_PAYMENTS, _CUSTOMERS, _SHOPS, _DAYS = 12_000, 4_000, 60, 60
_LABEL_DELAY = timedelta(days=7)
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_SEED = 20260309
_SET = 20
_EVER = datetime(9999, 1, 1, tzinfo=UTC)
#: What is bought, and what whoever took over an account buys. Units: minor.
_USUAL_MINOR, _STOLEN_MINOR = (100, 20_000), (300_000, 900_000)


class Adopted(NamedTuple):
    """The model that decides, and how it came to."""

    version: str
    trees: int
    features: int


def trained(trees: int = TREES) -> Trained:
    """Train on payments made up here, some of stolen accounts. Refuses: TrainingUnavailable."""
    try:
        from tiao.risk.training.fit import SEEDS  # noqa: PLC0415  an extra
        from tiao.risk.training.train import train  # noqa: PLC0415  same
    except ImportError as missing:
        raise TrainingUnavailable(f"install tiao[train]: {missing}") from missing
    shape = msgspec.convert(schema_of_export(CURRENCY), Schema)
    until = _BEGAN + timedelta(days=_DAYS) + _LABEL_DELAY
    table = table_of(_payments(), shape, is_training=True, is_csv=False, at=until)
    return train(
        shape,
        table,
        train_until=until,
        label_delay_us=_LABEL_DELAY // timedelta(microseconds=1),
        costs=Costs(),
        rounds=trees // len(SEEDS),
    )


def _payments() -> pl.DataFrame:
    """Make up a file as `tiao risk export` writes it: customers who buy a few times each, frauds that are large."""
    chance = np.random.default_rng(_SEED)
    customer = chance.integers(0, _CUSTOMERS, _PAYMENTS)
    stolen = chance.random(_PAYMENTS) < 0.01  # noqa: PLR2004  one in a hundred: enough to learn from
    # Around 130 and 1,000 yuan, and they overlap: a column that gives the answer away is refused.
    amount = np.where(stolen, chance.lognormal(11.5, 0.8, _PAYMENTS), chance.lognormal(9.5, 0.7, _PAYMENTS)).round()
    at = np.sort(chance.integers(0, _DAYS * 86_400, _PAYMENTS))
    happened = [_BEGAN + timedelta(seconds=int(each)) for each in at]
    return pl.DataFrame(
        {
            "id": [f"{number:032x}" for number in range(_PAYMENTS)],
            "at": happened,
            "customer": [f"{each:032x}" for each in customer.tolist()],
            "merchant": [f"{each:032x}" for each in chance.integers(0, _SHOPS, _PAYMENTS).tolist()],
            # Half of the customers buy at counters, which know no device; a few share an address.
            "device": [f"{each:064x}" if each % 2 else None for each in customer.tolist()],
            "ip": [f"{each // 10:064x}" if each % 2 else None for each in customer.tolist()],
            "terminal": pl.Series([None] * _PAYMENTS, dtype=pl.String),
            "amount": amount,
            "known_at": [each + _LABEL_DELAY for each in happened],
            "fraud": stolen.astype(np.int64),
        }
    )


async def adopt(ground: Ground, model: Trained, lines: Sequence[tuple[UUID, UUID]], shop: Merchant) -> Adopted:
    """Put a model to work: one person brings it in, it scores in shadow, and another promotes it for what it scored.

    Shape: *lines* (and their customers) are `TRIED` of their own, which nobody else buys with; so is *shop*.
    Refuses: as `tiao.risk.models.draft` and `evidence` do.
    """
    control = Control(CURRENCY, on_no_list)
    async with ground.db.begin() as tx:
        now = await ground.moments(tx)
        maker = Who("bench: maker", "trained for a measurement")
        await draft(tx, now, model.model, model.reasons, maker)
        await models().propose(tx, now, model.model.model_version, maker)
    await control.look(ground.db, ground.moments)
    desk = Desk(ground.db, ground.moments, ground.book, screen=Screen(control.setup, ZoneInfo(ZONE)))
    try:
        orders = [_order(line, shop, number) for number, line in enumerate(lines)]
        # Small sets: one that takes longer than its budget is decided without the model, on a busy machine too.
        bought = [each for at in range(0, TRIED, _SET) for each in await desk.decide(orders[at : at + _SET])]
    finally:
        await desk.close()
    sold = [each.id for each in bought if isinstance(each, Purchase)]
    assert len(sold) == len(lines) == TRIED, "whoever takes part in the trial can buy"
    async with ground.db.begin() as tx:
        now = await ground.moments(tx)
        told = [NewOutcome(each, not place % ONE_IN, "bench", now.at) for place, each in enumerate(sold)]
        await risk.learn(tx, now, told)
    async with ground.db.begin() as tx:
        now = await ground.moments(tx)
        scored = await risk.decisions_between(tx, now.at, _EVER, limit=TRIED)
        # Costs alone decide: what is measured should meet as many payments with reasons as it can.
        shown = evidence(model.model, scored, await risk.truth_of(tx, sold), challenged_max=1.0)
        checker = Who("bench: checker", "it finds what it should")
        await models().promote(tx, now, model.model.model_version, checker, evidence=msgspec.json.encode(shown))
    return Adopted(model.model.model_version, len(model.model.form.leaves), len(model.model.features))


def _order(line: tuple[UUID, UUID], shop: Merchant, number: int) -> Order:
    """Make the order of one of the trial: some are what is bought with stolen accounts."""
    line_id, customer_id = line
    is_stolen = not number % ONE_IN
    low, high = _STOLEN_MINOR if is_stolen else _USUAL_MINOR
    reference = f"trial {number}"
    return Order(
        idempotency_id=rules.idempotency_id(shop.id, reference),
        line_id=line_id,
        customer_id=customer_id,
        merchant_id=shop.id,
        currency=CURRENCY,
        amount_minor=low + number * 997 % (high - low),
        plan="pay_later",
        fee_payer=FeePayer.CONSUMER,
        reference=reference,
        is_captured=True,
        context=Context(device=_digest("device", number), ip=_digest("ip", number)),
    )


def _digest(what: str, number: int) -> bytes:
    return sha256(f"{what} {number}".encode()).digest()
