"""Whatever endpoints answer, what they take of one order they take in order, and each event in the end."""

from collections import defaultdict
from datetime import timedelta
from random import Random

import pytest

from support.post import Post
from tiao.checkout import actions as checkout
from tiao.checkout import refunding
from tiao.events.model import EndpointStatus
from tiao.events.sending import Answer

FAILS = (0, 301, 404, 429, 500, 503)


@pytest.mark.parametrize("seed", range(4))
async def test_events_of_an_order_are_taken_in_order_and_none_is_lost(post: Post, seed: int) -> None:
    chance = Random(seed)
    endpoints = [await post.register(f"https://shop.example/{number}") for number in range(2)]
    line = await post.spine.line(1_000_000)
    taken: dict[tuple[object, object], list[int]] = defaultdict(list)
    for _ in range(25):
        await _something_happens(post, line, chance)
        for delivery, _ in await post.webhooks.take(16):
            is_taken = chance.random() < 0.6
            status = 204 if is_taken else chance.choice(FAILS)
            said = None if is_taken or chance.random() < 0.7 else "90"
            await post.webhooks.note(delivery, Answer(status, b"", "", said), 1)
            if is_taken:
                taken[delivery.endpoint_id, delivery.key_id].append(delivery.event_number)
        post.clock.at += timedelta(minutes=chance.choice((0, 1, 10, 100)))
    while pending := [each for each in endpoints if (await post.endpoint(each)).pending]:
        for each in pending:
            assert (await post.endpoint(each)).status is EndpointStatus.ENABLED, "nobody failed ten times"
        for delivery, _ in await post.webhooks.take(16):
            await post.webhooks.note(delivery, Answer(200, b""), 1)
            taken[delivery.endpoint_id, delivery.key_id].append(delivery.event_number)
        post.clock.at += timedelta(hours=1)
    for numbers in taken.values():
        assert numbers == sorted(set(numbers))
    by_endpoint = [sorted(n for (e, _), ns in taken.items() if e == each.endpoint.id for n in ns) for each in endpoints]
    async with post.spine.db.begin() as tx:
        known = await tx.column("select number from merchant_event order by number")
    assert by_endpoint == [known, known]


async def _something_happens(post: Post, line: object, chance: Random) -> None:
    """Hold something, capture it in part, give some of it back, let the rest go: as chance has it."""
    bought = await post.spine.buy(line, 3_000, captured=False)  # type: ignore[arg-type]
    steps = ["capture"] * chance.randint(0, 2) + ["refund"] * chance.randint(0, 1) + ["void"] * chance.randint(0, 1)
    async with post.spine.db.begin() as tx:
        now = await post.spine.moments(tx)
        for number, step in enumerate(steps):
            if step == "capture":
                await checkout.capture(
                    tx, now, post.spine.book, bought.id, amount_minor=1_000, is_final=False, key=f"{number}"
                )
            elif step == "refund" and "capture" in steps:
                await refunding.refund(
                    tx, now, post.spine.book, bought.id, amount_minor=500, reference="back", key=f"{number}"
                )
            elif step == "void":
                await checkout.void(tx, now, bought.id)
