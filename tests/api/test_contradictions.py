"""A bank that takes its word back is shown to operators, who note how it was settled; money that came is booked."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

from tiao.payments import actions as payments
from tiao.payments.model import Answer, Failed, Succeeded
from tiao.servicing.repaying import book_debits
from tiao.values.ids import read_id

pytestmark = pytest.mark.anyio


async def told(town: Any, repayment: str, answer: Answer) -> None:
    async with town.db.begin() as tx:
        now = await town.services.platform.moments(tx)
        await payments.apply_debit_answers(tx, now, [(read_id("rep", repayment), answer)], book_debits)


async def paid(town: Any, account_no: str) -> tuple[Any, str]:
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, 30_000)
    source = await consumer.made("/v1/funding_sources", {"account_no": account_no})
    made = await consumer.made("/v1/repayments", {"funding_source": source["id"], "amount_minor": 30_000})
    return consumer, made["repayment"]["id"]


async def test_an_operator_reads_a_contradiction_and_settles_it_once(town: Any) -> None:
    consumer, repayment = await paid(town, "6222020000000001")
    await told(town, repayment, Failed("account_frozen", is_retryable=False))
    [found] = (await town.operator.got("/v1/contradictions"))["data"]
    assert (found["of"], found["stood"], found["told"], found["code"]) == (
        repayment, "succeeded", "failed", "account_frozen",
    )  # fmt: skip
    assert (found["days_open"], found["resolution"]) == (0, None)
    for other in (consumer, town.merchant):
        assert (await other.get("/v1/contradictions")).json()["code"] == "role_not_allowed"
    path = f"/v1/contradictions/{found['id']}/settlement"
    settled = await town.operator.made(path, {"note": "the bank withdrew it by letter"})
    assert (settled["resolution"], settled["note"]) == ("settled", "the bank withdrew it by letter")
    assert (await town.operator.post(path, {"note": "again"})).json()["code"] == "contradiction_resolved"
    nobody = f"/v1/contradictions/con_{0:032x}/settlement"
    assert (await town.operator.post(nobody, {"note": "what"})).json()["code"] == "contradiction_unknown"
    assert (await town.operator.got("/v1/contradictions"))["data"] == []
    assert [each["id"] for each in (await town.operator.got("/v1/contradictions", which="all"))["data"]] == [
        found["id"]
    ]
    await town.assert_sound()


async def test_a_success_the_bank_does_not_stand_by_leaves_the_customer_owing(town: Any) -> None:
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, 30_000)
    source = await consumer.made("/v1/funding_sources", {"account_no": "6222020000000001"})
    town.bank.books.set_faults(type(town.bank.books.faults)(account_frozen_ppm=1_000_000))
    made = await consumer.made("/v1/repayments", {"funding_source": source["id"], "amount_minor": 30_000})
    assert made["repayment"]["state"] == "failed"
    async with town.db.begin() as tx:
        now = await town.services.platform.moments(tx)
    await told(town, made["repayment"]["id"], Succeeded("b1", now.at, 30_000, "CNY"))
    assert len((await town.operator.got("/v1/contradictions"))["data"]) == 1
    await town.advance("2026-09-02T04:00:00Z")
    [found] = (await town.operator.got("/v1/contradictions", which="all"))["data"]
    assert found["resolution"] == "upheld"
    assert (await consumer.got("/v1/line"))["used_minor"] == 30_000
    await town.assert_sound()
