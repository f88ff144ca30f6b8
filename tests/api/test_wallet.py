"""Whoever has the phone signs in to the wallet with its code and is then let in by the API; nobody else is."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

from support.cashier import Payer

pytestmark = pytest.mark.anyio

OURS = {"Sec-Fetch-Site": "same-origin"}


async def owner(town: Any) -> tuple[Payer, str, str]:
    consumer, customer = await town.customer(with_line=False)
    tail = int((await consumer.got(f"/v1/customers/{customer}"))["phone"][-4:])
    return Payer(town), customer, f"138{tail:08}"


async def test_a_phone_and_its_code_open_the_customers_own_session(town: Any) -> None:
    browser, customer, phone = await owner(town)
    sent = await browser.http.post("/wallet/code", json={"phone": phone}, headers=OURS)
    assert sent.status_code == 202, sent.text
    code = await browser.code()
    wrong = await browser.http.post("/wallet/session", json={"code": f"{(int(code) + 1) % 10**6:06}"}, headers=OURS)
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_code")
    assert (await browser.http.get("/v1/session")).status_code == 401
    right = await browser.http.post("/wallet/session", json={"code": code}, headers=OURS)
    assert right.status_code == 201, right.text
    mine = (await browser.http.get("/v1/session")).json()
    assert (mine["role"], mine["subject"]) == ("consumer", customer)
    again = await browser.http.post("/wallet/session", json={"code": code}, headers=OURS)
    assert again.status_code == 403, "a code opens once"


async def test_who_signs_in_by_code_sees_which_device_it_was(town: Any) -> None:
    browser, _, phone = await owner(town)
    await browser.http.post("/wallet/code", json={"phone": phone}, headers=OURS)
    said = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"}
    await browser.http.post("/wallet/session", json={"code": await browser.code()}, headers=OURS | said)
    (mine,) = (await browser.http.get("/v1/sessions")).json()["data"]
    assert (mine["device"], mine["is_this"]) == ("Chrome · Android", True)


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
async def test_another_page_sends_no_codes_and_signs_nobody_in(town: Any, headers: Any) -> None:
    browser, _, phone = await owner(town)
    for path, body in (("/wallet/code", {"phone": phone}), ("/wallet/session", {"code": "000000"})):
        answer = await browser.http.post(path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_form")


async def test_who_has_no_account_is_answered_alike_and_sent_nothing(town: Any) -> None:
    browser, _, phone = await owner(town)
    known = await browser.http.post("/wallet/code", json={"phone": phone}, headers=OURS)
    await browser.code()
    taken = len(town.sms.taken)
    stranger = Payer(town)
    unknown = await stranger.http.post("/wallet/code", json={"phone": "13900000000"}, headers=OURS)
    assert (unknown.status_code, unknown.text) == (known.status_code, known.text)
    await browser.code()
    assert len(town.sms.taken) == taken


async def asks(town: Any, phone: str, way: str | None) -> Any:
    headers = OURS if way is None else {**OURS, "X-Forwarded-For": way}
    return await Payer(town).http.post("/wallet/code", json={"phone": phone}, headers=headers)


async def test_codes_are_few_for_an_address_and_in_all_whoever_has_the_phones(frugal_town: Any) -> None:
    town = frugal_town
    _, _, phone = await owner(town)
    assert (await asks(town, phone, "5.6.7.8")).status_code == 202
    for number in (1, 2):
        assert (await asks(town, f"1390000000{number}", "1.2.3.4, 5.6.7.8")).status_code == 202, "nobody has these"
    refused = await asks(town, "13900000003", "5.6.7.8")
    assert (refused.status_code, refused.json()["code"]) == (429, "codes_too_many")
    assert 3_500 < int(refused.headers["retry-after"]) <= 3_600
    assert refused.json()["facts"] == {"retry_after": int(refused.headers["retry-after"])}
    known = await asks(town, phone, "5.6.7.8")
    assert (known.status_code, known.json()["code"]) == (429, "codes_too_many"), "known or not, the answer is the same"
    assert (await asks(town, "13900000004", "5.6.7.9")).status_code == 202, "another address"
    assert (await asks(town, "13900000005", None)).status_code == 202, "no address is known: it counts in all only"
    for way in ("5.6.7.10", None):
        spent = await asks(town, "13900000006", way)
        assert (spent.status_code, spent.json()["code"]) == (429, "codes_too_many")
    async with town.services.platform.db.begin() as tx:
        kept = await tx.column("select sent_count from code_count order by sent_count")
        assert kept == [1, 3, 5], "what is refused is not counted"
        text = await tx.value("select string_agg(encode(key, 'escape'), ' ') from code_count")
        assert "5.6.7" not in text, "no address is kept, but its keyed digest"


async def test_at_the_cashier_who_asks_too_often_is_told_to_wait(frugal_town: Any) -> None:
    town = frugal_town
    session = {"reference": "s", "amount_minor": 20_000, "currency": "CNY", "description": "x"}
    url = (await town.merchant.made("/v1/checkout_sessions", session))["url"]
    payer = Payer(town)
    for number in range(6):
        await payer.open(f"{url}?phone=other")
        page = await payer.send("/code", phone=f"1390000001{number}")
        assert ("验证码请求过于频繁" in page) == (number == 5)
