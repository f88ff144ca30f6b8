"""What can be written as a code, and what cannot."""

import json
from typing import Any

import pytest

from tiao.checkout.qr import wire

CODE: list[dict[str, Any]] = [
    {"id": "26", "elements": [{"id": "00", "value": "a.bc"}, {"id": "01", "value": "最佳运输"}]},
    {"id": "52", "value": "4111"},
    {"id": "53", "value": "156"},
    {"id": "58", "value": "CN"},
    {"id": "59", "value": "Tea"},
    {"id": "60", "value": "Beijing"},
]


def written(elements: list[dict[str, Any]], **options: object) -> dict[str, Any]:
    text, _ = wire.encoded(json.dumps({"format": "mpm", "elements": elements, **options}).encode())
    answer: dict[str, Any] = json.loads(text)
    return answer


def test_the_format_comes_first_and_the_checksum_last_whatever_was_given() -> None:
    payload = written([*CODE, {"id": "63", "value": "FFFF"}])["payload"]
    assert payload == written(CODE)["payload"]
    assert payload.startswith("00020126160004a.bc0104最佳运输5204")
    assert payload[-8:-4] == "6304"


REFUSED = [
    ("three digits", {"id": "591", "value": "x"}, "bad_id"),
    ("empty", {"id": "61", "value": ""}, "bad_length"),
    ("100 characters", {"id": "62", "value": "x" * 100}, "bad_length"),
    ("twice", {"id": "59", "value": "x"}, "duplicate_id"),
    ("template without whose it is", {"id": "80", "elements": [{"id": "01", "value": "x"}]}, "template_guid"),
    ("a comma", {"id": "54", "value": "1,5"}, "amount_format"),
    ("zero", {"id": "54", "value": "0"}, "amount_zero"),
    ("eleven characters", {"id": "61", "value": "x" * 11}, "too_long"),
    ("no id", {"value": "x"}, "document_malformed"),
]


@pytest.mark.parametrize(("element", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_be_read_is_not_written(element: dict[str, Any], code: str) -> None:
    assert written([*CODE, element])["error"]["code"] == code


def test_what_is_only_warned_of_is_written_when_not_strict() -> None:
    assert written([*CODE, {"id": "54", "value": "0"}], strict=False)["ok"]


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ([{"tag": "85", "value": "4350563031"}, {"tag": "6", "value": "00"}], "bad_id"),
        ([{"tag": "9F", "value": "00"}], "bad_id"),
        ([{"tag": "85", "value": "435"}], "bad_length"),
        ([{"tag": "61", "value": ""}], "payload_format_missing"),
        ([{"id": "85", "value": "00"}], "document_malformed"),
    ],
)
def test_a_customer_code_that_cannot_be_read_is_not_written(elements: list[dict[str, str]], code: str) -> None:
    text, _ = wire.encoded(json.dumps({"format": "cpm", "elements": elements}).encode())
    assert json.loads(text)["error"]["code"] in {code, "truncated"}
