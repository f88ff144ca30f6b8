"""Every wrong request is answered with a typed refusal, and changes nothing: no entry, no row, no balance."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here
# ruff: noqa: E501  a row of the table is one request, however long

import json
from typing import Any

import pytest

from tiao.api.app import BODY_BYTES_MAX
from tiao.api.document import document

pytestmark = pytest.mark.anyio

OPERATIONS = json.loads(document())["paths"]
NOBODY = f"{'0' * 31}1"


class Scene:
    """A customer with a held and a captured purchase, a quote that waits, and a bound account."""

    def __init__(self, town: Any) -> None:
        self.town = town
        self.names: dict[str, str] = {}

    async def set(self) -> None:
        town = self.town
        self.consumer, customer = await town.customer()
        self.other_consumer, other_customer = await town.customer()
        other = await town.operator.made("/v1/merchants", {**TERMS, "name": "河边茶馆"})
        self.other_merchant = town.client(await town.issued("merchant", other["id"]))
        held = await town.bought(self.consumer, customer, 60_000, capture=False)
        captured = await town.bought(self.consumer, customer, 50_000)
        quote = await town.accepted(self.consumer, customer, 7_000)
        asked = {"customer": customer, "amount_minor": 8_000, "currency": "CNY"}
        waiting = (await town.merchant.made("/v1/quotes", asked))["id"]
        source = (await self.consumer.made("/v1/funding_sources", {"account_no": "6222020000000007"}))["id"]
        paid = await self.consumer.made("/v1/repayments", {"funding_source": source, "amount_minor": 100})
        back = await town.merchant.made(
            f"/v1/purchases/{captured['id']}/refunds", {"amount_minor": 500, "reference": "return"}
        )
        [loan] = (await self.consumer.got("/v1/loans"))["data"]
        [decision] = (await self.consumer.got("/v1/decisions"))["data"]
        self.names = {
            "customer": customer,
            "other_customer": other_customer,
            "merchant": town.merchant_id,
            "other_merchant": other["id"],
            "held": held["id"],
            "captured": captured["id"],
            "quote": quote,
            "waiting": waiting,
            "source": source,
            "repayment": paid["repayment"]["id"],
            "refund": back["refund"]["id"],
            "loan": loan["id"],
            "line": (await self.consumer.got("/v1/line"))["id"],
            "decision": decision["id"],
            "application": decision["application"],
            "nobody": NOBODY,
        }

    def client(self, who: str) -> Any:
        own = {"c": self.consumer, "C": self.other_consumer, "M": self.other_merchant}
        return own.get(who) or {"m": self.town.merchant, "o": self.town.operator, "-": self.town.stranger}[who]

    def filled(self, text: str) -> str:
        for name, value in self.names.items():
            text = text.replace(f"<{name}>", value)
        return text


TERMS = {
    "name": "山脚书店",
    "category": "books",
    "currency": "CNY",
    "discount_rate": "0.006",
    "payout_account": "6222000000000001",
}
_QUOTE = '{"customer":"<customer>","amount_minor":5000,"currency":"CNY"'
_TERMS = json.dumps(TERMS)[:-1]

#: who (c consumer, m merchant, o operator, capital: another one), method and path, body, status, code
CASES = """
m POST /v1/quotes | {"customer":"<customer>","amount_minor":-1,"currency":"CNY"} | 400 request_malformed
m POST /v1/quotes | {"customer":"<customer>","amount_minor":0,"currency":"CNY"} | 400 request_malformed
m POST /v1/quotes | {"customer":"<customer>","amount_minor":1000000000001,"currency":"CNY"} | 400 request_malformed
m POST /v1/quotes | {"customer":"<customer>","amount_minor":1e400,"currency":"CNY"} | 400 request_malformed
m POST /v1/quotes | {"customer":"<customer>","amount_minor":99999999999999999999999,"currency":"CNY"} | 400 request_malformed
m POST /v1/quotes | {"customer":"<customer>","amount_minor":"5000","currency":"CNY"} | 400 request_malformed
m POST /v1/quotes | {"customer":"<customer>","amount_minor":50.5,"currency":"CNY"} | 400 request_malformed
m POST /v1/quotes | {"customer":"<customer>","amount_minor":true,"currency":"CNY"} | 400 request_malformed
m POST /v1/quotes | {"customer":"<customer>","amount_minor":null,"currency":"CNY"} | 400 request_malformed
m POST /v1/quotes | {"customer":"<customer>","amount_minor":5000} | 400 request_malformed
m POST /v1/quotes | {"customer":"<customer>","amount_minor":5000,"amount_minor":6000,"currency":"CNY"} | 400 request_malformed
m POST /v1/quotes | {"customer":"<customer>","amount_minor":5000,"currency":"CNY","discount":1} | 400 request_malformed
m POST /v1/quotes | {"customer":"<customer>","amount_minor":5000,"currency":"USD"} | 422 currency_mismatch
m POST /v1/quotes | {"customer":"<customer>","amount_minor":5000,"currency":"yuan"} | 400 request_malformed
m POST /v1/quotes | {"customer":"cus_<nobody>","amount_minor":5000,"currency":"CNY"} | 409 no_credit_line
m POST /v1/quotes | {"customer":"mer_<nobody>","amount_minor":5000,"currency":"CNY"} | 400 request_malformed
m POST /v1/quotes | {"customer":"<customer>' or 1=1 --","amount_minor":5000,"currency":"CNY"} | 400 request_malformed
m POST /v1/quotes | {"customer":"<customer>\\n","amount_minor":5000,"currency":"CNY"} | 422 malformed_id
m POST /v1/quotes | {"customer":"<customer>","amount_minor":5000,"currency":"CNY","mode":"barter"} | 400 request_malformed
m POST /v1/quotes | [] | 400 request_malformed
m POST /v1/quotes | null | 400 request_malformed
m POST /v1/quotes |  | 400 request_malformed
m POST /v1/quotes | {"customer": | 400 request_malformed
m POST /v1/quotes | {"customer":"\\ud800","amount_minor":5000,"currency":"CNY"} | 400 request_malformed
c POST /v1/quotes | {"customer":"<customer>","amount_minor":5000,"currency":"CNY"} | 403 role_not_allowed
- POST /v1/quotes | {"customer":"<customer>","amount_minor":5000,"currency":"CNY"} | 401 token_missing
- POST /v1/quotes | {"customer": | 401 token_missing

m POST /v1/purchases | {"quote":"quo_<nobody>","plan":"pay_later","reference":"1"} | 404 quote_unknown
M POST /v1/purchases | {"quote":"<quote>","plan":"pay_later","reference":"1"} | 404 quote_unknown
m POST /v1/purchases | {"quote":"<waiting>","plan":"pay_later","reference":"1"} | 409 quote_not_accepted
m POST /v1/purchases | {"quote":"<quote>","plan":"instalments_3","reference":"1"} | 422 plan_not_quoted
m POST /v1/purchases | {"quote":"<quote>","plan":"on_the_house","reference":"1"} | 422 plan_not_quoted
m POST /v1/purchases | {"quote":"<quote>","plan":"pay_later","reference":""} | 400 request_malformed
m POST /v1/purchases | {"quote":"<quote>","plan":"pay_later","reference":"a\\u0000b"} | 400 request_malformed
m POST /v1/purchases | {"quote":"<quote>","plan":"pay_later","reference":"1","capture":"yes"} | 400 request_malformed

m POST /v1/purchases/<held>/captures | {"amount_minor":60001} | 422 capture_exceeds_authorised
m POST /v1/purchases/<held>/captures | {"amount_minor":0} | 400 request_malformed
m POST /v1/purchases/<captured>/captures | {"amount_minor":1} | 409 purchase_not_open
m POST /v1/purchases/pur_<nobody>/captures | {"amount_minor":1} | 404 purchase_unknown
M POST /v1/purchases/<held>/captures | {"amount_minor":1} | 404 purchase_unknown
c POST /v1/purchases/<held>/captures | {"amount_minor":1} | 403 role_not_allowed
m POST /v1/purchases/<captured>/void |  | 409 purchase_not_open
M POST /v1/purchases/<held>/void |  | 404 purchase_unknown
m POST /v1/purchases/<captured>/refunds | {"amount_minor":49501,"reference":"r"} | 422 refund_exceeds_captured
m POST /v1/purchases/<held>/refunds | {"amount_minor":1,"reference":"r"} | 422 refund_exceeds_captured
M POST /v1/purchases/<captured>/refunds | {"amount_minor":1,"reference":"r"} | 404 purchase_unknown
c POST /v1/purchases/<captured>/refunds | {"amount_minor":1,"reference":"r"} | 403 role_not_allowed

c POST /v1/quotes/<waiting>/acceptance | {"plan":"pay_later"} | 409 cost_sheet_not_acknowledged
c POST /v1/quotes/<waiting>/acceptance | {"plan":"pay_later","cost_sheet":{"digest":"<nobody><nobody>","shown_at":"2026-09-01T00:00:00Z","confirmed_at":"2026-09-01T01:00:00Z"}} | 409 cost_sheet_not_acknowledged
c POST /v1/quotes/<waiting>/acceptance | {"plan":"pay_later","cost_sheet":{"digest":"<nobody><nobody>","shown_at":"2026-09-01T00:00:00","confirmed_at":"2026-09-01T01:00:00Z"}} | 400 request_malformed
c POST /v1/quotes/<waiting>/acceptance | {"plan":"gift"} | 422 plan_not_quoted
C POST /v1/quotes/<waiting>/acceptance | {"plan":"pay_later"} | 404 quote_unknown
m POST /v1/quotes/<waiting>/acceptance | {"plan":"pay_later"} | 403 role_not_allowed

c POST /v1/applications | {"currency":"CNY","income_minor":2000000} | 403 bureau_query_without_consent
c POST /v1/applications | {"currency":"CNY","income_minor":2000000,"bureau_consent":{"text_version":"1999-01-01","channel":"wallet"}} | 422 consent_text_unknown
c POST /v1/applications | {"currency":"CNY","income_minor":2000000,"bureau_consent":{"text_version":"2026-11-01","channel":"radio"}} | 400 request_malformed
c POST /v1/applications | {"currency":"CNY","income_minor":2000000,"bureau_consent":{"text_version":"2026-11-01","channel":"wallet"}} | 409 line_already_open
c POST /v1/applications | {"currency":"USD","income_minor":2000000,"bureau_consent":{"text_version":"2026-11-01","channel":"wallet"}} | 422 currency_not_offered
c POST /v1/applications | {"currency":"CNY","income_minor":-1} | 400 request_malformed
o POST /v1/applications | {"currency":"CNY","income_minor":2000000} | 403 role_not_allowed

c POST /v1/repayments | {"funding_source":"<source>","amount_minor":1000000} | 422 repayment_exceeds_owed
c POST /v1/repayments | {"funding_source":"src_<nobody>","amount_minor":1} | 404 funding_source_unknown
C POST /v1/repayments | {"funding_source":"<source>","amount_minor":1} | 404 funding_source_unknown
c POST /v1/repayments | {"funding_source":"<source>","amount_minor":-5} | 400 request_malformed
c POST /v1/funding_sources | {"account_no":"6222020000000007"} | 409 funding_source_already_bound
c POST /v1/funding_sources | {"account_no":"6222 0200"} | 400 request_malformed
c PUT /v1/autopay | {"funding_source":"src_<nobody>","is_autopay_agreed":true} | 404 funding_source_unknown
C PUT /v1/autopay | {"funding_source":"<source>","is_autopay_agreed":true} | 404 funding_source_unknown
C DELETE /v1/funding_sources/<source> |  | 404 funding_source_unknown

o POST /v1/customers | {"name":"张三","identity_number":"110101199001010010","phone":"13800000000"} | 422 identity_checksum_wrong
o POST /v1/customers | {"name":"1","identity_number":"11010119900101001X","phone":"13800000000"} | 422 *
o POST /v1/customers | {"name":"张三","identity_number":"11010119900101001X","phone":"call me"} | 422 *
m POST /v1/customers | {"name":"张三","identity_number":"11010119900101001X","phone":"13800000000"} | 403 role_not_allowed

o POST /v1/merchants | {"name":"x","category":"y","currency":"XXX","discount_rate":"0.1","payout_account":"1"} | 422 merchant_terms_invalid
o POST /v1/merchants | {"name":"x","category":"y","currency":"CNY","discount_rate":"1.5","payout_account":"1"} | 400 request_malformed
o POST /v1/merchants | {"name":"x","category":"y","currency":"CNY","discount_rate":0.1,"payout_account":"1"} | 400 request_malformed
o POST /v1/merchants | {"name":"  ","category":"y","currency":"CNY","discount_rate":"0.1","payout_account":"1"} | 422 merchant_terms_invalid
o POST /v1/merchants/mer_<nobody>/suspension |  | 404 merchant_unknown
m POST /v1/merchants/<merchant>/suspension |  | 403 role_not_allowed

o POST /v1/api_keys | {"role":"merchant","label":"x","subject":"mer_<nobody>"} | 404 merchant_unknown
o POST /v1/api_keys | {"role":"consumer","label":"x","subject":"cus_<nobody>"} | 404 customer_unknown
o POST /v1/api_keys | {"role":"merchant","label":"x","subject":"<customer>"} | 422 malformed_id
o POST /v1/api_keys | {"role":"merchant","label":"x","subject":"<merchant>","scopes":["close:write"]} | 422 scope_not_for_role
o POST /v1/api_keys | {"role":"operator","label":"x","scopes":["world:rule"]} | 422 scope_unknown
o POST /v1/api_keys | {"role":"operator","label":"x","scopes":["persons:read"]} | 403 scope_missing
m POST /v1/api_keys | {"role":"merchant","label":"x"} | 403 scope_missing
o DELETE /v1/api_keys/key_<nobody> |  | 404 key_unknown
o POST /v1/api_keys/key_<nobody>/rotation | {} | 404 key_unknown

o POST /v1/lines/lin_<nobody>/freeze | {"reason":"x"} | 404 line_unknown
o POST /v1/lines/<line>/freeze | {"reason":"  "} | 422 reason_missing
o POST /v1/lines/<line>/unfreeze | {"reason":"x"} | 409 line_not_frozen
o POST /v1/lines/<line>/limit | {"limit_minor":999999999999,"reason":"x"} | 422 limit_not_lower
C POST /v1/lines/<line>/freeze | {"reason":"x"} | 404 line_unknown
c POST /v1/lines/<line>/unfreeze | {"reason":"x"} | 403 role_not_allowed
o POST /v1/loans/loa_<nobody>/write_off | {"reason":"x"} | 404 loan_unknown
o POST /v1/loans/<loan>/write_off | {"reason":"  "} | 422 reason_needed
c POST /v1/loans/<loan>/write_off | {"reason":"x"} | 403 role_not_allowed
o POST /v1/write_off_proposals/wop_<nobody>/agreement | {} | 404 write_off_proposal_unknown
o POST /v1/write_off_proposals/wop_<nobody>/rejection | {} | 404 write_off_proposal_unknown
c POST /v1/loans/<loan>/payoff | {"funding_source":"<source>","amount_minor":1} | 409 payoff_quote_changed
c POST /v1/loans/<loan>/payoff | {"funding_source":"src_<nobody>","amount_minor":1} | 404 funding_source_unknown
c POST /v1/line/payoff | {"funding_source":"<source>","amount_minor":0} | 400 request_malformed
C POST /v1/line/payoff | {"funding_source":"<source>","amount_minor":1} | 404 funding_source_unknown
o POST /v1/lines/lin_<nobody>/receipts | {"kind":"transfer","amount_minor":1,"effective_on":"2026-09-01","reason":"x"} | 404 line_unknown
o POST /v1/lines/<line>/receipts | {"kind":"transfer","amount_minor":1,"effective_on":"0001-01-01","reason":"x"} | 422 effective_day_invalid
o POST /v1/lines/<line>/penalty_pauses | {"from_on":"0001-01-01","to_on":"9999-12-31","reason":"x"} | 422 effective_day_invalid
o POST /v1/lines/<line>/penalty_pauses | {"from_on":"2026-09-01","to_on":"9999-12-31","reason":"x"} | 422 effective_day_invalid
o POST /v1/loans/<loan>/waivers | {"component":"interest","amount_minor":1,"reason":"x"} | 400 request_malformed
o POST /v1/loans/<loan>/waivers | {"component":"fee","amount_minor":1,"reason":"x"} | 422 waiver_exceeds_owed
o POST /v1/loans/<loan>/charges | {"number":9,"component":"fee","amount_minor":1,"reason":"x"} | 404 instalment_unknown
o POST /v1/loans/loa_<nobody>/hardship_plan | {"plan":"instalments_3","reason":"x"} | 404 loan_unknown
c POST /v1/loans/<loan>/instalments/1/deferral | {"days":1,"reason":"x"} | 409 deferral_not_offered
c POST /v1/loans/<loan>/instalments/x/deferral | {"days":1,"reason":"x"} | 404 route_unknown
c POST /v1/bills/bil_<nobody>/instalments | {"plan":"instalments_3","amount_minor":10000} | 404 bill_unknown
c POST /v1/credit_balance/refund | {"funding_source":"<source>","amount_minor":1} | 422 credit_balance_exceeded

o POST /v1/close/2026-09-01 |  | 409 day_not_over
o POST /v1/close/2025-13-01 |  | 404 route_unknown
o POST /v1/test_clock | {"advance_to":"2020-01-01T00:00:00Z"} | 422 clock_moves_forward
o POST /v1/test_clock | {"advance_to":"2999-01-01T00:00:00Z"} | 422 advance_too_long
o POST /v1/test_clock | {"advance_to":"2026-09-02"} | 400 request_malformed
m POST /v1/test_clock | {"advance_to":"2026-09-02T00:00:00Z"} | 403 role_not_allowed
- POST /v1/channels/bank/notices | {"subject":"debit"} | 401 notice_not_genuine
- POST /v1/channels/pigeon/notices | {} | 404 channel_unknown
- GET /v1/nothing |  | 404 route_unknown
- DELETE /v1/line |  | 405 method_not_allowed
"""
ROWS = [line for line in CASES.splitlines() if line.strip()]


@pytest.fixture
async def scene(town: Any) -> Scene:
    made = Scene(town)
    await made.set()
    return made


async def test_a_wrong_request_is_refused_by_name_and_changes_nothing(scene: Scene) -> None:
    before = await scene.town.state()
    wrong = []
    for row in ROWS:
        call, body, expected = (part.strip() for part in row.split(" | "))
        answer = await sent(scene, call, body)
        found = f"{answer.status_code} {answer.json().get('code')}"
        if found != expected and not (expected.endswith("*") and found.startswith(expected[:-1])):
            wrong.append(f"{row}\n    -> {found}: {answer.json().get('detail')}")
        assert answer.headers["content-type"] == "application/problem+json", row
        if await scene.town.state() != before:
            wrong.append(f"{row}\n    -> changed something")
            before = await scene.town.state()
    assert not wrong, "\n".join(wrong)


async def sent(scene: Scene, call: str, body: str) -> Any:
    who, method, path = scene.filled(call).split()
    token = scene.client(who).token
    headers = {"Content-Type": "application/json", "Idempotency-Key": f"row-{hash((call, body))}"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    content = scene.filled(body).encode() if body else None
    return await scene.town.http.request(method, path, content=content, headers=headers)


FOREIGN = """
C GET /v1/customers/<customer>
C GET /v1/quotes/<quote>
C GET /v1/quotes/<waiting>/cost_sheets/pay_later
C GET /v1/purchases/<held>
C GET /v1/purchases/<held>/refunds
C GET /v1/refunds/<refund>
C GET /v1/loans/<loan>
C GET /v1/loans/<loan>/payoff
C GET /v1/loans/<loan>/explanation
C GET /v1/loans/<loan>/instalments/1/explanation
C GET /v1/repayments/<repayment>/explanation
C GET /v1/refunds/<refund>/explanation
C GET /v1/lines/<line>/adjustments
C GET /v1/repayments/<repayment>
C GET /v1/decisions/<decision>
C GET /v1/applications/<application>
C GET /v1/line?customer=<customer>
C GET /v1/loans?customer=<customer>
M GET /v1/quotes/<quote>
M GET /v1/purchases/<held>
M GET /v1/purchases/<held>/refunds
M GET /v1/refunds/<refund>
M GET /v1/merchants/<merchant>
M GET /v1/settlements?merchant=<merchant>
M GET /v1/balance?merchant=<merchant>
M GET /v1/purchases?merchant=<merchant>
"""


async def test_what_is_somebody_elses_is_answered_as_if_it_did_not_exist(scene: Scene) -> None:
    unknown = {name: value[:4] + NOBODY for name, value in scene.names.items() if value[3:4] == "_"}
    for row in FOREIGN.split("\n")[1:-1]:
        who, _, path = row.split()
        client = scene.client(who)
        foreign = await client.get(scene.filled(path))
        absent = path
        for name, value in unknown.items():
            absent = absent.replace(f"<{name}>", value)
        nothing = await client.get(absent)
        assert foreign.status_code == nothing.status_code == 404, row
        assert without_id(foreign) == without_id(nothing), row


def without_id(answer: Any) -> dict[str, object]:
    return {name: value for name, value in answer.json().items() if name != "instance"}


async def test_lists_hold_only_what_is_ones_own(scene: Scene) -> None:
    assert (await scene.other_consumer.got("/v1/purchases"))["data"] == []
    assert (await scene.other_consumer.got("/v1/loans"))["data"] == []
    assert (await scene.other_merchant.got("/v1/purchases"))["data"] == []
    assert len((await scene.consumer.got("/v1/purchases"))["data"]) == 2
    by_operator = await scene.town.operator.got("/v1/purchases", customer=scene.names["customer"])
    assert by_operator == await scene.consumer.got("/v1/purchases")
    nameless = await scene.town.operator.get("/v1/purchases")
    assert (nameless.status_code, nameless.json()["code"]) == (422, "subject_missing")


async def test_a_quote_cannot_be_used_after_its_time(scene: Scene) -> None:
    await scene.town.advance("2026-09-01T02:31:00Z")
    before = await scene.town.state()
    body = {"quote": scene.names["quote"], "plan": "pay_later", "reference": "1"}
    late = await scene.town.merchant.post("/v1/purchases", body)
    assert (late.status_code, late.json()["code"]) == (410, "quote_expired")
    late = await scene.consumer.post(f"/v1/quotes/{scene.names['waiting']}/acceptance", {"plan": "pay_later"})
    assert (late.status_code, late.json()["code"]) == (410, "quote_expired")
    assert (await scene.consumer.get(f"/v1/quotes/{scene.names['waiting']}/cost_sheets/pay_later")).status_code == 410
    assert await scene.town.state() == before


@pytest.mark.parametrize("key", [None, "", "with space", "ключ".encode(), "x" * 256])
async def test_a_change_needs_a_key_that_can_be_kept(town: Any, key: str | bytes | None) -> None:
    headers: dict[str, Any] = {"Authorization": f"Bearer {town.operator.token}"}
    if key is not None:
        headers["Idempotency-Key"] = key
    before = await town.state()
    answer = await town.http.post("/v1/merchants", json=TERMS, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")
    assert await town.state() == before


async def test_a_body_is_bounded_shallow_and_json(town: Any) -> None:
    headers = {"Authorization": f"Bearer {town.operator.token}", "Idempotency-Key": "k"}
    before = await town.state()
    json_type = {"Content-Type": "application/json"}
    large = b'{"name":"' + b"x" * BODY_BYTES_MAX + b'"}'
    answer = await town.http.post("/v1/merchants", content=large, headers=headers | json_type)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    for deep in (b"[" * 60_000, b'{"a":' * 10_000, b'{"name":' + b"[" * 50_000):
        answer = await town.http.post("/v1/merchants", content=deep, headers=headers | json_type)
        assert (answer.status_code, answer.json()["code"]) == (400, "request_malformed")
    answer = await town.http.post("/v1/merchants", data={"name": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "media_type_unsupported")
    assert await town.state() == before


async def test_a_fault_is_pointed_at(town: Any) -> None:
    for body, pointer in (
        ({**TERMS, "name": 5}, "/name"),
        ({**TERMS, "nickname": "x"}, "/nickname"),
        ({name: value for name, value in TERMS.items() if name != "category"}, "/category"),
    ):
        answer = await town.operator.post("/v1/merchants", body)
        assert answer.json()["errors"] == [{"pointer": pointer, "code": "request_malformed"}]
    twice = json.dumps(TERMS)[:-1] + ',"name":"y"}'
    headers = {"Authorization": f"Bearer {town.operator.token}", "Idempotency-Key": "k"}
    answer = await town.http.post("/v1/merchants", content=twice, headers=headers)
    assert answer.json()["errors"] == [{"pointer": "/name", "code": "request_malformed"}]


def test_every_refusal_of_the_tables_is_declared() -> None:
    for row in ROWS:
        call, _, expected = (part.strip() for part in row.split(" | "))
        _, method, path = call.split()
        status, code = expected.split()
        declared = operation_of(method, path)
        if declared is not None and code != "*":
            assert f"`{code}`" in declared["responses"][status]["description"], row


def operation_of(method: str, path: str) -> Any:
    steps = path.partition("?")[0].split("/")
    for template, methods in OPERATIONS.items():
        parts = template.split("/")
        is_same = len(parts) == len(steps) and all(
            part == step or part.startswith("{") for part, step in zip(parts, steps, strict=True)
        )
        if is_same and method.lower() in methods:
            return methods[method.lower()]
    return None
