"""A bill whose account is empty is debited again when its salary has come, with the reason, as far as is agreed."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from datetime import date, timedelta
from typing import Any

import pytest

from tiao.simulator.bank.books import BankAccount, Income

pytestmark = pytest.mark.anyio
ACCOUNT = "6222020000000777"


async def owing(town: Any, salary_day: int, amount_minor: int = 30_000) -> tuple[Any, date]:
    """Make somebody with a bill to be debited from an account that is empty until its salary comes."""
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, amount_minor)
    books = town.bank.books
    books.set_account(BankAccount(ACCOUNT, income=Income(salary_day, 9, 900_000, 20)))
    books.deposit(ACCOUNT, 100, "CNY", town.services.platform.programme.now_at)
    asked = {"account_no": ACCOUNT, "is_autopay_agreed": True}
    await consumer.made("/v1/funding_sources", asked)
    [loan] = (await consumer.got("/v1/loans"))["data"]
    [part] = (await consumer.got(f"/v1/loans/{loan['id']}"))["instalments"]
    return consumer, date.fromisoformat(part["due_on"])


async def test_a_bill_is_collected_after_the_salary_and_says_why(town: Any) -> None:
    probe, _ = await town.customer()
    await probe.got("/v1/line")
    consumer, due_on = await owing(town, salary_day=1)
    town.bank.books.set_account(BankAccount(ACCOUNT, income=Income((due_on + timedelta(days=3)).day, 9, 900_000, 20)))
    await town.advance(f"{due_on + timedelta(days=9)}T04:00:00Z")
    line = await consumer.got("/v1/line")
    assert line["used_minor"] == 0
    tries = (await consumer.got(f"/v1/lines/{line['id']}/collection_tries"))["data"]
    assert 3 <= len(tries) <= 9
    assert {each["because"] for each in tries} >= {"day_before", "due_day", "likely"}
    assert tries[0]["state"] == "succeeded"
    assert tries[-1]["code"] == "insufficient_funds"
    assert all(each["amount_minor"] <= each["due_minor"] for each in tries)
    days = [each["tried_at"][:10] for each in tries]
    assert max(days.count(each) for each in days) <= 2
    assert sum(each["amount_minor"] for each in tries if each["state"] == "succeeded") >= 30_000
    await town.assert_sound()


async def test_a_revoked_mandate_is_never_used_again(town: Any) -> None:
    consumer, due_on = await owing(town, salary_day=28)
    await town.advance(f"{due_on}T13:30:00Z")
    [source] = (await consumer.got("/v1/funding_sources"))["data"]
    await consumer.put("/v1/autopay", {"funding_source": source["id"], "is_autopay_agreed": False})
    line = await consumer.got("/v1/line")
    before = (await consumer.got(f"/v1/lines/{line['id']}/collection_tries"))["data"]
    await town.advance(f"{due_on + timedelta(days=5)}T13:30:00Z")
    assert (await consumer.got(f"/v1/lines/{line['id']}/collection_tries"))["data"] == before
