"""A purchase from application to settlement, seen only through HTTP; the bank and the bureau answer on their wires."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import asyncio
from typing import Any

import pytest

pytestmark = pytest.mark.anyio


async def test_a_purchase_lives_from_application_to_settlement(town: Any) -> None:
    consumer, customer = await town.customer()
    line = await consumer.got("/v1/line")
    assert (line["status"], line["available_minor"]) == ("active", line["limit_minor"])

    bought = await town.bought(consumer, customer, 120_000, "instalments_3")
    assert (bought["outcome"], bought["captured_minor"], bought["closed_as"]) == ("authorised", 120_000, "captured")
    assert (await consumer.got("/v1/line"))["used_minor"] == 120_000
    [loan] = (await consumer.got("/v1/loans"))["data"]
    parts = (await consumer.got(f"/v1/loans/{loan['id']}"))["instalments"]
    assert [part["principal_minor"] for part in parts] == [40_000, 40_000, 40_000]
    assert [part["fee_minor"] for part in parts] == [720, 720, 720]

    first_statement = parts[0]["statement_on"]
    moved = await town.advance(f"{first_statement}T04:00:00Z")
    assert moved["today"] == first_statement
    [bill] = (await consumer.got("/v1/bills"))["data"]
    assert (bill["principal_minor"], bill["fee_minor"], bill["open_minor"]) == (40_000, 720, 40_720)

    source = await consumer.made("/v1/funding_sources", {"account_no": "6222020000000001"})
    assert source["display"].endswith("0001")
    paid = await consumer.made("/v1/repayments", {"funding_source": source["id"], "amount_minor": 40_720})
    assert paid["repayment"]["state"] == "succeeded"
    assert [(part["principal_minor"], part["fee_minor"]) for part in paid["parts"]] == [(40_000, 720)]
    assert (await consumer.got(f"/v1/repayments/{paid['repayment']['id']}")) == paid
    [bill] = (await consumer.got("/v1/bills"))["data"]
    assert (bill["open_minor"], bill["settled_on"]) == (0, first_statement)
    assert (await consumer.got(f"/v1/bills/{bill['id']}"))["instalments"][0]["open_minor"] == 0

    back = await town.merchant.made(
        f"/v1/purchases/{bought['id']}/refunds", {"amount_minor": 100_000, "reference": "return 1"}
    )
    seen = await consumer.got(f"/v1/refunds/{back['refund']['id']}")
    assert (seen["refund"]["offset_principal_minor"], seen["refund"]["returned_minor"]) == (80_000, 20_000)
    [payout] = seen["payouts"]
    assert (payout["amount_minor"], payout["state"]) == (20_000, "created")
    assert (await consumer.got("/v1/line"))["used_minor"] == 0

    await town.advance(f"{bill['due_on']}T04:00:00Z")
    refund = await consumer.got(f"/v1/refunds/{back['refund']['id']}")
    assert refund["payouts"][0]["state"] == "succeeded"
    settlements = (await town.merchant.got("/v1/settlements"))["data"]
    sale = settlements[-1]
    assert (sale["gross_minor"], sale["discount_minor"], sale["net_minor"]) == (120_000, 720, 119_280)
    paid_out = await town.merchant.got(f"/v1/settlements/{sale['business_date']}")
    assert [each["state"] for each in paid_out["payouts"]] == ["succeeded"]
    lines = (await town.merchant.got(f"/v1/settlements/{sale['business_date']}/lines"))["data"]
    assert sum(each["amount_minor"] for each in lines) == sale["net_minor"]
    assert [each["source"] for each in lines] == [loan["id"]]
    assert (await town.merchant.got("/v1/balance"))["balance_minor"] == -100_000

    postings = (await town.operator.got("/v1/postings", source=loan["id"]))["data"]
    assert [sum(entry["amount_minor"] for entry in each["entries"]) for each in postings] == [0] * len(postings)
    balance = await town.operator.got("/v1/trial_balance")
    assert sum(row["debit_minor"] for row in balance["rows"]) == sum(row["credit_minor"] for row in balance["rows"]) > 0
    await town.assert_sound()


async def test_a_hold_is_captured_in_part_and_the_rest_is_let_go(town: Any) -> None:
    consumer, customer = await town.customer()
    held = await town.bought(consumer, customer, 60_000, capture=False)
    assert (held["held_minor"], (await consumer.got("/v1/line"))["held_minor"]) == (60_000, 60_000)
    part = await town.merchant.made(f"/v1/purchases/{held['id']}/captures", {"amount_minor": 25_000})
    assert part["purchase"]["held_minor"] == 35_000
    ended = await town.merchant.made(f"/v1/purchases/{held['id']}/void")
    assert (ended["released_minor"], ended["closed_as"]) == (35_000, "voided")
    line = await consumer.got("/v1/line")
    assert (line["held_minor"], line["used_minor"]) == (0, 25_000)


async def test_a_declined_purchase_tells_its_reasons_to_the_customer_and_not_to_the_merchant(town: Any) -> None:
    consumer, customer = await town.customer()
    limit = (await consumer.got("/v1/line"))["limit_minor"]
    declined = await town.bought(consumer, customer, limit + 100)
    assert (declined["outcome"], declined["decline_reasons"]) == ("declined", ["declined"])
    path = f"/v1/purchases/{declined['id']}"
    assert (await town.merchant.got(path)) == declined
    assert (await town.merchant.got("/v1/purchases"))["data"] == [declined]
    assert (await consumer.got(path))["decline_reasons"] == ["credit_limit"]
    assert (await town.operator.got(path))["decline_reasons"] == ["credit_limit"]
    assert (await consumer.got("/v1/line"))["available_minor"] == limit


async def test_a_refund_tells_the_merchant_nothing_about_what_the_customer_had_paid(town: Any) -> None:
    consumer, customer = await town.customer()
    bought = await town.bought(consumer, customer, 50_000)
    source = await consumer.made("/v1/funding_sources", {"account_no": "6222020000000001"})
    await consumer.made("/v1/repayments", {"funding_source": source["id"], "amount_minor": 50_000})
    asked = {"amount_minor": 50_000, "reference": "return 1"}
    back = await town.merchant.made(f"/v1/purchases/{bought['id']}/refunds", asked)
    path = f"/v1/refunds/{back['refund']['id']}"
    [listed] = (await town.merchant.got(f"/v1/purchases/{bought['id']}/refunds"))["data"]
    hidden = ("offset_principal_minor", "returned_minor", "fee_cancelled_minor")
    for shown in (back, await town.merchant.got(path), {"refund": listed, "payouts": []}):
        assert shown["payouts"] == []
        assert [shown["refund"][each] for each in hidden] == [None, None, None]
        assert (shown["refund"]["amount_minor"], shown["refund"]["subsidy_cancelled_minor"]) == (50_000, 0)
    for client in (consumer, town.operator):
        seen = await client.got(path)
        assert [seen["refund"][each] for each in hidden] == [0, 50_000, 0]
        assert [each["amount_minor"] for each in seen["payouts"]] == [50_000]


async def test_autopay_takes_what_is_due_once_it_was_agreed(town: Any) -> None:
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, 30_000)
    source = await consumer.made("/v1/funding_sources", {"account_no": "6222020000000009"})
    assert source["autopay_agreed_at"] is None
    agreed = await consumer.put("/v1/autopay", {"funding_source": source["id"], "is_autopay_agreed": True})
    assert agreed.json()["autopay_agreed_at"] is not None
    [loan] = (await consumer.got("/v1/loans"))["data"]
    [part] = (await consumer.got(f"/v1/loans/{loan['id']}"))["instalments"]
    await town.advance(f"{part['due_on']}T04:00:00Z")
    assert (await consumer.got("/v1/line"))["used_minor"] == 0
    [paid] = (await consumer.got("/v1/repayments"))["data"]
    assert (paid["kind"], paid["amount_minor"]) == ("debit", 30_000)
    unbound = await consumer.delete(f"/v1/funding_sources/{source['id']}")
    assert unbound.json()["status"] == "unbound"
    assert (await consumer.got("/v1/funding_sources"))["data"] == []


async def test_a_decision_is_told_in_the_language_asked_for(town: Any) -> None:
    consumer, _ = await town.customer()
    [decision] = (await consumer.got("/v1/decisions"))["data"]
    assert decision["language"] == "zh-CN"
    assert "额度" in decision["text"]
    headers = {"Authorization": f"Bearer {consumer.token}", "Accept-Language": "en-GB, zh;q=0.5"}
    english = (await town.http.get(f"/v1/decisions/{decision['id']}", headers=headers)).json()
    assert english["language"] == "en"
    assert "approved" in english["text"]
    assert [each["code"] for each in english["reasons"]] == [each["code"] for each in decision["reasons"]]
    application = await consumer.got(f"/v1/applications/{decision['application']}")
    assert application["decision"]["id"] == decision["id"]


async def test_an_operator_freezes_a_line_and_writes_off_a_loan(town: Any) -> None:
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, 30_000)
    line = await consumer.got("/v1/line")
    frozen = await town.operator.made(f"/v1/lines/{line['id']}/freeze", {"reason": "reported stolen"})
    assert (frozen["line"]["status"], frozen["line"]["available_minor"]) == ("frozen", 0)
    declined = await town.bought(consumer, customer, 1_000)
    assert (await consumer.got(f"/v1/purchases/{declined['id']}"))["decline_reasons"] == ["line_not_active"]
    await town.operator.made(f"/v1/lines/{line['id']}/unfreeze", {"reason": "found again"})
    cut = await consumer.made(f"/v1/lines/{line['id']}/limit", {"limit_minor": 100_000, "reason": "enough for me"})
    assert cut["line"]["limit_minor"] == 100_000
    [loan] = (await consumer.got("/v1/loans"))["data"]
    proposed = await town.operator.made(f"/v1/loans/{loan['id']}/write_off", {"reason": "moved abroad"})
    assert (await consumer.got(f"/v1/loans/{loan['id']}"))["loan"]["status"] == "active", "one person books no loss"
    again = await town.operator.post(f"/v1/loans/{loan['id']}/write_off", {"reason": "once more"})
    assert again.json()["code"] == "write_off_already_proposed"
    path = f"/v1/write_off_proposals/{proposed['id']}"
    own = await town.operator.post(f"{path}/agreement", {})
    assert (own.status_code, own.json()["code"]) == (403, "own_write_off")
    other_key = await town.key_with(["loans:write"])
    assert (await other_key.post(f"{path}/agreement", {})).json()["code"] == "own_write_off", "two keys, one person"
    assert (await town.operator.made(f"{path}/rejection", {"note": "he called"}))["state"] == "rejected"
    second = await town.second_operator()
    assert (await second.post(f"{path}/agreement", {})).json()["code"] == "write_off_decided"
    proposed = await town.operator.made(f"/v1/loans/{loan['id']}/write_off", {"reason": "moved abroad after all"})
    waiting = (await town.operator.got("/v1/write_off_proposals", open="true"))["data"]
    assert [each["id"] for each in waiting] == [proposed["id"]]
    lost = await second.made(f"/v1/write_off_proposals/{proposed['id']}/agreement", {"note": "seen the letter"})
    assert lost["loan"]["status"] == "written_off"
    assert lost["proposal"]["decided_by"] != lost["proposal"]["proposed_by"]
    late = await town.operator.post(f"/v1/loans/{loan['id']}/write_off", {"reason": "again"})
    assert late.json()["code"] == "loan_not_active"
    await town.assert_sound()


async def test_a_suspended_merchant_sells_nothing_until_it_is_reinstated(town: Any) -> None:
    consumer, customer = await town.customer()
    shown = await town.operator.made(f"/v1/merchants/{town.merchant_id}/suspension")
    assert shown["status"] == "suspended"
    limit = (await consumer.got("/v1/line"))["limit_minor"]
    declined = await town.bought(consumer, customer, limit + 100)
    assert declined["decline_reasons"] == ["merchant_suspended"]
    seen = await consumer.got(f"/v1/purchases/{declined['id']}")
    assert seen["decline_reasons"] == ["merchant_suspended", "credit_limit"]
    await town.reinstated(town.merchant_id)
    assert (await town.bought(consumer, customer, 1_000))["outcome"] == "authorised"


async def test_a_notice_of_the_bank_settles_a_payment_that_got_no_answer(town: Any) -> None:
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, 30_000)
    source = await consumer.made("/v1/funding_sources", {"account_no": "6222020000000003"})
    town.bank.books.set_faults(type(town.bank.books.faults)(processing_ppm=1_000_000))
    asked = {"funding_source": source["id"], "amount_minor": 30_000}
    paid = await consumer.made("/v1/repayments", asked)
    assert (paid["repayment"]["state"], paid["repayment"]["effective_on"]) == ("unknown", None)
    refused = await consumer.post("/v1/repayments", asked)
    assert refused.json()["code"] == "debit_already_running"
    assert await town.bank.deliver_notices(town.http) == 1
    after = await consumer.got(f"/v1/repayments/{paid['repayment']['id']}")
    assert (after["repayment"]["state"], after["parts"][0]["principal_minor"]) == ("succeeded", 30_000)
    assert (await consumer.got("/v1/line"))["used_minor"] == 0


async def test_a_day_is_closed_by_hand_once(town: Any) -> None:
    await town.advance("2026-09-02T03:00:00Z")
    first = await town.operator.made("/v1/close/2026-09-01", key=None)
    again = await town.operator.made("/v1/close/2026-09-01", key=None)
    assert first == again == await town.operator.got("/v1/close/2026-09-01")
    assert first["is_closed"]
    assert {"bill", "settle", "roll_up"} <= {step["step"] for step in first["steps"]}
    assert (await town.operator.got("/v1/test_clock"))["closed_through"] == "2026-09-01"


async def test_only_one_request_moves_the_clock_at_a_time(town: Any) -> None:
    asked = {"advance_to": "2026-09-04T00:00:00Z"}
    answers = await asyncio.gather(*(town.operator.post("/v1/test_clock", asked, key=None) for _ in range(3)))
    assert sorted({answer.status_code for answer in answers}) == [200, 503]
    [busy, *_] = [answer for answer in answers if answer.status_code == 503]
    assert (busy.json()["code"], busy.headers["retry-after"]) == ("clock_is_moving", "1")
    assert (await town.advance("2026-09-04T00:00:00Z"))["closed"] == []
    await town.assert_sound()
