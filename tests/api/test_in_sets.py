"""Captures, refunds and repayments that arrive together are made together, and each is answered as if it came alone."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import asyncio
from typing import Any

import pytest
from tests.support.consenting import application

pytestmark = pytest.mark.anyio

COUNT = 6


async def with_line(town: Any) -> tuple[Any, str]:
    """Take on customers until one of them is given a line."""
    while True:
        consumer, customer = await town.customer(with_line=False)
        applied = await consumer.made("/v1/applications", application())
        if applied["decision"]["outcome"] == "approved":
            return consumer, customer


async def held(town: Any, count: int = COUNT, *, capture: bool = False) -> list[str]:
    """Buy, each customer once."""
    bought = []
    for _ in range(count):
        consumer, customer = await with_line(town)
        bought.append((await town.bought(consumer, customer, 10_000, capture=capture))["id"])
    return bought


async def transactions(town: Any, table: str) -> int:
    """Count the transactions that wrote the rows as they stand."""
    async with town.db.begin() as tx:
        return int(await tx.value(f"select count(distinct xmin::text) from {table}"))


async def test_captures_that_arrive_together_share_transactions_and_none_fails_its_neighbours(town: Any) -> None:
    purchases = await held(town)
    amounts = [10_000, 10_001, 4_000, 10_000, 1, 10_000]
    first, *rest = await asyncio.gather(
        *(
            town.merchant.post(f"/v1/purchases/{each}/captures", {"amount_minor": amount}, key=f"capture-{number}")
            for number, (each, amount) in enumerate(zip(purchases, amounts, strict=True))
        ),
        town.merchant.post(f"/v1/purchases/pur_{'0' * 32}/captures", {"amount_minor": 5}),
    )
    assert [answer.status_code for answer in (first, *rest)] == [201, 422, 201, 201, 201, 201, 404]
    assert rest[0].json()["code"] == "capture_exceeds_authorised"
    assert [answer.json()["purchase"]["captured_minor"] for answer in (first, *rest[1:-1])] == [
        10_000,
        4_000,
        10_000,
        1,
        10_000,
    ]
    assert await transactions(town, "loan") < 5, "five loans, and not as many transactions"
    again = await town.merchant.post(
        f"/v1/purchases/{purchases[0]}/captures", {"amount_minor": 10_000}, key="capture-0"
    )
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")
    # A refused request gave its key back: put right, it is done.
    mended = await town.merchant.post(
        f"/v1/purchases/{purchases[1]}/captures", {"amount_minor": 10_000}, key="capture-1"
    )
    assert mended.status_code == 201
    await town.assert_sound()


async def test_one_key_for_two_captures_at_once_is_used_once(town: Any) -> None:
    purchases = await held(town, 2)
    answers = await asyncio.gather(
        *(town.merchant.post(f"/v1/purchases/{each}/captures", {"amount_minor": 7}, key="same") for each in purchases)
    )
    assert sorted(answer.status_code for answer in answers) == [201, 422]
    assert next(answer.json()["code"] for answer in answers if answer.status_code == 422) == "idempotency_key_reused"
    await town.assert_sound()


async def test_two_captures_of_one_purchase_at_once_never_take_more_than_is_held(town: Any) -> None:
    (purchase,) = await held(town, 1)
    answers = await asyncio.gather(
        *(town.merchant.post(f"/v1/purchases/{purchase}/captures", {"amount_minor": 4_000}) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 201, 422, 422]
    await town.assert_sound()


async def test_a_fault_in_a_set_is_its_own_items_only(town: Any) -> None:
    """What the database itself says no to fails the set; each of it is then tried alone."""
    purchases = await held(town, 3)
    async with town.db.begin() as tx:
        bad = bytes.fromhex(purchases[1].removeprefix("pur_"))
        await tx.execute("alter table purchase disable trigger all")
        await tx.execute(
            "create function burst() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$"
        )
        await tx.execute(
            "create trigger burst before update on purchase for each row "
            f"when (old.id = '{bad.hex()}') execute function burst()"
        )
    answers = await asyncio.gather(
        *(town.merchant.post(f"/v1/purchases/{each}/captures", {"amount_minor": 9}) for each in purchases)
    )
    assert [answer.status_code for answer in answers] == [201, 500, 201]
    await town.assert_sound()


async def test_refunds_that_arrive_together_share_transactions_and_none_fails_its_neighbours(town: Any) -> None:
    purchases = await held(town, capture=True)
    amounts = [10_000, 10_001, 500, 1, 10_000, 2_000]

    async def refunded(number: int) -> Any:
        body = {"amount_minor": amounts[number], "reference": "back"}
        return await town.merchant.post(f"/v1/purchases/{purchases[number]}/refunds", body, key=f"refund-{number}")

    answers = await asyncio.gather(*(refunded(number) for number in range(COUNT)))
    assert [answer.status_code for answer in answers] == [201, 422, 201, 201, 201, 201]
    assert answers[1].json()["code"] == "refund_exceeds_captured"
    assert await transactions(town, "idempotent_answer where starts_with(key, 'refund-')") < 5, (
        "five refunds, and not as many transactions"
    )
    again = await asyncio.gather(*(refunded(number) for number in range(COUNT)))
    assert [answer.content for answer in again if answer.status_code == 201] == [
        answer.content for answer in answers if answer.status_code == 201
    ]
    await town.assert_sound()


async def test_repayments_that_arrive_together_are_each_answered(town: Any) -> None:
    consumers = []
    for number in range(COUNT):
        consumer, customer = await with_line(town)
        if number != 2:
            await town.bought(consumer, customer, 10_000)
        source = await consumer.made("/v1/funding_sources", {"account_no": f"622202000000000{number}"})
        consumers.append((consumer, source["id"]))

    async def repaid(number: int) -> Any:
        consumer, source = consumers[number]
        body = {"funding_source": source, "amount_minor": 20_000 if number == 1 else 3_000}
        return await consumer.post("/v1/repayments", body, key="pay")

    answers = await asyncio.gather(*(repaid(number) for number in range(COUNT)))
    assert [answer.status_code for answer in answers] == [201, 422, 409, 201, 201, 201]
    assert [answers[1].json()["code"], answers[2].json()["code"]] == ["repayment_exceeds_owed", "nothing_owed"]
    assert all(answer.json()["repayment"]["state"] == "succeeded" for answer in answers if answer.status_code == 201)
    assert await transactions(town, "repayment") < 4, "four repayments, and not as many transactions"
    again = await asyncio.gather(*(repaid(number) for number in range(COUNT)))
    assert [answer.content for answer in again if answer.status_code == 201] == [
        answer.content for answer in answers if answer.status_code == 201
    ]
    await town.assert_sound()
