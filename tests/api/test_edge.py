"""Around every request: ids, one log line, figures, health; and pages that stay put."""

import io
import json
from typing import Any

import pytest
import structlog

from api.test_checkout_sessions import ASKED as SESSION
from tiao.runtime.log import configure_log

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

pytestmark = pytest.mark.anyio


@pytest.fixture
def lines() -> Any:
    stream = io.BytesIO()
    configure_log(stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    structlog.reset_defaults()


async def test_a_request_leaves_one_line_that_names_nobody(town: Any, lines: Any) -> None:
    customer = {"name": "张三丰", "identity_number": "110101199001010010", "phone": "13800000000"}
    await town.operator.post("/v1/customers", customer)
    [line] = [each for each in lines() if each["event"] == "request"]
    assert (line["route"], line["status"], line["code"]) == ("/v1/customers", 422, "identity_checksum_wrong")
    assert {"request_id", "duration_ms", "tenant_id", "key_id", "method", "size_bytes"} <= line.keys()
    assert "dropped" not in line
    assert not any(value in json.dumps(lines(), ensure_ascii=False) for value in customer.values())


async def test_a_request_id_is_taken_over_when_it_is_fit_for_a_log(town: Any) -> None:
    taken = await town.http.get("/health/live", headers={"X-Request-Id": "abc-1.2_3"})
    assert taken.headers["x-request-id"] == "abc-1.2_3"
    for unfit in ("x" * 65, 'a"b', ""):
        made = await town.http.get("/health/live", headers={"X-Request-Id": unfit})
        assert len(made.headers["x-request-id"]) == 32
    problem = await town.http.get("/v1/nothing", headers={"X-Request-Id": "abc"})
    assert problem.json()["instance"] == "urn:tiao:request:abc"


async def test_a_bug_is_answered_without_its_words_and_logged_with_its_place(town: Any, lines: Any) -> None:
    async with town.db.begin() as tx:
        await tx.execute("alter table merchant rename to merchant_gone")
    answer = await town.operator.get("/v1/merchants")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "merchant_gone" not in answer.text
    [line] = [each for each in lines() if each["event"] == "request"]
    assert (line["error"], line["sqlstate"]) == ("UndefinedTable", "42P01")


async def test_readiness_is_about_the_database_and_its_schema(town: Any) -> None:
    assert (await town.http.get("/health/live")).json()["is_healthy"] is True
    assert (await town.http.get("/health/ready")).status_code == 200
    async with town.db.begin() as tx:
        await tx.execute("delete from schema_migration where name like '0007%%'")
    behind = await town.http.get("/health/ready")
    assert (behind.status_code, len(behind.json()["pending"])) == (503, 1)
    await town.db.pool.close()
    away = await town.http.get("/health/ready")
    assert (away.status_code, away.json()["is_healthy"]) == (503, False)


async def test_figures_are_counted_by_route_and_never_by_person(town: Any) -> None:
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, 1_000)
    await town.merchant.get(f"/v1/purchases/pur_{'0' * 32}")
    await town.http.request("BREW", "/v1/line")
    page = (await town.http.get("/metrics")).text
    assert 'tiao_requests_total{method="GET",route="/v1/purchases/{purchase_id}",status="404"} 1.0' in page
    assert 'tiao_authorisation_set_size_bucket{le="1.0"} 1.0' in page
    assert 'tiao_pool{figure="pool_size",shard="0"}' in page
    assert customer.removeprefix("cus_") not in page
    assert "BREW" not in page


async def test_pages_neither_repeat_nor_skip_when_something_is_added_between(town: Any) -> None:
    consumer, customer = await town.customer()
    bought = []
    for minute in range(5):
        await town.advance(f"2026-09-01T03:0{minute}:00Z")
        bought.append((await town.bought(consumer, customer, 1_000))["id"])
    await town.advance("2026-09-01T03:10:00Z")
    first = await town.merchant.got("/v1/purchases", limit=2)
    await town.bought(consumer, customer, 9_000)
    second = await town.merchant.got("/v1/purchases", limit=2, after=first["next"])
    third = await town.merchant.got("/v1/purchases", limit=2, after=second["next"])
    seen = [each["id"] for page in (first, second, third) for each in page["data"]]
    assert seen == bought[::-1]
    assert (first["has_more"], second["has_more"], third["has_more"], third["next"]) == (True, True, False, None)


