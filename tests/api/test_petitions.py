"""What a customer asks people to do is owed an answer by a day, in words; nobody else sees it."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from datetime import datetime, timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("kind", ["complaint", "data_copy", "data_correction", "data_deletion", "close_line"])
async def test_what_is_asked_is_owed_an_answer_within_fifteen_days(town: Any, kind: str) -> None:
    consumer, _ = await town.customer(with_line=False)
    asked = await consumer.made("/v1/petitions", {"kind": kind, "words": "请处理"})
    owed = datetime.fromisoformat(asked["due_at"]) - datetime.fromisoformat(asked["made_at"])
    assert (asked["state"], owed) == ("open", timedelta(days=15))
    again = await consumer.made("/v1/petitions", {"kind": kind, "words": "再说一次"})
    assert (again["id"], again["words"]) == (asked["id"], "请处理"), "one is open already"
    [waiting] = (await town.operator.got("/v1/petitions"))["data"]
    path = f"/v1/petitions/{waiting['id']}/answer"
    done = await town.operator.made(path, {"is_done": True, "words": "已办理"})
    assert (done["state"], done["answer"]) == ("done", "已办理")
    late = await town.operator.post(path, {"is_done": False, "words": "再答"})
    assert (late.status_code, late.json()["code"]) == (409, "petition_ended")
    assert (await town.operator.got("/v1/petitions"))["data"] == []
    [mine] = (await consumer.got("/v1/petitions"))["data"]
    assert mine["answer"] == "已办理"
    await town.assert_sound()


async def test_somebody_elses_is_unknown(town: Any) -> None:
    mine, _ = await town.customer(with_line=False)
    other, _ = await town.customer(with_line=False)
    asked = await mine.made("/v1/petitions", {"kind": "complaint", "words": "慢"})
    path = f"/v1/petitions/{asked['id']}/withdrawal"
    assert (await other.post(path, key=None)).json()["code"] == "petition_unknown"
    assert (await other.got("/v1/petitions"))["data"] == []
    assert (await other.post(f"/v1/petitions/{asked['id']}/answer", {"is_done": True, "words": "x"})).status_code == 403
    assert (await mine.made(path))["state"] == "withdrawn"
    assert (await mine.made(path))["state"] == "withdrawn"


async def test_help_in_hardship_names_a_loan_of_ones_own(town: Any) -> None:
    mine, customer = await town.customer()
    other, _ = await town.customer(with_line=False)
    await town.bought(mine, customer, 30_000)
    [loan] = (await mine.got("/v1/loans"))["data"]
    body = {"kind": "hardship", "words": "失业了", "loan": loan["id"]}
    assert (await mine.made("/v1/petitions", body))["loan"] == loan["id"]
    assert (await other.post("/v1/petitions", body)).json()["code"] == "loan_unknown"
