"""Requests as public libraries put them on the wire: each verifies, and none that was altered does."""

import json
from pathlib import Path
from typing import Any

import pytest

from tiao.api.compat.alipay import signing as alipay
from tiao.api.compat.request import Request
from tiao.api.compat.verifying import verified as verified_documents
from tiao.api.compat.wechatpay import signing as wechatpay

SHARED = Path(__file__).parents[3] / "shared" / "reference"
SAMPLES = SHARED / "wire_samples.json"
DOCUMENT: dict[str, Any] = json.loads(SAMPLES.read_text()) if SAMPLES.exists() else {}
ABSENT = pytest.mark.skip(reason="needs ../shared/reference/wire_samples.json")
SURFACES = {"alipay": "alipay", "wechatpay_v3": "wechatpay_v3"}


def of(kind: str) -> list[Any]:
    if not DOCUMENT:
        return [pytest.param({}, id="absent", marks=ABSENT)]
    return [pytest.param(each, id=each["id"]) for each in DOCUMENT[kind]]


def verified(surface: str, request: dict[str, Any], at: int | None = None) -> dict[str, Any]:
    question = {
        "surface": surface,
        "request": request,
        "merchant_public_key": DOCUMENT["keys"]["merchant_public"],
        "at": DOCUMENT["at"] if at is None else at,
    }
    answer: dict[str, Any] = json.loads(verified_documents(json.dumps(question).encode())[0])
    return answer


@pytest.mark.parametrize("sample", of("alipay"))
def test_a_request_of_alipays_form_verifies(sample: dict[str, Any]) -> None:
    answer = verified("alipay", sample["request"])
    assert answer["ok"], (sample["sdk"], answer)
    assert answer["biz_content"] == sample["biz_content"]
    parameters = alipay.parameters_of(Request(**sample["request"]))
    assert alipay.signed_content(parameters) == sample["signed_content"]


@pytest.mark.parametrize("sample", of("wechatpay_v3"))
def test_a_request_of_wechat_pays_form_verifies(sample: dict[str, Any]) -> None:
    said = wechatpay.authorization_of(Request(**sample["request"]))
    answer = verified("wechatpay_v3", sample["request"], said.timestamp)
    assert answer["ok"], (sample["sdk"], answer)
    assert (answer["mchid"], answer["serial_no"]) == (said.mchid, said.serial_no)


@pytest.mark.parametrize("sample", of("alipay_invalid"))
def test_an_altered_request_of_alipays_form_is_refused(sample: dict[str, Any]) -> None:
    assert verified("alipay", sample["request"])["error"]["code"] == sample["error_code"], sample["why"]


@pytest.mark.parametrize("sample", of("wechatpay_v3_invalid"))
def test_an_altered_request_of_wechat_pays_form_is_refused(sample: dict[str, Any]) -> None:
    assert verified("wechatpay_v3", sample["request"])["error"]["code"] == sample["error_code"], sample["why"]
