"""A merchant never sees, nor changes, anything of another's: every endpoint that a merchant's key opens, one by one."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import json
from decimal import Decimal
from typing import Any

import pytest

from api.conftest import merchant_body
from api.test_checkout_sessions import ASKED
from api.test_nothing_of_others import DOCUMENT, PLACE, REFUSED
from support.bodies import Bodies
from tiao.partners.model import Role
from tiao.partners.scopes import SCOPES
from tiao.payments.settling import actions as settling
from tiao.payments.settling.model import NewTerms, People, Schedule
from tiao.values.ids import read_id

pytestmark = pytest.mark.anyio

#: What is no merchant's own, or is looked for among the caller's own things only: a day, a month, a number.
OF_NOBODY = {"number": "1", "subject": "visitor-1", "business_date": "2026-09-30", "month": "2026-09"}
RIGHTS = [scope.value for scope, held in SCOPES.items() if Role.MERCHANT in held.allowed_to]
#: What anybody who knows a merchant may ask.
OPEN = {"/v1/merchants/{merchant_id}/name"}


async def owned(town: Any) -> dict[str, str]:
    """What the town's merchant has: one of everything that has a name."""
    mine, merchant = await let_in(town, town.merchant_id), town.merchant_id
    consumer, customer = await town.customer()
    bought = await town.bought(consumer, customer, 60_000, "instalments_3")
    held = await town.bought(consumer, customer, 10_000, capture=False)
    refund = await mine.made(f"/v1/purchases/{bought['id']}/refunds", {"amount_minor": 5_000, "reference": "back"})
    claim = {"amount_minor": 1_000, "reason": "not_received", "text": "没有收到"}
    dispute = await consumer.made(f"/v1/purchases/{bought['id']}/disputes", claim)
    store = await mine.made("/v1/stores", {"name": "一号店", "address": "山脚路 1 号"})
    terminal = await mine.made(f"/v1/stores/{store['id']}/terminals", {"label": "1", "has_printed_code": True})
    sale = {"terminal": terminal["id"], "reference": "s-1", "amount_minor": 100, "currency": "CNY", "description": "灯"}
    await mine.made("/v1/counter_sales", sale)
    endpoint = await mine.made("/v1/webhook_endpoints", {"url": "https://shop.example/hook"})
    async with town.db.begin() as tx:
        now = await town.services.platform.moments(tx)
        terms = NewTerms(Schedule.ON_DEMAND, Decimal(0), 0)
        who = read_id("mer", merchant)
        await settling.agree_terms(tx, now, who, terms, from_on=now.today, people=People("one", "another"))
    await town.advance("2026-10-02T04:00:00+08:00")
    withdrawal = await mine.made("/v1/withdrawals", {"amount_minor": 100})
    keys = (await mine.got("/v1/api_keys"))["data"]
    return {
        "customer_id": customer,
        "merchant_id": merchant,
        "purchase_id": held["id"],
        "quote_id": bought["quote"],
        "refund_id": refund["refund"]["id"],
        "dispute_id": dispute["id"],
        "session_id": (await mine.made("/v1/checkout_sessions", ASKED))["id"],
        "store_id": store["id"],
        "terminal": terminal["id"],
        "endpoint_id": endpoint["endpoint"]["id"],
        "event_id": (await mine.got("/v1/events"))["data"][0]["id"],
        "experiment_id": (await mine.made("/v1/experiments", {"name": "autumn"}))["id"],
        "withdrawal_id": withdrawal["id"],
        "key_id": keys[0]["id"],
        "line_id": (await consumer.got("/v1/line"))["id"],
        "loan_id": (await consumer.got("/v1/loans"))["data"][0]["id"],
        "bill_id": (await consumer.got("/v1/bills"))["data"][0]["id"],
    }


