"""What is refused in a code, where, and in which order."""

import base64
import json
from typing import Any

import pytest

from tiao.checkout.qr import wire
from tiao.checkout.qr.merchant_presented import checksum

BODY = "0002015204411153031565802CN5903Tea6007Beijing26080004a.bc"


def sealed(body: str) -> str:
    text = f"{body}6304"
    return text + checksum(text)


def read(payload: str, **options: object) -> dict[str, Any]:
    text, _ = wire.decoded(json.dumps({"payload": payload, **options}).encode())
    answer: dict[str, Any] = json.loads(text)
    return answer


CUSTOMER = bytes.fromhex("8505435056303161064F04A0000001")

REFUSED = [
    ("ends within a head", sealed(BODY)[:-6], "truncated"),
    ("ends within a value", "00020159", "truncated"),
    ("a letter in an identifier", "000201A90412346304FFFF", "bad_id"),
    ("another script's digits", "000201٥٩0412346304FFFF", "bad_id"),
    ("a letter in a length", "000201590X12346304FFFF", "bad_length"),
    ("a length of zero", "00020159006304FFFF", "bad_length"),
    ("twice", sealed(BODY + "5903Tea"), "duplicate_id"),
    ("twice within a template", sealed(BODY + "27160004a.bc0004a.bc"), "duplicate_id"),
    ("another version", sealed("000202"), "payload_format_missing"),
    ("nothing", "", "payload_format_missing"),
    ("no checksum", BODY, "crc_missing"),
    ("the checksum is not last", sealed(BODY) + "6101x", "crc_missing"),
    ("a checksum of two", BODY + "630212", "crc_missing"),
    ("another checksum", sealed(BODY)[:-4] + "0000", "crc_mismatch"),
    ("an account without whose it is", sealed(BODY + "27050101x"), "template_guid"),
    ("a name of 33 characters", sealed(BODY + "27370033" + "g" * 33), "template_guid"),
    ("a comma", sealed(BODY + "540598,73"), "amount_format"),
    ("a sign", sealed(BODY + "5402-1"), "amount_format"),
]


