"""A decision contested and answered over the API: the record, the queue, four eyes, the words."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

from tiao.partners.model import Role
from tiao.values.ids import derived_id

pytestmark = pytest.mark.anyio


async def staff(town: Any, name: str) -> Any:
    return town.client(await town.key(Role.OPERATOR, derived_id(name)))


async def test_a_customer_asks_for_a_person_and_reads_the_answer_in_both_languages(town: Any) -> None:
    consumer, customer = await town.customer()
    ann = await staff(town, "ann")
    [approved] = (await consumer.got("/v1/decisions"))["data"]
    assert len(approved["reasons"]) >= 3
    raised = await consumer.made(f"/v1/decisions/{approved['id']}/objections", {"reason": "我的收入更高"})
    assert (raised["state"], raised["answer"], raised["decision"]) == ("open", None, approved["id"])
    assert raised["opened_at"][:10] == "2026-09-01"
    assert raised["due_at"][:10] == "2026-09-16"
    again = await consumer.post(f"/v1/decisions/{approved['id']}/objections", {"reason": "noch einmal"})
    assert (again.status_code, again.json()["code"]) == (409, "case_already_open")

    [waiting] = (await ann.got("/v1/cases", kind="objection"))["data"]
    assert (waiting["customer"], waiting["maker"], waiting["is_late"]) == (customer, "engine", False)
    claimed = await ann.made("/v1/case_claims", {"kind": "objection"})
    assert claimed["id"] == waiting["id"]
    assert claimed["claimed_by"].startswith("opr_")
    limit = approved["limit_after_minor"] // 2 // 10_000 * 10_000
    body = {"agrees": True, "limit_minor": min(limit, 1_000_000), "reason": "已核实收入证明"}
    answered = await ann.made(f"/v1/cases/{claimed['id']}/answers", body)
    assert answered["case"]["state"] == "agreed"
    assert answered["decision"]["limit_after_minor"] == body["limit_minor"]

    for language, text in (("zh-CN", "人工"), ("en", "A person looked at it and agreed")):
        listed = await consumer.get("/v1/objections")
        listed.raise_for_status()
        told = (
            await consumer.http.get(
                "/v1/objections",
                headers={"Authorization": f"Bearer {consumer.token}", "Accept-Language": language},
            )
        ).json()["data"][0]["answer"]
        assert text in told["reasons"][0]["text"]
        assert told["words"] == "已核实收入证明"
    assert (await consumer.got("/v1/line"))["limit_minor"] == body["limit_minor"]
    await town.assert_sound()


async def test_a_record_says_what_was_seen_and_runs_again_to_the_bit(town: Any) -> None:
    consumer, _ = await town.customer()
    [made] = (await consumer.got("/v1/decisions"))["data"]
    record = await town.operator.got(f"/v1/decisions/{made['id']}/record")
    assert record["inputs"]["income_minor"] == 2_000_000
    assert len(record["inputs_sha256"]) == 64
    assert (record["probability"] is None) == (record["probability_bits"] is None)
    assert await town.operator.got(f"/v1/decisions/{made['id']}/rerun") == {
        "id": made["id"],
        "is_equal": True,
        "differences": [],
    }
    async with town.db.begin() as tx:
        await tx.execute("update credit_decision set limit_after_minor = limit_after_minor + 1")
    again = await town.operator.got(f"/v1/decisions/{made['id']}/rerun")
    assert [each["field"] for each in again["differences"]] == ["limit_after_minor"]
    assert (await consumer.get(f"/v1/decisions/{made['id']}/record")).status_code == 403


async def test_who_proposes_a_limit_does_not_agree_to_it_even_with_another_key(town: Any) -> None:
    consumer, _ = await town.customer(income_minor=100_000)
    ann, ann_too, ben = await staff(town, "ann"), await staff(town, "ann"), await staff(town, "ben")
    line = await consumer.got("/v1/line")
    wanted = {"limit_minor": line["limit_minor"] + 100_000, "reason": "长期客户"}
    case = await ann.made(f"/v1/lines/{line['id']}/proposals", wanted)
    refused = await ann_too.post(f"/v1/cases/{case['id']}/claim")
    assert (refused.status_code, refused.json()["code"]) == (403, "maker_is_checker")
    unclaimed = await ben.post(f"/v1/cases/{case['id']}/answers", {"agrees": True, "limit_minor": None, "reason": "ok"})
    assert (unclaimed.status_code, unclaimed.json()["code"]) == (409, "case_not_claimed")
    await ben.made(f"/v1/cases/{case['id']}/claim")
    await ben.made(f"/v1/cases/{case['id']}/release")
    await ben.made(f"/v1/cases/{case['id']}/claim")
    done = await ben.made(f"/v1/cases/{case['id']}/answers", {"agrees": True, "limit_minor": None, "reason": "ok"})
    assert done["decision"]["outcome"] == "raised"
    assert (await ben.got(f"/v1/cases/{case['id']}"))["votes"][0]["reason"] == "ok"
    assert (await consumer.got("/v1/line"))["limit_minor"] == wanted["limit_minor"]
    assert (await ben.got("/v1/case_queue"))["data"] == []