def calls(named: dict[str, str]) -> list[tuple[str, str, Any]]:
    """Every endpoint whose address names something of the merchant's or its customer's, and a right body."""
    found = []
    bodies = Bodies(DOCUMENT, named)
    for path, methods in DOCUMENT["paths"].items():
        places = PLACE.findall(path)
        known = all(place in named or place in OF_NOBODY for place in places)
        if path in OPEN or not known or not any(place in named for place in places):
            continue
        filled = PLACE.sub(lambda place: str(named.get(place[1]) or OF_NOBODY[place[1]]), path)
        found += [(one, filled, bodies.of(one, path)) for one in methods if one in {"get", "post", "put", "delete"}]
    # What a pattern does not say: an address is public, and a replay names what is told again.
    for _, path, body in found:
        if body is not None and "url" in body:
            body["url"] = "https://shop.example/hook"
        if path.endswith("/replays"):
            body["event"] = named["event_id"]
    return found


async def stranger_of(town: Any) -> Any:
    return await let_in(town, (await town.operator.made("/v1/merchants", merchant_body("河边茶馆")))["id"])


async def let_in(town: Any, merchant: str) -> Any:
    """Let a merchant in who may do all that merchants may: no right that lacks stands in for whose something is."""
    return town.client(await town.issued("merchant", merchant, scopes=RIGHTS))


async def test_what_is_named_by_its_owners_id_is_unknown_to_another_merchant(town: Any) -> None:
    named = await owned(town)
    stranger = await stranger_of(town)
    asked = calls(named)
    assert len(asked) > 60, "the document was read"
    mine = await let_in(town, town.merchant_id)
    before, held = await town.state(), await rest(mine)
    let_through = []
    for method, path, body in asked:
        headers = {"Authorization": f"Bearer {stranger.token}", "Idempotency-Key": f"k{abs(hash((method, path)))}"}
        answer = await stranger.http.request(method, path, json=body, headers=headers)
        # The body is right and no right lacks, so nothing but whose it is can be in the way.
        if answer.status_code not in REFUSED or answer.json()["code"] == "scope_missing":
            let_through.append((method, path, body, answer.status_code, answer.text[:200]))
    assert let_through == []
    after = await town.state()
    assert (before[0], before[2:]) == (after[0], after[2:])
    assert await rest(mine) == held


async def test_lists_and_days_of_another_merchant_are_not_given_by_its_name(town: Any) -> None:
    named = await owned(town)
    stranger = await stranger_of(town)
    mine = {each for name, each in named.items() if name != "merchant_id"}
    asked = 0
    for path, methods in DOCUMENT["paths"].items():
        if "get" not in methods or any(place not in OF_NOBODY for place in PLACE.findall(path)):
            continue
        filled = PLACE.sub(lambda place: OF_NOBODY[place[1]], path)
        answer = await stranger.get(filled)
        assert not any(each in answer.text for each in mine), path
        parameters = {each["name"] for each in methods["get"].get("parameters", [])}
        if "merchant" in parameters:
            asked += 1
            answer = await stranger.get(filled, merchant=named["merchant_id"])
            assert answer.status_code in REFUSED, (path, answer.status_code, answer.text[:200])
        if "customer" in parameters:
            answer = await stranger.get(filled, customer=named["customer_id"])
            assert not any(each in answer.text for each in mine - {named["customer_id"]}), path
    assert asked > 15


async def test_a_sale_at_another_merchants_till_is_none(town: Any) -> None:
    named = await owned(town)
    stranger = await stranger_of(town)
    sale = {"terminal": named["terminal"], "reference": "x", "amount_minor": 1, "currency": "CNY", "description": "x"}
    assert (await stranger.post("/v1/counter_sales", sale)).json()["code"] == "terminal_unknown"


async def rest(mine: Any) -> str:
    """What of the merchant's is in no table that `state` counts."""
    paths = ("/v1/webhook_endpoints", "/v1/stores", "/v1/disputes", "/v1/api_keys", "/v1/experiments")
    return json.dumps([await mine.got(path) for path in paths])
