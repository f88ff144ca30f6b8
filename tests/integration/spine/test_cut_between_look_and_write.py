"""A limit that is cut while a purchase is decided: whichever counts first, nobody owes more than was ever granted."""

from dataclasses import dataclass

import pytest

from support.spine import Spine
from tiao.checkout import authorising, store
from tiao.checkout.model import Order
from tiao.ledger import actions as ledger
from tiao.ledger.refusals import CreditLimitExceeded
from tiao.runtime.db import Tx


@dataclass
class Deciding:
    """What a process does that looked at an order and has not written it yet."""

    spine: Spine
    order: Order

    async def look(self, tx: Tx) -> None:
        self.facts = await store.read_facts(tx, [self.order])

    async def write(self, tx: Tx) -> None:
        now = await self.spine.moments(tx)
        await authorising.write(tx, now, authorising.decide(now, self.spine.book, [self.order], self.facts))


@pytest.mark.parametrize("captured", [True, False])
async def test_purchases_seen_before_a_cut_do_not_lift_the_limit(spine: Spine, *, captured: bool) -> None:
    line = await spine.line(100_000)
    await spine.buy(line, 80_000)
    both = [Deciding(spine, spine.order(line, 15_000, captured=captured)) for _ in range(2)]
    async with spine.db.begin() as tx:
        for one in both:
            await one.look(tx)
    async with spine.db.begin() as tx:
        await ledger.set_limits(tx, [(line.id, 50_000)])
    for one in both:
        with pytest.raises(CreditLimitExceeded):
            async with spine.db.begin() as tx:
                await one.write(tx)
    stands = await spine.read(line)
    assert stands.used_minor + stands.held_minor == stands.limit_minor == 80_000
    await spine.assert_sound()
