"""What was said to somebody is read by that somebody, and by operators; receipts are believed when they are signed."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

from tiao.messages import actions as messages
from tiao.messages.jobs import deliver
from tiao.messages.model import Language, NewMessage, Recipient
from tiao.values.ids import read_id

pytestmark = pytest.mark.anyio


async def say(town: Any, *new: NewMessage) -> None:
    async with town.db.begin() as tx:
        await messages.say(tx, await town.services.platform.moments(tx), new)


def order_released(merchant_id: str, reference: str) -> NewMessage:
    said = {"reference": reference, "amount": "¥12.00"}
    return NewMessage("order_released", Recipient.MERCHANT, read_id("mer", merchant_id), said, None, Language.EN)


async def test_a_text_reaches_the_handset_and_its_receipt_is_shown_to_the_customer(town: Any) -> None:
    consumer, customer = await town.customer(with_line=False)
    said = {"merchant": "山脚书店", "amount": "¥1,200.00"}
    await say(town, NewMessage("purchase_released", Recipient.CUSTOMER, read_id("cus", customer), said))
    platform = town.services.platform
    assert platform.post is not None
    assert await deliver(platform.db, platform.moments, platform.post) == 1
    [taken] = town.sms.taken.values()
    assert (taken.sender, "山脚书店" in taken.text) == ("条科技", True)
    assert [each["state"] for each in (await consumer.got("/v1/messages"))["data"]] == ["sent"]
    assert await town.sms.deliver_receipts(town.http) == 1
    [found] = (await consumer.got("/v1/messages"))["data"]
    assert (found["kind"], found["state"], found["text"]) == ("purchase_released", "delivered", taken.text)
    assert (await town.operator.got("/v1/messages", customer=customer))["data"] == [found]


async def test_nobody_reads_what_was_said_to_somebody_else(town: Any) -> None:
    consumer, customer = await town.customer(with_line=False)
    stranger, _ = await town.customer(with_line=False)
    await say(town, *(order_released(town.merchant_id, f"A-{number}") for number in range(3)))
    assert (await stranger.get("/v1/messages", customer=customer)).json()["code"] == "customer_unknown"
    assert (await town.merchant.get("/v1/messages", merchant=f"mer_{1:032x}")).json()["code"] == "merchant_unknown"
    assert (await town.operator.get("/v1/messages")).json()["code"] == "subject_missing"
    assert (await consumer.got("/v1/messages"))["data"] == []
    first = await town.merchant.got("/v1/messages", limit=2)
    second = await town.merchant.got("/v1/messages", limit=2, after=first["next"])
    texts = [each["text"] for page in (first, second) for each in page["data"]]
    assert sorted(texts) == [f"Order A-{n} (¥12.00) has been checked and may be delivered." for n in range(3)]
    assert {each["state"] for each in first["data"]} == {"kept"}


async def test_receipts_without_the_gateways_signature_are_refused(town: Any) -> None:
    answer = await town.http.post("/v1/messages/receipts", content=b'{"receipts":[]}')
    assert (answer.status_code, answer.json()["code"]) == (401, "receipt_not_genuine")
