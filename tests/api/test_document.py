"""The API document is made from the code, is current, and says everything that an endpoint may answer."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import json
from pathlib import Path
from typing import Any

import pytest

from tiao.api.document import document
from tiao.partners.scopes import Scope

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = json.loads(document())
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
#: Signed by the bank or the message gateway instead; or the key stands in the body.
WITHOUT_A_KEY = {"POST /v1/channels/{channel}/notices", "POST /v1/messages/receipts", "POST /v1/session"}
#: About whoever asks, whatever they may do.
#: Whoever holds any key may: of its own session, and what a shop is called.
WITHOUT_A_SCOPE = {
    "GET /v1/session",
    "DELETE /v1/session",
    # Everybody may see and end what was opened with their own key.
    "GET /v1/sessions",
    "DELETE /v1/sessions/{key_id}",
    "GET /v1/merchants/{merchant_id}/name",
    # What the programme's time is, every page of every desk shows.
    "GET /v1/test_clock",
}
#: They may be repeated without one: what they ask for is a state.
WITHOUT_IDEMPOTENCY = {
    *WITHOUT_A_KEY,
    "POST /v1/test_clock",
    # A code opens once, and a card is bound under a number of its own.
    "POST /v1/cards/{card_id}/confirmation",
    "POST /v1/pay_devices/{device_id}/codes",
    "POST /v1/close/{business_date}",
    # Each look at a document is written down, and its content is kept in no answer.
    "POST /v1/merchant_applications/{application_id}/papers/{number}/views",
    # Nothing is changed by asking; what was given back is not given back again.
    "POST /v1/prequalifications",
    "POST /v1/merchants/{merchant_id}/failure_refunds",
    # What was scanned is read, and nothing is changed.
    "POST /v1/scanned_codes",
    # They only ask what would be.
    "POST /v1/policy_overrides/trial",
    "POST /v1/risk/conditions",
    # What is sought may be a phone or a card, which belong in no address.
    "POST /v1/risk_lists/search",
    "POST /v1/routing/backtest",
    "POST /v1/routing/what_if",
    # A challenge answers to one passkey once; asking for another one only ends the one before.
    "POST /v1/passkeys",
    "POST /v1/passkeys/options",
    "POST /v1/purchases/{purchase_id}/passkey_challenges",
    "POST /v1/purchases/{purchase_id}/passkey_confirmations",
    # What was taken back is over: a second time is refused and changes nothing.
    "POST /v1/petitions/{petition_id}/withdrawal",
}


def test_the_committed_document_is_current() -> None:
    assert (ROOT / "docs" / "openapi.json").read_bytes() == document(), "run `tiao openapi > docs/openapi.json`"


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_says_who_may_call_it_and_what_it_refuses(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["summary"].endswith(".")
    if name in WITHOUT_A_SCOPE:
        assert operation["security"] == [{"bearer": []}]
    elif name not in WITHOUT_A_KEY:
        [[scope]] = [each["bearer"] for each in operation["security"]]
        assert scope in set(Scope)
    refusals = {status: each for status, each in operation["responses"].items() if int(status) >= 400}
    assert {"401", "503"} <= refusals.keys()
    for each in refusals.values():
        assert list(each["content"]) == ["application/problem+json"]
        assert each["description"].startswith("- `")


@pytest.mark.parametrize("name", [each for each in OPERATIONS if each.startswith("POST")])
def test_every_change_takes_an_idempotency_key(name: str) -> None:
    taken = [each["name"] for each in OPERATIONS[name].get("parameters", ()) if each["in"] == "header"]
    assert ("Idempotency-Key" in taken) == (name not in WITHOUT_IDEMPOTENCY)


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)


def test_answers_leave_nothing_out() -> None:
    """A field that may be absent is one more case for every caller; what is empty is null."""
    schemas = DOCUMENT["components"]["schemas"]
    seen: set[str] = set()
    waiting = [
        schema
        for operation in OPERATIONS.values()
        for response in operation["responses"].values()
        for content in response.get("content", {}).values()
        for schema in references(content)
    ]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += references(schemas[name])
    partial = {
        name for name in seen if set(schemas[name].get("properties", ())) != set(schemas[name].get("required", ()))
    }
    assert partial == set()
    assert len(seen) > 30


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        found = [value["$ref"].rpartition("/")[2]] if "$ref" in value else []
        return found + [each for part in value.values() for each in references(part)]
    return [each for part in value for each in references(part)] if isinstance(value, list) else []
