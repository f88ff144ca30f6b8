"""A customer who taps twice pays once: against the bank's own simulator, with nothing between the taps."""

import asyncio
from datetime import UTC, datetime

from support.spine import Spine
from tiao.payments.model import Debit, DebitState
from tiao.payments.providers.channel import BindOrder, Bound
from tiao.payments.providers.http_bank import HttpBank
from tiao.servicing.counter import RepaymentCounter
from tiao.servicing.repaying import AskedFor
from tiao.simulator.neighbours import open_neighbours
from tiao.wiring import MAIN_CHANNEL

LINES = 6
TAPS = 4


async def test_taps_at_the_same_moment_take_what_is_owed_once(spine: Spine) -> None:
    async with open_neighbours("two taps") as near:
        bank = HttpBank(near.bank, key=near.bank_key)
        for place in range(LINES):
            order = BindOrder(f"bind{place}", f"62220{place}", "张三", datetime(2026, 3, 1, tzinfo=UTC))
            bound = await bank.bind(order)
            assert isinstance(bound, Bound)
            line = await spine.line(1_000_000, agreement=bound.agreement)
            await spine.buy(line, 100_000)
            asked = [
                AskedFor(line.id, line.customer_id, spine.account_of(line), 100_000, "CNY", f"tap {tap}")
                for tap in range(TAPS)
            ]
            # As many processes as taps: at one counter the taps of a line would wait for each other.
            counters = [RepaymentCounter(spine.db, {MAIN_CHANNEL: bank}, spine.moments) for _ in asked]
            taps = (counter.repay(one) for counter, one in zip(counters, asked, strict=True))
            answers = await asyncio.gather(*taps, return_exceptions=True)
            paid = [one for one in answers if isinstance(one, Debit) and one.state is DebitState.SUCCEEDED]
            assert len(paid) == 1, answers
            assert (await spine.read(line)).used_minor == 0
    await spine.assert_sound()
