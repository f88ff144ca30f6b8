"""Sales in person: codes of a device, on a screen and printed, each up to its daily limit, each paid once."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import asyncio
import json
from datetime import timedelta
from io import BytesIO
from typing import Any, NamedTuple

import segno

from api.conftest import AT
from support.cashier import Payer
from tiao.api.document import document
from tiao.checkout.qr import merchant_presented
from tiao.messages.jobs import deliver

OPERATIONS = json.loads(document())["paths"]


class Counter(NamedTuple):
    """A terminal, with the town it stands in."""

    town: Any
    terminal: Any

    async def sell(self, reference: str, amount_minor: int, code: str | None = None) -> Any:
        asked = {
            "terminal": self.terminal["id"],
            "reference": reference,
            "amount_minor": amount_minor,
            "currency": "CNY",
            "description": "一盏灯",
        }
        return await self.town.merchant.post("/v1/counter_sales", asked | ({"code": code} if code else {}))

    async def sold(self, reference: str, amount_minor: int, code: str | None = None) -> Any:
        answer = await self.sell(reference, amount_minor, code)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def counter(town: Any) -> Counter:
    store = await town.merchant.made("/v1/stores", {"name": "一号店", "address": "山脚路 1 号"})
    terminal = await town.merchant.made(f"/v1/stores/{store['id']}/terminals", {"label": "1", "has_printed_code": True})
    return Counter(town, terminal)


async def device(town: Any) -> tuple[Any, str, str]:
    """A customer with a device that shows codes, and the customer's phone."""
    consumer, customer = await town.customer()
    sheet = await consumer.got("/v1/pay_devices/agreement")
    ack = {
        "digest": sheet["digest"],
        "shown_at": AT.isoformat(),
        "confirmed_at": (AT + timedelta(seconds=sheet["read_seconds_min"])).isoformat(),
    }
    made = await consumer.made("/v1/pay_devices", {"label": "手机", "cost_sheet": ack})
    tail = (await consumer.got(f"/v1/customers/{customer}"))["phone"][-4:]
    return consumer, made["id"], f"138{int(tail):08}"


async def codes(consumer: Any, device_id: str) -> list[str]:
    answer = await consumer.post(f"/v1/pay_devices/{device_id}/codes", key=None)
    assert answer.status_code == 200, answer.text
    return [each["code"] for each in answer.json()["data"]]


async def test_a_code_is_read_and_paid_at_once_and_never_again(town: Any) -> None:
    at, (consumer, phone, _) = await counter(town), await device(town)
    [first, second, _third] = await codes(consumer, phone)
    sold = await at.sold("c-1", 30_000, first)
    assert (sold["outcome"], sold["session"]["plan"]) == ("paid", "pay_later")
    assert await at.sold("c-1", 30_000, first) == sold
    used = await at.sell("c-2", 30_000, first)
    assert used.json()["code"] == "payment_code_invalid"
    assert (await at.sold("c-2", 30_000, second))["outcome"] == "paid"
    receipt = (await town.merchant.got(f"/v1/counter_sales/{sold['session']['id']}/receipt"))["lines"]
    assert receipt[:4] == ["山脚书店", "一号店 山脚路 1 号", "终端 1", "订单号 c-1"]
    assert "金额 CNY 300.00" in receipt
    await town.assert_sound()


async def test_a_later_code_burns_the_earlier_ones_and_a_refresh_all_of_them(town: Any) -> None:
    at, (consumer, phone, _) = await counter(town), await device(town)
    [first, second, _] = await codes(consumer, phone)
    assert (await at.sold("c-1", 10_000, second))["outcome"] == "paid"
    assert (await at.sell("c-2", 10_000, first)).json()["code"] == "payment_code_invalid"
    [old, *_] = await codes(consumer, phone)
    [new, *_] = await codes(consumer, phone)
    assert (await at.sell("c-3", 10_000, old)).json()["code"] == "payment_code_invalid"
    assert (await at.sold("c-3", 10_000, new))["outcome"] == "paid"


async def test_two_tills_that_read_one_code_at_once_are_not_both_paid(town: Any) -> None:
    at, (consumer, phone, _) = await counter(town), await device(town)
    [first, *_] = await codes(consumer, phone)
    answers = await asyncio.gather(*(at.sell(f"c-{number}", 10_000, first) for number in range(4)))
    assert sorted(answer.json().get("outcome") or answer.json()["code"] for answer in answers) == [
        "paid", *["payment_code_invalid"] * 3,
    ]  # fmt: skip


async def test_two_payers_whose_codes_are_read_at_once_for_one_sale_do_not_both_pay_it(town: Any) -> None:
    at = await counter(town)
    read = [(await codes(consumer, phone))[0] for consumer, phone, _ in [await device(town) for _ in range(4)]]
    answers = await asyncio.gather(*(at.sell("c-1", 10_000, code) for code in read))
    refused = [answer.json()["code"] for answer in answers if answer.status_code != 200]
    declared = OPERATIONS["/v1/counter_sales"]["post"]["responses"]
    assert [code for code in refused if not any(f"`{code}`" in each["description"] for each in declared.values())] == []
    assert "`sale_for_another`" in declared["403"]["description"]
    await town.assert_sound()


