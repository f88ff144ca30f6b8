"""A browser signs in with a key: what it holds no script can read, it ends by itself, and no other page can use it."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest

pytestmark = pytest.mark.anyio

OURS = {"Sec-Fetch-Site": "same-origin"}


async def signed_in(town: Any, token: str) -> tuple[str, Any]:
    answer = await town.http.post("/v1/session", json={"token": token})
    assert answer.status_code == 201, answer.text
    town.http.cookies.clear()
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert (cookie.key, cookie["path"], cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["domain"]) == (
        "__Host-tiao", "/", True, True, "lax", ""
    )  # fmt: skip
    assert token not in answer.headers["set-cookie"]
    return f"{cookie.key}={cookie.value}", answer.json()


async def test_a_session_may_do_what_its_key_may_and_ends_with_the_working_day(town: Any) -> None:
    cookie, shown = await signed_in(town, town.operator.token)
    read = await town.http.get("/v1/merchants", headers={"Cookie": cookie})
    assert read.json() == await town.operator.got("/v1/merchants")
    mine = (await town.http.get("/v1/session", headers={"Cookie": cookie})).json()
    assert mine == shown | {"until": None}
    assert shown["role"] == "operator"
    left = datetime.fromisoformat(shown["until"]) - datetime.now(UTC)
    assert timedelta(hours=11, minutes=59) < left <= timedelta(hours=12)


async def test_a_session_never_outlives_the_key_it_was_opened_with(town: Any) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    token = await town.issued("merchant", town.merchant_id, expires_at=soon, scopes=["settlements:read"])
    _, shown = await signed_in(town, token)
    assert datetime.fromisoformat(shown["until"]) == datetime.fromisoformat(soon)
    assert shown["scopes"] == ["settlements:read"]


async def test_a_session_ends_with_the_key_it_was_opened_with(town: Any) -> None:
    """Who finds out that a key was stolen ends it, and with it whatever the thief has opened by it meanwhile."""
    made = await town.operator.made("/v1/api_keys", {"role": "merchant", "label": "x", "subject": town.merchant_id})
    cookie, _ = await signed_in(town, made["token"])
    further, _ = await signed_in(town, cookie.partition("=")[2])
    assert (await town.http.get("/v1/balance", headers={"Cookie": further})).status_code == 200
    assert (await town.operator.delete(f"/v1/api_keys/{made['key']['id']}")).status_code == 200
    for opened in (cookie, further):
        answer = await town.http.get("/v1/balance", headers={"Cookie": opened})
        assert (answer.status_code, answer.json()["code"]) == (401, "token_revoked")
    late = await town.http.post("/v1/session", json={"token": made["token"]})
    assert late.json()["code"] == "token_revoked"


async def test_a_session_ends_when_the_grace_of_its_rotated_key_does(town: Any) -> None:
    made = await town.operator.made("/v1/api_keys", {"role": "merchant", "label": "x", "subject": town.merchant_id})
    cookie, _ = await signed_in(town, made["token"])
    await town.operator.made(f"/v1/api_keys/{made['key']['id']}/rotation", {"grace_seconds": 0})
    answer = await town.http.get("/v1/balance", headers={"Cookie": cookie})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (OURS, 201),
        ({"Origin": "http://tiao"}, 201),
        ({}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none", "Origin": "http://tiao"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_only_our_own_pages_change_anything_with_a_cookie(town: Any, headers: Any, status: int) -> None:
    cookie, _ = await signed_in(town, town.operator.token)
    answer = await town.http.post(
        "/v1/api_keys",
        json={"role": "operator", "label": "made by a page"},
        headers={"Cookie": cookie, "Idempotency-Key": "page"} | headers,
    )
    assert answer.status_code == status, answer.text
    if status == 403:
        assert answer.json()["code"] == "foreign_request"


async def test_signing_out_ends_the_session_and_no_key(town: Any) -> None:
    cookie, _ = await signed_in(town, town.operator.token)
    with_key = await town.operator.delete("/v1/session")
    assert (with_key.status_code, with_key.json()["code"]) == (409, "no_browser_session")
    out = await town.http.delete("/v1/session", headers={"Cookie": cookie} | OURS)
    assert out.status_code == 200
    assert "Max-Age=0" in out.headers["set-cookie"]
    after = await town.http.get("/v1/session", headers={"Cookie": cookie})
    assert (after.status_code, after.json()["code"]) == (401, "token_revoked")
    assert (await town.operator.get("/v1/merchants")).status_code == 200


@pytest.mark.parametrize("token", ["nonsense", "tiao_o_" + "0" * 43])
async def test_who_has_no_key_is_not_let_in(town: Any, token: str) -> None:
    answer = await town.http.post("/v1/session", json={"token": token})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_unknown")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("cookie", ["__Host-tiao=", "__Host-tiao=nonsense", "other=1", "a b;;=,", "__Host-tiao"])
async def test_any_cookie_is_read_or_refused(town: Any, cookie: str) -> None:
    answer = await town.http.get("/v1/session", headers={"Cookie": cookie})
    assert answer.status_code == 401


CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
DEVICES = [
    (CHROME, "Chrome · Linux"),
    (CHROME.replace("Safari/537.36", "Safari/537.36 Edg/140.0"), "Edge · Linux"),
    (IPHONE, "Safari · iPhone"),
    (f"{IPHONE} MicroMessenger/8.0", "WeChat · iPhone"),
    ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Windows"),
    ("curl/8.0", ""),
]


@pytest.mark.parametrize(("said", "device"), DEVICES)
async def test_a_session_is_known_by_browser_and_system_and_by_nothing_else(town: Any, said: str, device: str) -> None:
    town.http.headers["user-agent"] = said
    cookie, _ = await signed_in(town, await town.issued("merchant", town.merchant_id))
    [mine] = [each for each in await sessions(town, cookie) if each["is_this"]]
    assert mine["device"] == device


async def test_one_ends_ones_own_sessions_and_nobody_elses(town: Any) -> None:
    here, _ = await signed_in(town, town.operator.token)
    there, _ = await signed_in(town, town.operator.token)
    theirs, _ = await signed_in(town, await town.issued("merchant", town.merchant_id))
    listed = await sessions(town, here)
    assert [each["is_this"] for each in listed[:2]] == [False, True], "the latest first"
    [other] = [each["id"] for each in await sessions(town, theirs) if each["is_this"]]
    assert other not in {each["id"] for each in listed}
    refused = await town.http.delete(f"/v1/sessions/{other}", headers={"Cookie": here} | OURS)
    assert (refused.status_code, refused.json()["code"]) == (404, "key_unknown")
    no_browser = (await town.operator.got("/v1/api_keys"))["data"][0]["id"]
    kept = await town.http.delete(f"/v1/sessions/{no_browser}", headers={"Cookie": here} | OURS)
    assert (kept.status_code, kept.json()["code"]) == (404, "key_unknown"), "a key that was issued is ended as a key"
    ended = await town.http.delete(f"/v1/sessions/{listed[0]['id']}", headers={"Cookie": here} | OURS)
    assert ended.status_code == 200
    after = await town.http.get("/v1/session", headers={"Cookie": there})
    assert (after.status_code, after.json()["code"]) == (401, "token_revoked")
    assert listed[0]["id"] not in {each["id"] for each in await sessions(town, here)}


async def sessions(town: Any, cookie: str) -> list[dict[str, Any]]:
    answer = await town.http.get("/v1/sessions", headers={"Cookie": cookie})
    assert answer.status_code == 200, answer.text
    listed: list[dict[str, Any]] = answer.json()["data"]
    return listed
