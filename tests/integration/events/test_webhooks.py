"""Telling a merchant's server that is down, slow, confused or gone: delivered in order, or disabled, and shown."""

import base64
import json
from datetime import timedelta
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError

from support.post import Hostile, Post
from tiao.checkout import actions as checkout
from tiao.events import actions as events
from tiao.events.model import EndpointStatus, EventKind, IssuedSecret, NewEndpoint
from tiao.events.refusals import EndpointDisabled
from tiao.events.rules import PLAN
from tiao.ledger.model import CreditLine
from tiao.values.ids import show_id

HELD, CAPTURED = EventKind.PURCHASE_AUTHORISED, EventKind.PURCHASE_CAPTURED


async def held_and_captured(post: Post, line: CreditLine, amount_minor: int = 10_000) -> str:
    """Sell something in two events of one order; give the order's id."""
    bought = await post.spine.buy(line, amount_minor, captured=False)
    async with post.spine.db.begin() as tx:
        now = await post.spine.moments(tx)
        await checkout.capture(tx, now, post.spine.book, bought.id, amount_minor=amount_minor, is_final=True, key="all")
    return show_id("pur", bought.id)


async def test_what_is_told_is_signed_as_the_public_library_checks_it(post: Post, hostile: Hostile) -> None:
    issued: IssuedSecret = await post.register(hostile.hook)
    line = await post.spine.line(100_000)
    order = await held_and_captured(post, line)
    assert await post.tell() == 2
    for message in hostile.seen()["taken"]:
        said = Webhook(issued.secret).verify(message["body"], message["headers"])
        assert said["id"] == message["headers"]["webhook-id"]
        assert said["data"] == {"object": "purchase", "id": order}
        assert set(said) == {"id", "type", "timestamp", "data"}
        with pytest.raises(WebhookVerificationError):
            Webhook(issued.secret).verify(message["body"].replace(order, f"{order[:-1]}g"), message["headers"])
        # The same with the public key.
        headers = message["headers"]
        content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{message['body']}".encode()
        [signature] = [each[4:] for each in headers["webhook-signature"].split() if each.startswith("v1a,")]
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(issued.public_key.removeprefix("whpk_")))
        key.verify(base64.b64decode(signature), content)
    assert hostile.taken() == [(HELD.value, order), (CAPTURED.value, order)]


async def test_while_a_secret_is_rotated_both_open_the_message(post: Post, hostile: Hostile) -> None:
    old = await post.register(hostile.hook)
    async with post.spine.db.begin() as tx:
        new = await events.rotate_secret(
            tx,
            post.spine.merchant.id,
            old.endpoint.id,
            at=post.clock.at,
            vault=post.vault,
            random_bytes=post.random.randbytes,
        )
    line = await post.spine.line(100_000)
    await post.spine.buy(line, 1_000)
    await post.tell()
    [message] = hostile.seen()["taken"]
    for secret in (old.secret, new.secret):
        Webhook(secret).verify(message["body"], message["headers"])
    post.clock.at += timedelta(days=1, seconds=1)
    await post.spine.buy(line, 1_000)
    await post.tell()
    signatures = hostile.seen()["taken"][-1]["headers"]["webhook-signature"]
    assert signatures.count("v1,") == 1, "after the grace the new one signs alone"


async def test_a_server_that_is_down_for_a_day_is_told_everything_in_order_of_each_order(
    post: Post, hostile: Hostile
) -> None:
    issued = await post.register(hostile.hook)
    hostile.behave("down")
    line = await post.spine.line(100_000)
    orders = [await held_and_captured(post, line, 1_000) for _ in range(3)]
    await post.tell()
    await post.live(timedelta(hours=24))
    assert hostile.taken() == []
    shown = await post.endpoint(issued)
    assert (shown.status, shown.pending) == (EndpointStatus.ENABLED, 6)
    # What comes later in an order was not even tried.
    tried = {(each.kind, each.tries > 0) for each in await post.deliveries(issued)}
    assert tried == {(HELD, True), (CAPTURED, False)}
    hostile.behave("ok")
    await post.live(timedelta(hours=20))
    assert (await post.endpoint(issued)).pending == 0
    for order in orders:
        assert [kind for kind, about in hostile.taken() if about == order] == [HELD.value, CAPTURED.value]
    assert len(hostile.taken()) == 6


async def test_after_the_plan_an_endpoint_is_disabled_shown_and_resumed_by_hand(post: Post, hostile: Hostile) -> None:
    issued = await post.register(hostile.hook)
    hostile.behave("broken")
    line = await post.spine.line(100_000)
    order = await held_and_captured(post, line)
    await post.tell()
    await post.live(timedelta(hours=70), timedelta(minutes=30))
    assert (await post.endpoint(issued)).status is EndpointStatus.ENABLED
    await post.live(timedelta(hours=15), timedelta(minutes=30))
    shown = await post.endpoint(issued)
    assert (shown.status, shown.reason, shown.pending) == (EndpointStatus.DISABLED, "exhausted", 2)
    assert hostile.seen()["calls"] == len(PLAN) + 1 == 10
    [_, first] = await post.deliveries(issued, is_open=True)
    log = await post.attempts(first)
    async with post.spine.db.begin() as tx:
        with pytest.raises(EndpointDisabled):
            await events.replay(tx, post.spine.merchant.id, issued.endpoint.id, [], at=post.clock.at)
    assert [(each.number, each.status) for each in log] == [(number, 500) for number in range(1, 11)]
    pauses = [later.at - earlier.at for earlier, later in pairwise(log)]
    assert all(pause >= planned for pause, planned in zip(pauses, PLAN, strict=True))
    hostile.behave("ok")
    async with post.spine.db.begin() as tx:
        new = NewEndpoint(hostile.hook, (), "orders")
        await events.change(
            tx,
            post.spine.merchant.id,
            issued.endpoint.id,
            new,
            is_enabled=True,
            at=post.clock.at,
            allow=frozenset({"127.0.0.1"}),
        )
    await post.tell()
    assert hostile.taken() == [(HELD.value, order), (CAPTURED.value, order)]


