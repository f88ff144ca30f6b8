"""Risk control seen over HTTP: where an order comes from, a code on the customer's phone, what a merchant is told."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import re
from typing import Any

import pytest

from tiao.messages import jobs as messages

pytestmark = pytest.mark.anyio

CODE = re.compile(r"\b[0-9]{6}\b")


async def ordered(town: Any, consumer: Any, customer: str, amount_minor: int, context: dict[str, str]) -> Any:
    quote = await town.accepted(consumer, customer, amount_minor)
    body = {"quote": quote, "plan": "pay_later", "reference": "order 1", "context": context}
    return await town.merchant.made("/v1/purchases", body)


async def stepped_up(town: Any) -> tuple[Any, Any]:
    """A large amount from a device that the customer never used."""
    consumer, customer = await town.customer()
    first = await ordered(town, consumer, customer, 10_000, {"device": "phone", "ip": "203.0.113.9"})
    assert first["outcome"] == "authorised"
    return consumer, await ordered(town, consumer, customer, 200_000, {"device": "laptop", "ip": "203.0.113.9"})


async def code_on_the_phone(town: Any) -> str:
    platform = town.services.platform
    await messages.deliver(platform.db, platform.moments, platform.post)
    found = CODE.search(list(town.sms.taken.values())[-1].text)
    assert found is not None
    return found[0]


async def test_a_new_device_is_confirmed_with_the_code_that_the_customer_reads(town: Any) -> None:
    consumer, bought = await stepped_up(town)
    assert (bought["outcome"], bought["captured_minor"], bought["held_minor"]) == ("in_review", 0, 200_000)
    path = f"/v1/purchases/{bought['id']}"
    assert (await consumer.got(path))["outcome"] == "step_up"
    sent = await consumer.made(f"{path}/codes", {})
    assert (sent["codes_left"], sent["attempts_left"]) == (2, 5)
    code = await code_on_the_phone(town)
    wrong = await consumer.made(f"{path}/confirmations", {"code": f"{(int(code) + 1) % 1_000_000:06}"})
    assert (wrong["confirmation"], wrong["attempts_left"]) == ("wrong", 4)
    right = await consumer.made(f"{path}/confirmations", {"code": code})
    assert (right["confirmation"], right["purchase"]["captured_minor"]) == ("confirmed", 200_000)
    assert (await town.merchant.got(path))["outcome"] == "authorised"


async def test_nobody_else_may_ask_for_a_code_or_try_one(town: Any) -> None:
    _, bought = await stepped_up(town)
    stranger, _ = await town.customer(with_line=False)
    path = f"/v1/purchases/{bought['id']}"
    assert (await stranger.post(f"{path}/codes", {})).status_code == 404
    assert (await stranger.post(f"{path}/confirmations", {"code": "000000"})).status_code == 404
    assert (await town.merchant.post(f"{path}/codes", {})).status_code == 403


async def test_an_address_that_is_none_is_refused(town: Any) -> None:
    consumer, customer = await town.customer()
    quote = await town.accepted(consumer, customer, 10_000)
    body = {"quote": quote, "plan": "pay_later", "reference": "order 1", "context": {"ip": "here"}}
    refused = await town.merchant.post("/v1/purchases", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "entity_invalid")
    assert (await consumer.got("/v1/purchases"))["data"] == []
