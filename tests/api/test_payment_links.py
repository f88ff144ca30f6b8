"""A link pays what is due once, without a session; it shows no more than it needs, and ends by itself."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import asyncio
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from tiao.simulator.bank.books import BankAccount
from tiao.simulator.bank.faults import CERTAIN_PPM, FaultRates

pytestmark = pytest.mark.anyio
ACCOUNT = "6222020000000888"


async def owing(town: Any) -> tuple[Any, dict[str, Any], str]:
    """Make somebody with a bound account whose bill is out; gives the line and a link's path."""
    consumer, customer = await town.customer()
    await town.bought(consumer, customer, 30_000)
    town.bank.books.set_account(BankAccount(ACCOUNT))
    town.bank.books.deposit(ACCOUNT, 100_000, "CNY", town.services.platform.programme.now_at)
    await consumer.made("/v1/funding_sources", {"account_no": ACCOUNT})
    [loan] = (await consumer.got("/v1/loans"))["data"]
    [part] = (await consumer.got(f"/v1/loans/{loan['id']}"))["instalments"]
    await town.advance(f"{date.fromisoformat(part['due_on']) - timedelta(days=2)}T04:00:00Z")
    line = await consumer.got("/v1/line")
    return consumer, line, await link(consumer, line)


async def link(client: Any, line: dict[str, Any], *, is_sent: bool = False) -> str:
    made = await client.made(f"/v1/lines/{line['id']}/payment_links", {"is_sent": is_sent})
    assert made["address"].startswith("http://tiao/l/")
    return str(made["address"]).removeprefix("http://tiao")


async def opened(town: Any, path: str) -> httpx.Response:
    answer: httpx.Response = await town.http.get(path, params={"lang": "en"})
    return answer


async def test_the_page_shows_what_is_due_masked_and_pays_it_once(town: Any) -> None:
    consumer, line, path = await owing(town)
    page = await opened(town, path)
    assert page.status_code == 200
    assert "¥300.00" in page.text
    assert "*" in page.text
    assert ACCOUNT not in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    person = await town.operator.got(f"/v1/customers/{line['customer']}")
    for hidden in (line["id"], line["customer"], str(person.get("phone", "138"))[-4:] + "x"):
        assert hidden not in page.text
    paid = await town.http.post(path, params={"lang": "en"})
    assert "Paid, thank you" in paid.text
    assert (await consumer.got("/v1/line"))["used_minor"] == 0
    for again in (await opened(town, path), await town.http.post(path)):
        assert again.status_code == 404
    [repaid] = (await consumer.got("/v1/repayments"))["data"]
    assert repaid["amount_minor"] == 30_000
    await town.assert_sound()


async def test_a_decline_is_told_and_may_be_tried_again_a_few_times(town: Any) -> None:
    consumer, _, path = await owing(town)
    town.bank.books.set_faults(FaultRates(insufficient_funds_ppm=CERTAIN_PPM))
    for _ in range(4):
        assert "It was not paid" in (await town.http.post(path, params={"lang": "en"})).text
    town.bank.books.set_faults(FaultRates())
    assert "Paid, thank you" in (await town.http.post(path, params={"lang": "en"})).text
    assert (await consumer.got("/v1/line"))["used_minor"] == 0


async def test_an_unknown_outcome_takes_nothing_twice(town: Any) -> None:
    consumer, _, path = await owing(town)
    town.bank.books.set_faults(FaultRates(time_out_after_ppm=CERTAIN_PPM))
    for _ in range(3):
        assert "is working on it" in (await town.http.post(path, params={"lang": "en"})).text
    town.bank.books.set_faults(FaultRates())
    assert sum(each.amount_minor for each in town.bank.books.decisions.values() if each.flow == "debit") == 30_000
    assert "is working on it" in (await opened(town, path)).text
    assert (await consumer.got("/v1/line"))["used_minor"] == 30_000


