"""What people decide about running loans, over HTTP: each with its reason, done once, refused by name."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from datetime import date, timedelta
from typing import Any

import pytest

from support.reading import confirmed
from tiao.policy.model import Override

pytestmark = pytest.mark.anyio

WHY = "agreed on the phone"


class Debtor:
    """A customer whose 3,000.00 have been billed; *late* days have passed since they fell due."""

    def __init__(self, town: Any) -> None:
        self.town = town

    async def set(self, plan: str = "pay_later", *, late: int | None = None) -> "Debtor":
        self.consumer, self.customer = await self.town.customer()
        self.stranger, _ = await self.town.customer()
        self.bought = await self.town.bought(self.consumer, self.customer, 300_000, plan)
        [loan] = (await self.consumer.got("/v1/loans"))["data"]
        self.loan: str = loan["id"]
        self.line: str = (await self.consumer.got("/v1/line"))["id"]
        first = (await self.consumer.got(f"/v1/loans/{self.loan}"))["instalments"][0]
        self.due_on = date.fromisoformat(first["due_on"])
        day = first["statement_on"] if late is None else (self.due_on + timedelta(days=late)).isoformat()
        await self.town.advance(f"{day}T04:00:00Z")
        [self.bill] = [
            one for one in (await self.consumer.got("/v1/bills"))["data"] if one["due_on"] == first["due_on"]
        ]
        return self

    async def owed(self) -> int:
        parts = (await self.consumer.got(f"/v1/loans/{self.loan}"))["instalments"]
        return sum(part["open_minor"] for part in parts)

    async def refused(self, client: Any, path: str, body: object) -> tuple[int, str]:
        before = await self.town.state()
        answer = await client.post(path, body)
        assert await self.town.state() == before
        return answer.status_code, answer.json()["code"]


async def test_money_by_hand_counts_from_its_day_and_once(town: Any) -> None:
    one = await Debtor(town).set(late=10)
    assert await one.owed() == 300_000 + 9 * 150
    path = f"/v1/lines/{one.line}/receipts"
    body = {"kind": "transfer", "amount_minor": 300_000, "effective_on": one.due_on.isoformat(), "reason": WHY}
    paid = (await town.operator.post(path, body, key="receipt")).json()
    assert (paid["repayment"]["kind"], paid["repayment"]["overpaid_minor"]) == ("transfer", 0)
    again = await town.operator.post(path, body, key="receipt")
    assert (again.json(), again.headers["idempotent-replayed"]) == (paid, "true")
    assert await one.owed() == 0
    tomorrow = (one.due_on + timedelta(days=30)).isoformat()
    assert await one.refused(town.operator, path, {**body, "effective_on": tomorrow}) == (422, "effective_day_invalid")
    assert await one.refused(town.operator, path, {**body, "effective_on": "2020-01-01"}) == (
        422,
        "effective_day_invalid",
    )
    assert await one.refused(town.operator, path, {**body, "kind": "recovery"}) == (400, "request_malformed")
    assert await one.refused(town.operator, path, {**body, "reason": "  "}) == (422, "reason_needed")
    assert await one.refused(one.consumer, path, body) == (403, "role_not_allowed")
    [listed] = (await one.consumer.got(f"/v1/lines/{one.line}/adjustments"))["data"]
    assert (listed["kind"], listed["reason"], listed["is_undone"]) == ("transfer", WHY, False)
    assert listed["actor"].startswith("key_")
    assert (await one.stranger.get(f"/v1/lines/{one.line}/adjustments")).status_code == 404
    await town.assert_sound()


async def test_a_recalled_debit_is_owed_again(town: Any) -> None:
    one = await Debtor(town).set()
    source = (await one.consumer.made("/v1/funding_sources", {"account_no": "6222020000000001"}))["id"]
    paid = await one.consumer.made("/v1/repayments", {"funding_source": source, "amount_minor": 300_000})
    path = f"/v1/repayments/{paid['repayment']['id']}/reversal"
    assert await one.refused(one.consumer, path, {"reason": WHY}) == (403, "role_not_allowed")
    made = await town.operator.made(path, {"reason": "recalled by the bank"})
    assert (made["open_minor"], made["adjustment"]["undoes"]) == (300_000, paid["repayment"]["id"])
    assert await one.refused(town.operator, path, {"reason": WHY}) == (409, "fact_already_reversed")
    nobody = f"/v1/repayments/rep_{'0' * 31}1/reversal"
    assert await one.refused(town.operator, nobody, {"reason": WHY}) == (404, "repayment_unknown")
    shown = await one.consumer.got(f"/v1/repayments/{paid['repayment']['id']}")
    assert shown["repayment"]["reversed_on"] == made["adjustment"]["effective_on"]
    await town.assert_sound()


async def test_penalties_are_waived_charged_and_paused(town: Any) -> None:
    one = await Debtor(town).set(late=10)
    waiver = {"component": "penalty", "amount_minor": 1_000, "reason": WHY}
    made = await town.operator.made(f"/v1/loans/{one.loan}/waivers", waiver)
    assert (made["open_minor"], made["adjustment"]["component"]) == (300_350, "penalty")
    path = f"/v1/loans/{one.loan}/waivers"
    assert await one.refused(town.operator, path, {**waiver, "amount_minor": 351}) == (422, "waiver_exceeds_owed")
    assert await one.refused(one.consumer, path, waiver) == (403, "role_not_allowed")

    charge = {"number": 1, "component": "fee", "amount_minor": 500, "reason": WHY}
    made = await town.operator.made(f"/v1/loans/{one.loan}/charges", charge)
    assert made["open_minor"] == 300_850
    path = f"/v1/loans/{one.loan}/charges"
    assert await one.refused(town.operator, path, {**charge, "number": 2}) == (404, "instalment_unknown")

    pause = {
        "from_on": (one.due_on + timedelta(days=6)).isoformat(),
        "to_on": (one.due_on + timedelta(days=20)).isoformat(),
        "reason": WHY,
    }
    made = await town.operator.made(f"/v1/lines/{one.line}/penalty_pauses", pause)
    # Five days stay: 7.50, of which 10.00 cannot be waived any more.
    assert made["open_minor"] == 300_500
    path = f"/v1/lines/{one.line}/penalty_pauses"
    backwards = {**pause, "to_on": one.due_on.isoformat()}
    assert await one.refused(town.operator, path, backwards) == (422, "effective_day_invalid")
    listed = (await town.operator.got(f"/v1/lines/{one.line}/adjustments", limit=2))["data"]
    assert [each["kind"] for each in listed] == ["penalty_pause", "charge"]
    await town.assert_sound()


async def test_an_instalment_is_deferred_only_where_it_is_on_offer_and_not_twice_over(town: Any) -> None:
    one = await Debtor(town).set()
    path = f"/v1/loans/{one.loan}/instalments/1/deferral"
    asked = {"days": 5, "reason": "my wages come on the 15th"}
    assert await one.refused(one.consumer, path, asked) == (409, "deferral_not_offered")
    await town.switched_on("deferral.max_days", "baitiao")
    assert await one.refused(one.consumer, path, asked) == (409, "deferral_not_offered"), "not before tomorrow"
    await town.advance(f"{date.fromisoformat(one.bill['statement_on']) + timedelta(days=1)}T04:00:00Z")
    assert await one.refused(one.stranger, path, asked) == (404, "loan_unknown")
    made = await one.consumer.made(path, await confirming(one, path, asked))
    assert made["adjustment"]["to_on"] == (one.due_on + timedelta(days=5)).isoformat()
    assert await one.refused(one.consumer, path, {**asked, "days": 3}) == (422, "deferral_too_long")
    await one.consumer.made(path, await confirming(one, path, {**asked, "days": 2}))
    assert await one.refused(one.consumer, f"/v1/loans/{one.loan}/instalments/2/deferral", asked) == (
        404,
        "instalment_unknown",
    )
    await town.advance(f"{one.due_on + timedelta(days=7)}T04:00:00Z")
    assert await one.owed() == 300_000
    await town.assert_sound()


async def confirming(one: Debtor, path: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Read what a deferral costs, and confirm it."""
    sheet = (await one.consumer.got(path, days=asked["days"]))["cost_sheet"]
    return {**asked, "cost_sheet": confirmed(sheet)}


