"""What is overdue: listed longest first, spoken about only when rules allow it, promises judged by what was paid."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

pytestmark = pytest.mark.anyio

CALL = {"channel": "call", "outcome": "no_answer", "script": "first_reminder", "note": "rang out"}
PROMISED = CALL | {"outcome": "promised", "promise_minor": 10_000}


async def pages_of(town: Any) -> list[str]:
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = await town.operator.got("/v1/collections", limit=1, **after)
        seen += [each["line"] for each in page["data"]]
        if not page["has_more"]:
            return seen
        after = {"after": page["next"]}


async def two_debts(town: Any) -> tuple[list[Any], list[str], list[str]]:
    """Two customers with a debt each; their lines and purchases."""
    consumers, lines, purchases = [], [], []
    for amount in (60_000, 30_000):
        consumer, customer = await town.customer()
        purchases.append((await town.bought(consumer, customer, amount))["id"])
        lines.append((await consumer.got("/v1/line"))["id"])
        consumers.append(consumer)
    return consumers, lines, purchases


async def test_who_is_late_is_listed_and_spoken_to_within_bounds(town: Any) -> None:
    consumers, lines, purchases = await two_debts(town)
    path = f"/v1/lines/{lines[0]}/contacts"
    assert (await town.operator.post(path, CALL)).json()["code"] == "nothing_overdue"

    # Ten in the morning where they live.
    await town.advance("2026-10-20T02:00:00Z")
    page = await town.operator.got("/v1/collections")
    row = next(each for each in page["data"] if each["line"] == lines[0])
    assert (row["blocked_by"], row["attempts_today"], row["may_be_contacted"]) == ([], 0, True)
    assert row["overdue_minor"] >= 60_000
    assert (row["name"], row["phone"][3:7]) == ("张**", "****")
    assert (page["guards"]["is_quiet"], page["guards"]["attempts_max"]) == (False, 6)
    days = [each["days_past_due"] for each in page["data"]]
    assert days == sorted(days, reverse=True)
    assert days[-1] > 0
    assert (await town.operator.got("/v1/collections", days_from=days[0] + 1))["data"] == []
    assert len((await town.operator.got("/v1/collections", days_from=days[-1], days_to=days[0]))["data"]) == 2
    walked = await pages_of(town)
    assert (len(walked), set(walked)) == (2, set(lines))
    assert (await town.merchant.get("/v1/collections")).status_code == 403

    # Six attempts that reach nobody are the day's; an answer begins anew.
    for _ in range(6):
        await town.operator.made(path, CALL)
    seventh = await town.operator.post(path, CALL)
    assert (seventh.status_code, seventh.json()["code"]) == (409, "contact_attempts_exhausted")
    assert (
        next(each for each in (await town.operator.got("/v1/collections"))["data"] if each["line"] == lines[0])[
            "may_be_contacted"
        ]
        is False
    )

    # An open dispute bars collecting.
    claim = {"amount_minor": 30_000, "reason": "not_received", "text": "it never came"}
    opened = await consumers[1].post(f"/v1/purchases/{purchases[1]}/disputes", claim)
    assert opened.status_code == 201, opened.text
    barred = next(each for each in (await town.operator.got("/v1/collections"))["data"] if each["line"] == lines[1])
    assert (barred["blocked_by"], barred["may_be_contacted"]) == (["dispute"], False)
    refused = await town.operator.post(f"/v1/lines/{lines[1]}/contacts", CALL)
    assert (refused.status_code, refused.json()["code"]) == (409, "collecting_barred")

    # Night.
    await town.advance("2026-10-20T15:00:00Z")
    assert (await town.operator.got("/v1/collections"))["guards"]["is_quiet"] is True
    assert (await town.operator.post(path, CALL)).json()["code"] == "contact_in_quiet_hours"


async def test_a_promise_is_whole_and_is_kept_or_broken(town: Any) -> None:
    _, lines, _ = await two_debts(town)
    path = f"/v1/lines/{lines[0]}/contacts"
    # Incomplete ones are none; one is paid and kept, one is not and broken.
    await town.advance("2026-10-21T02:00:00Z")
    for wrong in (
        PROMISED,
        PROMISED | {"promise_on": "2026-10-20"},
        CALL | {"promise_minor": 10_000, "promise_on": "2026-10-22"},
    ):
        assert (await town.operator.post(path, wrong)).json()["code"] == "promise_incomplete"
    made = await town.operator.made(path, PROMISED | {"promise_on": "2026-10-22"})
    assert (made["promise_state"], made["paid_since_minor"]) == ("open", 0)
    receipt = {
        "kind": "transfer",
        "amount_minor": 10_000,
        "effective_on": "2026-10-21",
        "reason": "transfer seen at the bank",
    }
    paid = await town.operator.post(f"/v1/lines/{lines[0]}/receipts", receipt)
    assert paid.status_code == 201, paid.text
    await town.advance("2026-10-21T03:00:00Z")
    await town.operator.made(path, PROMISED | {"promise_minor": 20_000, "promise_on": "2026-10-21"})
    await town.advance("2026-10-22T02:00:00Z")
    states = [(each["promise_state"], each["paid_since_minor"]) for each in (await town.operator.got(path))["data"][:2]]
    assert states == [("broken", 0), ("kept", 10_000)]
    await town.assert_sound()
