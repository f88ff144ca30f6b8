"""Keys open what they were made for, for as long as they were made for; every other answer says why not."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tiao.partners.model import Role
from tiao.partners.scopes import TEAM_ROLES

pytestmark = pytest.mark.anyio


async def test_a_token_that_does_not_open_is_refused_by_name(town: Any) -> None:
    expired = await town.issued("merchant", town.merchant_id, expires_at="2020-01-01T00:00:00Z")
    revoked = await town.operator.made("/v1/api_keys", {"role": "operator", "label": "leaver"})
    assert (await town.client(revoked["token"]).get("/v1/merchants")).status_code == 200
    await town.operator.delete(f"/v1/api_keys/{revoked['key']['id']}")
    for token, code in (
        (None, "token_missing"),
        ("tiao_o_" + "0" * 43, "token_unknown"),
        ("nonsense", "token_unknown"),
        (expired, "token_expired"),
        (revoked["token"], "token_revoked"),
    ):
        answer = await town.client(token).get("/v1/merchants")
        assert (answer.status_code, answer.json()["code"]) == (401, code)
        assert answer.headers["www-authenticate"].startswith("Bearer")
    basic = await town.http.get("/v1/merchants", headers={"Authorization": f"Basic {town.operator.token}"})
    assert basic.json()["code"] == "token_missing"


async def test_an_operator_is_one_person_by_name_whatever_keys_are_used(town: Any) -> None:
    first = await town.person("Chen Lu")
    second = await first.made("/v1/api_keys", {"role": "operator", "label": " chen lu"})
    other = await town.person("Ma Tao")
    subjects = [(await each.got("/v1/session"))["subject"] for each in (first, other)]
    assert subjects[0] == second["key"]["subject"] != subjects[1]
    await first.made("/v1/early_warning/shadow", {"reason": "to look at it"})
    alone = await town.client(second["token"]).post("/v1/early_warning/on", {"reason": "mine"})
    assert alone.json()["code"] == "maker_is_checker"
    assert (await other.made("/v1/early_warning/on", {"reason": "agreed"}))["mode"] == "on"


async def test_a_key_without_the_scope_opens_nothing_else(town: Any) -> None:
    token = await town.issued("merchant", town.merchant_id, scopes=["settlements:read"])
    assert (await town.client(token).get("/v1/settlements")).status_code == 200
    answer = await town.client(token).get("/v1/purchases")
    assert (answer.status_code, answer.json()["facts"]) == (403, {"scope": "purchases:read"})


async def test_keys_live_by_the_real_clock_and_rotate_with_a_grace(town: Any) -> None:
    """The test clock stands in September 2026, or moves years ahead; keys do not notice."""
    later = datetime.now(UTC) + timedelta(days=1)
    made = await town.operator.made(
        "/v1/api_keys",
        {"role": "merchant", "subject": town.merchant_id, "label": "till", "expires_at": later.isoformat()},
    )
    old = town.client(made["token"])
    rotated = await town.operator.made(f"/v1/api_keys/{made['key']['id']}/rotation", {"grace_seconds": 3600})
    assert (await old.get("/v1/balance")).status_code == 200
    assert (await town.client(rotated["token"]).get("/v1/balance")).status_code == 200
    await town.operator.made(f"/v1/api_keys/{made['key']['id']}/rotation", {"grace_seconds": 0})
    assert (await old.get("/v1/balance")).json()["code"] == "token_expired"
    ended = await town.operator.post(f"/v1/api_keys/{made['key']['id']}/rotation", {})
    assert (ended.status_code, ended.json()["code"]) == (409, "key_ended")
    listed = (await town.operator.got("/v1/api_keys", subject=town.merchant_id))["data"]
    assert made["key"]["id"] in {each["id"] for each in listed}


async def test_an_owner_takes_somebody_on_with_the_rights_of_a_role(town: Any) -> None:
    owner = town.client(await town.issued("merchant", town.merchant_id, scopes=sorted(_rights("owner"))))
    roles = {each["name"]: each["scopes"] for each in (await owner.got("/v1/team_roles"))["data"]}
    made = await owner.made("/v1/api_keys", {"role": "merchant", "label": "Wang, accounts", "scopes": roles["finance"]})
    accounts = town.client(made["token"])
    assert (await accounts.get("/v1/settlements")).status_code == 200
    refused = await accounts.get("/v1/team_roles")
    assert (refused.status_code, refused.json()["facts"]) == (403, {"scope": "keys:write"})
    staff = {each["name"] for each in (await town.operator.got("/v1/team_roles"))["data"]}
    assert "risk" in staff
    assert "owner" not in staff


def _rights(name: str) -> list[str]:
    return [scope.value for scope in TEAM_ROLES[Role.MERCHANT][name]]
