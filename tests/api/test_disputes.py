"""A dispute from the claim to the money, seen by both sides, on the test clock."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from tiao.runtime.programme import move_clock

CLAIM = {"amount_minor": 10_000, "reason": "not_received", "text": "没有收到\n已等两周"}


async def disputed(town: Any, amount_minor: int = 10_000, **claim: object) -> tuple[Any, Any, Any]:
    client, customer = await town.customer()
    bought = await town.bought(client, customer, amount_minor)
    made = await client.made(f"/v1/purchases/{bought['id']}/disputes", CLAIM | claim)
    return client, bought, made


async def states(town: Any) -> list[str]:
    return [each["type"] for each in (await town.merchant.got("/v1/events"))["data"] if "dispute" in each["type"]]


async def test_a_claim_is_answered_decided_in_part_and_paid(town: Any) -> None:
    client, bought, made = await disputed(town)
    assert made["state"] == "opened"
    assert (await town.merchant.got("/v1/balance"))["held_minor"] == 10_000
    assert (await client.post(f"/v1/purchases/{bought['id']}/disputes", CLAIM)).json()["code"] == "dispute_already_open"
    where = f"/v1/disputes/{made['id']}"
    photo = b"\x89PNG the parcel, signed for"
    file = {"name": "签收.png", "media_type": "image/png", "content": base64.b64encode(photo).decode()}
    shown = await town.merchant.made(f"{where}/files", file)
    assert shown["digest"] == hashlib.sha256(photo).hexdigest()
    seen = await client.got(where)
    assert (seen["dispute"]["state"], [each["author"] for each in seen["statements"]]) == ("answered", ["consumer"])
    assert seen["statements"][0]["text"] == CLAIM["text"]
    answer = await client.get(f"{where}/files/1")
    assert (answer.content, answer.headers["x-content-type-options"]) == (photo, "nosniff")
    decided = await town.operator.made(f"{where}/decision", {"awarded_minor": 4_000, "note": "half of it arrived"})
    assert (decided["state"], decided["awarded_minor"], decided["held_minor"]) == ("decided", 4_000, 0)
    refunds = (await client.got(f"/v1/purchases/{bought['id']}/refunds"))["data"]
    assert [(each["id"], each["amount_minor"]) for each in refunds] == [(decided["refund"], 4_000)]
    assert (await town.merchant.got("/v1/balance"))["held_minor"] == 0
    assert await states(town) == ["dispute.opened", "dispute.answered", "dispute.decided"]
    late = await town.merchant.post(f"{where}/statements", {"text": "but"})
    assert late.json()["code"] == "dispute_closed"
    await town.advance("2026-09-02T02:00:00Z")
    settled = (await town.merchant.got("/v1/settlements/2026-09-01"))["settlement"]
    assert (settled["adjusted_minor"], settled["refunded_minor"], settled["net_minor"]) == (0, 4_000, 5_940)
    await town.assert_sound()


async def test_what_is_held_is_not_settled_until_the_claim_is_taken_back(town: Any) -> None:
    client, _, made = await disputed(town)
    await town.advance("2026-09-02T02:00:00Z")
    settled = (await town.merchant.got("/v1/settlements/2026-09-01"))["settlement"]
    assert (settled["adjusted_minor"], settled["net_minor"]) == (-10_000, -60)
    withdrawn = await client.made(f"/v1/disputes/{made['id']}/withdrawal")
    assert (withdrawn["state"], withdrawn["awarded_minor"]) == ("withdrawn", 0)
    await town.advance("2026-09-03T02:00:00Z")
    settled = (await town.merchant.got("/v1/settlements/2026-09-02"))["settlement"]
    assert (settled["adjusted_minor"], settled["net_minor"], settled["paid_minor"]) == (10_000, 9_940, 9_940)
    await town.assert_sound()


async def test_a_merchant_that_says_nothing_in_its_time_has_lost(town: Any) -> None:
    client, _, made = await disputed(town)
    await town.advance("2026-09-07T12:00:00Z")
    assert (await client.got(f"/v1/disputes/{made['id']}"))["dispute"]["state"] == "opened"
    await town.advance("2026-09-09T12:00:00Z")
    found = (await town.merchant.got(f"/v1/disputes/{made['id']}"))["dispute"]
    assert (found["state"], found["awarded_minor"]) == ("undefended", 10_000)
    await town.assert_sound()


async def test_a_merchant_gives_in_and_what_it_gave_back_before_is_not_given_twice(town: Any) -> None:
    _, bought, made = await disputed(town)
    await town.merchant.made(f"/v1/purchases/{bought['id']}/refunds", {"amount_minor": 7_000, "reference": "goodwill"})
    accepted = await town.merchant.made(f"/v1/disputes/{made['id']}/acceptance")
    assert (accepted["state"], accepted["awarded_minor"]) == ("accepted", 3_000)
    await town.assert_sound()


async def test_what_was_refunded_since_the_claim_is_part_of_what_is_awarded(town: Any) -> None:
    """One of two things did not come: the merchant gives back its price at once, and nobody gives it back again."""
    client, customer = await town.customer()
    bought = await town.bought(client, customer, 10_000)
    refunds = f"/v1/purchases/{bought['id']}/refunds"
    await town.merchant.made(refunds, {"amount_minor": 1_000, "reference": "a scratch, before any claim"})
    made = await client.made(f"/v1/purchases/{bought['id']}/disputes", CLAIM | {"amount_minor": 4_000})
    await town.merchant.made(refunds, {"amount_minor": 3_000, "reference": "it did not come"})
    await town.advance("2026-09-09T12:00:00Z")
    found = (await town.merchant.got(f"/v1/disputes/{made['id']}"))["dispute"]
    assert (found["state"], found["awarded_minor"]) == ("undefended", 1_000)
    assert (await client.got(f"/v1/purchases/{bought['id']}"))["refunded_minor"] == 5_000
    again = await client.made(f"/v1/purchases/{bought['id']}/disputes", CLAIM | {"amount_minor": 2_000})
    await town.merchant.made(refunds, {"amount_minor": 2_500, "reference": "more than was asked for"})
    decided = await town.operator.made(f"/v1/disputes/{again['id']}/decision", {"awarded_minor": 2_000, "note": "so"})
    assert (decided["awarded_minor"], decided["refund"]) == (0, None)
    await town.assert_sound()


async def test_evidence_is_taken_from_the_merchant_for_a_week_only(town: Any) -> None:
    client, _, made = await disputed(town)
    await town.merchant.made(f"/v1/disputes/{made['id']}/statements", {"text": "sent on Monday"})
    await town.advance("2026-09-08T03:00:00Z")
    late = await town.merchant.post(f"/v1/disputes/{made['id']}/statements", {"text": "and again"})
    assert late.json()["code"] == "evidence_too_late"
    await client.made(f"/v1/disputes/{made['id']}/statements", {"text": "nothing came"})
    await town.assert_sound()


async def test_while_a_claim_is_open_no_penalty_runs(town: Any) -> None:
    client, _, _ = await disputed(town, amount_minor=100_000)
    line = (await client.got("/v1/line"))["id"]
    decided = (await client.got(f"/v1/lines/{line}/adjustments"))["data"]
    assert [each["kind"] for each in decided] == ["penalty_pause"]
    assert (decided[0]["from_on"], decided[0]["to_on"]) == ("2026-09-01", "2026-09-23")


async def pauses(client: Any) -> list[tuple[str, str]]:
    """Say from when to when no penalty runs."""
    line = (await client.got("/v1/line"))["id"]
    made = (await client.got(f"/v1/lines/{line}/adjustments"))["data"]
    undone = {each["undoes"] for each in made}
    return [
        (each["from_on"], each["to_on"])
        for each in made
        if each["kind"] == "penalty_pause" and each["id"] not in undone
    ]


async def penalties(client: Any) -> int:
    loans = (await client.got("/v1/loans"))["data"]
    shown = [await client.got(f"/v1/loans/{each['id']}") for each in loans]
    return sum(part["penalty_minor"] for each in shown for part in each["instalments"])


async def test_penalties_run_again_on_the_day_after_a_claim_is_over(town: Any) -> None:
    """Nobody puts penalties off for three weeks by a claim of a fen, taken back at once, again and again."""
    client, customer = await town.customer()
    late = await town.bought(client, customer, 500_000)
    await town.advance("2026-11-05T04:00:00Z")
    before = await penalties(client)
    assert before > 0, "the bill is overdue"
    made = await client.made(f"/v1/purchases/{late['id']}/disputes", CLAIM | {"amount_minor": 1})
    await client.made(f"/v1/disputes/{made['id']}/withdrawal")
    assert await pauses(client) == [("2026-11-05", "2026-11-05")]
    await town.advance("2026-11-10T04:00:00Z")
    assert await penalties(client) == before + 4 * 250, "four days of five; the day of the claim itself was free"
    await town.assert_sound()


async def test_a_decision_that_comes_late_costs_the_customer_nothing(town: Any) -> None:
    client, customer = await town.customer()
    late = await town.bought(client, customer, 500_000)
    await town.advance("2026-11-05T04:00:00Z")
    before = await penalties(client)
    made = await client.made(f"/v1/purchases/{late['id']}/disputes", CLAIM | {"amount_minor": 400_000})
    await town.merchant.made(f"/v1/disputes/{made['id']}/statements", {"text": "it was sent"})
    await town.advance("2026-12-02T04:00:00Z")
    await town.operator.made(f"/v1/disputes/{made['id']}/decision", {"awarded_minor": 100_000, "note": "at last"})
    assert await pauses(client) == [("2026-11-05", "2026-12-02")]
    assert await penalties(client) == before
    await town.assert_sound()


async def test_a_claim_that_was_made_in_time_is_awarded_after_the_time_for_refunds(town: Any) -> None:
    """Goods are sent back for a year; whoever claims on its last day is answered when the year is over."""
    client, customer = await town.customer()
    bought = await town.bought(client, customer, 10_000)
    async with town.db.begin() as tx:
        await move_clock(tx, datetime(2027, 8, 30, 4, tzinfo=UTC))
    answered = await client.made(f"/v1/purchases/{bought['id']}/disputes", CLAIM | {"amount_minor": 4_000})
    async with town.db.begin() as tx:
        await move_clock(tx, datetime(2027, 9, 10, 4, tzinfo=UTC))
    late = await town.merchant.post(f"/v1/purchases/{bought['id']}/refunds", {"amount_minor": 1, "reference": "late"})
    assert late.json()["code"] == "refund_window_closed"
    where = f"/v1/disputes/{answered['id']}/decision"
    decided = await town.operator.made(where, {"awarded_minor": 4_000, "note": "it never came"})
    assert (decided["state"], decided["awarded_minor"]) == ("decided", 4_000)
    assert (await client.got(f"/v1/purchases/{bought['id']}"))["refunded_minor"] == 4_000
    assert (await town.merchant.got("/v1/balance"))["held_minor"] == 0


WRONG = [
    ({"amount_minor": 10_001}, "dispute_exceeds_purchase"),
    ({"amount_minor": 0}, "request_malformed"),
    ({"reason": "because"}, "request_malformed"),
]


@pytest.mark.parametrize(("claim", "code"), WRONG)
async def test_a_claim_is_about_what_was_bought(town: Any, claim: dict[str, object], code: str) -> None:
    client, customer = await town.customer()
    bought = await town.bought(client, customer, 10_000)
    answer = await client.post(f"/v1/purchases/{bought['id']}/disputes", CLAIM | claim)
    assert answer.json()["code"] == code
    assert (await town.merchant.got("/v1/disputes"))["data"] == []


async def test_nobody_else_sees_a_dispute(town: Any) -> None:
    _, _, made = await disputed(town)
    stranger, _ = await town.customer(with_line=False)
    for answer in (
        await stranger.get(f"/v1/disputes/{made['id']}"),
        await stranger.post(f"/v1/disputes/{made['id']}/withdrawal"),
        await stranger.post(f"/v1/disputes/{made['id']}/statements", {"text": "x"}),
    ):
        assert answer.json()["code"] == "dispute_unknown"
    assert (await stranger.got("/v1/disputes"))["data"] == []
    assert [each["id"] for each in (await town.operator.got("/v1/disputes", open="true"))["data"]] == [made["id"]]


async def test_a_payment_that_was_not_made_by_its_customer_is_labelled(town: Any) -> None:
    _, _, made = await disputed(town, reason="unauthorised")
    await town.operator.made(f"/v1/disputes/{made['id']}/decision", {"awarded_minor": 10_000, "note": "stolen phone"})
    async with town.db.begin() as tx:
        said = await tx.records("select source, is_fraud from risk_label ")
    assert sorted(said, reverse=True) == [("customer", True), ("chargeback", True)]
    await town.assert_sound()


async def test_a_large_claim_is_decided_by_two_people_who_say_the_same(town: Any) -> None:
    client, customer = await town.customer()
    bought = await town.bought(client, customer, 600_000)
    made = await client.made(f"/v1/purchases/{bought['id']}/disputes", CLAIM | {"amount_minor": 500_000})
    await town.merchant.made(f"/v1/disputes/{made['id']}/statements", {"text": "it was sent"})
    where, second = f"/v1/disputes/{made['id']}/decision", await town.second_operator()
    verdict = {"awarded_minor": 200_000, "note": "half of it"}
    waiting = await town.operator.made(where, verdict)
    assert (waiting["state"], waiting["awarded_minor"], waiting["held_minor"]) == ("answered", None, 500_000)
    assert waiting["proposed"]["awarded_minor"] == 200_000
    again = await town.operator.post(where, verdict)
    assert (again.status_code, again.json()["code"]) == (403, "maker_is_checker")
    other_key = await town.key_with(["disputes:write"])
    assert (await other_key.post(where, verdict)).json()["code"] == "maker_is_checker", "two keys, one person"
    for party in (client, town.merchant):
        assert (await party.got(f"/v1/disputes/{made['id']}"))["dispute"]["proposed"] is None, "for operators only"
        assert (await party.got("/v1/disputes"))["data"][0]["proposed"] is None
    other = await second.made(where, {"awarded_minor": 300_000, "note": "more than half"})
    assert (other["state"], other["proposed"]["awarded_minor"]) == ("answered", 300_000)
    assert (await client.got(f"/v1/purchases/{bought['id']}"))["refunded_minor"] == 0
    decided = await town.operator.made(where, {"awarded_minor": 300_000, "note": "agreed"})
    assert (decided["state"], decided["awarded_minor"], decided["proposed"]) == ("decided", 300_000, None)
    assert (await client.got(f"/v1/purchases/{bought['id']}"))["refunded_minor"] == 300_000
    await town.assert_sound()


async def test_a_claim_of_a_part_ends_alike_on_every_side_whatever_went_back_before_meanwhile_and_after(
    town: Any,
) -> None:
    """A claim about 4,000 of 10,000, decided for 2,500: the purchase, the loan and the merchant agree to the fen."""
    client, customer = await town.customer()
    bought = await town.bought(client, customer, 10_000)
    refunds = f"/v1/purchases/{bought['id']}/refunds"
    await town.merchant.made(refunds, {"amount_minor": 1_000, "reference": "before"})
    made = await client.made(f"/v1/purchases/{bought['id']}/disputes", CLAIM | {"amount_minor": 4_000})
    assert (await town.merchant.got("/v1/balance"))["held_minor"] == 4_000, "of the part only"
    await town.merchant.made(refunds, {"amount_minor": 700, "reference": "meanwhile"})
    decided = await town.operator.made(f"/v1/disputes/{made['id']}/decision", {"awarded_minor": 2_500, "note": "so"})
    assert decided["awarded_minor"] == 1_800, "what went back meanwhile is part of it"
    await town.merchant.made(refunds, {"amount_minor": 500, "reference": "after"})
    too_much = await town.merchant.post(refunds, {"amount_minor": 6_001, "reference": "too much"})
    assert (too_much.json()["code"], too_much.json()["facts"]["refundable_minor"]) == ("refund_exceeds_captured", 6_000)
    again = await client.post(f"/v1/purchases/{bought['id']}/disputes", CLAIM | {"amount_minor": 6_001})
    assert again.json()["facts"]["disputable_minor"] == 6_000
    [loan] = (await client.got("/v1/loans"))["data"]
    assert sum(each["open_minor"] for each in (await client.got(f"/v1/loans/{loan['id']}"))["instalments"]) == 6_000
    assert (await client.got("/v1/line"))["used_minor"] == 6_000
    await town.advance("2026-09-02T02:00:00Z")
    settled = (await town.merchant.got("/v1/settlements/2026-09-01"))["settlement"]
    assert (settled["refunded_minor"], settled["adjusted_minor"]) == (4_000, 0)
    assert settled["net_minor"] == 10_000 - 60 - 4_000
    assert (await town.merchant.got("/v1/balance"))["held_minor"] == 0
    await town.assert_sound()
