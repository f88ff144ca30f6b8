"""What operators did is kept with the reason, what is masked is seen only with one, and nobody changes the record."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import psycopg
import pytest

pytestmark = pytest.mark.anyio


async def test_a_change_is_noted_with_who_and_why_in_its_own_transaction(town: Any) -> None:
    consumer, _ = await town.customer()
    line = (await consumer.got("/v1/line"))["id"]
    await town.operator.made(f"/v1/lines/{line}/freeze", {"reason": "phone lost"})
    me = (await town.operator.got("/v1/session"))["subject"]
    page = await town.operator.got("/v1/operator_acts", about=line)
    (act,) = page["data"]
    assert (act["operator"], act["did"], act["operation"], act["reason"]) == (
        me,
        "changed",
        f"POST /v1/lines/{line}/freeze",
        "phone lost",
    )
    refused = await town.operator.post(f"/v1/lines/{line}/freeze", {"reason": "again"})
    assert refused.status_code == 409
    assert len((await town.operator.got("/v1/operator_acts", about=line))["data"]) == 1


async def test_a_repeated_request_is_one_act_and_a_customer_s_own_is_none(town: Any) -> None:
    consumer, _ = await town.customer()
    line = (await consumer.got("/v1/line"))["id"]
    for _ in range(2):
        answer = await town.operator.post(f"/v1/lines/{line}/freeze", {"reason": "phone lost"}, key="k-1")
        assert answer.status_code in {200, 201}
    await town.operator.made(f"/v1/lines/{line}/unfreeze", {"reason": "found"})
    await consumer.made(f"/v1/lines/{line}/freeze", {"reason": "mine"})
    acts = (await town.operator.got("/v1/operator_acts", about=line))["data"]
    assert [each["reason"] for each in acts] == ["found", "phone lost"]


async def test_what_takes_no_key_is_noted_too_and_asking_is_not(town: Any) -> None:
    suspended = f"/v1/merchants/{town.merchant_id}/suspension"
    await town.operator.made(suspended, {"reason": "complaints"})
    issued = await town.operator.made("/v1/api_keys", {"role": "operator", "label": "second person"})
    key = issued["key"]["id"]
    assert (await town.operator.delete(f"/v1/api_keys/{key}")).status_code == 200
    await town.operator.made("/v1/risk/conditions", {"conditions": ["amount > 1 CNY"]})
    operations = [each["operation"] for each in (await town.operator.got("/v1/operator_acts"))["data"]]
    assert operations[:2] == [f"DELETE /v1/api_keys/{key}", "POST /v1/api_keys"]
    assert f"POST {suspended}" in operations
    assert not [each for each in operations if "conditions" in each]


async def test_a_person_is_seen_unmasked_only_with_the_right_and_a_reason_that_is_kept(town: Any) -> None:
    _, customer = await town.customer()
    path = f"/v1/customers/{customer}/reveal"
    lacking = await town.operator.post(path, {"reason": "callback"})
    assert (lacking.status_code, lacking.json()["facts"]) == (403, {"scope": "persons:read"})
    seeing = await town.key_with(["persons:read", "audit:read"])
    assert (await seeing.post(path, {})).status_code == 400
    shown = await seeing.made(path, {"reason": "callback 14:10"})
    assert (shown["name"], len(shown["identity_number"]), len(shown["phone"])) == ("张三丰", 18, 11)
    (act,) = (await seeing.got("/v1/operator_acts", did="saw"))["data"]
    assert (act["operation"], act["reason"]) == (f"POST {path}", "callback 14:10")
    assert shown["phone"] not in str(act)


async def test_an_export_is_noted_and_its_file_bears_whose_it_was(town: Any) -> None:
    asked = {"list": "collections", "filters": "days_from=31", "rows": 12, "reason": "monthly report"}
    mark = await town.operator.made("/v1/exports", asked)
    (act,) = (await town.operator.got("/v1/operator_acts", did="exported"))["data"]
    assert mark["mark"].startswith(act["operator"])
    assert act["operation"] == "POST /v1/exports collections?days_from=31 (12)"
    assert (await town.merchant.post("/v1/exports", asked)).status_code == 403


async def test_the_record_cannot_be_changed_nor_taken_away(town: Any) -> None:
    for statement in ("delete from operator_act", "update operator_act set reason = ''", "truncate operator_act"):
        with pytest.raises(psycopg.errors.RaiseException, match="appended only"):
            async with town.db.begin() as tx:
                await tx.execute(statement)


async def test_the_team_is_listed_with_keys_and_rights(town: Any) -> None:
    await town.operator.made("/v1/api_keys", {"role": "operator", "label": "second person", "scopes": ["cases:write"]})
    team = await town.operator.got("/v1/operators")
    second = next(each for each in team["data"] if each["name"] == "second person")
    assert second["keys"][0]["scopes"] == ["cases:write"]
    rights = {each["scope"]: each["is_default"] for each in team["scopes"]}
    assert (rights["cases:write"], rights["persons:read"]) == (True, False)


async def test_one_time_line_holds_what_was_bought_booked_decided_judged_and_said(town: Any) -> None:
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, 60_000)
    path = f"/v1/customers/{customer}/timeline"
    whole = await town.operator.got(path, limit=100)
    kinds = {each["kind"] for each in whole["data"]}
    assert {"decision", "purchase", "risk", "ledger"} <= kinds
    times = [each["at"] for each in whole["data"]]
    assert times == sorted(times, reverse=True)
    walked: list[Any] = []
    after: dict[str, str] = {}
    while True:
        page = await town.operator.got(path, limit=2, **after)
        walked += page["data"]
        if not page["has_more"]:
            break
        after = {"after": page["next"]}
    assert walked == whole["data"]
    only = await town.operator.got(path, kinds="purchase,risk")
    assert {each["kind"] for each in only["data"]} == {"purchase", "risk"}
    assert (await consumer.get(path)).status_code == 403


async def test_entries_are_reached_block_by_block_and_none_is_left_out(town: Any) -> None:
    for amount in (10_000, 20_000):
        consumer, customer = await town.customer()
        await town.bought(consumer, customer, amount)
    for account in ({}, {"account": 1120}):
        blocks = await town.operator.got("/v1/entry_blocks", on="2026-09-01", **account)
        read: list[Any] = []
        for block in blocks["blocks"]:
            run = await town.operator.got(
                "/v1/entries", on="2026-09-01", limit=block["entries"], **{"from": block["begins"]}, **account
            )
            assert len(run["data"]) == block["entries"]
            read += run["data"]
        assert len({(each["posting"], each["number"]) for each in read}) == blocks["entries"] == len(read)
        if not account:
            assert sum(each["amount_minor"] for each in read) == 0
            assert blocks["entries"] >= 6
    assert (await town.operator.get("/v1/entries", on="2026-09-01", **{"from": "x"})).status_code == 422