async def test_sales_begun_at_once_do_not_pass_the_limit_together(town: Any) -> None:
    at, (_, _, number) = await counter(town), await device(town)
    payer = Payer(town)
    forms = []
    for reference in ("d-1", "d-2", "d-3"):
        url = (await at.sold(reference, 50_000))["session"]["url"]
        await (payer.sign_in(url, number) if not forms else payer.open(url))
        await payer.send("/plan", plan="pay_later")
        forms.append(payer.form("/pay"))
    await payer.read()
    pages = await asyncio.gather(*(payer.http.post(to, data=hidden | {"agree": "yes"}) for to, hidden in forms))
    assert sum("付款成功" in page.text for page in pages) == 2
    assert sum("每日限额" in page.text for page in pages) == 1


async def test_a_device_that_was_ended_shows_nothing_that_counts(town: Any) -> None:
    at, (consumer, phone, _) = await counter(town), await device(town)
    [first, *_] = await codes(consumer, phone)
    assert (await consumer.delete(f"/v1/pay_devices/{phone}")).status_code == 200
    assert (await at.sell("c-1", 10_000, first)).json()["code"] == "payment_code_invalid"
    assert (await consumer.post(f"/v1/pay_devices/{phone}/codes", key=None)).json()["code"] == "device_unknown"


async def test_guessing_locks_the_terminal(town: Any) -> None:
    at, (consumer, phone, _) = await counter(town), await device(town)
    for number in range(5):
        assert (await at.sell("c-1", 10_000, f"36{number:016d}")).json()["code"] == "payment_code_invalid"
    [first, *_] = await codes(consumer, phone)
    locked = await at.sell("c-1", 10_000, first)
    assert (locked.status_code, locked.json()["code"]) == (503, "terminal_locked")


async def test_above_the_limit_of_one_factor_the_payer_confirms_on_the_phone(town: Any) -> None:
    at, (consumer, phone, number) = await counter(town), await device(town)
    _, _, stranger = await device(town)
    [first, second, _] = await codes(consumer, phone)
    assert (await at.sold("c-1", 60_000, first))["outcome"] == "paid"
    asked = await at.sold("c-2", 60_000, second)
    assert asked["outcome"] == "confirm_on_phone"
    platform = town.services.platform
    await deliver(platform.db, platform.moments, platform.post)
    told = list(town.sms.taken.values())[-1]
    assert (told.phone, asked["session"]["url"] in told.text) == (number, True)
    other = Payer(town)
    await other.sign_in(asked["session"]["url"], stranger)
    assert "只能由其本人确认" in await other.pay("instalments_3")
    payer = Payer(town)
    await payer.sign_in(asked["session"]["url"], number)
    assert "付款成功" in await payer.pay("instalments_3")
    assert (await at.sold("c-2", 60_000))["outcome"] == "paid"
    await town.assert_sound()


async def test_a_printed_code_takes_five_hundred_a_day_from_each_payer(town: Any) -> None:
    at, (_, _, number) = await counter(town), await device(town)
    payer = Payer(town)
    for amount, said in (("300", "付款成功"), ("200.01", "每日限额"), ("200", "付款成功"), ("0.01", "每日限额")):
        page = await payer.open(at.terminal["code_url"])
        assert "¥500.00" in page
        await payer.send(at.terminal["code_url"].rsplit("/", 1)[1], amount=amount)
        if "手机号码" in payer.page.text:
            await payer.sign_in(str(payer.page.url), number)
        assert said in await payer.pay("pay_later"), amount
    _, _, second = await device(town)
    other = Payer(town)
    await other.open(at.terminal["code_url"])
    await other.send(at.terminal["code_url"].rsplit("/", 1)[1], amount="500")
    await other.sign_in(str(other.page.url), second)
    assert "付款成功" in await other.pay("pay_later")


async def test_a_code_on_the_screen_takes_a_thousand(town: Any) -> None:
    at, (_, _, number) = await counter(town), await device(town)
    payer = Payer(town)
    shown = await at.sold("d-1", 100_001)
    assert shown["outcome"] == "show_code"
    await payer.sign_in(shown["session"]["url"], number)
    assert "每日限额" in await payer.pay("instalments_3")
    await payer.open((await at.sold("d-2", 100_000))["session"]["url"])
    assert "付款成功" in await payer.pay("instalments_3")


async def test_an_amount_is_typed_as_people_type_it(town: Any) -> None:
    at = await counter(town)
    payer = Payer(town)
    for amount in ("", "abc", "1,000", "-5", "0", "1.234", "1e3"):
        await payer.open(at.terminal["code_url"])
        assert "请输入正确的金额" in await payer.send(at.terminal["code_url"].rsplit("/", 1)[1], amount=amount), amount