async def test_a_bill_goes_into_instalments_once_its_cost_sheet_is_confirmed(town: Any) -> None:
    one = await Debtor(town).set()
    bill = f"/v1/bills/{one.bill['id']}"
    offers = await one.consumer.got(f"{bill}/offers")
    assert offers["amount_minor"] == 300_000
    assert [(each["plan"], each["fee_minor"]) for each in offers["offers"]][:1] == [("instalments_3", 5_400)]
    assert all(float(each["annual_rate"]) > 0 for each in offers["offers"])
    sheet = await one.consumer.got(f"{bill}/cost_sheets/instalments_3", amount_minor=200_000)
    body = {"plan": "instalments_3", "amount_minor": 200_000, "cost_sheet": confirmed(sheet)}
    path = f"{bill}/instalments"
    assert await one.refused(one.consumer, path, {**body, "cost_sheet": None}) == (409, "cost_sheet_not_acknowledged")
    assert await one.refused(one.consumer, path, {**body, "amount_minor": 200_001}) == (
        409,
        "cost_sheet_not_acknowledged",
    )
    assert await one.refused(one.consumer, path, {**body, "plan": "pay_later"}) == (422, "product_unknown")
    assert await one.refused(one.consumer, path, {**body, "amount_minor": 300_001}) == (422, "repayment_exceeds_owed")
    assert await one.refused(one.stranger, path, body) == (404, "bill_unknown")
    assert (await one.stranger.get(f"{bill}/offers")).status_code == 404
    made = (await one.consumer.post(path, body, key="plan")).json()
    assert (await one.consumer.post(path, body, key="plan")).json() == made
    assert [part["principal_minor"] for part in made["instalments"]] == [66_666, 66_666, 66_668]
    assert await one.owed() == 100_000
    assert (await one.consumer.got("/v1/line"))["used_minor"] == 300_000
    await town.assert_sound()


