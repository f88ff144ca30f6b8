"""Signatures, checked against values computed with `openssl dgst -sha256 -mac HMAC` from the documented lines."""

from typing import Any

import pytest

from tiao.payments.providers import wire

KEY = bytes(range(32))
BODY = b'{"request_no":"00000000000000000000000000000001","agreement":"AG1","amount_minor":12345,"currency":"CNY"}'
TIME = "2026-03-02T09:30:00+08:00"
REQUEST_SIGNATURE = "4f8a7ae4cb924b939cf8b3153bd678b5ce80ef7a45373a7df113eb5496311231"
ANSWER_SIGNATURE = "d97b22624df51a5db22a2745f386151af63200ecb372a74df5b652672f18b7d0"


def test_a_request_is_signed_as_documented() -> None:
    assert wire.sign_request(KEY, method="POST", path="/v1/debits", time=TIME, body=BODY) == REQUEST_SIGNATURE


def test_an_answer_is_signed_as_documented() -> None:
    assert wire.sign_answer(KEY, request_signature=REQUEST_SIGNATURE, status=200, body=BODY) == ANSWER_SIGNATURE


@pytest.mark.parametrize(
    "change",
    [{"method": "GET"}, {"path": "/v1/payouts"}, {"time": "2026-03-02T09:30:01+08:00"}, {"body": BODY + b" "}],
    ids=lambda change: next(iter(change)),
)
def test_whatever_changes_in_a_request_changes_its_signature(change: dict[str, Any]) -> None:
    request: dict[str, Any] = {"method": "POST", "path": "/v1/debits", "time": TIME, "body": BODY} | change
    assert wire.sign_request(KEY, **request) != REQUEST_SIGNATURE


@pytest.mark.parametrize(
    "change", [{"request_signature": "00"}, {"status": 504}, {"body": b""}], ids=lambda change: next(iter(change))
)
def test_an_answer_cannot_be_given_to_another_question_or_changed(change: dict[str, Any]) -> None:
    answer: dict[str, Any] = {"request_signature": REQUEST_SIGNATURE, "status": 200, "body": BODY} | change
    assert wire.sign_answer(KEY, **answer) != ANSWER_SIGNATURE


def test_a_missing_signature_is_not_one() -> None:
    assert not wire.is_signature(REQUEST_SIGNATURE, None)
    assert not wire.is_signature(REQUEST_SIGNATURE, "é")