def png_of(payload: str) -> bytes:
    out = BytesIO()
    segno.make(payload, error="q", micro=False).save(out, kind="png", scale=12, border=4)
    return out.getvalue()


async def test_the_poster_and_the_pictures_can_be_printed(town: Any) -> None:
    at = await counter(town)
    poster = await town.http.get(at.terminal["poster_url"])
    assert (poster.headers["content-type"], poster.content[:5], poster.content[-6:]) == (
        "application/pdf", b"%PDF-", b"%%EOF\n",
    )  # fmt: skip
    for name, said in (("code", at.terminal["code_payload"]), ("camera", at.terminal["code_url"])):
        picture = await town.http.get(f"{at.terminal['code_url']}/{name}.png")
        assert (picture.headers["content-type"], picture.content) == ("image/png", png_of(said)), name


async def scan(consumer: Any, payload: str) -> Any:
    return (await consumer.post("/v1/scanned_codes", {"payload": payload}, key=None)).json()


async def test_a_wallet_and_a_camera_find_the_same_page(town: Any) -> None:
    at, (consumer, _, number) = await counter(town), await device(town)
    printed = merchant_presented.decode(at.terminal["code_payload"], is_strict=True)
    assert printed.point_of_initiation == "static"
    expected = {
        "kind": "static", "url": at.terminal["code_url"], "merchant": "山脚书店", "store": "一号店",
        "amount_minor": None, "currency": "CNY",
    }  # fmt: skip
    assert await scan(consumer, at.terminal["code_payload"]) == expected
    assert await scan(consumer, at.terminal["code_url"]) == expected
    sale = await at.sold("d-1", 12_345)
    shown = merchant_presented.decode(sale["code_payload"], is_strict=True)
    assert (shown.point_of_initiation, {each.id: each.value for each in shown.elements}["54"]) == ("dynamic", "123.45")
    found = await scan(consumer, sale["code_payload"])
    assert (found["kind"], found["url"], found["amount_minor"]) == ("dynamic", sale["session"]["url"], 12_345)
    payer = Payer(town)
    await payer.sign_in(found["url"], number)
    assert "付款成功" in await payer.pay("pay_later")
    assert (await at.sold("d-1", 12_345))["code_payload"] is None, "what is paid is not shown to be paid again"


async def test_a_code_that_is_not_paid_here_leads_nowhere(town: Any) -> None:
    at, (consumer, *_) = await counter(town), await device(town)
    payload = at.terminal["code_payload"]
    for other in (
        payload[:-1] + ("0" if payload[-1] != "0" else "1"),
        "https://evil.example/login",
        "https://evil.example/s/" + "0" * 24,
        "javascript:alert(1)",
        "361234567890123456",
        "x",
    ):
        assert (await scan(consumer, other))["code"] == "code_not_ours", other
    stolen = at.terminal["code_url"].replace("http://tiao", "https://evil.example")
    assert (await scan(consumer, stolen))["url"] == at.terminal["code_url"], "only pages of ours are led to"


async def test_a_till_that_reads_emvcos_form_is_paid_too(town: Any) -> None:
    at, (consumer, phone, _) = await counter(town), await device(town)
    answer = await consumer.post(f"/v1/pay_devices/{phone}/codes", key=None)
    first = answer.json()["data"][0]
    assert (await at.sold("c-1", 30_000, first["emv"]))["outcome"] == "paid"
    assert (await at.sell("c-2", 30_000, first["code"])).json()["code"] == "payment_code_invalid", "it is one code"


async def test_terms_that_were_not_read_let_no_device_show_codes(town: Any) -> None:
    consumer, _ = await town.customer()
    sheet = await consumer.got("/v1/pay_devices/agreement")
    ack = {"digest": sheet["digest"], "shown_at": AT.isoformat(), "confirmed_at": AT.isoformat()}
    refused = await consumer.post("/v1/pay_devices", {"label": "手机", "cost_sheet": ack})
    assert refused.json()["code"] == "reading_time_not_over"
    assert (sheet["principal_minor"], sheet["items"]) == (100_000, [])


async def test_somebody_elses_store_and_terminal_are_unknown(town: Any) -> None:
    at = await counter(town)
    other = await town.operator.made("/v1/merchants", {
        "name": "别家", "category": "books", "currency": "CNY", "discount_rate": "0.006", "payout_account": "62229",
    })  # fmt: skip
    stranger = Counter(town, at.terminal)._replace(town=type("T", (), {"merchant": town.client(
        await town.issued("merchant", other["id"])
    )}))  # fmt: skip
    assert (await stranger.sell("x-1", 100)).json()["code"] == "terminal_unknown"
    path = f"/v1/stores/{at.terminal['store']}/terminals"
    assert (await stranger.town.merchant.get(path)).json()["code"] == "store_unknown"
