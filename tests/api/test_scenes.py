"""Scenes held to at quote, session, authorisation, refund and settlement; money paid before a service."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

from api.test_counters import codes, counter, device
from api.test_device_codes_in_other_forms import till
from support import wechatpay
from support.cashier import Payer
from tiao.checkout.failing import give_back_all
from tiao.partners.scenes.rules import read_scenes
from tiao.values.ids import read_id, show_id

PRICE = 180_000


async def in_scene(town: Any, scene: str, discount_rate: str = "0.02") -> Any:
    """Let the town's merchant be one of a scene."""
    body = {
        "name": "青石学堂",
        "category": scene,
        "currency": "CNY",
        "discount_rate": discount_rate,
        "payout_account": "62220000",
    }
    made = await town.operator.made("/v1/merchants", body)
    town.merchant_id = made["id"]
    town.merchant = town.client(await town.issued("merchant", made["id"]))
    return made


async def settled(town: Any, day: str) -> Any:
    return (await town.merchant.got(f"/v1/settlements/{day}"))["settlement"]


async def test_quotes_and_sessions_keep_to_the_scene(town: Any) -> None:
    await in_scene(town, "medical")
    _, customer = await town.customer()
    asked = {"customer": customer, "amount_minor": 20_000, "currency": "CNY", "mode": "statement"}
    plans = [each["plan"] for each in (await town.merchant.made("/v1/quotes", asked))["offers"]]
    assert plans == ["pay_later", "instalments_3", "instalments_6", "instalments_12"], "not over 24 terms"
    for amount in (9_999, 2_000_001):
        refused = await town.merchant.post("/v1/quotes", asked | {"amount_minor": amount})
        assert (refused.status_code, refused.json()["code"]) == (422, "scene_amount_outside")
        session = {"reference": f"o{amount}", "amount_minor": amount, "currency": "CNY", "description": "x"}
        assert (await town.merchant.post("/v1/checkout_sessions", session)).json()["code"] == "scene_amount_outside"


async def test_a_scene_that_changed_after_the_quote_is_kept_to_when_authorising(town: Any) -> None:
    await in_scene(town, "medical")
    client, customer = await town.customer()
    quote = await town.accepted(client, customer, 20_000, "instalments_12")
    book = town.services.platform.book
    rows = """scenes:
  - {scene: medical, name_zh: 医疗, effective_from: 2014-02-01, plans: [pay_later], amount_min_minor: 1,
     amount_max_minor: 100000, discount_rate: "0.01", discount_rate_min: "0.01", refund_full_days: 7,
     refund_after: as_agreed, papers: []}
"""
    book.scenes = read_scenes(rows)
    book.adopt(book.pack)
    body = {"quote": quote, "plan": "instalments_12", "capture": True, "reference": "order 1"}
    refused = await town.merchant.post("/v1/purchases", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "scene_offers_no_such_plan")


