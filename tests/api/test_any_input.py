"""Whatever is sent, the API answers as its document says: no fault of its own, no status or form not declared."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tiao.api.document import document

DOCUMENT = json.loads(document())
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
NAMES = [f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items() for method in methods]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: Enough to meet each bound of each field a few times; the whole file takes about half a minute.
EXAMPLES = 15


@pytest.fixture(scope="module")
def places(running_town: Any) -> dict[str, list[str]]:
    """Ids of things that exist, by the parameter or field that takes them: wrong input is rarely about nothing."""

    async def prepare() -> dict[str, list[str]]:
        town = running_town.town
        consumer, customer = await town.customer()
        held = await town.bought(consumer, customer, 60_000, capture=False)
        captured = await town.bought(consumer, customer, 50_000)
        quote = await town.accepted(consumer, customer, 7_000)
        source = (await consumer.made("/v1/funding_sources", {"account_no": "6222020000000007"}))["id"]
        paid = await consumer.made("/v1/repayments", {"funding_source": source, "amount_minor": 100})
        back = await town.merchant.made(
            f"/v1/purchases/{captured['id']}/refunds", {"amount_minor": 500, "reference": "return"}
        )
        await town.advance("2026-10-20T04:00:00Z")
        [loan] = (await consumer.got("/v1/loans"))["data"]
        [decision] = [each for each in (await consumer.got("/v1/decisions"))["data"] if each["kind"] == "application"]
        bills = (await consumer.got("/v1/bills"))["data"]
        settlements = (await town.merchant.got("/v1/settlements"))["data"]
        assert bills
        assert settlements
        return {
            "tokens": [town.operator.token, town.merchant.token, consumer.token],
            "customer_id": [customer],
            "customer": [customer],
            "merchant_id": [town.merchant_id],
            "merchant": [town.merchant_id],
            "quote_id": [quote],
            "quote": [quote],
            "plan": ["pay_later", "instalments_3"],
            "purchase_id": [held["id"], captured["id"]],
            "refund_id": [back["refund"]["id"]],
            "loan_id": [loan["id"]],
            "bill_id": [each["id"] for each in bills],
            "repayment_id": [paid["repayment"]["id"]],
            "source_id": [source],
            "funding_source": [source],
            "line_id": [(await consumer.got("/v1/line"))["id"]],
            "decision_id": [decision["id"]],
            "application_id": [decision["application"]],
            "business_date": [each["business_date"] for each in settlements],
            "source": [loan["id"], captured["id"]],
            "channel": ["bank"],
        }

    found: dict[str, list[str]] = running_town.run(prepare())
    return found


@pytest.mark.parametrize("name", NAMES)
def test_an_operation_answers_as_declared(running_town: Any, places: dict[str, list[str]], name: str) -> None:
    method, path = name.split()
    operation = SCHEMA[path][method]
    cases = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, choice=st.data())
    def check(case: Any, choice: Any) -> None:
        if choice.draw(st.integers(0, 3)):
            aim(case, places, choice)
        token = choice.draw(st.sampled_from(places["tokens"]))
        kwargs = case.as_transport_kwargs(base_url="http://tiao", headers={"Authorization": f"Bearer {token}"})
        response = running_town.run(ask(running_town.town.http, kwargs))
        case.validate_response(response, checks=CHECKS)
        assert response.headers["x-request-id"]

    check()


def aim(case: Any, places: dict[str, list[str]], choice: Any) -> None:
    """Let ids that are named somewhere be ids of things that exist."""
    for part in (case.path_parameters, case.query, case.body):
        for field in part if isinstance(part, dict) else ():
            if field in places and isinstance(part[field], str):
                part[field] = choice.draw(st.sampled_from(places[field]))


async def ask(http: Any, kwargs: dict[str, Any]) -> Any:
    sent = {name: value for name, value in kwargs.items() if name in {"method", "url", "headers", "params", "json"}}
    if "data" in kwargs:
        sent["content" if isinstance(kwargs["data"], str | bytes) else "data"] = kwargs["data"]
    return await http.request(**sent)