async def test_hardship_needs_an_operator_and_settled_penalties(town: Any) -> None:
    one = await Debtor(town).set(late=10)
    path = f"/v1/loans/{one.loan}/hardship_plan"
    body = {"plan": "instalments_12", "reason": "lost work"}
    assert await one.refused(one.consumer, path, body) == (403, "role_not_allowed")
    assert await one.refused(town.operator, path, body) == (409, "penalties_open")
    await town.operator.made(
        f"/v1/loans/{one.loan}/waivers", {"component": "penalty", "amount_minor": 1_350, "reason": WHY}
    )
    made = await town.operator.made(path, body)
    assert (len(made["instalments"]), made["loan"]["principal_minor"]) == (12, 300_000)
    assert await one.owed() == 0
    kinds = [each["kind"] for each in (await one.consumer.got(f"/v1/lines/{one.line}/adjustments"))["data"]]
    assert kinds == ["refinancing", "waiver"]
    await town.assert_sound()


async def test_a_credit_balance_goes_back_to_an_account_and_not_more_than_there_is(town: Any) -> None:
    one = await Debtor(town).set()
    source = (await one.consumer.made("/v1/funding_sources", {"account_no": "6222020000000001"}))["id"]
    receipt = {"kind": "transfer", "amount_minor": 350_000, "effective_on": one.bill["statement_on"], "reason": WHY}
    await town.operator.made(f"/v1/lines/{one.line}/receipts", receipt)
    assert (await one.consumer.got("/v1/credit_balance"))["payable_minor"] == 50_000
    path, body = "/v1/credit_balance/refund", {"funding_source": source, "amount_minor": 30_000}
    assert await one.refused(one.consumer, path, {**body, "amount_minor": 50_001}) == (422, "credit_balance_exceeded")
    assert await one.refused(one.stranger, path, body) == (404, "funding_source_unknown")
    made = (await one.consumer.post(path, body, key="back")).json()
    assert (await one.consumer.post(path, body, key="back")).json() == made
    assert (made["payout"]["state"], made["credit_balance"]["balance_minor"]) == ("created", 20_000)
    await town.assert_sound()
    # A fact that comes late moves the credit balance, and the payout stays what it was.
    goodwill = {**receipt, "kind": "goodwill", "amount_minor": 700}
    await town.operator.made(f"/v1/lines/{one.line}/receipts", goodwill)
    assert (await one.consumer.got("/v1/credit_balance"))["balance_minor"] == 20_700
    await town.advance(f"{one.due_on}T04:00:00Z")
    postings = (await town.operator.got("/v1/postings", source=made["payout"]["id"]))["data"]
    assert {each["kind"] for each in postings} == {"credit_paid_out", "refund_payout_begun", "payout_succeeded"}
    await town.assert_sound()


