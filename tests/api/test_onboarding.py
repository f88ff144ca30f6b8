"""How a company becomes a merchant: every step, every "no", and what nobody may do alone."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

from support.applying import PAPERS, PDF, Applying, company, entry, paper
from tiao.partners.scenes.rules import shipped_scenes
from tiao.simulator.registry import RegistryBehaviour


async def test_a_company_becomes_a_merchant_for_each_of_its_scenes_and_sells(town: Any) -> None:
    client, customer = await town.customer()
    other = await town.second_operator()
    applying = await Applying.opened(town, "electronics", "appliances", scope="电子产品、家用电器销售")
    made = await applying.active(other)
    assert [(each["scene"], each["discount_rate"], each["reserve_rate"]) for each in made] == [
        ("electronics", "0.0055", "0"),
        ("appliances", "0.0055", "0"),
    ]
    assert await applying.state() == "active"
    merchant = town.client(made[0]["token"])
    shown = await merchant.got(f"/v1/merchants/{made[0]['id']}")
    assert (shown["category"], shown["status"], shown["payout_account_tail"]) == ("electronics", "active", "1234")
    town.merchant = merchant
    assert (await town.bought(client, customer, 10_000))["outcome"] == "authorised"
    steps = [each["kind"] for each in (await town.operator.got(applying.path))["steps"]]
    assert steps == [
        *("opened", "paper_shown", "paper_shown", "paper_shown", "paper_shown", "submitted", "checked", "graded"),
        *("proposed", "approved", "signed", "signed", "activated"),
    ]
    theirs = await applying.applicant.got("/v1/merchant_applications/current")
    assert not {"checked", "graded", "proposed"} & {each["kind"] for each in theirs["steps"]}
    assert theirs["application"]["grade"] is None, "how it was graded is the staff's affair"
    assert (await merchant.got("/v1/merchant_applications/current"))["application"]["id"] == applying.id
    await town.assert_sound()


async def test_who_proposed_does_not_approve_and_nobody_approves_what_was_not_graded(town: Any) -> None:
    applying = await (await Applying.opened(town)).submitted()
    note = {"note": "why"}
    ungraded = await town.operator.post(f"{applying.path}/proposal", note)
    assert ungraded.json()["code"] == "check_missing"
    await town.operator.made(f"{applying.path}/checks")
    assert (await town.operator.post(f"{applying.path}/proposal", note)).json()["code"] == "grade_missing"
    await town.operator.made(f"{applying.path}/grades")
    await town.operator.made(f"{applying.path}/proposal", note)
    own = await town.operator.post(f"{applying.path}/approval", note)
    assert (own.status_code, own.json()["code"]) == (403, "own_merchant_proposal")
    other = await town.second_operator()
    await other.made(f"{applying.path}/return", note)
    assert await applying.state() == "submitted"
    assert (await other.post(f"{applying.path}/approval", note)).json()["code"] == "merchant_application_not_open"
    early = await applying.applicant.post(f"{applying.path}/activation")
    assert early.json()["code"] == "merchant_application_not_open"
    async with town.db.begin() as tx:
        with pytest.raises(Exception, match="merchant_application_has_two_people"):
            await tx.execute("update merchant_application set state = 'approved', proposed_by = 'a', decided_by = 'a'")


async def test_a_new_check_asks_for_a_new_grade(town: Any) -> None:
    applying = await (await Applying.opened(town)).proposed()
    await town.operator.made(f"{applying.path}/return", {"note": "look again"})
    await town.advance("2026-09-01T03:00:00Z")
    await town.operator.made(f"{applying.path}/checks")
    again = await town.operator.post(f"{applying.path}/proposal", {"note": "why"})
    assert again.json()["code"] == "grade_missing", "the grade is of what was known before"


FINDINGS = [
    ({"standing": "吊销"}, ["not_operating"], "D"),
    ({"standing": "经营异常"}, ["listed_abnormal"], "C"),
    ({"company": "另一家有限公司"}, ["company_differs"], "D"),
    ({"representative": "李四"}, ["representative_differs"], "C"),
    ({"scope": "水果销售"}, ["scope_does_not_name_scene"], "B"),
    ({"capital": "1万人民币"}, ["capital_below_100000"], "A"),
]


@pytest.mark.parametrize(("registered", "found", "grade"), FINDINGS)
async def test_what_the_register_says_otherwise_counts(
    town: Any, registered: dict[str, str], found: list[str], grade: str
) -> None:
    sound = entry()
    town.registry.know(entry(**registered))
    applying = Applying(town, await town.operator.made("/v1/merchant_applications", company(sound)))
    await applying.submitted()
    check = await town.operator.made(f"{applying.path}/checks")
    assert (check["state"], check["findings"]) == ("found", found)
    graded = await town.operator.made(f"{applying.path}/grades")
    assert graded["grade"] == grade
    assert [each["finding"] for each in graded["reasons"]] == found
    proposed = await town.operator.post(f"{applying.path}/proposal", {"note": "why"})
    assert (proposed.status_code == 200) == (grade != "D")
    if grade == "D":
        assert proposed.json()["code"] == "grade_not_approvable"


async def test_a_risky_company_pays_more_and_leaves_a_reserve(town: Any) -> None:
    other = await town.second_operator()
    applying = await Applying.opened(town, "medical", registered_on=entry().registered_on.replace(year=2026, month=5))
    [made] = await applying.active(other)
    assert (made["discount_rate"], made["reserve_rate"], made["reserve_days"]) == ("0.018", "0.1", 60)


@pytest.mark.parametrize("way", ["unavailable_share", "maintenance_share", "unsigned_share"])
async def test_a_register_that_fails_leaves_the_company_undecided(town: Any, way: str) -> None:
    applying = await (await Applying.opened(town)).submitted()
    town.registry.misbehave(RegistryBehaviour(**{way: 1.0}))
    check = await town.operator.made(f"{applying.path}/checks")
    assert (check["state"], check["record"]) == ("unavailable", None)
    assert (await town.operator.post(f"{applying.path}/grades")).json()["code"] == "check_missing"
    town.registry.misbehave(RegistryBehaviour())
    assert (await town.operator.made(f"{applying.path}/checks"))["state"] == "found", "asked again, it goes on"


async def test_an_unknown_company_is_refused_with_reasons_that_it_reads(town: Any) -> None:
    applying = await (await Applying.opened(town)).submitted()
    town.registry.misbehave(RegistryBehaviour(unknown_share=1.0))
    assert (await town.operator.made(f"{applying.path}/checks"))["state"] == "not_registered"
    assert (await town.operator.made(f"{applying.path}/grades"))["grade"] == "D"
    said = {"reasons": ["the company is not registered"], "note": "the register knows no such code"}
    await town.operator.made(f"{applying.path}/refusal", said)
    theirs = (await applying.applicant.got(applying.path))["application"]
    assert (theirs["state"], theirs["reasons"]) == ("refused", ["the company is not registered"])
    assert (await applying.applicant.post(f"{applying.path}/submission")).status_code == 409
    await Applying.opened(town)  # a company that was refused may apply again


INVALID = [
    ({"credit_code": "91110000600037341X"}, "credit_code_invalid"),
    ({"credit_code": "9111000060003734"}, "credit_code_invalid"),
    ({"credit_code": "914403001922038217"}, "credit_code_invalid"),
    ({"scenes": ["gambling"]}, "scene_unknown"),
    ({"scenes": ["travel", "travel"]}, "merchant_application_invalid"),
    ({"account": "12 ab"}, "merchant_application_invalid"),
    ({"websites": ["ftp://x.example"]}, "merchant_application_invalid"),
    ({"websites": ["shop"]}, "merchant_application_invalid"),
    ({"currency": "XXX"}, "merchant_application_invalid"),
]


@pytest.mark.parametrize(("other", "code"), INVALID)
async def test_what_a_company_says_is_checked(town: Any, other: dict[str, object], code: str) -> None:
    answer = await town.operator.post("/v1/merchant_applications", company(entry()) | other)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_one_company_applies_once_at_a_time(town: Any) -> None:
    applying = await Applying.opened(town)
    again = await town.operator.post("/v1/merchant_applications", company(entry()))
    assert (again.status_code, again.json()["code"]) == (409, "company_applies_already")
    await applying.applicant.made(f"{applying.path}/withdrawal")
    assert (await town.operator.post("/v1/merchant_applications", company(entry()))).status_code == 201


async def test_papers_are_checked_kept_sealed_and_looked_at_for_a_reason(town: Any) -> None:
    applying = await Applying.opened(town)
    early = await applying.applicant.post(f"{applying.path}/submission")
    assert early.json()["code"] == "paper_missing"
    assert "account_proof" in early.json()["detail"]
    for bad in (
        paper("business_licence", b"MZ an executable"),
        paper("business_licence", PDF, "text/html"),
        paper("business_licence", PDF + b"0" * 2_000_000),
    ):
        answer = await applying.applicant.post(f"{applying.path}/papers", bad)
        assert answer.status_code in {400, 422}, answer.text
    large = paper("business_licence", PDF + b"0" * 1_900_000)
    kept = await applying.applicant.made(f"{applying.path}/papers", large)
    assert kept["size_bytes"] == len(PDF) + 1_900_000
    async with town.db.begin() as tx:
        sealed = bytes(await tx.value("select content_sealed from merchant_paper"))
        private = bytes(await tx.value("select private_sealed from merchant_application"))
    assert PDF not in sealed
    assert b"13800001234" not in private
    look = f"{applying.path}/papers/1/views"
    assert (await town.operator.post(look, {}, key=None)).status_code == 400, "nobody looks without a reason"
    assert (await applying.applicant.post(look, {"reason": "mine"}, key=None)).status_code == 403
    seen = await town.operator.made(look, {"reason": "is the licence whole"})
    assert seen["content"] == large["content"]
    views = (await town.operator.got(f"{applying.path}/views"))["data"]
    assert [(each["number"], each["reason"]) for each in views] == [(1, "is the licence whole")]
    async with town.db.begin() as tx:
        await tx.execute("update merchant_paper set content_sealed = set_byte(content_sealed, 40, 1)")
    broken = await town.operator.post(look, {"reason": "again"}, key=None)
    assert broken.json()["code"] == "field_unreadable", "an altered document is not shown"


async def test_a_company_sees_its_own_application_and_nothing_else(town: Any) -> None:
    mine = await Applying.opened(town)
    other = await Applying.opened(town, key="2")
    for path in (other.path, f"{other.path}/papers", f"{other.path}/signatures"):
        assert (await mine.applicant.get(path)).json()["code"] == "merchant_application_unknown"
    for path in ("/v1/balance", "/v1/purchases", "/v1/merchant_applications", "/v1/api_keys"):
        assert (await mine.applicant.get(path)).status_code == 403, path
    assert (await town.merchant.get(mine.path)).json()["code"] == "merchant_application_unknown"
    changed = company(entry(), trade_name="新名字")
    answer = await mine.applicant.put(mine.path, changed)
    assert answer.json()["trade_name"] == "新名字"
    await mine.submitted()
    assert (await mine.applicant.put(mine.path, changed)).json()["code"] == "merchant_application_not_open"


async def test_signing_is_by_digest_and_activation_waits_for_it(town: Any) -> None:
    other = await town.second_operator()
    applying = await (await Applying.opened(town)).approved(other)
    early = await applying.applicant.post(f"{applying.path}/activation")
    assert early.json()["code"] == "contract_not_signed"
    [text] = (await applying.applicant.got(f"{applying.path}/signatures"))["unsigned"]
    wrong = await applying.sign(text | {"digest": "0" * 64})
    assert wrong.json()["code"] == "contract_differs"
    foreign = (await town.operator.got("/v1/scenes/medical/contracts"))["data"][0]
    assert (await applying.sign(foreign)).json()["code"] == "contract_unknown"
    assert (await applying.sign(text)).json()["state"] == "signed"
    assert (await applying.sign(text)).json()["state"] == "signed", "signed again, nothing changes"
    assert len((await town.operator.got(f"{applying.path}/signatures"))["data"]) == 1


async def test_changed_terms_are_announced_thirty_days_ahead_by_two_people(town: Any) -> None:
    other = await town.second_operator()
    applying = await Applying.opened(town)
    [made] = await applying.active(other)
    path = "/v1/scenes/electronics/contracts"
    new = {"version": 2, "title": "协议", "body": "第一条　新的约定。", "effective_on": "2026-09-20"}
    await town.operator.made(path, new)
    assert (await town.operator.post(path, new)).json()["code"] == "contract_version_taken"
    assert (await town.operator.post(f"{path}/2/agreement")).json()["code"] == "own_merchant_proposal"
    short = await other.post(f"{path}/2/agreement")
    assert (short.status_code, short.json()["detail"]) == (422, "at the earliest from 2026-10-01")
    assert len((await applying.applicant.got(path))["data"]) == 1, "what was not announced is not shown"
    later = new | {"version": 3, "effective_on": "2026-10-01"}
    await town.operator.made(path, later)
    announced = await other.made(f"{path}/3/agreement")
    assert (announced["is_in_force"], announced["announced_at"] is None) == (False, False)
    merchant = town.client(made["token"])
    events = (await merchant.got("/v1/events"))["data"]
    assert [each["type"] for each in events] == ["contract.announced"]
    applying.applicant = merchant  # a merchant signs with its own key
    assert (await applying.sign(announced)).status_code == 201, "it may be signed before it counts"
    assert (await merchant.got(f"{applying.path}/signatures"))["unsigned"] == []


async def test_a_stop_waits_for_a_second_person_and_nobody_lifts_it_alone(town: Any) -> None:
    other = await town.second_operator()
    path = f"/v1/merchants/{town.merchant_id}"
    stopped = await town.operator.made(f"{path}/suspension?reason=complaints")
    assert stopped["status"] == "suspended", "protection does not wait"
    await town.operator.made(f"{path}/suspension?reason=again")
    [left] = (await town.operator.got("/v1/proposals", merchant=town.merchant_id, open="true"))["data"]
    assert (left["kind"], left["reason"]) == ("suspension", "complaints")
    own = await town.operator.post(f"/v1/proposals/{left['id']}/rejection", {})
    assert (own.status_code, own.json()["code"]) == (403, "own_proposal")
    lifted = await other.made(f"/v1/proposals/{left['id']}/rejection", {"note": "unfounded"})
    assert lifted["state"] == "rejected"
    assert (await town.operator.got(path))["status"] == "active"

    await town.operator.made(f"{path}/suspension")
    assert (await town.operator.delete(f"{path}/suspension")).json()["status"] == "suspended"
    await town.operator.delete(f"{path}/suspension")
    waiting = (await town.operator.got("/v1/proposals", merchant=town.merchant_id, open="true"))["data"]
    assert sorted(each["kind"] for each in waiting) == ["reinstatement", "suspension"]
    proposed = next(each for each in waiting if each["kind"] == "reinstatement")["id"]
    assert (await town.operator.post(f"/v1/proposals/{proposed}/agreement", {})).json()["code"] == "own_proposal"
    await other.made(f"/v1/proposals/{proposed}/agreement", {})
    assert (await town.operator.got(path))["status"] == "active"


async def test_a_contract_that_ended_is_paid_to_the_end_and_does_not_begin_again(town: Any) -> None:
    other = await town.second_operator()
    client, customer = await town.customer()
    await town.bought(client, customer, 10_000)
    path = f"/v1/merchants/{town.merchant_id}"
    made = await town.operator.made(f"{path}/proposals", {"reason": "closed down", "termination": True})
    assert (await town.operator.got(path))["status"] == "active", "one person ends nothing"
    await other.made(f"/v1/proposals/{made['id']}/agreement", {})
    assert (await town.operator.got(path))["status"] == "terminated"
    assert (await town.operator.delete(f"{path}/suspension")).json()["code"] == "merchant_terminated"
    assert (await town.operator.post(f"{path}/suspension")).json()["code"] == "merchant_terminated"
    again = await town.bought(client, customer, 5_000)
    assert (again["outcome"], again["decline_reasons"]) == ("declined", ["merchant_suspended"])
    await town.advance("2026-09-03T02:00:00Z")
    settled = (await town.merchant.got("/v1/settlements/2026-09-01"))["settlement"]
    assert settled["paid_minor"] == settled["net_minor"] > 0
    kinds = [each["type"] for each in (await town.merchant.got("/v1/events"))["data"]]
    assert "merchant.terminated" in kinds
    await town.assert_sound()


def test_every_scene_asks_for_papers_that_a_test_company_has() -> None:
    assert {paper for scene in shipped_scenes() for paper in scene.papers} <= set(PAPERS)
