"""A till that speaks another form reads the codes of our payers' devices; an order may be for one payer alone."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import json
from typing import Any, NamedTuple

from api.test_counters import codes, device
from support import alipay, wechatpay
from support.cashier import Payer
from support.sandbox import Sandbox, new_merchant
from tiao.messages.jobs import deliver
from tiao.values.ids import read_id

MADE_UP = "36{:016d}"


class Till(NamedTuple):
    """A merchant's till that speaks both other forms, with the town it stands in."""

    town: Any
    sandbox: Sandbox

    async def alipay(self, method: str, said: dict[str, Any], **more: str) -> Any:
        answer = await self.town.http.post("/gateway.do", data=alipay.signed(self.sandbox, method, said, **more))
        return alipay.node_of(self.sandbox, answer.text, method)

    async def wechatpay(self, target: str, said: dict[str, Any] | None = None) -> tuple[int, Any]:
        method, body = ("GET", "") if said is None else ("POST", json.dumps(said, ensure_ascii=False))
        header = {"Authorization": wechatpay.authorization(self.sandbox, method, target, body)}
        answer = await self.town.http.request(method, target, content=body, headers=header)
        wechatpay.check_signed(self.sandbox, answer.headers, answer.text)
        return answer.status_code, answer.json()

    async def scans(self, number: str, amount: str, code: str, **more: Any) -> Any:
        said = {"out_trade_no": number, "total_amount": amount, "subject": "茶", "scene": "bar_code", "auth_code": code}
        return await self.alipay("pay", said | more)

    async def reads(self, number: str, fen: int, code: str, **more: Any) -> tuple[int, Any]:
        said = wechatpay.order(self.sandbox, number, fen, payer={"auth_code": code}, **more)
        return await self.wechatpay(f"{wechatpay.TRANSACTIONS}/codepay", said)


async def till(town: Any) -> Till:
    keys = new_merchant()
    made = await town.operator.made(
        f"/v1/merchants/{town.merchant_id}/accounts", {"public_key": keys.public_key, "certificate": keys.certificate}
    )
    return Till(town, Sandbox("http://tiao", keys, {**made, **made["account"]}, {}))


async def test_a_till_of_either_form_reads_a_code_once(town: Any) -> None:
    at, (consumer, phone, _) = await till(town), await device(town)
    [first, second, _] = await codes(consumer, phone)
    paid = await at.scans("a-1", "300.00", first)
    assert (paid["code"], paid["buyer_pay_amount"]) == ("10000", "300.00")
    assert await at.scans("a-1", "300.00", first) == paid, "the same again is the same answer"
    used = await at.scans("a-2", "300.00", first)
    assert (used["code"], used["sub_code"]) == ("40004", "ACQ.PAYMENT_AUTH_CODE_INVALID")
    status, done = await at.reads("w-1", 30_000, second)
    assert (status, done["trade_state"], done["trade_type"]) == (200, "SUCCESS", "MICROPAY")
    assert done["payer"]["openid"].startswith("o")
    status, gone = await at.reads("w-2", 30_000, second)
    assert (status, gone["code"]) == (400, "PARAM_ERROR")
    await town.assert_sound()


async def test_above_a_days_limit_the_payer_is_asked_and_the_till_told_to_wait(town: Any) -> None:
    at, (consumer, phone, number) = await till(town), await device(town)
    [first, second, _] = await codes(consumer, phone)
    assert (await at.scans("a-1", "600.00", first))["code"] == "10000"
    status, waiting = await at.reads("w-1", 60_000, second)
    assert (status, waiting["code"]) == (202, "USERPAYING")
    mine = f"?mchid={at.sandbox.credentials['mchid']}"
    asked = f"{wechatpay.TRANSACTIONS}/out-trade-no/w-1{mine}"
    assert (await at.wechatpay(asked))[1]["trade_state"] == "USERPAYING"
    platform = town.services.platform
    await deliver(platform.db, platform.moments, platform.post)
    told = list(town.sms.taken.values())[-1]
    url = await cashier_of(town, "w-1")
    assert (told.phone, url in told.text) == (number, True)
    payer = Payer(town)
    await payer.sign_in(url, number)
    assert "付款成功" in await payer.pay("instalments_3")
    assert (await at.wechatpay(asked))[1]["trade_state"] == "SUCCESS"
    await town.assert_sound()