async def test_a_decision_is_undone_once_and_by_its_own_id(town: Any) -> None:
    one = await Debtor(town).set(late=10)
    owed = await one.owed()
    given = {"component": "penalty", "amount_minor": 500, "reason": WHY}
    waived = await town.operator.made(f"/v1/loans/{one.loan}/waivers", given)
    assert await one.owed() == owed - 500
    path = f"/v1/adjustments/{waived['adjustment']['id']}/reversal"
    assert await one.refused(town.operator, path, {"reason": " "}) == (422, "reason_needed")
    assert await one.refused(one.consumer, path, {"reason": WHY}) == (403, "role_not_allowed")
    undone = await town.operator.made(path, {"reason": "given to the wrong loan"})
    assert undone["adjustment"]["undoes"] == waived["adjustment"]["id"]
    assert undone["open_minor"] == await one.owed() == owed
    assert await one.refused(town.operator, path, {"reason": WHY}) == (409, "fact_already_reversed")
    again = f"/v1/adjustments/{undone['adjustment']['id']}/reversal"
    assert await one.refused(town.operator, again, {"reason": WHY}) == (409, "not_reversible")
    unknown = f"/v1/adjustments/adj_{'0' * 32}/reversal"
    assert await one.refused(town.operator, unknown, {"reason": WHY}) == (404, "adjustment_unknown")
    await town.assert_sound()


async def test_a_loan_is_arranged_anew_once_a_day_and_that_is_undone(town: Any) -> None:
    one = await Debtor(town).set("instalments_3", late=10)
    reamortise, reage = f"/v1/loans/{one.loan}/reamortisation", f"/v1/loans/{one.loan}/reage"
    today = (one.due_on + timedelta(days=10)).isoformat()
    assert await one.refused(one.consumer, reamortise, {"reason": WHY}) == (403, "role_not_allowed")
    assert await one.refused(town.operator, reamortise, {"reason": " "}) == (422, "reason_needed")
    asked = {"rows": 4, "from_on": today, "fees": "spread", "reason": WHY}
    assert await one.refused(town.operator, reage, {**asked, "from_on": "2020-01-01"}) == (422, "effective_day_invalid")
    assert await one.refused(town.operator, reage, {**asked, "rows": 0}) == (400, "request_malformed")
    before = (await one.consumer.got(f"/v1/loans/{one.loan}"))["instalments"]
    made = await town.operator.made(reamortise, {"reason": "lost her job"})
    assert (made["adjustment"]["kind"], made["adjustment"]["loan"]) == ("reamortisation", one.loan)
    assert made["open_minor"] == sum(part["open_minor"] for part in before), "no money moved"
    assert await one.refused(town.operator, reage, asked) == (409, "rescheduled_today")
    loans = (await one.consumer.got("/v1/loans"))["data"]
    [new] = [loan for loan in loans if loan["plan"] == "rescheduled"]
    assert new["principal_minor"] == 100_000
    told = await one.consumer.got(f"/v1/loans/{new['id']}/explanation")
    assert told["total_minor"] == 100_000
    undone = await town.operator.made(f"/v1/adjustments/{made['adjustment']['id']}/reversal", {"reason": "mistake"})
    assert undone["open_minor"] == made["open_minor"]
    assert (await one.consumer.got(f"/v1/loans/{one.loan}"))["instalments"] == before
    await town.operator.made(reage, asked)
    await town.assert_sound()


