"""Nobody is two people: a key issued in another's name changes nothing until a third person has confirmed it."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

pytestmark = pytest.mark.anyio


async def introduced(town: Any, by: Any, name: str = "Nobody Real") -> tuple[Any, str]:
    """Let somebody issue a key in a name and keep its token; give its client and its id."""
    made = await by.made("/v1/api_keys", {"role": "operator", "label": name})
    return town.client(made["token"]), made["key"]["id"]


async def refused(client: Any, path: str, body: object = None) -> tuple[int, str]:
    answer = await client.post(path, body if body is not None else {})
    return answer.status_code, answer.json()["code"]


async def test_who_makes_a_person_up_cannot_agree_to_their_own_proposal_with_it(town: Any) -> None:
    await town.operator.made("/v1/early_warning/shadow", {"reason": "to look at it"})
    made_up, key = await introduced(town, town.operator)
    assert await refused(made_up, "/v1/early_warning/on", {"reason": "agreed"}) == (403, "key_waits")
    confirmation = f"/v1/api_keys/{key}/confirmation"
    assert await refused(town.operator, confirmation) == (403, "own_introduction")
    assert await refused(made_up, confirmation) == (403, "key_waits")
    assert (await town.operator.got("/v1/early_warning"))["mode"] == "shadow"


async def test_nor_can_they_propose_with_it_or_introduce_others(town: Any) -> None:
    made_up, _ = await introduced(town, town.operator)
    assert await refused(made_up, "/v1/early_warning/shadow", {"reason": "mine"}) == (403, "key_waits")
    assert await refused(made_up, "/v1/api_keys", {"role": "operator", "label": "Another"}) == (403, "key_waits")
    lifted = await made_up.delete(f"/v1/merchants/{town.merchant_id}/suspension")
    assert (lifted.status_code, lifted.json()["code"]) == (403, "key_waits")
    assert (await made_up.get("/v1/merchants")).status_code == 200


async def test_a_second_operator_confirms_it_once_and_then_it_is_somebody(town: Any) -> None:
    await town.operator.made("/v1/early_warning/shadow", {"reason": "to look at it"})
    newcomer, key = await introduced(town, town.operator, "Ma Tao")
    second = await town.second_operator()
    me, other = [(await each.got("/v1/session"))["subject"] for each in (town.operator, second)]
    for _ in range(2):
        shown = await second.made(f"/v1/api_keys/{key}/confirmation", {})
        assert (shown["issued_by"], shown["confirmed_by"], shown["is_waiting"]) == (me, other, False)
    assert (await newcomer.made("/v1/early_warning/on", {"reason": "agreed"}))["mode"] == "on"


async def test_a_key_taken_in_the_name_of_somebody_who_is_there_waits_too(town: Any) -> None:
    """A new key, one for the person's id, a successor of the person's own: the taker has each token."""
    second = await town.second_operator()
    victim = (await second.got("/v1/session"))["subject"]
    own = (await second.got("/v1/api_keys"))["data"][0]["id"]
    by_name = await town.operator.made("/v1/api_keys", {"role": "operator", "label": "second person"})
    by_id = await town.operator.made("/v1/api_keys", {"role": "operator", "label": "x", "subject": victim})
    rotated = await town.operator.made(f"/v1/api_keys/{own}/rotation", {"grace_seconds": 3600})
    for taken in (by_name, by_id, rotated):
        assert (taken["key"]["subject"], taken["key"]["is_waiting"]) == (victim, True)
        client = town.client(taken["token"])
        assert await refused(client, "/v1/early_warning/shadow", {"reason": "not me"}) == (403, "key_waits")
    assert (await second.made("/v1/early_warning/shadow", {"reason": "me"}))["mode"] == "shadow"


async def test_one_s_own_further_keys_and_their_successors_open_at_once(town: Any) -> None:
    me = (await town.operator.got("/v1/session"))["subject"]
    mine = await town.operator.made("/v1/api_keys", {"role": "operator", "label": "night job", "subject": me})
    rotated = await town.operator.made(f"/v1/api_keys/{mine['key']['id']}/rotation", {"grace_seconds": 0})
    assert (mine["key"]["is_waiting"], rotated["key"]["is_waiting"]) == (False, False)
    client = town.client(rotated["token"])
    assert (await client.made("/v1/early_warning/shadow", {"reason": "at night"}))["mode"] == "shadow"


async def test_a_browser_signed_in_with_a_key_that_waits_waits_with_it_and_stands_with_it(town: Any) -> None:
    made_up, key = await introduced(town, town.operator)
    signed_in = await town.http.post("/v1/session", json={"token": made_up.token})
    session = town.client(signed_in.headers["set-cookie"].partition(";")[0].partition("=")[2])
    assert await refused(session, "/v1/early_warning/shadow", {"reason": "mine"}) == (403, "key_waits")
    await (await town.second_operator()).made(f"/v1/api_keys/{key}/confirmation", {})
    assert (await session.made("/v1/early_warning/shadow", {"reason": "mine"}))["mode"] == "shadow"


async def test_a_key_that_has_ended_is_not_confirmed(town: Any) -> None:
    _, key = await introduced(town, town.operator)
    assert (await town.operator.delete(f"/v1/api_keys/{key}")).status_code == 200
    second = await town.second_operator()
    assert await refused(second, f"/v1/api_keys/{key}/confirmation") == (409, "key_ended")