async def test_what_is_refused_counts_as_no_try(town: Any) -> None:
    """Whoever presses the button while another payment is under way is told so, however often, and pays afterwards."""
    consumer, _, path = await owing(town)
    [source] = (await consumer.got("/v1/funding_sources"))["data"]
    town.bank.books.set_faults(FaultRates(time_out_after_ppm=CERTAIN_PPM))
    part = {"funding_source": source["id"], "amount_minor": 10_000}
    assert (await consumer.made("/v1/repayments", part))["repayment"]["state"] == "unknown"
    town.bank.books.set_faults(FaultRates())
    for _ in range(7):
        assert (await town.http.post(path, params={"lang": "en"})).status_code == 409
    async with town.db.begin() as tx:
        later = (await town.services.platform.moments(tx)).at + timedelta(days=1)
    await town.advance(later.isoformat())
    assert "Paid, thank you" in (await town.http.post(path, params={"lang": "en"})).text
    repaid = (await consumer.got("/v1/repayments"))["data"]
    assert sorted(each["amount_minor"] for each in repaid) == [10_000, 20_000]
    await town.assert_sound()


async def test_another_persons_card_is_refused_and_nobody_is_debited(town: Any) -> None:
    consumer, _, path = await owing(town)
    others = "6222020000000999"
    town.bank.books.set_account(BankAccount(others))
    town.bank.books.deposit(others, 100_000, "CNY", town.services.platform.programme.now_at)
    refused = await town.http.post(path, params={"lang": "en"}, data={"account_no": others})
    assert (refused.status_code, others in refused.text) == (409, False)
    assert "Nothing was taken" in refused.text
    assert "only an account that the customer has bound" in refused.text
    assert [each for each in town.bank.books.decisions.values() if each.flow == "debit"] == []
    assert "Paid, thank you" in (await town.http.post(path, params={"lang": "en"}, data={})).text
    assert (await consumer.got("/v1/line"))["used_minor"] == 0


async def test_a_button_pressed_twice_at_once_pays_once_and_is_told_so_twice(town: Any) -> None:
    consumer, _, path = await owing(town)
    pressed = await asyncio.gather(*(town.http.post(path, params={"lang": "en"}) for _ in range(3)))
    assert {each.status_code for each in pressed} <= {200, 404}, "paid, under way, or the link is over by now"
    [repaid] = (await consumer.got("/v1/repayments"))["data"]
    assert repaid["amount_minor"] == 30_000
    assert sum(each.amount_minor for each in town.bank.books.decisions.values() if each.flow == "debit") == 30_000
    await town.assert_sound()


async def test_a_link_that_is_forged_old_or_replaced_opens_nothing(town: Any) -> None:
    consumer, line, path = await owing(town)
    for wrong in (path[:-1] + ("A" if path[-1] != "A" else "B"), "/l/" + "A" * 43, path[:-4]):
        assert (await opened(town, wrong)).status_code in {404, 422}
    newer = await link(consumer, line)
    assert (await opened(town, path)).status_code == 404, "the newest alone holds"
    assert (await opened(town, newer)).status_code == 200
    async with town.db.begin() as tx:
        await tx.execute("update payment_link set expires_at = expires_at + interval '1 year'")
    assert (await opened(town, newer)).status_code == 404, "a row that was changed fits no token"
    third = await link(consumer, line)
    now = town.services.platform.programme.now_at
    async with town.db.begin() as tx:
        now = (await town.services.platform.moments(tx)).at
    await town.advance((now + timedelta(days=3, hours=1)).isoformat())
    assert (await opened(town, third)).status_code == 404


async def test_who_may_make_one_and_that_it_is_sent_sealed(town: Any) -> None:
    consumer, line, _ = await owing(town)
    other, _ = await town.customer()
    refused = await other.post(f"/v1/lines/{line['id']}/payment_links", {"is_sent": False})
    assert refused.json()["code"] == "line_unknown"
    await link(town.operator, line, is_sent=True)
    said = (await consumer.got("/v1/messages"))["data"]
    [message] = [each for each in said if each["kind"] == "payment_link"]
    assert "/l/" not in str(message)