@pytest.mark.parametrize(("payload", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_broken_merchant_code_is_refused_for_its_fault(payload: str, code: str) -> None:
    answer = read(payload, format="mpm")
    assert (answer["ok"], answer["format"], answer["error"]["code"]) == (False, "mpm", code)


def test_a_refusal_says_where_the_fault_lies_even_within_a_template() -> None:
    inner = read(sealed(BODY + "27050A01x"))["error"]
    assert (inner["code"], inner["at"]) == ("bad_id", len(BODY) + 4)


WARNED = [
    ("amount of zero", BODY + "54040.00", {"code": "amount_zero", "id": "54"}),
    ("long city", BODY.replace("6007Beijing", "6016Sao Joao del Rei"), {"code": "too_long", "id": "60"}),
    ("no country", BODY.replace("5802CN", ""), {"code": "missing_id", "id": "58"}),
    ("no account", BODY.replace("26080004a.bc", ""), {"code": "missing_id", "id": "02-51"}),
]


@pytest.mark.parametrize(("body", "warning"), [row[1:] for row in WARNED], ids=[row[0] for row in WARNED])
def test_a_flaw_in_the_contents_warns_and_is_refused_only_when_strict(body: str, warning: dict[str, str]) -> None:
    assert read(sealed(body))["warnings"] == [warning]
    assert read(sealed(body), strict=True)["error"]["code"] == warning["code"]


def test_a_checksum_in_lower_case_is_read_as_printed_and_never_refused() -> None:
    payload = next(
        sealed(f"{BODY}6104{number:04}") for number in range(100) if sealed(f"{BODY}6104{number:04}")[-4:].upper() > "A"
    )
    lower = payload[:-4] + payload[-4:].lower()
    answer = read(lower, strict=True)
    assert answer["crc"] == {"value": lower[-4:], "computed": payload[-4:], "valid": True}
    assert answer["warnings"] == [{"code": "crc_lower_case", "id": "63"}]


@pytest.mark.parametrize(("value", "shown"), [("0102", None), ("010211", "static"), ("010212", "dynamic")])
def test_the_point_of_initiation_is_named(value: str, shown: str | None) -> None:
    body = BODY if shown is None else BODY.replace("000201", f"000201{value}")
    assert read(sealed(body))["point_of_initiation"] == shown


BROKEN_CUSTOMER_CODES = [
    ("not Base64", "hQVDUFY*", "bad_base64"),
    ("cut", base64.b64encode(CUSTOMER[:-1]).decode(), "truncated"),
    ("indefinite length", base64.b64encode(CUSTOMER + b"\x62\x80").decode(), "bad_length"),
    ("another format", base64.b64encode(CUSTOMER.replace(b"CPV01", b"CPV02")).decode(), "payload_format_missing"),
    ("common data twice", base64.b64encode(CUSTOMER + b"\x62\x00\x62\x00").decode(), "duplicate_id"),
    ("three applications", base64.b64encode(CUSTOMER + CUSTOMER[7:] * 2).decode(), "duplicate_id"),
    ("no application", base64.b64encode(CUSTOMER[:7]).decode(), "application_template_missing"),
]


@pytest.mark.parametrize(
    ("payload", "code"), [row[1:] for row in BROKEN_CUSTOMER_CODES], ids=[row[0] for row in BROKEN_CUSTOMER_CODES]
)
def test_a_broken_customer_code_is_refused_for_its_fault(payload: str, code: str) -> None:
    assert read(payload, format="cpm")["error"]["code"] == code


def test_an_issuers_own_template_is_left_alone_when_it_cannot_be_read() -> None:
    opaque = bytes.fromhex("63029F7F")  # announces more than there is
    application = CUSTOMER[7 + 2 :] + opaque
    raw = CUSTOMER[:7] + bytes([0x61, len(application)]) + application
    answer = read(base64.b64encode(raw).decode())
    assert answer["elements"][1]["elements"][1] == {"tag": "63", "value": "9F7F"}
    assert answer["applications"] == [{"aid": "A0000001"}]


def test_data_objects_are_named_wherever_they_lie() -> None:
    inner = bytes.fromhex("5A0862345678901234FF") + bytes.fromhex("9F360200075F20034C6921500474696161")
    template = bytes([0x63, len(inner)]) + inner
    application = CUSTOMER[7 + 2 :] + template
    raw = CUSTOMER[:7] + bytes([0x61, len(application)]) + application
    answer = read(base64.b64encode(raw).decode())
    assert answer["applications"] == [
        {"aid": "A0000001", "pan": "62345678901234", "atc": "0007", "cardholder": "Li!", "label": "tiaa"}
    ]


def test_a_code_of_512_bytes_is_read() -> None:
    value = b"\x9f\x10\x82\x01\xf4" + bytes(500)
    application = CUSTOMER[7 + 2 :] + value
    raw = CUSTOMER[:7] + b"\x61\x82" + len(application).to_bytes(2, "big") + application
    answer = read(base64.b64encode(raw).decode())
    assert answer["ok"]
    assert answer["applications"][0]["iad"] == "00" * 500


SCHEMES = [
    ("134567890123456789", "wechat"),
    ("2845678901234567", "alipay"),
    ("284567890123456789012345"[:24], "alipay"),
    ("6245678901234567890", "unionpay"),
    ("361234567890123456", "tiao"),
    ("994567890123456789", "unknown"),
]


@pytest.mark.parametrize(("payload", "scheme"), SCHEMES)
def test_a_payment_code_is_known_by_its_digits(payload: str, scheme: str) -> None:
    assert read(payload) == {"ok": True, "format": "payment_code", "scheme": scheme}


def test_a_row_of_digits_that_begins_like_a_merchants_code_is_read_as_one() -> None:
    assert read("000201590412346304")["format"] == "mpm"


def test_a_list_is_answered_by_a_list_in_order() -> None:
    text, was_answered = wire.decoded(json.dumps([{"payload": "x"}, {"payload": "361234567890123456"}, 7]).encode())
    assert was_answered
    assert [each["ok"] for each in json.loads(text)] == [False, True, False]


@pytest.mark.parametrize(
    "document", [b"{", b"\xff", b"{}", b'{"payload": 3}', b'{"payload": "x", "format": "y"}', b"7"]
)
def test_a_question_of_another_form_is_refused(document: bytes) -> None:
    text, was_answered = wire.decoded(document)
    assert not was_answered
    assert json.loads(text)["error"]["code"] == "document_malformed"