async def test_prepaid_money_is_kept_and_released_in_steps(town: Any) -> None:
    await in_scene(town, "education")
    client, customer = await town.customer()
    bought = await town.bought(client, customer, PRICE)
    await town.advance("2026-09-02T02:00:00Z")
    net = PRICE - 3_600
    at_once = net // 4
    day = await settled(town, "2026-09-01")
    assert (day["gross_minor"], day["adjusted_minor"], day["net_minor"]) == (PRICE, at_once - net, at_once)
    balance = await town.merchant.got("/v1/balance")
    assert balance["prepaid_minor"] == net - at_once
    [kept] = (await town.merchant.got("/v1/prepaid"))["data"]
    assert (kept["purchase"], kept["left_minor"], kept["next_on"]) == (bought["id"], net - at_once, "2026-10-01")
    due = [each for each in (await town.merchant.got("/v1/receivables"))["data"] if each["kind"] == "prepaid"]
    assert [each["expected_on"] for each in due][:2] == ["2026-10-01", "2026-10-31"]
    assert (len(due), sum(each["amount_minor"] for each in due)) == (6, net - at_once)
    await town.assert_sound()
    await town.advance("2026-10-02T02:00:00Z")
    [after] = (await town.merchant.got("/v1/prepaid"))["data"]
    assert (after["steps_done"], after["left_minor"]) == (1, net - at_once - (net - at_once) // 6)
    assert (await settled(town, "2026-10-01"))["net_minor"] == (net - at_once) // 6
    await town.assert_sound()


async def test_a_refund_is_paid_from_what_is_kept_and_falls_with_the_service(town: Any) -> None:
    await in_scene(town, "education")
    client, customer = await town.customer()
    bought = await town.bought(client, customer, PRICE)
    path = f"/v1/purchases/{bought['id']}/refunds"
    await town.advance("2026-09-11T02:00:00Z")
    too_much = await town.merchant.post(path, {"amount_minor": PRICE, "reference": "r"})
    assert (too_much.status_code, too_much.json()["code"]) == (409, "refund_beyond_service")
    left = (await town.merchant.got("/v1/prepaid"))["left_minor"]
    await town.merchant.made(path, {"amount_minor": 100_000, "reference": "r"})
    await town.advance("2026-09-12T02:00:00Z")
    assert (await town.merchant.got("/v1/prepaid"))["left_minor"] == left - 100_000
    assert (await settled(town, "2026-09-11"))["net_minor"] == 0, "the merchant pays nothing out of its pocket"
    await town.assert_sound()


async def test_within_its_days_a_course_is_refunded_in_full(town: Any) -> None:
    await in_scene(town, "education")
    client, customer = await town.customer()
    bought = await town.bought(client, customer, PRICE)
    await town.advance("2026-09-08T02:00:00Z")
    await town.merchant.made(f"/v1/purchases/{bought['id']}/refunds", {"amount_minor": PRICE, "reference": "r"})
    await town.advance("2026-09-09T02:00:00Z")
    assert (await town.merchant.got("/v1/prepaid"))["data"] == []
    await town.assert_sound()


async def test_steps_wait_while_the_merchant_is_stopped_or_the_purchase_disputed(town: Any) -> None:
    await in_scene(town, "education")
    client, customer = await town.customer()
    bought = await town.bought(client, customer, PRICE)
    await town.advance("2026-09-02T02:00:00Z")
    left = (await town.merchant.got("/v1/prepaid"))["left_minor"]
    await town.operator.made(f"/v1/merchants/{town.merchant_id}/suspension")
    await town.advance("2026-10-05T02:00:00Z")
    assert (await town.merchant.got("/v1/prepaid"))["left_minor"] == left
    await town.reinstated(town.merchant_id)
    claim = {"amount_minor": 1_000, "reason": "service_ended", "text": "no lessons"}
    dispute = await client.made(f"/v1/purchases/{bought['id']}/disputes", claim)
    await town.advance("2026-10-07T02:00:00Z")
    assert (await town.merchant.got("/v1/prepaid"))["left_minor"] == left
    await client.made(f"/v1/disputes/{dispute['id']}/withdrawal")
    await town.advance("2026-10-08T02:00:00Z")
    assert (await town.merchant.got("/v1/prepaid"))["left_minor"] == left - left // 6
    await town.assert_sound()


async def test_customers_of_a_merchant_that_failed_get_back_what_was_not_given(town: Any) -> None:
    await in_scene(town, "education")
    client, customer = await town.customer()
    bought = await town.bought(client, customer, PRICE)
    await town.advance("2026-10-01T02:00:00Z")
    path = f"/v1/merchants/{town.merchant_id}"
    early = await town.operator.post(f"{path}/failure_refunds", key=None)
    assert early.json()["code"] == "merchant_has_not_failed"
    proposal = await town.operator.made(f"{path}/proposals", {"reason": "it closed its doors", "failure": True})
    other = await town.second_operator()
    await other.made(f"/v1/proposals/{proposal['id']}/agreement", {})
    given = (await town.operator.made(f"{path}/failure_refunds"))["data"]
    assert given == [{"purchase": bought["id"], "amount_minor": PRICE * 150 // 180, "refused": None}]
    assert (await town.operator.made(f"{path}/failure_refunds"))["data"] == [], "nothing goes back twice"
    assert (await client.got(f"/v1/purchases/{bought['id']}"))["refunded_minor"] == PRICE * 150 // 180
    await town.advance("2026-10-02T02:00:00Z")
    assert (await town.merchant.got("/v1/prepaid"))["left_minor"] == 0, "what was kept paid for it"
    await town.assert_sound()


async def failed(town: Any) -> str:
    """Let two people say that the merchant gives its service no more."""
    path = f"/v1/merchants/{town.merchant_id}"
    proposal = await town.operator.made(f"{path}/proposals", {"reason": "it closed its doors", "failure": True})
    await (await town.second_operator()).made(f"/v1/proposals/{proposal['id']}/agreement", {})
    return path


async def agreed(town: Any, **what: object) -> None:
    made = await town.operator.made(f"/v1/merchants/{town.merchant_id}/proposals", {"reason": "agreed"} | what)
    await (await town.second_operator()).made(f"/v1/proposals/{made['id']}/agreement", {})


async def test_calling_again_goes_on_with_the_purchases_that_are_left(town: Any) -> None:
    """More purchases than one call gives back of: the next call does not look at the same ones again."""
    await in_scene(town, "education")
    client, customer = await town.customer()
    bought = [(await town.bought(client, customer, PRICE // 3))["id"] for _ in range(3)]
    await town.advance("2026-10-01T02:00:00Z")
    await failed(town)
    platform, merchant = town.services.platform, read_id("mer", town.merchant_id)
    given = []
    for expected in (1, 1, 1, 0):
        now = await give_back_all(platform.db, platform.moments, platform.book, merchant, limit=1)
        assert [each.refused for each in now] == [None] * expected
        given += [show_id("pur", each.purchase_id) for each in now]
    assert sorted(given) == sorted(bought)
    await town.assert_sound()


async def test_who_was_refunded_more_than_is_kept_gets_the_rest_too(town: Any) -> None:
    await in_scene(town, "education")
    client, customer = await town.customer()
    bought = await town.bought(client, customer, PRICE)
    await town.advance("2026-09-11T02:00:00Z")
    kept = (await town.merchant.got("/v1/prepaid"))["left_minor"]
    await town.merchant.made(f"/v1/purchases/{bought['id']}/refunds", {"amount_minor": kept, "reference": "r"})
    await town.advance("2026-09-12T02:00:00Z")
    assert (await town.merchant.got("/v1/prepaid"))["data"] == [], "the refund has used up what was kept"
    path = await failed(town)
    [given] = (await town.operator.made(f"{path}/failure_refunds"))["data"]
    assert given["amount_minor"] == PRICE * 169 // 180 - kept
    await town.assert_sound()


async def test_ending_the_contract_with_a_merchant_that_failed_releases_nothing_of_its_customers(town: Any) -> None:
    await in_scene(town, "education")
    client, customer = await town.customer()
    bought = await town.bought(client, customer, PRICE)
    await town.advance("2026-09-20T02:00:00Z")
    left = (await town.merchant.got("/v1/prepaid"))["left_minor"]
    path = await failed(town)
    await agreed(town, termination=True)
    await town.advance("2026-10-15T02:00:00Z")
    assert (await town.merchant.got("/v1/prepaid"))["left_minor"] == left, "a step was due on 1 October"
    [given] = (await town.operator.made(f"{path}/failure_refunds"))["data"]
    assert (given["purchase"], given["refused"]) == (bought["id"], None)
    await town.advance("2026-10-16T02:00:00Z")
    assert (await town.merchant.got("/v1/prepaid"))["left_minor"] == max(left - given["amount_minor"], 0)
    await town.assert_sound()


async def test_a_merchant_that_sells_again_has_not_failed(town: Any) -> None:
    await in_scene(town, "education")
    path = await failed(town)
    await agreed(town, reinstatement=True)
    refused = await town.operator.post(f"{path}/failure_refunds", key=None)
    assert refused.json()["code"] == "merchant_has_not_failed"


@pytest.mark.parametrize(("rate", "code"), [("0.005", "discount_below_scene"), ("0.009", None)])
async def test_a_discount_keeps_to_its_scene(town: Any, rate: str, code: str | None) -> None:
    await in_scene(town, "education")
    path = f"/v1/merchants/{town.merchant_id}/proposals"
    made = await town.operator.made(path, {"reason": "large", "discount_rate": rate})
    other = await town.second_operator()
    agreed = await other.post(f"/v1/proposals/{made['id']}/agreement", {})
    assert agreed.json().get("code") == code


async def test_every_way_of_ordering_keeps_to_the_amounts_of_the_scene(town: Any) -> None:
    await in_scene(town, "medical")
    at, shop = await till(town), await counter(town)
    consumer, phone, _ = await device(town)
    shown = await codes(consumer, phone)
    for number, amount in enumerate((9_999, 2_000_001)):
        yuan = f"{amount // 100}.{amount % 100:02d}"
        said = {"out_trade_no": f"a{number}", "total_amount": yuan, "subject": "x"}
        for refused in (
            await at.alipay("precreate", said),
            await at.scans(f"b{number}", yuan, shown[number]),
        ):
            assert (refused["code"], refused["sub_code"]) == ("40004", "ACQ.INVALID_PARAMETER")
            assert "限额" in refused["sub_msg"]
        more = wechatpay.order(at.sandbox, f"w{number}", amount, notify_url="https://shop.example/told")
        for way in ("native", "h5", "app"):
            status, refused = await at.wechatpay(f"{wechatpay.TRANSACTIONS}/{way}", more)
            assert (status, refused["code"]) == (400, "PARAM_ERROR"), way
        status, refused = await at.reads(f"v{number}", amount, shown[number])
        assert (status, refused["code"]) == (400, "PARAM_ERROR")
        for code in (None, shown[number]):
            answer = await shop.sell(f"c{number}", amount, code)
            assert (answer.status_code, answer.json()["code"]) == (422, "scene_amount_outside")
        payer = Payer(town)
        await payer.open(shop.terminal["code_url"])
        page = await payer.send(shop.terminal["code_url"].rsplit("/", 1)[1], amount=yuan)
        assert "该商户不支持这个金额的订单" in page
    paid = await at.scans("b0", "300.00", shown[1])
    assert paid["code"] == "10000", "no code was burnt by what was refused, and the number is free"
    async with town.services.platform.db.begin() as tx:
        assert await tx.value("select count(*)::int from merchant_order") == 1
    await town.assert_sound()


async def test_an_order_for_instalments_is_not_taken_below_their_smallest_amount(town: Any) -> None:
    at = await till(town)
    plan = {"extend_params": {"hb_fq_num": "6", "hb_fq_seller_percent": "0"}}
    said = {"out_trade_no": "a1", "total_amount": "99.99", "subject": "x"}
    refused = await at.alipay("precreate", said | plan)
    assert (refused["sub_code"], refused["sub_msg"]) == ("ACQ.INVALID_PARAMETER", "金额低于分期的最低金额")
    assert (await at.alipay("precreate", said))["code"] == "10000", "the payer chooses, and may pay at once"
    changed = await at.alipay("precreate", said | plan)
    assert changed["sub_code"] == "ACQ.CONTEXT_INCONSISTENT", "a number that is known is known first"
    session = {"reference": "s", "amount_minor": 9_999, "currency": "CNY", "description": "x", "terms": 6}
    answer = await town.merchant.post("/v1/checkout_sessions", session)
    assert answer.json()["code"] == "instalment_amount_below_minimum"
    answer = await town.merchant.post("/v1/checkout_sessions", session | {"amount_minor": 20_000, "terms": 5})
    assert answer.json()["code"] == "terms_not_offered"
    subsidy = {"subsidy_info": {"subsidy_detail": [{"subsidy_plan": [{"subsidy_installment_num": 3}]}]}}
    order = wechatpay.order(at.sandbox, "w1", 9_999, notify_url="https://shop.example/told", **subsidy)
    status, refused = await at.wechatpay(f"{wechatpay.TRANSACTIONS}/native", order)
    assert (status, refused["code"]) == (400, "PARAM_ERROR")


async def test_a_scene_without_a_plan_takes_no_order_for_it(town: Any) -> None:
    await in_scene(town, "medical")
    session = {"reference": "s", "amount_minor": 20_000, "currency": "CNY", "description": "x", "terms": 24}
    answer = await town.merchant.post("/v1/checkout_sessions", session)
    assert answer.json()["code"] == "scene_offers_no_such_plan"
    assert (await town.merchant.post("/v1/checkout_sessions", session | {"terms": 12})).status_code == 201


async def test_an_order_that_was_taken_is_found_again_whatever_its_scene_says_since(town: Any) -> None:
    session = {"reference": "s", "amount_minor": 5_000, "currency": "CNY", "description": "x"}
    made = await town.merchant.made("/v1/checkout_sessions", session)
    async with town.services.platform.db.begin() as tx:
        await tx.execute(
            "update merchant set category = 'medical' where id = %(id)s", id=read_id("mer", town.merchant_id)
        )
    again = await town.merchant.post("/v1/checkout_sessions", session)
    assert again.json()["id"] == made["id"]
    refused = await town.merchant.post("/v1/checkout_sessions", session | {"reference": "t"})
    assert refused.json()["code"] == "scene_amount_outside"