async def test_an_endpoint_that_is_gone_is_disabled_at_once(post: Post, hostile: Hostile) -> None:
    issued = await post.register(hostile.hook)
    hostile.behave("gone")
    line = await post.spine.line(100_000)
    await held_and_captured(post, line)
    await post.tell()
    await post.live(timedelta(hours=1))
    shown = await post.endpoint(issued)
    assert (shown.status, shown.reason, hostile.seen()["calls"]) == (EndpointStatus.DISABLED, "gone", 1)


async def test_a_server_that_is_busy_is_let_be_for_as_long_as_it_asks(post: Post, hostile: Hostile) -> None:
    issued = await post.register(hostile.hook)
    hostile.behave("busy", times=1)
    line = await post.spine.line(100_000)
    await post.spine.buy(line, 1_000)
    await post.tell()
    await post.spine.buy(line, 1_000)
    await post.live(timedelta(minutes=119))
    assert hostile.seen()["calls"] == 1
    assert (await post.endpoint(issued)).rests_until is not None
    await post.live(timedelta(minutes=2))
    assert len(hostile.taken()) == 2


@pytest.mark.parametrize(("mode", "status"), [("away", 302), ("rubbish", 0), ("slow", 0), ("down", 0), ("broken", 500)])
async def test_whatever_is_no_success_is_tried_again(post: Post, hostile: Hostile, mode: str, status: int) -> None:
    issued = await post.register(hostile.hook)
    hostile.behave(mode, times=1)
    line = await post.spine.line(100_000)
    await post.spine.buy(line, 1_000)
    await post.tell()
    [delivery] = await post.deliveries(issued)
    [attempt] = await post.attempts(delivery)
    assert (attempt.status, delivery.delivered_at) == (status, None)
    assert attempt.took_ms < 7_000, "nobody waits longer than five seconds"
    assert hostile.seen()["led"] == 0, "a redirect is not followed"
    await post.live(timedelta(seconds=6), timedelta(seconds=6))
    assert len(hostile.taken()) == 1


async def test_one_slow_server_keeps_nobody_else_waiting(post: Post, hostile: Hostile) -> None:
    """Of one endpoint only a few messages are under way; the others' are taken in the same look."""
    slow = await post.register("https://slow.example/hook")
    quick = await post.register(hostile.hook)
    line = await post.spine.line(100_000)
    for _ in range(10):
        await post.spine.buy(line, 100)
    taken = await post.webhooks.take(16)
    by_endpoint = [each.endpoint_id for each, _ in taken]
    assert (by_endpoint.count(slow.endpoint.id), by_endpoint.count(quick.endpoint.id)) == (4, 4)
    assert await post.webhooks.take(16) == [], "they are leased, and nothing more of these endpoints goes out"


async def test_an_event_and_a_range_are_told_again_under_their_own_ids(post: Post, hostile: Hostile) -> None:
    issued = await post.register(hostile.hook, CAPTURED)
    line = await post.spine.line(100_000)
    for _ in range(3):
        await post.spine.buy(line, 100)
    async with post.spine.db.begin() as tx:
        await checkout.void(tx, await post.spine.moments(tx), (await post.spine.buy(line, 100, captured=False)).id)
    await post.tell()
    assert {kind for kind, _ in hostile.taken()} == {CAPTURED.value}, "only the kinds it asked for"
    async with post.spine.db.begin() as tx:
        log = await events.events_of(tx, post.spine.merchant.id, after=0, kind=None, limit=10)
        assert [each.kind for each in log] == [CAPTURED] * 3 + [HELD, EventKind.PURCHASE_VOIDED]
        assert await events.replay(tx, post.spine.merchant.id, issued.endpoint.id, log[:2], at=post.clock.at) == 2
    await post.tell()
    ids = [json.loads(each["body"])["id"] for each in hostile.seen()["taken"]]
    # Three purchases are three keys: which is told first is open, and ids go up with the log.
    assert sorted(ids[3:]) == sorted(ids[:3])[:2]


INSIDE = (
    "https://10.0.0.1/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::1]/",
    "https://localhost/",
    "http://[::]/",
)


@pytest.mark.parametrize("url", INSIDE)
async def test_messages_lead_only_to_public_addresses(post: Post, url: str) -> None:
    """What a name leads to is found out when it is called: it may have been another address when it was named."""
    issued = await post.register("https://shop.example/hook")
    async with post.spine.db.begin() as tx:
        await tx.execute("update webhook_endpoint set url = %(url)s", url=url)
    line = await post.spine.line(100_000)
    await post.spine.buy(line, 100)
    await post.tell()
    [delivery] = await post.deliveries(issued)
    [attempt] = await post.attempts(delivery)
    assert (attempt.status, attempt.reason) == (0, "address_not_allowed")


async def test_events_are_committed_with_their_facts_or_not_at_all(post: Post) -> None:
    line = await post.spine.line(100_000)
    bought = await post.spine.buy(line, 1_000, captured=False)

    async def broken_off() -> None:
        async with post.spine.db.begin() as tx:
            await checkout.void(tx, await post.spine.moments(tx), bought.id)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await broken_off()
    async with post.spine.db.begin() as tx:
        await events.give_places(tx)
        log = await events.events_of(tx, post.spine.merchant.id, after=0, kind=None, limit=10)
    assert [each.kind for each in log] == [HELD]
    await post.spine.assert_sound()
