"""A customer binds cards: four elements, a code, several channels' agreements; the number is shown and kept nowhere."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import base64
import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from tiao.messages import jobs as messages
from tiao.payments import actions as payments
from tiao.runtime.log import configure_log
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


def forms(number: str) -> set[str]:
    """Write a number in every way in which it could stand in a row: as it is, spaced, in hex, in Base64."""
    text = number.encode()
    shifted = [base64.b64encode(b"x" * by + text)[4 * (by > 0) : -4].decode() for by in range(3)]
    spaced = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    return {number, number[:-1], spaced, text.hex(), *shifted}


async def rows_with(town: Any, number: str) -> list[str]:
    """Name the tables of which any cell, of whatever type, holds the number; bytes are read as hex."""
    found = []
    async with town.db.begin() as tx:
        tables = await tx.column(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'"
        )
        assert len(tables) > 100
        for table in tables:
            count = await tx.value(
                f"select count(*) from {table} t where t::text like any (%(forms)s::text[])",
                forms=[f"%{each}%" for each in sorted(forms(number))],
            )
            found += [table] if count else []
    return found


async def test_a_number_stands_nowhere_in_the_database_nor_in_the_log(town: Any) -> None:
    consumer, customer = await town.customer()
    town.bank.books.deposit(FIRST, 1, "CNY", datetime(2026, 3, 1, tzinfo=UTC))
    stream = io.BytesIO()
    configure_log(stream=stream)
    try:
        card = await bound(town, consumer, autopay=True)
        await town.bought(consumer, customer, 30_000)
        asked = {"funding_source": card["funding_source"], "amount_minor": 30_000}
        await consumer.post("/v1/repayments", asked)
        await consumer.post("/v1/cards", {"card_number": FIRST})
        await consumer.post("/v1/cards", {"card_number": FIRST[:-1] + "9"})
        await consumer.post("/v1/cards", {"card_number": SECOND, "phone": SECOND})
    finally:
        structlog.reset_defaults()
    assert await rows_with(town, FIRST) == []
    assert await rows_with(town, SECOND) == []
    logged = stream.getvalue().decode()
    assert "/v1/cards" in logged
    assert not any(each in logged for number in (FIRST, SECOND) for each in forms(number))
    async with town.db.begin() as tx:
        await tx.execute("update card set issuer = %(number)s", number=FIRST)
    assert await rows_with(town, FIRST) == ["public.card"], "a number that is there is found"


async def test_who_asks_for_deletion_has_no_number_kept_and_nothing_to_open_it_with(town: Any) -> None:
    consumer, customer = await town.customer()
    town.bank.books.set_account(BankAccount(SECOND))
    town.bank.books.deposit(SECOND, 10_000_000, "CNY", datetime(2026, 3, 1, tzinfo=UTC))
    card = await bound(town, consumer, SECOND, autopay=True)
    await consumer.made("/v1/cards", {"card_number": FIRST})  # one that is being bound
    await town.bought(consumer, customer, 30_000)
    repaid = {"funding_source": card["funding_source"], "amount_minor": 10_000}
    assert (await consumer.made("/v1/repayments", repaid))["repayment"]["state"] == "succeeded"
    async with town.db.begin() as tx:
        sealed = await tx.column("select number_sealed from card") + await tx.column("select number_hmac from card")
    assert len(sealed) == 4
    petition = await consumer.made("/v1/petitions", {"kind": "data_deletion", "words": "删除我的银行卡"})
    refused = await town.operator.post(
        f"/v1/petitions/{petition['id']}/answer", {"is_done": False, "words": "不"}, key="n"
    )
    assert refused.status_code < 300
    assert len((await consumer.got("/v1/cards"))["data"]) == 2, "a refusal erases nothing"
    petition = await consumer.made("/v1/petitions", {"kind": "data_deletion", "words": "删除我的银行卡"})
    await town.operator.made(f"/v1/petitions/{petition['id']}/answer", {"is_done": True, "words": "已删除"})
    assert (await consumer.got("/v1/cards"))["data"] == []
    async with town.db.begin() as tx:
        kept = await tx.column("select coalesce(number_sealed, number_hmac, code_hmac) from card")
        assert kept == [None, None], "sealed, digest and code are gone"
        assert sorted(await tx.column("select tail from card")) == ["0007", "0043"], "what is kept is masked"
        assert await tx.value("select count(*) from mandate where revoked_at is null") == 0
        assert await tx.value("select count(*) from debit where state = 'succeeded'") == 1, "what the law keeps stays"
        for each in map(bytes, sealed):
            for table in ("card", "funding_source", "event", "idempotency"):
                known = await tx.value("select to_regclass(%(name)s) is not null", name=table)
                if known:
                    text = f"%{each.hex()}%"
                    assert not await tx.value(f"select count(*) from {table} t where t::text like %(text)s", text=text)
    assert (await consumer.post("/v1/repayments", repaid)).json()["code"] == "funding_source_unbound"
    await town.assert_sound()


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
