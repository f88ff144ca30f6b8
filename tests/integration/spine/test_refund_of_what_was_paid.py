"""A refund of a plan that was paid takes back the subsidy, and leaves the days alone on which it was paid."""

from datetime import date

from support.spine import Spine
from tiao.checkout.refunding import refund
from tiao.lending import daily
from tiao.lending.model import FeePayer


async def test_what_was_paid_in_time_does_not_become_late(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    order = spine.order(line, 90_000, "instalments_3")._replace(fee_payer=FeePayer.MERCHANT)
    [bought] = await spine.desk.decide([order])
    assert not isinstance(bought, Exception)
    await spine.live_until(date(2026, 4, 3))
    await spine.pay(line, 90_000)
    await spine.live_until(date(2026, 4, 20))
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await refund(tx, now, spine.book, bought.id, amount_minor=90_000, reference="back", key="1")
    async with spine.db.begin() as tx:
        [loan] = await daily.loans_of_line(tx, line.id, before=now.new_id(255), limit=5)
        days = await tx.column("select settled_on from loan_instalment")
        subsidies = await tx.column("select subsidy_minor - subsidy_cancelled_minor from loan_instalment")
    assert (days, loan.settled_on) == ([date(2026, 4, 3)] * 3, date(2026, 4, 3))
    assert sum(subsidies) == 0
    await spine.assert_sound()