class TwoPeople:
    """A debtor who owes 9,000.00, and two operators, who may each do less than 5,000.00 a day alone."""

    def __init__(self, town: Any) -> None:
        self.town = town

    async def set(self) -> "TwoPeople":
        self.consumer, self.customer = await self.town.customer()
        await self.town.bought(self.consumer, self.customer, 900_000, "pay_later")
        [loan] = (await self.consumer.got("/v1/loans"))["data"]
        self.loan: str = loan["id"]
        self.line: str = (await self.consumer.got("/v1/line"))["id"]
        self.second = await self.town.second_operator()
        return self

    async def owed(self) -> int:
        parts = (await self.consumer.got(f"/v1/loans/{self.loan}"))["instalments"]
        return sum(part["open_minor"] for part in parts)

    async def by_hand(self, amount_minor: int, kind: str = "transfer") -> Any:
        body = {"kind": kind, "amount_minor": amount_minor, "effective_on": "2026-09-01", "reason": WHY}
        return await self.town.operator.post(f"/v1/lines/{self.line}/receipts", body)

    async def proposed(self, **step: object) -> Any:
        return await self.town.operator.post(f"/v1/lines/{self.line}/money_proposals", {"step": step, "reason": WHY})


RECEIPT = {"kind": "receipt", "receipt": "transfer", "effective_on": "2026-09-01"}


@pytest.mark.parametrize("kind", ["transfer", "goodwill"])
async def test_a_large_amount_is_put_on_a_line_by_two_people_only(town: Any, kind: str) -> None:
    one = await TwoPeople(town).set()
    alone = await one.by_hand(500_000, kind)
    assert (alone.status_code, alone.json()["code"]) == (403, "amount_takes_two_people")
    assert alone.json()["facts"] == {"from_minor": 500_000, "left_minor": 499_999}
    made = (await one.proposed(**RECEIPT | {"receipt": kind}, amount_minor=600_000)).json()
    assert (made["kind"], made["amount_minor"], made["state"], made["made"]) == (kind, 600_000, "open", None)
    assert await one.owed() == 900_000, "nothing is booked by a proposal"
    path = f"/v1/money_proposals/{made['id']}"
    other_key = await town.key_with(["loans:write"])
    for maker in (town.operator, other_key):
        own = await maker.post(f"{path}/agreement", {})
        assert (own.status_code, own.json()["code"]) == (403, "own_money_proposal")
    assert [each["id"] for each in (await town.operator.got("/v1/money_proposals", open="true"))["data"]] == [
        made["id"]
    ]
    agreed = await one.second.made(f"{path}/agreement", {"note": "seen on the statement"})
    assert (agreed["state"], agreed["proposed_by"] != agreed["decided_by"]) == ("agreed", True)
    assert await one.owed() == 300_000
    [booked] = (await one.consumer.got(f"/v1/lines/{one.line}/adjustments"))["data"]
    assert (booked["id"], booked["kind"], booked["amount_minor"]) == (agreed["made"], kind, 600_000)
    assert (await one.second.post(f"{path}/agreement", {})).json()["code"] == "money_proposal_decided"
    assert (await town.operator.got("/v1/money_proposals", open="true"))["data"] == []
    assert (await one.consumer.get("/v1/money_proposals")).json()["code"] == "role_not_allowed"
    await town.assert_sound()


async def test_an_amount_in_parts_is_one_amount_within_a_day(town: Any) -> None:
    one = await TwoPeople(town).set()
    assert (await one.by_hand(300_000)).status_code == 201
    refused = await one.by_hand(200_000, "goodwill")
    assert (refused.json()["code"], refused.json()["facts"]["left_minor"]) == ("amount_takes_two_people", 199_999)
    assert (await one.by_hand(199_999)).status_code == 201
    await town.advance("2026-09-02T05:00:00Z")
    assert (await one.by_hand(1)).status_code == 201, "a day later it counts no more"
    await town.assert_sound()


