"""A passkey opens the wallet and confirms a payment: this one, for this amount, once, by who holds the device."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

from support.authenticator import Phone
from support.cashier import Payer

pytestmark = pytest.mark.anyio

OURS = {"Sec-Fetch-Site": "same-origin"}
HERE, REALM = "https://tiao", "tiao"


class Wallet:
    """A customer's browser, signed in by phone and code."""

    def __init__(self, town: Any, customer: str, phone_number: str) -> None:
        self.town, self.customer, self.phone_number = town, customer, phone_number
        self.payer = Payer(town)
        self.phone = Phone(HERE, REALM)

    async def sign_in(self) -> None:
        http = self.payer.http
        assert (await http.post("/wallet/code", json={"phone": self.phone_number}, headers=OURS)).status_code == 202
        given = await http.post("/wallet/session", json={"code": await self.payer.code()}, headers=OURS)
        assert given.status_code == 201, given.text

    async def post(self, path: str, body: Any = None) -> Any:
        answer = await self.payer.http.post(path, json=body, headers=OURS)
        return answer.json() | {"status": answer.status_code}

    async def get(self, path: str) -> Any:
        return (await self.payer.http.get(path)).json()

    async def add(self, name: str = "我的手机") -> Any:
        return await self.post("/v1/passkeys", self.phone.made(await self.post("/v1/passkeys/options"), name))

    async def leave(self) -> None:
        assert (await self.payer.http.delete("/v1/session", headers=OURS)).status_code == 200

    async def enter_by_passkey(self, **changed: str) -> Any:
        asked = await self.post("/wallet/passkey/options")
        return await self.post(
            "/wallet/passkey", self.phone.signed(asked["challenge"]) | {"user": self.phone.user} | changed
        )


async def opened(town: Any, *, with_line: bool = False) -> Wallet:
    consumer, customer = await town.customer(with_line=with_line)
    tail = int((await consumer.got(f"/v1/customers/{customer}"))["phone"][-4:])
    made = Wallet(town, customer, f"138{tail:08}")
    await made.sign_in()
    return made


async def test_a_passkey_is_added_named_opens_the_wallet_and_is_removed(town: Any) -> None:
    wallet = await opened(town)
    added = await wallet.add()
    assert (added["status"], added["name"], added["used_at"]) == (201, "我的手机", None)
    await wallet.leave()
    assert (await wallet.get("/v1/session"))["status"] == 401
    assert (await wallet.enter_by_passkey())["status"] == 201
    assert (await wallet.get("/v1/session"))["subject"] == wallet.customer
    renamed = await wallet.payer.http.put(f"/v1/passkeys/{added['id']}", json={"name": "旧手机"}, headers=OURS)
    assert renamed.json()["name"] == "旧手机"
    [only] = (await wallet.get("/v1/passkeys"))["data"]
    assert only["used_at"] is not None
    gone = await wallet.payer.http.delete(f"/v1/passkeys/{added['id']}", headers=OURS)
    assert gone.json()["ended_at"] is not None
    assert (await wallet.get("/v1/passkeys"))["data"] == []
    await wallet.leave()
    assert (await wallet.enter_by_passkey())["code"] == "passkey_refused"
    await town.assert_sound()


async def test_what_a_device_was_asked_is_good_once(town: Any) -> None:
    wallet = await opened(town)
    asked = await wallet.post("/v1/passkeys/options")
    assert (await wallet.post("/v1/passkeys", wallet.phone.made(asked)))["status"] == 201
    assert (await wallet.post("/v1/passkeys", wallet.phone.made(asked)))["code"] == "passkey_challenge_over"
    await wallet.leave()
    asked = await wallet.post("/wallet/passkey/options")
    signed = wallet.phone.signed(asked["challenge"]) | {"user": wallet.phone.user}
    assert (await wallet.post("/wallet/passkey", signed))["status"] == 201
    assert (await wallet.post("/wallet/passkey", signed))["code"] == "passkey_challenge_over"


async def test_a_key_whose_device_did_not_check_its_holder_is_refused(town: Any) -> None:
    wallet = await opened(town)
    wallet.phone.is_verified = False
    assert (await wallet.add())["code"] == "passkey_refused"
    wallet.phone.is_verified = True
    assert (await wallet.add())["status"] == 201
    await wallet.leave()
    wallet.phone.is_verified = False
    assert (await wallet.enter_by_passkey())["code"] == "passkey_refused"
    wallet.phone.is_verified = True
    assert (await wallet.enter_by_passkey())["status"] == 201


