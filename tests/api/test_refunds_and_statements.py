"""All a merchant gave back, and its months: lists to their end, and sums that are the ledger's."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import base64
import csv
import hashlib
from io import StringIO
from typing import Any

import pytest
from tests.support.consenting import application

from api.test_settlements_in_full import agree
from tiao.payments.settling.model import Schedule


async def gone_through(client: Any, path: str, **asked: object) -> list[Any]:
    found: list[Any] = []
    after: dict[str, object] = {}
    while True:
        page = await client.got(path, **asked, **after)
        found += page["data"]
        if not page["has_more"]:
            assert page["next"] is None
            return found
        after = {"after": page["next"]}


async def approved(town: Any) -> tuple[Any, str]:
    """Find a customer who gets a line: who is declined is as chance, the bureau's, has it."""
    while True:
        client, customer = await town.customer(with_line=False)
        applied = await client.made("/v1/applications", application())
        if applied["decision"]["outcome"] == "approved":
            return client, customer


async def refunded(town: Any, amounts: list[int]) -> list[Any]:
    """Sell twice to each of two customers, and give back in parts, over two days."""
    made = []
    for number in (1, 2):
        client, customer = await approved(town)
        bought = [await town.bought(client, customer, 100_000) for _ in range(2)]
        for place, amount in enumerate(amounts):
            purchase = bought[place % 2]["id"]
            body = {"amount_minor": amount, "reference": f"back-{number}-{place % 3}"}
            made.append((await town.merchant.made(f"/v1/purchases/{purchase}/refunds", body))["refund"])
        if number == 1:
            await town.advance("2026-09-02T02:00:00Z")
    return made


async def _lists(town: Any) -> None:
    made = await refunded(town, [1_000, 2_000, 3_000, 4_000])
    everything = await gone_through(town.merchant, "/v1/refunds", limit=3)
    assert [each["id"] for each in everything] == [
        each["id"] for each in sorted(made, key=lambda one: (one["recorded_at"], one["id"]), reverse=True)
    ]
    assert all(each["returned_minor"] is None for each in everything), (
        "what a customer had paid is no business of a shop"
    )
    later = await gone_through(town.merchant, "/v1/refunds", from_on="2026-09-02")
    assert {each["effective_on"] for each in later} == {"2026-09-02"}
    earlier = await gone_through(town.merchant, "/v1/refunds", until_on="2026-09-01", limit=1)
    assert len(later) + len(earlier) == len(everything)
    named = await gone_through(town.merchant, "/v1/refunds", reference="back-2-0")
    assert sorted(each["amount_minor"] for each in named) == [1_000, 4_000]
    assert await gone_through(town.merchant, "/v1/refunds", reference="none") == []
    asked = await gone_through(town.operator, "/v1/refunds", merchant=town.merchant_id)
    assert [each["id"] for each in asked] == [each["id"] for each in everything]


async def test_all_refunds_are_listed_latest_first_and_found_by_day_and_reference(town: Any) -> None:
    await _lists(town)


async def test_refunds_are_gathered_from_every_server(town_on_two: Any) -> None:
    await _lists(town_on_two)


async def test_a_list_goes_on_where_it_was_though_more_is_given_back_meanwhile(town: Any) -> None:
    made = await refunded(town, [100, 200, 300])
    first = await town.merchant.got("/v1/refunds", limit=2)
    await town.merchant.made(f"/v1/purchases/{made[0]['purchase']}/refunds", {"amount_minor": 7, "reference": "new"})
    rest = await _rest(town, first)
    seen = [each["id"] for each in first["data"] + rest]
    assert seen == [each["id"] for each in sorted(made, key=lambda one: (one["recorded_at"], one["id"]), reverse=True)]


async def _rest(town: Any, page: Any) -> list[Any]:
    found: list[Any] = []
    while page["has_more"]:
        page = await town.merchant.got("/v1/refunds", limit=2, after=page["next"])
        found += page["data"]
    return found


@pytest.mark.parametrize(
    "asked", [{"from_on": "yesterday"}, {"reference": "a\nb"}, {"after": "!"}, {"limit": 0}, {"limit": 101}]
)
async def test_what_cannot_be_listed_is_refused(town: Any, asked: dict[str, object]) -> None:
    assert (await town.merchant.get("/v1/refunds", **asked)).status_code in {400, 422}
    assert (await town.operator.get("/v1/refunds")).json()["code"] == "subject_missing"
    client, _ = await town.customer()
    assert (await client.get("/v1/refunds")).json()["code"] == "role_not_allowed"


