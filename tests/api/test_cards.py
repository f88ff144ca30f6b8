"""A customer binds cards: four elements, a code, several channels' agreements; the number is shown and kept nowhere."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from tiao.messages import jobs as messages
from tiao.payments import actions as payments
from tiao.simulator.bank.books import BankAccount
from tiao.simulator.bank.faults import CERTAIN_PPM, FaultRates
from tiao.values.ids import read_id

pytestmark = pytest.mark.anyio

CODE = re.compile(r"\d{6}")
#: Numbers of debit cards that pass Luhn.
FIRST, SECOND = "6210960000000000007", "6222081111111140043"


async def code_sent(town: Any) -> str:
    platform = town.services.platform
    await messages.deliver(platform.db, platform.moments, platform.post)
    found = CODE.search(list(town.sms.taken.values())[-1].text)
    assert found is not None
    return found[0]


async def bound(town: Any, consumer: Any, number: str = FIRST, *, autopay: bool = False) -> dict[str, Any]:
    card = await consumer.made("/v1/cards", {"card_number": number})
    body = {"code": await code_sent(town), "is_autopay_agreed": autopay}
    return dict(await consumer.made(f"/v1/cards/{card['id']}/confirmation", body))


async def test_a_card_is_bound_used_put_first_and_unbound(town: Any) -> None:
    consumer, customer = await town.customer()
    town.bank.books.set_account(BankAccount(SECOND, account_class=2))
    town.bank.books.deposit(SECOND, 10_000_000, "CNY", datetime(2026, 3, 1, tzinfo=UTC))
    card = await bound(town, consumer, autopay=True)
    assert (card["state"], card["display"], card["tail"]) == ("bound", "中国邮政储蓄银行 0007", "0007")
    other = await bound(town, consumer, SECOND)
    assert (other["account_class"], other["daily_limit_minor"]) == (2, 1_000_000)
    assert [each["tail"] for each in (await consumer.got("/v1/cards"))["data"]] == ["0043", "0007"]
    answer = await consumer.put(f"/v1/cards/{card['id']}/default", None)
    assert [each["tail"] for each in answer.json()["data"]] == ["0007", "0043"]
    await town.bought(consumer, customer, 30_000)
    asked = {"funding_source": card["funding_source"], "amount_minor": 30_000}
    assert (await consumer.made("/v1/repayments", asked))["repayment"]["state"] == "succeeded"
    assert (await consumer.post("/v1/cards", {"card_number": FIRST})).json()["code"] == "card_already_bound"
    ended = (await consumer.delete(f"/v1/cards/{card['id']}")).json()
    assert ended["state"] == "ended"
    async with town.db.begin() as tx:
        [sealed] = await tx.column("select number_sealed from card where tail = '0007'")
        assert sealed is None, "what is unbound has no number any more"
        assert await payments.agreements_of(tx, [read_id("src", other["funding_source"])])
    await bound(town, consumer)
    await town.assert_sound()


async def test_a_number_stands_nowhere_in_the_database(town: Any) -> None:
    consumer, _ = await town.customer()
    await bound(town, consumer)
    async with town.db.begin() as tx:
        tables = await tx.column("select table_name from information_schema.tables where table_schema = 'public'")
        for table in tables:
            found = await tx.value(f"select count(*) from {table} t where t::text like '%%{FIRST[4:16]}%%'")
            assert found == 0, table


async def test_a_wrong_code_is_counted_and_five_end_it(town: Any) -> None:
    consumer, _ = await town.customer()
    card = await consumer.made("/v1/cards", {"card_number": FIRST})
    right = await code_sent(town)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    path = f"/v1/cards/{card['id']}/confirmation"
    for _ in range(5):
        assert (await consumer.post(path, {"code": wrong}, key=None)).json()["code"] == "card_code_wrong"
    assert (await consumer.post(path, {"code": right}, key=None)).json()["code"] == "card_code_expired"
    assert (await bound(town, consumer))["state"] == "bound", "beginning again gives a new code"


async def test_what_a_bank_does_not_confirm_is_not_bound(town: Any) -> None:
    consumer, _ = await town.customer()
    town.bank.books.set_account(BankAccount(FIRST, holder_name="另一人"))
    refused = await consumer.post("/v1/cards", {"card_number": FIRST})
    assert refused.json()["code"] == "card_holder_differs"
    town.bank.books.set_faults(FaultRates(query_time_out_ppm=CERTAIN_PPM))
    refused = await consumer.post("/v1/cards", {"card_number": SECOND})
    assert refused.json()["code"] == "holder_check_unavailable"
    assert (await consumer.post("/v1/cards", {"card_number": FIRST[:-1] + "9"})).json()["code"] == "card_number_invalid"


async def test_another_customers_card_is_unknown(town: Any) -> None:
    consumer, _ = await town.customer()
    stranger, _ = await town.customer()
    card = await bound(town, consumer)
    assert (await stranger.delete(f"/v1/cards/{card['id']}")).json()["code"] == "card_unknown"
    assert (await stranger.got("/v1/cards"))["data"] == []