async def test_a_passkey_that_counts_backwards_was_cloned_and_opens_nothing_any_more(town: Any) -> None:
    wallet = await opened(town)
    await wallet.add()
    await wallet.leave()
    for _ in range(3):
        assert (await wallet.enter_by_passkey())["status"] == 201
    wallet.phone.count = 1
    assert (await wallet.enter_by_passkey())["code"] == "passkey_cloned"
    wallet.phone.count = 99
    assert (await wallet.enter_by_passkey())["code"] == "passkey_refused", "neither copy opens anything now"


@pytest.mark.parametrize(
    ("origin", "realm"), [("https://evil.example", "tiao"), ("https://tiao", "evil.example"), ("http://tiao", "tiao")]
)
async def test_a_signature_made_for_another_place_is_worth_nothing(town: Any, origin: str, realm: str) -> None:
    wallet = await opened(town)
    await wallet.add()
    await wallet.leave()
    wallet.phone.origin, wallet.phone.rp_id = origin, realm
    assert (await wallet.enter_by_passkey())["code"] == "passkey_refused"


async def test_nobody_enters_as_somebody_else_with_a_passkey_of_their_own(town: Any) -> None:
    mine, other = await opened(town), await opened(town)
    await mine.add()
    await other.add()
    await mine.leave()
    assert (await mine.enter_by_passkey(user=other.phone.user))["code"] == "passkey_refused"
    assert (await mine.enter_by_passkey(user=""))["code"] == "passkey_refused"
    assert (await mine.enter_by_passkey(signature="AAAA"))["code"] == "passkey_refused"
    assert (await mine.enter_by_passkey(client_data="AAAA"))["code"] == "passkey_refused"
    assert (await mine.enter_by_passkey(authenticator_data="AAAA"))["code"] == "passkey_refused"


async def test_a_session_that_is_not_fresh_adds_no_passkey(town: Any) -> None:
    wallet = await opened(town)
    async with town.db.begin() as tx:
        await tx.execute(
            "update api_key set created_at = created_at - interval '16 minutes' where label = 'browser session'"
        )
    assert (await wallet.post("/v1/passkeys/options"))["code"] == "sign_in_again"


async def test_an_owner_sees_changes_and_answers_only_what_is_the_owners(town: Any) -> None:
    mine, other = await opened(town), await opened(town)
    added = await mine.add()
    asked = await mine.post("/v1/passkeys/options")
    assert (await other.get("/v1/passkeys"))["data"] == []
    named = await other.payer.http.put(f"/v1/passkeys/{added['id']}", json={"name": "x"}, headers=OURS)
    gone = await other.payer.http.delete(f"/v1/passkeys/{added['id']}", headers=OURS)
    assert (named.status_code, gone.status_code) == (404, 404)
    assert (await other.post("/v1/passkeys", other.phone.made(asked)))["code"] == "passkey_challenge_over"


async def test_no_more_than_ten_are_kept(town: Any) -> None:
    wallet = await opened(town)
    for _ in range(10):
        wallet.phone = Phone(HERE, REALM)
        assert (await wallet.add())["status"] == 201
    assert (await wallet.post("/v1/passkeys/options"))["code"] == "too_many_passkeys"


async def stepped_up(town: Any, wallet: Wallet) -> str:
    """A large purchase from a device that the customer never used."""
    consumer = town.client(await town.issued("consumer", wallet.customer))
    ids = []
    for number, (amount, device) in enumerate(((10_000, "phone"), (200_000, "laptop"))):
        quote = await town.accepted(consumer, wallet.customer, amount)
        context = {"device": device, "ip": "203.0.113.9"}
        body = {"quote": quote, "plan": "pay_later", "reference": f"order {number}", "context": context}
        ids.append((await town.merchant.made("/v1/purchases", body))["id"])
    assert (await wallet.get(f"/v1/purchases/{ids[1]}"))["outcome"] == "step_up"
    return str(ids[1])