async def _stated(town: Any) -> None:
    await agree(town, Schedule.DAILY, "0.1", 20)
    made = await refunded(town, [1_000, 30_000])
    client, customer = await approved(town)
    free = await town.bought(client, customer, 60_000, "instalments_3")
    await town.merchant.made(f"/v1/purchases/{free['id']}/refunds", {"amount_minor": 20_000, "reference": "x"})
    assert len(made) == 4
    september = await town.merchant.got("/v1/statements/2026-09")
    assert not september["is_final"]
    await town.advance("2026-09-29T02:00:00Z")
    claim = {"amount_minor": 5_000, "reason": "not_received", "text": "没有收到"}
    await client.made(f"/v1/purchases/{free['id']}/disputes", claim)
    await town.advance("2026-10-02T02:00:00Z")
    after = await town.merchant.got("/v1/statements/2026-09")
    said = after["statement"]
    assert after["is_final"]
    assert (said["sales"], said["refunds"]) == (5, 5)
    assert (said["gross_minor"], said["refunded_minor"]) == (460_000, 82_000)
    settled = await gone_through(town.merchant, "/v1/settlements", limit=100)
    of_month = [each for each in settled if each["business_date"].startswith("2026-09")]
    for field in ("gross_minor", "discount_minor", "refunded_minor"):
        assert said[field] == sum(each[field] for each in of_month), field
    assert said["paid_minor"] == sum(each["paid_minor"] for each in of_month)
    assert said["reserved_minor"] == sum(each["released_minor"] - each["reserved_minor"] for each in of_month)
    assert (said["disputed_minor"], said["held_closing_minor"]) == (-5_000, 5_000)
    brought = [each["net_minor"] - each["carried_minor"] + each["withdrawn_minor"] for each in of_month]
    assert said["net_minor"] == sum(brought), "a month's net is what the nets of its days say"
    moved = ("net_minor", "returned_minor", "between_servers_minor")
    assert said["closing_minor"] == said["opening_minor"] + sum(said[name] for name in moved) - said["paid_minor"]
    october = await town.merchant.got("/v1/statements/2026-10")
    assert october["statement"]["opening_minor"] == said["closing_minor"]
    assert october["statement"]["reserve_opening_minor"] == said["reserve_closing_minor"]
    balance = await town.merchant.got("/v1/balance")
    assert balance["balance_minor"] == october["statement"]["closing_minor"]
    assert balance["reserve_minor"] == october["statement"]["reserve_closing_minor"]
    file = await town.merchant.get("/v1/statements/2026-09/file")
    digest = base64.b64encode(hashlib.sha256(file.content).digest()).decode()
    assert file.headers["Content-Digest"] == f"sha-256=:{digest}:"
    rows = {row["line"]: row["value"] for row in csv.DictReader(StringIO(file.text))}
    assert rows == {"month": "2026-09", **{name: str(value) for name, value in said.items()}}
    assert (await town.merchant.get("/v1/statements/2026-09/file")).content == file.content
    page = await town.merchant.get("/v1/statements/2026-09/page")
    assert (page.headers["content-type"], page.content[:5]) == ("application/pdf", b"%PDF-")
    await town.assert_sound()


async def test_a_month_adds_up_from_what_was_owed_to_what_is_owed(town: Any) -> None:
    await _stated(town)


async def test_a_month_adds_up_over_several_servers(town_on_two: Any) -> None:
    await _stated(town_on_two)


async def test_there_are_statements_from_the_month_of_joining_to_this_one(town: Any) -> None:
    await town.advance("2026-11-15T02:00:00Z")
    months = await gone_through(town.merchant, "/v1/statements", limit=2)
    assert months == [
        {"month": "2026-11", "is_final": False},
        {"month": "2026-10", "is_final": True},
        {"month": "2026-09", "is_final": True},
    ]
    for month, status, code in (
        ("2026-08", 404, "statement_unknown"),
        ("2026-12", 404, "statement_unknown"),
        ("2026-13", 422, "malformed_id"),
        ("september", 422, "malformed_id"),
    ):
        answer = await town.merchant.get(f"/v1/statements/{month}")
        assert (answer.status_code, answer.json()["code"]) == (status, code), month