async def test_every_list_goes_through_its_pages(town: Any) -> None:
    consumer, customer = await town.customer()
    bought = [await town.bought(consumer, customer, 10_000, "instalments_3") for _ in range(3)]
    for number in range(2):
        body = {"amount_minor": 100, "reference": f"return {number}"}
        await town.merchant.made(f"/v1/purchases/{bought[0]['id']}/refunds", body)
    # Until the second bill, whichever day of the month is the customer's.
    loan = (await consumer.got("/v1/loans"))["data"][0]["id"]
    second = (await consumer.got(f"/v1/loans/{loan}"))["instalments"][1]["statement_on"]
    await town.advance(f"{second}T12:00:00Z")
    for client, path, count in (
        (consumer, "/v1/purchases", 3),
        (consumer, "/v1/loans", 3),
        (consumer, "/v1/bills", 2),
        (consumer, "/v1/decisions", 1),
        (consumer, f"/v1/purchases/{bought[0]['id']}/refunds", 2),
        (town.merchant, "/v1/settlements", 1),
        (town.merchant, "/v1/settlements/2026-09-01/lines", 5),
        (town.operator, "/v1/merchants", 1),
    ):
        seen: list[str] = []
        after: dict[str, str] = {}
        while True:
            page = await client.got(path, limit=1, **after)
            seen += [json.dumps(each) for each in page["data"]]
            if not page["has_more"]:
                break
            after = {"after": page["next"]}
        assert len(seen) == len(set(seen)) == count, path


@pytest.mark.parametrize("cursor", ["x", "e30", "W10", "WyIyMDI2Il0", "%00", "9" * 400, "ю"])
async def test_a_cursor_of_ones_own_making_is_refused(town: Any, cursor: str) -> None:
    answer = await town.merchant.get("/v1/purchases", after=cursor)
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_invalid")


@pytest.mark.parametrize(
    "host", [b"a:b:c", b"shop.example/x", b"shop example", b"\xff", b"", b"x" * 300, b"[::1", b"shop.example\r\n"]
)
async def test_a_host_that_is_none_is_refused_before_an_address_is_written_with_it(town: Any, host: bytes) -> None:
    store = await town.merchant.made("/v1/stores", {"name": "一号店", "address": "山脚路 1 号"})
    terminal = {"label": "1", "has_printed_code": True}
    code = (await town.merchant.made(f"/v1/stores/{store['id']}/terminals", terminal))["code_url"]
    before = await town.state()
    bearer = (b"authorization", f"Bearer {town.merchant.token}".encode())
    for method, path in (
        ("GET", "/nothing"),
        ("GET", code.removeprefix("http://tiao")),
        ("GET", f"{code.removeprefix('http://tiao')}/poster.pdf"),
        ("POST", "/v1/checkout_sessions"),
        ("POST", "/v1/purchases"),
    ):
        answer = await town.http.request(method, path, headers=[(b"host", host), bearer], content=b"{}")
        assert (answer.status_code, answer.json()["code"]) == (400, "request_malformed"), path
        assert answer.headers["x-request-id"]
    assert await town.state() == before


@pytest.mark.parametrize(
    "host", ["shop.example", "SHOP.example:8080", "127.0.0.1:80", "[::1]:8000", "tiao_web", "[fe80::1]"]
)
async def test_a_host_of_any_form_that_there_is_is_served(town: Any, host: str) -> None:
    made = await town.merchant.made("/v1/checkout_sessions", SESSION, host=host)
    assert made["url"].startswith(f"http://{host}/cashier/")


async def test_nothing_has_a_name_that_no_text_can_be(town: Any) -> None:
    for name in ("%00", "a%00b"):
        for path in ("/cashier/{}", "/cashier/{}/result", "/s/{}", "/s/{}/poster.pdf", "/l/{}", "/v1/quotes/{}", "/{}"):
            answer = await town.http.get(path.format(name))
            assert (answer.status_code, answer.json()["code"]) == (404, "route_unknown"), path


async def test_days_at_the_ends_of_the_calendar_are_days(town: Any) -> None:
    for day in ("0001-01-01", "9999-12-31"):
        assert (await town.operator.got(f"/v1/close/{day}"))["is_closed"] is False
    assert (await town.operator.post("/v1/close/0001-01-01")).status_code == 200
    assert (await town.operator.post("/v1/close/9999-12-31")).json()["code"] == "day_not_over"