async def test_a_suspended_purchase_is_released_by_a_signature_over_it(town: Any) -> None:
    wallet = await opened(town, with_line=True)
    await wallet.add()
    purchase = await stepped_up(town, wallet)
    asked = await wallet.post(f"/v1/purchases/{purchase}/passkey_challenges")
    assert (asked["amount_minor"], asked["merchant"]) == (200_000, "山脚书店")
    answer = wallet.phone.signed(asked["challenge"]) | {"challenge": asked["id"]}
    done = await wallet.post(f"/v1/purchases/{purchase}/passkey_confirmations", answer)
    assert (done["outcome"], done["captured_minor"]) == ("authorised", 200_000), done
    again = await wallet.post(f"/v1/purchases/{purchase}/passkey_challenges")
    assert again["code"] == "purchase_not_suspended"
    async with town.db.begin() as tx:
        told = await tx.value("select count(*) from risk_label where source = 'step_up'")
    assert told == 1, "said once"
    await town.assert_sound()


async def test_what_was_signed_for_one_thing_confirms_no_other(town: Any) -> None:
    wallet = await opened(town, with_line=True)
    await wallet.add()
    purchase = await stepped_up(town, wallet)
    asked = await wallet.post(f"/v1/purchases/{purchase}/passkey_challenges")
    async with town.db.begin() as tx:
        await tx.execute("update passkey_challenge set amount_minor = amount_minor - 1 where purpose = 'purchase'")
    answer = wallet.phone.signed(asked["challenge"]) | {"challenge": asked["id"]}
    path = f"/v1/purchases/{purchase}/passkey_confirmations"
    assert (await wallet.post(path, answer))["code"] == "passkey_challenge_over"
    adding = await wallet.post("/v1/passkeys/options")
    answer = wallet.phone.signed(adding["challenge"]) | {"challenge": adding["id"]}
    assert (await wallet.post(path, answer))["code"] == "passkey_challenge_over"
    fresh = await wallet.post(f"/v1/purchases/{purchase}/passkey_challenges")
    answer = wallet.phone.signed(asked["challenge"]) | {"challenge": fresh["id"]}
    assert (await wallet.post(path, answer))["code"] == "passkey_refused", "the signature covers another challenge"
    assert (await wallet.get(f"/v1/purchases/{purchase}"))["outcome"] == "step_up"


async def ordered(town: Any, amount: int = 120_000) -> str:
    body = {"reference": f"o-{amount}", "amount_minor": amount, "currency": "CNY", "description": "书架"}
    made = await town.merchant.made("/v1/checkout_sessions", body)
    return str(made["url"]).rpartition("/")[2]


async def test_an_order_that_was_scanned_is_entered_by_a_signature_over_it(town: Any) -> None:
    wallet = await opened(town, with_line=True)
    await wallet.add()
    token, cheaper = await ordered(town), await ordered(town, 100)
    sheet = await wallet.post(f"/wallet/orders/{token}/sheet")
    assert (sheet["merchant"], sheet["subject"], sheet["amount_minor"]) == ("山脚书店", "书架", 120_000)
    other = await wallet.post(f"/wallet/orders/{cheaper}/sheet")
    crossed = wallet.phone.signed(other["challenge"]) | {"challenge": other["challenge_id"]}
    assert (await wallet.post(f"/wallet/orders/{token}/passkey", crossed))["code"] == "passkey_challenge_over"
    assert "手机号码" in await wallet.payer.open(f"/cashier/{token}")
    answer = wallet.phone.signed(sheet["challenge"]) | {"challenge": sheet["challenge_id"]}
    assert (await wallet.post(f"/wallet/orders/{token}/passkey", answer))["status"] == 201
    assert "选择信用付款方案" in await wallet.payer.open(f"/cashier/{token}")
    assert "付款成功" in await wallet.payer.pay("pay_later")
    paid = await wallet.post(f"/wallet/orders/{token}/sheet")
    assert paid["code"] == "order_paid"
    await town.assert_sound()


async def test_who_is_not_signed_in_sees_no_order(town: Any) -> None:
    token = await ordered(town)
    stranger = Payer(town)
    for path in (f"/wallet/orders/{token}/sheet", f"/wallet/orders/{token}/passkey"):
        body = {"credential": "", "client_data": "", "authenticator_data": "", "signature": ""}
        answer = await stranger.http.post(path, json=body, headers=OURS)
        assert (answer.status_code, answer.json()["code"]) == (403, "nobody_signed_in")
