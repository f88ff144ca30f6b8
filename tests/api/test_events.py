"""The log of events and its endpoints over HTTP, on one server and on two."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

from tests.support.consenting import application


async def sell(town: Any, count: int) -> list[str]:
    """Sell to so many customers whom the credit policy takes; on two servers they lie on both."""
    made: list[str] = []
    while len(made) < count:
        client, customer = await town.customer(with_line=False)
        applied = await client.made("/v1/applications", application())
        if applied["decision"]["outcome"] == "approved":
            made.append((await town.bought(client, customer, 10_000))["id"])
    return made


async def test_the_log_is_read_in_pages_that_miss_nothing(town: Any) -> None:
    await _read_in_pages(town)


async def test_the_logs_of_two_servers_are_read_as_one(town_on_two: Any) -> None:
    await _read_in_pages(town_on_two)


async def _read_in_pages(town: Any) -> None:
    sold = await sell(town, 3)
    refund = {"amount_minor": 1_000, "reference": "back"}
    given = await town.merchant.made(f"/v1/purchases/{sold[0]}/refunds", refund)
    first = await town.merchant.got("/v1/events", limit=2)
    assert first["has_more"]
    rest = await town.merchant.got("/v1/events", limit=20, after=first["next"])
    told = first["data"] + rest["data"]
    # What happened in one instant on two servers has no order; on each it is in order.
    said = [(each["type"], each["data"]["id"]) for each in told]
    assert sorted(said) == sorted(
        [*(("purchase.captured", each) for each in sold), ("refund.created", given["refund"]["id"])]
    )
    [refund] = [each for each in told if each["type"] == "refund.created"]
    assert refund["data"]["purchase"] == sold[0]
    assert said.index(("purchase.captured", sold[0])) < told.index(refund)
    assert not rest["has_more"]
    assert (await town.merchant.got("/v1/events", after=rest["next"]))["data"] == []
    [another] = await sell(town, 1)
    later = await town.merchant.got("/v1/events", after=rest["next"])
    assert [each["data"]["id"] for each in later["data"]] == [another]
    only = await town.merchant.got("/v1/events", type="refund.created")
    assert only["data"] == [refund]
    assert await town.merchant.got(f"/v1/events/{told[1]['id']}") == told[1]
    await town.assert_sound()


async def test_a_merchant_sees_and_registers_its_own_only(town: Any) -> None:
    [_] = await sell(town, 1)
    body = {"name": "另一家", "category": "tea", "currency": "CNY", "discount_rate": "0.01", "payout_account": "62"}
    other_id = (await town.operator.made("/v1/merchants", body))["id"]
    other = town.client(await town.issued("merchant", other_id))
    [event] = (await town.merchant.got("/v1/events"))["data"]
    assert (await other.got("/v1/events"))["data"] == []
    assert (await other.get(f"/v1/events/{event['id']}")).json()["code"] == "event_unknown"
    issued = await town.merchant.made("/v1/webhook_endpoints", {"url": "https://shop.example/hook"})
    where = f"/v1/webhook_endpoints/{issued['endpoint']['id']}"
    assert issued["secret"].startswith("whsec_")
    for answer in (
        await other.get(where),
        await other.delete(where),
        await other.put(where, {"url": "https://x.example", "enabled": True}),
        await other.post(f"{where}/rotation", {}),
        await other.get(f"{where}/deliveries"),
        await other.post(f"{where}/replays", {"event": event["id"]}),
    ):
        assert answer.json()["code"] == "endpoint_unknown"
    mine = await other.made("/v1/webhook_endpoints", {"url": "https://x.example/hook"})
    foreign = await other.post(f"/v1/webhook_endpoints/{mine['endpoint']['id']}/replays", {"event": event["id"]})
    assert foreign.json()["code"] == "event_unknown"
    shown = await town.merchant.got(where)
    assert shown["public_keys"] == [issued["public_key"]]
    assert "secret" not in str(shown)


async def test_an_endpoint_is_made_once_changed_replayed_to_and_removed(town: Any) -> None:
    [sold] = await sell(town, 1)
    asked = {"url": "https://shop.example/hook", "types": ["refund.created"]}
    made = (await town.merchant.post("/v1/webhook_endpoints", asked, key="one")).json()
    again = (await town.merchant.post("/v1/webhook_endpoints", asked, key="one")).json()
    assert made == again
    assert len((await town.merchant.got("/v1/webhook_endpoints"))["data"]) == 1
    where = f"/v1/webhook_endpoints/{made['endpoint']['id']}"
    for url in ("http://shop.example/", "https://10.0.0.1/", "nothing"):
        refused = await town.merchant.post("/v1/webhook_endpoints", {"url": url})
        assert (refused.status_code, refused.json()["code"]) == (422, "endpoint_address_invalid")
    replayed = await town.merchant.made(
        f"{where}/replays", {"from_at": "2026-09-01T00:00:00Z", "until_at": "2026-09-02T00:00:00Z"}
    )
    assert replayed == {"events": 1}
    [delivery] = (await town.merchant.got(f"{where}/deliveries", pending="true"))["data"]
    assert (delivery["type"], delivery["attempts"], delivery["delivered_at"]) == ("purchase.captured", 0, None)
    assert (await town.merchant.got(f"{where}/deliveries/{delivery['event']}"))["data"] == []
    assert (await town.merchant.got(where))["endpoint"]["pending"] == 1
    off = await town.merchant.put(where, {"url": "https://shop.example/hook", "enabled": False})
    assert (off.json()["status"], off.json()["disabled_reason"]) == ("disabled", "merchant")
    refused = await town.merchant.post(f"{where}/replays", {"event": delivery["event"]})
    assert refused.json()["code"] == "endpoint_disabled"
    rotated = await town.merchant.made(f"{where}/rotation", {"grace_seconds": 60})
    assert rotated["secret"] != made["secret"]
    assert (await town.merchant.got(where))["public_keys"] == [rotated["public_key"], made["public_key"]]
    assert (await town.merchant.delete(where)).status_code == 200
    assert (await town.merchant.delete(where)).status_code == 200
    assert (await town.merchant.get(where)).status_code == 404
    assert sold
