"""A customer never sees, nor changes, anything of another's: every endpoint that a customer's key opens, one by one."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import json
import re
from pathlib import Path
from typing import Any

import pytest

from support.bodies import Bodies

pytestmark = pytest.mark.anyio

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())
PLACE = re.compile(r"\{(\w+)\}")
#: Names of nothing of a customer's: plans, numbers, days; merchants have names that anybody may know.
OF_NOBODY = {"plan": "pay_later", "number": "1", "purpose": "social_data", "merchant_id": None}
REFUSED = {403, 404}


async def owned(town: Any) -> tuple[Any, dict[str, str]]:
    """Somebody who has one of everything."""
    mine, customer = await town.customer()
    bought = await town.bought(mine, customer, 60_000, "instalments_3")
    refund = await town.merchant.made(
        f"/v1/purchases/{bought['id']}/refunds", {"amount_minor": 5_000, "reference": "back"}
    )
    source = (await mine.made("/v1/funding_sources", {"account_no": "6222020000000001"}))["id"]
    await town.advance("2026-10-02T04:00:00+08:00")
    paid = await mine.made("/v1/repayments", {"funding_source": source, "amount_minor": 1_000})
    claim = {"amount_minor": 1_000, "reason": "not_received", "text": "没有收到"}
    dispute = await mine.made(f"/v1/purchases/{bought['id']}/disputes", claim)
    decision = (await mine.got("/v1/decisions"))["data"][0]
    sheet = await mine.got("/v1/pay_devices/agreement")
    ack = {"digest": sheet["digest"], "shown_at": "2026-09-01T00:00:00Z", "confirmed_at": "2026-09-01T00:01:00Z"}
    device = await mine.made("/v1/pay_devices", {"label": "手机", "cost_sheet": ack})
    return mine, {
        "customer_id": customer,
        "purchase_id": bought["id"],
        "quote_id": bought["quote"],
        "refund_id": refund["refund"]["id"],
        "line_id": (await mine.got("/v1/line"))["id"],
        "loan_id": (await mine.got("/v1/loans"))["data"][0]["id"],
        "bill_id": (await mine.got("/v1/bills"))["data"][0]["id"],
        "repayment_id": paid["repayment"]["id"],
        "source_id": source,
        "dispute_id": (dispute.get("dispute") or dispute)["id"],
        "decision_id": decision["id"],
        "application_id": decision["application"] or f"app_{'0' * 32}",
        "device_id": device["id"],
        "petition_id": (await mine.made("/v1/petitions", {"kind": "complaint", "words": "慢"}))["id"],
        "card_id": (await mine.made("/v1/cards", {"card_number": "6210960000000000007"}))["id"],
    }


def calls(named: dict[str, str]) -> list[tuple[str, str, Any]]:
    """Every endpoint whose address names something of a customer's, with the owner's own names, and a right body."""
    found = []
    bodies = Bodies(DOCUMENT, named)
    for path, methods in DOCUMENT["paths"].items():
        places = PLACE.findall(path)
        if any(place in named for place in places) and all(place in named or place in OF_NOBODY for place in places):
            filled = PLACE.sub(lambda place: str(named.get(place[1]) or OF_NOBODY.get(place[1])), path)
            known = [method for method in methods if method in {"get", "post", "put", "delete"}]
            found += [(method, filled, bodies.of(method, path)) for method in known]
    return found


async def test_what_is_named_by_its_owners_id_is_unknown_to_another_customer(town: Any) -> None:
    _, named = await owned(town)
    stranger, _ = await town.customer()
    asked = calls(named)
    assert len(asked) > 60, "the document was read"
    covered = {place for path in DOCUMENT["paths"] for place in PLACE.findall(path)} & set(named)
    assert covered == set(named), "each of these names something"
    before = await town.state()
    for method, path, body in asked:
        answer = await stranger.http.request(method, path, json=body, headers=_key(stranger, path))
        # The body is right, so nothing but whose it is can be in the way.
        assert answer.status_code in REFUSED, (method, path, body, answer.status_code, answer.text[:200])
    after = await town.state()
    assert before[0] == after[0], "nothing was booked"
    assert before[2:] == after[2:]


async def test_lists_hold_ones_own_alone_and_nobody_names_another(town: Any) -> None:
    _, named = await owned(town)
    stranger, _ = await town.customer(with_line=False)
    lists = [path for path, methods in DOCUMENT["paths"].items() if "get" in methods and not PLACE.search(path)]
    assert len(lists) > 30
    mine = set(named.values())
    for path in lists:
        answer = await stranger.get(path)
        assert not any(each in answer.text for each in mine), path
        parameters = {each["name"] for each in DOCUMENT["paths"][path]["get"].get("parameters", [])}
        if "customer" in parameters:
            answer = await stranger.get(path, customer=named["customer_id"])
            assert answer.status_code in REFUSED, (path, answer.status_code)


def _key(client: Any, path: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {client.token}", "Idempotency-Key": f"k{abs(hash(path))}"}
