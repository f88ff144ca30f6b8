"""Departures from the dated rules over HTTP: within what the pack allows, two people where something is loosened."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from datetime import date
from typing import Any

import pytest
from tests.support.consenting import application

from tiao.wiring import open_platform

pytestmark = pytest.mark.anyio

PATH = "/v1/policy_overrides"
SWITCH = {
    "rule": "deferral.max_days",
    "kind": "switch",
    "value": "baitiao",
    "reason": "asked for by many customers",
    "from_on": "2026-09-01",
    "review_on": "2026-12-01",
    "expires_on": "2027-03-01",
}
TIGHTER = {**SWITCH, "rule": "penalty.daily_rate", "kind": "tighter", "value": "0.0003", "reason": "kinder"}
WHY = {"reason": "read and agreed"}


async def second(town: Any) -> Any:
    return await town.second_operator()


async def refused(town: Any, client: Any, path: str, body: object) -> tuple[int, str]:
    before = await town.state()
    answer = await client.post(path, body)
    assert await town.state() == before
    return answer.status_code, answer.json()["code"]


async def test_a_switch_needs_a_second_person_and_counts_from_tomorrow_until_it_is_withdrawn(town: Any) -> None:
    book = town.services.platform.book
    proposed = await town.operator.made(PATH, SWITCH)
    assert (proposed["state"], proposed["applies_to"], proposed["approval"]) == ("proposed", "cfc", None)
    approval = f"{PATH}/{proposed['id']}/approval"
    assert await refused(town, town.operator, approval, WHY) == (403, "second_person_needed")
    other = await second(town)
    approved = await other.made(approval, WHY)
    assert approved["state"] == "approved"
    assert approved["approval"]["counts_from_on"] == "2026-09-02"
    assert approved["approval"]["by"] != approved["proposed_by"]
    assert await refused(town, other, approval, WHY) == (409, "policy_override_decided")
    today, tomorrow = "2026-09-01", "2026-09-02"
    assert [reaches(book, "deferral.max_days", on) for on in (today, tomorrow)] == [False, True]

    await town.advance("2026-09-05T04:00:00Z")
    [listed] = (await town.operator.got(PATH))["data"]
    assert listed["state"] == "in_force"
    withdrawn = await town.operator.made(f"{PATH}/{proposed['id']}/withdrawal", {"reason": "too many"})
    assert withdrawn["withdrawal"]["counts_from_on"] == "2026-09-06"
    assert [reaches(book, "deferral.max_days", f"2026-09-0{day}") for day in (1, 2, 5, 6)] == [False, True, True, False]
    again = await refused(town, other, f"{PATH}/{proposed['id']}/withdrawal", WHY)
    assert again == (409, "policy_override_decided")
    listed = await town.operator.got(PATH)
    assert listed["rules_digest"] == book.pack.digest, "what is enforced is what is listed"


async def test_what_is_only_stricter_stands_at_once_and_another_person_lifts_it(town: Any) -> None:
    book = town.services.platform.book
    before = book.conditions(day("2026-09-01")).penalty_ppm
    made = await town.operator.made(PATH, TIGHTER)
    assert made["state"] == "approved"
    assert (before, book.conditions(day("2026-09-01")).penalty_ppm) == (500, 500), "contracts of today keep their rule"
    assert book.conditions(day("2026-09-02")).penalty_ppm == 300
    lifting = f"{PATH}/{made['id']}/withdrawal"
    assert await refused(town, town.operator, lifting, WHY) == (403, "second_person_needed")
    await (await second(town)).made(lifting, WHY)
    assert book.conditions(day("2026-09-02")).penalty_ppm == 500


@pytest.mark.parametrize(
    "change",
    [
        {"value": "0.0006"},
        {"value": "0.0005"},
        {"value": "many"},
        {"value": 0},
        {"rule": "deferral.max_days", "value": 3},
        {"rule": "no.such.rule"},
        {"rule": "disclosure.cost_sheet_required", "kind": "choice", "value": False},
        {"rule": "price.all_in_cap", "value": "0.36"},
        {"rule": "limit.consumer_max", "value": 30_000_000},
        {"kind": "switch", "rule": "limit.consumer_max", "value": "boost-2025"},
        {"applies_to": "nobody"},
        {"expires_on": "2026-09-01", "review_on": "2026-09-01"},
        {"review_on": "2027-06-01"},
    ],
    ids=str,
)
async def test_nothing_is_looser_than_the_pack_allows(town: Any, change: dict[str, object]) -> None:
    assert await refused(town, town.operator, PATH, {**TIGHTER, **change}) == (422, "policy_override_refused")


async def test_a_stricter_age_keeps_out_who_is_younger(town: Any) -> None:
    client, _ = await town.customer(with_line=False)
    await town.operator.made(PATH, {**TIGHTER, "rule": "applicant.min_age", "value": 40})
    await town.advance("2026-09-02T04:00:00Z")
    refused = await client.post("/v1/applications", application())
    assert (refused.status_code, refused.json()["code"]) == (403, "applicant_under_age")
    assert refused.json()["facts"]["age_min"] == 40


@pytest.mark.parametrize(
    ("rule", "value"), [("refund.paid_fee_returned", True), ("mdr.returned_on_refund", True), ("autopay.opt_in", False)]
)
async def test_a_choice_that_nothing_would_act_on_is_not_taken(town: Any, rule: str, value: object) -> None:
    """Two people would agree to it, the rules would tell of it, and no refund would be another."""
    chosen = {**TIGHTER, "kind": "choice", "rule": rule, "value": value}
    assert await refused(town, town.operator, PATH, chosen) == (422, "policy_override_refused")
    assert await refused(town, town.operator, f"{PATH}/trial", chosen) == (422, "policy_override_refused")
    acted_on = {**chosen, "rule": "refund.unpaid_fee_rule", "value": "share_of_order"}
    assert (await town.operator.made(PATH, acted_on))["state"] == "proposed"


async def test_a_limit_below_what_the_limit_policy_grants_is_refused(town: Any) -> None:
    body = {**TIGHTER, "rule": "limit.consumer_max", "value": 100}
    assert await refused(town, town.operator, PATH, body) == (409, "consumer_limit_above_rule")
    assert await refused(town, town.operator, PATH, {**TIGHTER, "reason": " "}) == (422, "reason_needed")
    assert await refused(town, town.merchant, PATH, TIGHTER) == (403, "role_not_allowed")
    unknown = f"{PATH}/pov_{'0' * 32}/approval"
    assert await refused(town, town.operator, unknown, WHY) == (404, "policy_override_unknown")


async def test_a_platform_opened_later_goes_by_the_overrides_that_stand(town: Any) -> None:
    await town.operator.made(PATH, TIGHTER)
    own = town.services.platform
    async with open_platform(town.db, town.outside, ids=own.moments.ids, vault=own.vault) as opened:
        assert opened.book.pack.digest == own.book.pack.digest
        assert opened.book.conditions(day("2026-09-02")).penalty_ppm == 300
        made = await town.operator.made(PATH, {**TIGHTER, "value": "0.0002"})
        assert opened.book.conditions(day("2026-09-02")).penalty_ppm == 300
        await opened.adopt_rules()
        assert opened.book.conditions(day("2026-09-02")).penalty_ppm == 200, made


def reaches(book: Any, rule: str, on: str) -> bool:
    found: bool = book.pack.reaches(rule, on=day(on), lender_type="cfc")
    return found


def day(text: str) -> Any:
    return date.fromisoformat(text)
