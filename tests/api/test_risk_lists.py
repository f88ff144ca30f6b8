"""Staff block and watch alone, allow in twos; a customer's devices tell staff with whom it hangs together."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

from tiao.risk.entities import EntityKind, digest_of
from tiao.risk.lists.model import ListKind
from tiao.sharding.steady import Linking

pytestmark = pytest.mark.anyio
UNTIL = "2026-12-01T00:00:00Z"


def entry(kind: str, value: str, entity: str = "device") -> dict[str, str]:
    return {"list": kind, "entity": entity, "value": value, "reason": "seen in a ring", "expires_at": UNTIL}


async def second(town: Any) -> Any:
    return await town.second_operator()


async def test_what_one_blocks_every_process_knows_and_what_one_allows_another_agrees_to(town: Any) -> None:
    blocked = await town.operator.made("/v1/risk_lists", entry("block", "d-1"))
    allowed = await town.operator.made("/v1/risk_lists", entry("allow", "d-2"))
    assert (blocked["is_in_force"], allowed["is_in_force"]) == (True, False)
    platform = town.services.platform
    digests = [digest_of(platform.vault, EntityKind.DEVICE, value) for value in ("d-1", "d-2")]
    async with town.db.begin() as tx:
        at = (await platform.moments(tx)).at
    assert [platform.lists.lists_of(EntityKind.DEVICE, each, at) for each in digests] == [{ListKind.BLOCK}, frozenset()]
    path = f"/v1/risk_lists/{allowed['id']}/approval"
    assert (await town.operator.post(path)).json()["code"] == "list_maker_is_checker"
    assert (await (await second(town)).made(path))["is_in_force"]
    assert platform.lists.lists_of(EntityKind.DEVICE, digests[1], at) == {ListKind.ALLOW}
    found = await town.operator.post("/v1/risk_lists/search", {"entity": "device", "value": "d-1"}, key=None)
    assert [each["id"] for each in found.json()["data"]] == [blocked["id"]]
    ended = await town.operator.made(f"/v1/risk_lists/{blocked['id']}/end")
    assert not ended["is_in_force"]
    assert platform.lists.lists_of(EntityKind.DEVICE, digests[0], at) == frozenset()
    assert [each["list"] for each in (await town.operator.got("/v1/risk_lists"))["data"]] == ["allow"]
    assert len((await town.operator.got("/v1/risk_lists", ended="true"))["data"]) == 2


async def test_wrong_entries_are_refused(town: Any) -> None:
    cases = [
        (entry("block", "12", "phone"), "entity_invalid"),
        (entry("block", "d") | {"expires_at": "2036-01-01T00:00:00Z"}, "list_entry_expiry_invalid"),
    ]
    for body, code in cases:
        assert (await town.operator.post("/v1/risk_lists", body)).json()["code"] == code
    await town.operator.made("/v1/risk_lists", entry("watch", "d"))
    assert (await town.operator.post("/v1/risk_lists", entry("watch", "d"))).json()["code"] == "list_entry_exists"
    sought = await town.operator.post("/v1/risk_lists/search", {"entity": "phone", "value": "12"}, key=None)
    assert sought.json()["code"] == "entity_invalid"
    assert (await town.merchant.get("/v1/risk_lists")).json()["code"] == "role_not_allowed"


async def test_customers_on_one_device_are_shown_as_a_ring(town: Any) -> None:
    people = [await town.customer(with_line=False) for _ in range(5)]
    for client, _ in people[:4]:
        seen = {"device": "phone-of-the-ring", "ip": "203.0.113.9"}
        assert (await client.made("/v1/sightings", seen))["noted"] == ["device", "ip"]
    await Linking()(town.services.shards.sites[0])
    links = await town.operator.got(f"/v1/customers/{people[0][1]}/links")
    assert (links["ring_size"], links["is_ring"], sorted(links["others"])) == (
        4, True, sorted(each for _, each in people[1:4]),
    )  # fmt: skip
    assert [(each["entity"], each["customers"]) for each in links["shared"][:2]] == [("device", 4), ("ip", 4)]
    alone = await town.operator.got(f"/v1/customers/{people[4][1]}/links")
    assert (alone["ring_size"], alone["others"], alone["shared"][0]["entity"]) == (1, [], "phone")
    await town.assert_sound()