async def test_nobody_pays_more_than_five_thousand_a_day_by_confirmed_codes(town: Any) -> None:
    at, (consumer, phone, number) = await till(town), await device(town)
    payer = Payer(town)
    for order, amount, said in (("b-1", "4999.99", "付款成功"), ("b-2", "1000.01", "每日限额")):
        [code, *_] = await codes(consumer, phone)
        assert (await at.scans(order, amount, code))["code"] == "10003", "above one factor's day the payer is asked"
        url = await cashier_of(town, order)
        await (payer.open(url) if order == "b-2" else payer.sign_in(url, number))
        assert said in await payer.pay("pay_later"), "and above two factors' day refused"
    [code, *_] = await codes(consumer, phone)
    assert (await at.scans("b-3", "1000.00", code))["code"] == "10000", (
        "what was confirmed leaves the lesser class alone"
    )


async def cashier_of(town: Any, number: str) -> str:
    async with town.db.begin() as tx:
        token = await tx.value(
            "select cashier_token from merchant_order where out_trade_no = %(number)s", number=number
        )
    return f"http://tiao/cashier/{token}"


async def test_instalments_that_a_merchant_names_are_confirmed_on_the_phone(town: Any) -> None:
    at, (consumer, phone, _) = await till(town), await device(town)
    [first, *_] = await codes(consumer, phone)
    plan = {"hb_fq_num": "3", "hb_fq_seller_percent": "0"}
    waiting = await at.scans("a-1", "300.00", first, extend_params=plan)
    assert waiting["code"] == "10003"
    assert (await at.alipay("cancel", {"out_trade_no": "a-1"}))["action"] == "close"


async def test_guessing_is_stopped_whatever_a_till_calls_itself(town: Any) -> None:
    at, (consumer, phone, _) = await till(town), await device(town)
    wrong = await at.scans("a-0", "1.00", "281234567890123456")
    assert wrong["sub_code"] == "ACQ.PAYMENT_AUTH_CODE_INVALID", "another wallet's code is no guess at ours"
    for number in range(5):
        answer = await at.scans("a-1", "1.00", MADE_UP.format(number), terminal_id=f"till-{number}")
        assert answer["sub_code"] == "ACQ.PAYMENT_AUTH_CODE_INVALID"
    [first, *_] = await codes(consumer, phone)
    status, resting = await at.reads("w-1", 100, first, scene_info={"device_id": "another"})
    assert (status, resting["code"]) == (429, "FREQUENCY_LIMITED")
    store = await town.merchant.made("/v1/stores", {"name": "一号店", "address": "山脚路 1 号"})
    mine = await town.merchant.made(f"/v1/stores/{store['id']}/terminals", {"label": "1"})
    paid = await at.scans("a-2", "1.00", first, terminal_id=mine["id"])
    assert paid["code"] == "10000", "a terminal of ours has misses of its own"


async def test_a_payer_without_room_is_told_and_another_may_pay(town: Any) -> None:
    at, (consumer, phone, _) = await till(town), await device(town)
    line = await consumer.got("/v1/line")
    other, second, _ = await device(town)
    async with town.db.begin() as tx:
        await tx.execute("update credit_line set limit_minor = 1000 where id = %(id)s", id=read_id("lin", line["id"]))
    [first, *_] = await codes(consumer, phone)
    declined = await at.scans("a-1", "300.00", first)
    assert (declined["code"], declined["sub_code"]) == ("40004", "ACQ.BUYER_BALANCE_NOT_ENOUGH")
    [code, *_] = await codes(other, second)
    assert (await at.scans("a-1", "300.00", code))["code"] == "10000"


async def test_an_order_for_a_named_payer_is_paid_by_nobody_else(town: Any) -> None:
    """A merchant brings names of its own: who pays by one first is who it means from then on."""
    at, (_, _, number), (_, _, other) = await till(town), await device(town), await device(town)
    first, second = Payer(town), Payer(town)

    async def made(order: str, openid: str) -> str:
        said = wechatpay.order(at.sandbox, order, 20_000, payer={"openid": openid})
        status, _ = await at.wechatpay(f"{wechatpay.TRANSACTIONS}/jsapi", said)
        assert status == 200
        return await cashier_of(town, order)

    await first.sign_in(await made("j-1", "oTheirs"), number)
    assert "付款成功" in await first.pay("pay_later")
    await second.sign_in(await made("j-2", "oTheirs"), other)
    assert "只能由其本人" in await second.pay("pay_later")
    await first.open(await cashier_of(town, "j-2"))
    assert "付款成功" in await first.pay("pay_later")
    mine = f"?mchid={at.sandbox.credentials['mchid']}"
    _, seen = await at.wechatpay(f"{wechatpay.TRANSACTIONS}/out-trade-no/j-2{mine}")
    assert seen["payer"] == {"openid": "oTheirs"}, "under the merchant's own name"
    await town.assert_sound()
