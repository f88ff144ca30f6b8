"""How merchants were told is forgotten after a while; what they did not take, and every fact, is not."""

from datetime import UTC, datetime, timedelta

import pytest

from integration.events.test_webhooks import held_and_captured
from support.post import Hostile, Post
from tiao.api.outside import check_outside
from tiao.api.tidying import Tidying
from tiao.runtime.config import BadConfiguration
from tiao.runtime.secrets import FieldCipher

KEPT = timedelta(days=90)
VAULT = FieldCipher({1: b"v" * 32})


async def counted(post: Post, table: str) -> int:
    async with post.spine.db.begin() as tx:
        return int(await tx.value(f"select count(*) from {table}"))


async def test_what_arrived_long_ago_is_forgotten_and_can_be_told_again(post: Post, hostile: Hostile) -> None:
    issued = await post.register(hostile.hook)
    line = await post.spine.line(1_000_000)
    await held_and_captured(post, line)
    await post.live(timedelta(minutes=1))
    assert len(hostile.taken()) == 2
    hostile.behave("down")
    await held_and_captured(post, line)
    await post.live(timedelta(minutes=1))
    ago = "make_interval(days => 91)"
    older = f"update webhook_delivery set delivered_at = delivered_at - {ago}, due_at = due_at - {ago}"
    async with post.spine.db.begin() as tx:
        await tx.execute(older)
    events_before = await counted(post, "merchant_event")
    waiting = (await post.endpoint(issued)).pending
    assert waiting == 2
    forgotten = await Tidying(KEPT, VAULT)(post.spine.db, datetime.now(UTC))
    assert forgotten == 2
    assert (await post.endpoint(issued)).pending == waiting, "what was not taken waits on"
    assert await counted(post, "webhook_delivery") == waiting
    assert await counted(post, "merchant_event") == events_before
    assert await Tidying(KEPT, VAULT)(post.spine.db, datetime.now(UTC)) == 0
    hostile.behave("ok")
    before = len(hostile.taken())
    await post.live(timedelta(days=1))
    assert len(hostile.taken()) == before + waiting, "nothing that was forgotten is told by itself"


async def test_slots_whose_time_is_over_are_forgotten(post: Post) -> None:
    slot = """
        insert into pay_slot (slot, device_id, customer_id, secret_sealed, granted_at, ends_at)
        values (%(slot)s, gen_random_uuid(), gen_random_uuid(), '\\x00', now() - %(ago)s, now() - %(ago)s)
        """
    async with post.spine.db.begin() as tx:
        for number, ago in enumerate((timedelta(days=2), timedelta(hours=23), timedelta(minutes=-3))):
            await tx.execute(slot, slot=number, ago=ago)
    assert await Tidying(KEPT, VAULT)(post.spine.db, datetime.now(UTC)) == 1
    async with post.spine.db.begin() as tx:
        assert await tx.column("select slot from pay_slot order by slot") == [1, 2]


@pytest.mark.parametrize("days", ["6", "3651", "-1", "many"])
def test_too_few_days_are_refused_before_anything_starts(days: str) -> None:
    environment = {"TIAO_BANK_KEY": "0" * 64, "TIAO_BUREAU_SECRET": "1" * 64, "TIAO_DELIVERIES_DAYS": days}
    with pytest.raises(BadConfiguration):
        check_outside(environment)
    check_outside({**environment, "TIAO_DELIVERIES_DAYS": "7"})
