"""The journal of a day: every posting once, page by page, whole, and nothing else."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

pytestmark = pytest.mark.anyio


async def read(town: Any, **asked: object) -> list[Any]:
    """Read it to the end, two postings at a time."""
    rows: list[Any] = []
    after = None
    while True:
        page = await town.operator.got("/v1/journal", limit=2, **({"after": after} if after else {}), **asked)
        assert len(page["data"]) <= 2
        rows += page["data"]
        if not page["has_more"]:
            assert page["next"] is None
            return rows
        after = page["next"]


async def test_the_journal_holds_every_posting_of_its_day_once(town: Any) -> None:
    consumer, customer = await town.customer()
    bought = {}
    for number in range(1, 4):
        bought[(await town.bought(consumer, customer, 10_000 * number))["id"]] = 10_000 * number
    rows = await read(town, on="2026-09-01")
    assert len({row["id"] for row in rows}) == len(rows) == 3
    for row in rows:
        assert row["booked_on"] == "2026-09-01"
        assert sum(entry["amount_minor"] for entry in row["entries"]) == 0
    lent = [entry["amount_minor"] for row in rows for entry in row["entries"] if entry["account"] == 1011]
    assert sorted(lent) == sorted(bought.values())
    assert await read(town, on="2026-09-01", account=1011) == rows
    assert await read(town, on="2026-09-01", account=5002) == []
    assert await read(town, on="2026-09-02") == []


async def test_what_is_wrong_with_the_question_is_said(town: Any) -> None:
    for asked, status in (
        ({}, 400),
        ({"on": "yesterday"}, 400),
        ({"on": "2026-09-01", "after": "x"}, 422),
        ({"on": "2026-09-01", "account": 12}, 400),
    ):
        assert (await town.operator.get("/v1/journal", **asked)).status_code == status, asked
    assert (await town.merchant.get("/v1/journal", on="2026-09-01")).status_code == 403
