"""Many requests at once: keys and quotes are looked up together, and what is too much is refused at once."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import asyncio
from typing import Any

import pytest
from tests.support.consenting import application

from tiao.checkout.desk import Desk
from tiao.servicing.counter import RepaymentCounter

pytestmark = pytest.mark.anyio


async def test_what_is_more_than_the_queue_holds_is_refused_with_a_time_to_come_back(town: Any) -> None:
    consumer, customer = await town.customer()
    asked = [purchase(await town.accepted(consumer, customer, 1_000), number) for number in range(6)]
    [site] = town.services.shards.sites
    desk, platform = site.platform.desk, site.platform
    site.platform = platform._replace(desk=Desk(platform.db, platform.moments, platform.book, queue_max=2))
    try:
        answers = await asyncio.gather(
            *(town.merchant.post("/v1/purchases", body, key=f"load-{number}") for number, body in enumerate(asked))
        )
    finally:
        await site.platform.desk.close()
        site.platform = platform._replace(desk=desk)
    taken = [answer for answer in answers if answer.status_code == 201]
    refused = [answer for answer in answers if answer.status_code == 503]
    assert len(taken) + len(refused) == len(asked)
    assert taken
    assert refused
    for answer in refused:
        assert answer.json()["code"] == "busy"
        assert int(answer.headers["retry-after"]) >= 1
    assert (await consumer.got("/v1/line"))["used_minor"] == 1_000 * len(taken)
    again = [await town.merchant.post("/v1/purchases", body, key=f"load-{number}") for number, body in enumerate(asked)]
    assert {answer.status_code for answer in again} == {201}
    assert (await consumer.got("/v1/line"))["used_minor"] == 1_000 * len(asked)


async def test_captures_refunds_and_repayments_beyond_the_queue_are_refused_with_a_time_to_come_back(town: Any) -> None:
    consumers = [await with_line(town) for _ in range(6)]
    held = [(await town.bought(*each, 10_000, capture=False))["id"] for each in consumers]
    owed = [(await town.bought(*each, 10_000))["id"] for each in consumers]
    sources = [
        (await each.made("/v1/funding_sources", {"account_no": f"62220200000000{number:02}"}))["id"]
        for number, (each, _) in enumerate(consumers)
    ]
    counters, [site] = town.services.counters, town.services.shards.sites
    platform, before = site.platform, counters.queue_max
    counters.queue_max = 2
    few = RepaymentCounter(platform.db, platform.channels, platform.moments, queue_max=2)
    site.platform = platform._replace(repayments=few)

    async def captured(number: int) -> Any:
        return await town.merchant.post(f"/v1/purchases/{held[number]}/captures", {"amount_minor": 9}, key=f"c{number}")

    async def refunded(number: int) -> Any:
        body = {"amount_minor": 9, "reference": "back"}
        return await town.merchant.post(f"/v1/purchases/{owed[number]}/refunds", body, key=f"r{number}")

    async def repaid(number: int) -> Any:
        body = {"funding_source": sources[number], "amount_minor": 9}
        return await consumers[number][0].post("/v1/repayments", body, key="p")

    try:
        for asked in (captured, refunded, repaid):
            answers = await asyncio.gather(*(asked(number) for number in range(6)))
            refused = [answer for answer in answers if answer.status_code == 503]
            assert {answer.status_code for answer in answers} == {201, 503}, asked.__name__
            for answer in refused:
                assert answer.json()["code"] == "busy"
                assert int(answer.headers["retry-after"]) >= 1
            again = [await asked(number) for number in range(6)]
            assert {answer.status_code for answer in again} == {201}, "what was refused was not done, and is now"
    finally:
        counters.queue_max = before
        await few.close()
        site.platform = platform
    await town.assert_sound()


async def test_keys_asked_for_together_are_looked_up_together(town: Any) -> None:
    tokens = [await town.issued("merchant", town.merchant_id) for _ in range(20)]
    town.services.keyring.forget()
    before = town.db.pool.get_stats()["requests_num"]
    asked = [town.services.keyring.open(f"Bearer {token}") for token in tokens]
    callers = await asyncio.gather(*asked, town.services.keyring.open("Bearer unknown"), return_exceptions=True)
    assert len({caller.key_id for caller in callers[:-1]}) == len(tokens)
    assert type(callers[-1]).__name__ == "TokenUnknown"
    assert town.db.pool.get_stats()["requests_num"] - before <= 2


async def test_a_key_that_ends_while_others_are_looked_up_opens_no_more(town: Any) -> None:
    issued = await town.operator.made(
        "/v1/api_keys", {"role": "merchant", "subject": town.merchant_id, "label": "till"}
    )
    opened = [asyncio.create_task(town.services.keyring.open(f"Bearer {issued['token']}")) for _ in range(3)]
    ended = await town.operator.delete(f"/v1/api_keys/{issued['key']['id']}")
    assert ended.status_code == 200, ended.text
    await asyncio.gather(*opened, return_exceptions=True)
    answer = await town.client(issued["token"]).get("/v1/purchases")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_revoked")


async def with_line(town: Any) -> tuple[Any, str]:
    """Take on customers until one of them is given a line."""
    while True:
        consumer, customer = await town.customer(with_line=False)
        applied = await consumer.made("/v1/applications", application())
        if applied["decision"]["outcome"] == "approved":
            return consumer, customer


def purchase(quote: str, number: int) -> dict[str, object]:
    return {"quote": quote, "plan": "pay_later", "reference": f"load {number}"}
