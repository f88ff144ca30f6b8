"""Who is new registers at the wallet: known only once the phone's code has come back; no phone is taken over."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest
from tests.support.consenting import application

from support.cashier import Payer
from tiao.identity.rules import check_sign

pytestmark = pytest.mark.anyio

OURS = {"Sec-Fetch-Site": "same-origin"}


def given(number: int, phone: str) -> dict[str, Any]:
    digits = f"11010119910101{number:03}"
    agreed = ["service", "identity"]
    return {"name": "李四", "identity_number": digits + check_sign(digits), "phone": phone, "agreed": agreed}


async def registered(browser: Payer, body: dict[str, Any]) -> Any:
    sent = await browser.http.post("/wallet/registration", json=body, headers=OURS)
    assert sent.status_code == 202, sent.text
    return await browser.http.post("/wallet/session", json={"code": await browser.code()}, headers=OURS)


async def test_somebody_new_registers_with_a_phone_and_applies(town: Any) -> None:
    browser = Payer(town)
    body = given(1, "13700000001")
    await browser.http.post("/wallet/registration", json=body, headers=OURS)
    async with town.db.begin() as tx:
        assert await tx.value("select count(*) from customer") == 0, "not before the code has come back"
        kept = await tx.value("select registration_sealed from payer_visit where registration_sealed is not null")
        assert body["identity_number"].encode() not in kept
    wrong = await browser.http.post("/wallet/session", json={"code": "000000"}, headers=OURS)
    assert wrong.json()["code"] == "wrong_code"
    right = await browser.http.post("/wallet/session", json={"code": await browser.code()}, headers=OURS)
    assert right.status_code == 201, right.text
    mine = (await browser.http.get("/v1/session")).json()
    person = (await browser.http.get(f"/v1/customers/{mine['subject']}")).json()
    assert person["phone"] == "137****0001"
    applied = await browser.http.post("/v1/applications", json=application(), headers=OURS | {"Idempotency-Key": "1"})
    assert applied.json()["decision"]["outcome"] in {"approved", "declined"}
    async with town.db.begin() as tx:
        assert await tx.column("select text from agreement order by 1") == ["identity", "service"]
    await town.assert_sound()


async def test_a_phone_of_somebody_of_ours_signs_that_person_in_and_registers_nobody(town: Any) -> None:
    _, customer = await town.customer(with_line=False)
    [known] = [each async for each in _phones(town)]
    browser = Payer(town)
    entered = await registered(browser, given(2, known))
    assert entered.status_code == 201
    assert (await browser.http.get("/v1/session")).json()["subject"] == customer
    async with town.db.begin() as tx:
        assert await tx.value("select count(*) from customer") == 1


async def test_an_identity_that_is_registered_is_not_registered_again_with_another_phone(town: Any) -> None:
    first = await registered(Payer(town), given(3, "13700000003"))
    assert first.status_code == 201
    second = await registered(Payer(town), given(3, "13700000004"))
    assert (second.status_code, second.json()["code"]) == (409, "customer_already_registered")
    async with town.db.begin() as tx:
        assert await tx.value("select count(*) from customer") == 1


async def test_a_code_of_ones_own_phone_registers_nobody_with_another(town: Any) -> None:
    browser, elsewhere = Payer(town), Payer(town)
    victim = given(5, "13700000005")
    await browser.http.post("/wallet/registration", json=given(6, "13700000006"), headers=OURS)
    mine = await browser.code()
    await elsewhere.http.post("/wallet/code", json={"phone": victim["phone"]}, headers=OURS)
    refused = await browser.http.post("/wallet/registration", json=victim, headers=OURS)
    assert refused.json()["code"] == "payer_code_too_often"
    answer = await browser.http.post("/wallet/session", json={"code": mine}, headers=OURS)
    assert answer.status_code == 403, answer.text
    async with town.db.begin() as tx:
        assert await tx.value("select count(*) from customer") == 0


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"agreed": ["service"]}, "agreement_missing"),
        ({"agreed": []}, "agreement_missing"),
        ({"identity_number": "110101199101010010"}, "identity_checksum_wrong"),
        ({"phone": "12345"}, "phone_invalid"),
        ({"name": " "}, "name_invalid"),
    ],
)
async def test_what_is_missing_or_wrong_is_said_before_anything_is_sent(town: Any, changed: Any, code: str) -> None:
    body = given(1, "13700000001") | changed
    answer = await Payer(town).http.post("/wallet/registration", json=body, headers=OURS)
    assert answer.json()["code"] == code
    assert town.sms.taken == {}


async def _phones(town: Any) -> Any:
    platform = town.services.platform
    async with platform.db.begin() as tx:
        ids = await tx.column("select id from customer")
        for phone in (await platform.post.addresses(tx, ids)).values():
            yield phone
