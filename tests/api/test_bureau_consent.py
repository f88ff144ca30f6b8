"""A bureau is asked with the applicant's consent only, which is kept before the question goes out."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest
from tests.support.consenting import application

pytestmark = pytest.mark.anyio

CONSENT = {"text_version": "2026-11-01", "channel": "counter", "language": "en"}


async def kept(town: Any) -> list[Any]:
    async with town.db.begin() as tx:
        _, rows = await tx.table("select text_version::text, channel, language from bureau_consent order by given_at")
    return [tuple(row) for row in rows]


async def test_without_consent_nobody_is_asked_and_nothing_is_kept(town: Any) -> None:
    client, _ = await town.customer(with_line=False)
    answer = await client.post("/v1/applications", {"currency": "CNY", "income_minor": 2_000_000})
    assert answer.json()["code"] == "bureau_query_without_consent"
    assert answer.json()["facts"]["rule"] == "bureau.query_requires_consent"
    assert await kept(town) == []
    assert (await client.got("/v1/decisions"))["data"] == []
    # The same customer agrees: it is the same question with the words, and no wait holds it up.
    await client.made("/v1/applications", application())


async def test_what_was_agreed_to_is_shown_with_the_application(town: Any) -> None:
    client, customer = await town.customer(with_line=False)
    made = await client.made("/v1/applications", application(bureau_consent=CONSENT))
    assert made["bureau_consent"] == {**CONSENT, "given_at": made["received_at"]}
    assert await kept(town) == [("2026-11-01", "counter", "en")]
    again = await town.operator.got(f"/v1/applications/{made['id']}?customer={customer}")
    assert again["bureau_consent"] == made["bureau_consent"]
    timeline = (await town.operator.got(f"/v1/customers/{customer}/timeline?kinds=consent"))["data"]
    assert [each["detail"] for each in timeline] == ["bureau_query 2026-11-01 en counter"]
    await town.assert_sound()


async def test_who_would_be_refused_is_not_asked_about(town: Any) -> None:
    client, _ = await town.customer()
    before = await kept(town)
    answer = await client.post("/v1/applications", application())
    assert answer.json()["code"] == "line_already_open"
    assert await kept(town) == before


async def test_a_consent_is_kept_once_however_often_an_application_is_sent(town: Any) -> None:
    client, _ = await town.customer(with_line=False)
    first = await client.post("/v1/applications", application(), key="again")
    second = await client.post("/v1/applications", application(), key="again")
    assert first.json() == second.json()
    assert len(await kept(town)) == 1
