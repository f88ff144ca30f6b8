"""How channels do is shown; two people drain one, close it for a while or change the policies; what if asks nobody."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from datetime import timedelta
from typing import Any

import pytest

from tiao.partners.model import Role
from tiao.values.ids import derived_id

pytestmark = pytest.mark.anyio


async def second_operator(town: Any) -> Any:
    return town.client(await town.key(Role.OPERATOR, derived_id("second operator")))


async def agreed(town: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """Propose as one operator and agree as another."""
    made = await town.operator.made("/v1/routing/proposals", {"reason": "a test", **asked})
    other = await second_operator(town)
    done = await other.made(f"/v1/routing/proposals/{made['number']}/agreement")
    return dict(done)


async def test_health_counts_what_became_of_debits_and_what_is_believed(town: Any) -> None:
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, 30_000)
    source = await consumer.made("/v1/funding_sources", {"account_no": "6222020000000001"})
    await consumer.made("/v1/repayments", {"funding_source": source["id"], "amount_minor": 30_000})
    found = await town.operator.got("/v1/routing/health", hours=1)
    by_name = {each["name"]: each for each in found["data"]}
    bank = by_name["bank"]
    assert (bank["succeeded"], bank["failed_by_channel"], bank["open_now"], bank["unknown_now"]) == (1, 0, 0, 0)
    assert (bank["success_rate"], bank["amount_minor"], bank["against"]) == (1.0, 30_000, [])
    [belief] = bank["beliefs"]
    assert (belief["outcomes"], belief["is_broken"], belief["issuer"]) == (1, False, None)
    assert by_name["nucc"]["against"][0] == "not_reachable"
    assert by_name["nucc"]["success_rate"] is None
    assert (await town.merchant.get("/v1/routing/health")).json()["code"] == "role_not_allowed"


async def test_one_person_proposes_and_only_another_agrees(town: Any) -> None:
    asked = {"reason": "announced work", "maintenance": window(town, "nucc", 1)}
    made = await town.operator.made("/v1/routing/proposals", asked)
    path = f"/v1/routing/proposals/{made['number']}"
    assert (made["state"], made["kind"], made["channel"]) == ("open", "maintenance", "nucc")
    assert (await town.operator.post(f"{path}/agreement")).json()["code"] == "own_proposal"
    other = await second_operator(town)
    assert (await other.made(f"{path}/agreement"))["state"] == "agreed"
    assert (await other.post(f"{path}/rejection")).json()["code"] == "proposal_decided"
    assert (await other.post("/v1/routing/proposals/999/agreement")).json()["code"] == "proposal_unknown"
    table = await town.operator.got("/v1/routing/channels")
    assert [each["channel"] for each in table["closures"]] == ["nucc"]
    assert {each["name"] for each in table["data"]} == {"bank", "unionpay", "nucc", "host", "giro"}
    shown = await town.operator.got("/v1/routing/health")
    assert next(each for each in shown["data"] if each["name"] == "nucc")["against"] == ["not_reachable", "maintenance"]
    assert (await town.operator.got("/v1/routing/proposals", open=True))["data"] == []


def window(town: Any, channel: str, hours: int) -> dict[str, str]:
    """Announce a maintenance that has just begun."""
    at = town.services.platform.programme.now_at
    return {"channel": channel, "starts_at": at.isoformat(), "ends_at": (at + timedelta(hours=hours)).isoformat()}


async def test_what_makes_no_sense_is_refused(town: Any) -> None:
    for asked, code in (
        ({}, "one_thing_proposed"),
        ({"drain": "nucc", "refill": "nucc"}, "one_thing_proposed"),
        ({"drain": "nobody"}, "routing_channel_unknown"),
        ({"refill": "nucc"}, "channel_not_drained"),
        ({"drain": "bank"}, "channel_is_last"),
        ({"maintenance": window(town, "nucc", 24 * 8)}, "maintenance_invalid"),
        ({"maintenance": window(town, "nucc", 0)}, "maintenance_invalid"),
        ({"policies": {"live": "a", "policies": {"a": {"commitments": {"nobody": 1}}}}}, "routing_table_invalid"),
    ):
        answer = await town.operator.post("/v1/routing/proposals", {"reason": "no", **asked})
        assert answer.json()["code"] == code, asked


async def test_a_drained_channel_takes_nothing_new_until_it_is_filled_again(town: Any) -> None:
    await agreed(town, {"drain": "nucc"})
    asked = {"amount_minor": 10_000, "issuer": "ICBC"}
    told = await town.operator.made("/v1/routing/what_if", asked)
    reasons = {each["channel"]: each["reasons"] for each in told["excluded"]}
    assert (told["chosen"], told["because"]) == ("bank", "only")
    assert reasons["nucc"] == ["not_reachable", "drained"]
    assert [each["channel"] for each in (await town.operator.got("/v1/routing/channels"))["drained"]] == ["nucc"]
    again = await town.operator.post("/v1/routing/proposals", {"reason": "no", "drain": "nucc"})
    assert again.json()["code"] == "channel_drained_already"
    await agreed(town, {"refill": "nucc"})
    assert (await town.operator.got("/v1/routing/channels"))["drained"] == []


async def test_policies_that_two_people_chose_decide_and_are_held_against_the_past(town: Any) -> None:
    before = await town.operator.got("/v1/routing/policies")
    assert (before["are_shipped"], before["policies"]["live"]) == (True, "balanced")
    assert {"code": "maintenance", "again": "elsewhere", "is_channels": True} in before["codes"]
    said = {"live": "ours", "policies": {"ours": {"margin_bps": 200}, "sure": {}}, "shadows": ["sure"]}
    await agreed(town, {"policies": said})
    after = await town.operator.got("/v1/routing/policies")
    assert (after["are_shipped"], after["policies"]["live"]) == (False, "ours")
    told = await town.operator.made("/v1/routing/what_if", {"amount_minor": 10_000})
    assert (told["policy"], told["shadows"]) == ("ours", {"sure": "bank"})
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, 30_000)
    source = await consumer.made("/v1/funding_sources", {"account_no": "6222020000000001"})
    made = await consumer.made("/v1/repayments", {"funding_source": source["id"], "amount_minor": 30_000})
    [attempt] = (await town.operator.got(f"/v1/repayments/{made['repayment']['id']}/attempts"))["data"]
    assert attempt["route"]["policy"] == "ours"
    found = await town.operator.made("/v1/routing/backtest", {"days": 1})
    assert [(each["policy"], each["is_live"], each["decisions"], each["success_rate"]) for each in found["data"]] == [
        ("ours", True, 1, 1.0),
        ("sure", False, 1, 1.0),
    ]


async def test_asking_what_if_changes_nothing(town: Any) -> None:
    asked = {"amount_minor": 10_000, "issuer": "CCB", "account_class": 3, "used_today_minor": 195_000}
    told = await town.operator.made("/v1/routing/what_if", asked)
    assert told["chosen"] is None
    assert all("above_class_limit" in each["reasons"] for each in told["excluded"])
    health = await town.operator.got("/v1/routing/health")
    assert all(each["succeeded"] == 0 for each in health["data"])
