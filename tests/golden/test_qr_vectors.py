"""Published QR codes, read and written to the character; each names its source."""

import json
from pathlib import Path
from typing import Any

import pytest

from tiao.checkout.qr import merchant_presented, wire

VECTORS = Path(__file__).parents[3] / "shared" / "reference" / "emvqr_sample.json"
DOCUMENT: dict[str, Any] = json.loads(VECTORS.read_text()) if VECTORS.exists() else {}


def of(kind: str) -> list[Any]:
    if not DOCUMENT:
        return [
            pytest.param({}, id="absent", marks=pytest.mark.skip(reason=f"needs ../shared/reference/{VECTORS.name}"))
        ]
    return [pytest.param(each, id=f"{kind}-{number}") for number, each in enumerate(DOCUMENT[kind])]


def decoded(**question: object) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(wire.decoded(json.dumps(question).encode())[0])
    return answer


def encoded(**question: object) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(wire.encoded(json.dumps(question).encode())[0])
    return answer


@pytest.mark.parametrize("case", of("mpm_valid"))
def test_a_published_merchant_code_is_read(case: dict[str, Any]) -> None:
    answer = decoded(payload=case["payload"])
    assert answer["ok"], case["source"]
    assert answer["elements"] == case["elements"], case["source"]
    assert answer["crc"] == {"value": case["crc"], "computed": case["crc"].upper(), "valid": True}
    assert answer["warnings"] == case["warnings"]


@pytest.mark.parametrize("case", of("mpm_valid"))
def test_a_published_merchant_code_is_written(case: dict[str, Any]) -> None:
    elements = [each for each in case["elements"] if each["id"] != "63"]
    assert encoded(format="mpm", elements=elements)["ok"] is case["encode"]["strict_accepts"], case["source"]
    assert encoded(format="mpm", elements=elements, strict=False)["payload"] == case["encode"]["payload"]


@pytest.mark.parametrize("case", of("mpm_invalid"))
def test_a_published_invalid_merchant_code_is_refused_for_its_fault(case: dict[str, Any]) -> None:
    assert decoded(payload=case["payload"])["error"]["code"] in case["error_codes"], case["source"]


@pytest.mark.parametrize("case", of("cpm_valid"))
def test_a_published_customer_code_is_read_and_written(case: dict[str, Any]) -> None:
    answer = decoded(payload=case["payload"])
    assert {name: answer[name] for name in ("hex", "elements", "applications", "common")} == {
        name: case[name] for name in ("hex", "elements", "applications", "common")
    }
    assert encoded(format="cpm", elements=case["elements"])["payload"] == case["payload"]


@pytest.mark.parametrize("case", of("cpm_invalid"))
def test_a_published_invalid_customer_code_is_refused_for_its_fault(case: dict[str, Any]) -> None:
    assert decoded(payload=case["payload"])["error"]["code"] in case["error_codes"]


@pytest.mark.parametrize("case", of("crc16"))
def test_the_checksum_agrees(case: dict[str, Any]) -> None:
    assert merchant_presented.checksum(case["data"]) == case["crc"]