async def test_what_two_people_agreed_to_does_not_count_against_one(town: Any) -> None:
    one = await TwoPeople(town).set()
    made = (await one.proposed(**RECEIPT, amount_minor=500_000)).json()
    await one.second.made(f"/v1/money_proposals/{made['id']}/agreement", {})
    assert (await one.by_hand(300_000)).status_code == 201
    assert (await one.by_hand(200_000)).json()["facts"]["left_minor"] == 199_999
    await town.assert_sound()


async def test_a_large_repayment_is_taken_back_by_two_people_only(town: Any) -> None:
    one = await TwoPeople(town).set()
    source = (await one.consumer.made("/v1/funding_sources", {"account_no": "6222020000000001"}))["id"]
    paid = await one.consumer.made("/v1/repayments", {"funding_source": source, "amount_minor": 700_000})
    repayment = paid["repayment"]["id"]
    alone = await town.operator.post(f"/v1/repayments/{repayment}/reversal", {"reason": WHY})
    assert (alone.status_code, alone.json()["code"]) == (403, "amount_takes_two_people")
    made = (await one.proposed(kind="reversal", repayment=repayment)).json()
    assert (made["kind"], made["about"], made["amount_minor"]) == ("reversal", repayment, 700_000)
    again = await one.proposed(kind="reversal", repayment=repayment)
    assert (again.status_code, again.json()["code"]) == (409, "repayment_already_proposed")
    rejected = await town.operator.made(f"/v1/money_proposals/{made['id']}/rejection", {"note": "the bank was wrong"})
    assert rejected["state"] == "rejected"
    assert await one.owed() == 200_000
    made = (await one.proposed(kind="reversal", repayment=repayment)).json()
    await one.second.made(f"/v1/money_proposals/{made['id']}/agreement", {})
    assert await one.owed() == 900_000
    late = await one.proposed(kind="reversal", repayment=repayment)
    assert late.json()["code"] == "fact_already_reversed", "what would be refused is refused when it is proposed"
    await town.assert_sound()


async def test_a_proposal_of_what_cannot_be_done_is_refused_and_leaves_nothing(town: Any) -> None:
    one = await TwoPeople(town).set()
    cases = [
        ({**RECEIPT, "amount_minor": 600_000, "effective_on": "2026-09-20"}, "effective_day_invalid"),
        ({**RECEIPT, "amount_minor": 600_000, "effective_on": "2020-01-01"}, "effective_day_invalid"),
        ({**RECEIPT, "amount_minor": 600_000, "receipt": "recovery"}, "request_malformed"),
        ({"kind": "reversal", "repayment": f"rep_{'0' * 32}"}, "repayment_unknown"),
        ({"kind": "waiver", "loan": one.loan, "component": "fee", "amount_minor": 1}, "waiver_exceeds_owed"),
    ]
    before = await town.state()
    for step, code in cases:
        assert (await one.proposed(**step)).json()["code"] == code
    assert await town.state() == before
    assert (await town.operator.got("/v1/money_proposals"))["data"] == []


async def test_the_amount_that_takes_two_people_is_a_rule_with_dates(town: Any) -> None:
    one = await TwoPeople(town).set()
    book = town.services.platform.book
    stricter = Override(
        rule="decision.two_people_from",
        applies_to="all_lenders",
        approved_by="opr_1",
        reviewed_by="opr_2",
        reason="an audit",
        approved_on=date(2026, 8, 1),
        review_on=date(2026, 12, 1),
        expires_on=date(2027, 1, 1),
        tightens=100_000,
    )
    book.adopt(book.pack.overridden(stricter))
    assert (await one.by_hand(100_000)).json()["facts"]["from_minor"] == 100_000
    assert (await one.by_hand(99_999)).status_code == 201
    await town.assert_sound()
