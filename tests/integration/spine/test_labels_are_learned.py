"""What payments turned out to be is in the features within seconds of the wall clock."""

import asyncio
import time
from zoneinfo import ZoneInfo

import pytest

from support.spine import ZONE, Spine
from tiao.checkout.desk import Desk
from tiao.checkout.screening import Screen
from tiao.risk import actions as risk
from tiao.risk.control import Control
from tiao.risk.deciding import on_no_list
from tiao.risk.labels import actions as labels
from tiao.risk.labels.model import NewLabel, Source
from tiao.sharding.steady import LABELS_SECONDS

pytestmark = pytest.mark.anyio


async def test_ninety_five_of_a_hundred_labels_are_learned_within_ten_seconds(spine: Spine) -> None:
    told_at: dict[int, float] = {}
    control = Control("CNY", on_no_list)
    spine.desk = Desk(spine.db, spine.moments, spine.book, screen=Screen(control.setup, ZoneInfo(ZONE)))
    purchases = [await spine.buy(await spine.line(100_000, bucket=number), 10_000) for number in range(20)]

    async def learn() -> None:
        while True:
            await labels.learn_due(spine.db, spine.moments, risk.learn)
            await asyncio.sleep(LABELS_SECONDS)

    async def unlearned() -> int:
        async with spine.db.begin() as tx:
            return int(await tx.value("select count(*) from risk_label where learned_at is null"))

    learning = asyncio.create_task(learn())
    try:
        taken: list[float] = []
        for number, purchase in enumerate(purchases):
            told_at[number] = time.monotonic()
            async with spine.db.begin() as tx:
                now = await spine.moments(tx)
                said = NewLabel(purchase.id, purchase.customer_id, Source.CUSTOMER, is_fraud=True, actor="customer")
                await labels.tell(tx, now, [said])
            if number % 5 == 4:
                while await unlearned():  # noqa: ASYNC110  what is waited for happens in the database
                    await asyncio.sleep(0.05)
                taken += [time.monotonic() - told_at[each] for each in range(number - 4, number + 1)]
    finally:
        learning.cancel()
    async with spine.db.begin() as tx:
        assert await tx.value("select count(*) from risk_outcome where is_fraud") == 20, "the features know"
    assert len(taken) == 20
    assert sorted(taken)[18] < 10, sorted(taken)
