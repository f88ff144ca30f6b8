"""Whatever the wallet can be refused has a sentence of its own; a code is never all that a customer reads."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tiao.identity import refusals as identity
from tiao.identity.passkeys import refusals as passkeys
from tiao.lending.products import shipped_products
from tiao.payments.providers import iso8583_host, iso20022_bank, unionpay
from tiao.simulator.bank.faults import FaultRates
from tiao.values.refusal import Refusal
from tiao.web import cookies, registering, visits, wallet

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "web" / "apps" / "wallet" / "src"
WORDS = ROOT / "web" / "packages" / "i18n"
_HOOK = re.compile(r"use(?:Query|Mutation)\(\s*\"(get|post|put|delete)\",\s*\"(/v1/[^\"]+)\"")
_CALL = re.compile(r"client\.(GET|POST|PUT|DELETE)\(\s*\"(/v1/[^\"]+)\"")
#: What is refused by the wallet's own few endpoints, which stand in no API document.
_OWN = (cookies, registering, visits, wallet, passkeys, identity)


@cache
def document() -> Any:  # noqa: ANN401  JSON
    return json.loads((ROOT / "docs" / "openapi.json").read_text("utf-8"))["paths"]


@cache
def words(language: str, file: str) -> dict[str, str]:
    found: dict[str, str] = json.loads((WORDS / language / f"{file}.json").read_text("utf-8"))
    return found


def asked_for() -> set[tuple[str, str]]:
    """Find every operation that the wallet calls."""
    texts = [path.read_text("utf-8") for path in SOURCES.rglob("*.ts*")]
    return {(method.lower(), path) for text in texts for way in (_HOOK, _CALL) for method, path in way.findall(text)}


def refused() -> dict[str, str]:
    """Name every refusal of these operations, and one where it comes from."""
    found = {}
    for method, path in sorted(asked_for()):
        for answer in document()[path][method]["responses"].values():
            for code in re.findall(r"- `(\w+)`:", answer.get("description", "")):
                found[code] = f"{method} {path}"
    for module in _OWN:
        for name, each in vars(module).items():
            if isinstance(each, type) and issubclass(each, Refusal) and each is not Refusal:
                found[each.code] = name
    return found


def test_the_wallet_calls_what_the_document_knows() -> None:
    assert len(asked_for()) > 60
    assert {each for each in asked_for() if each[1] not in document()} == set()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_refusal_has_its_sentence(language: str) -> None:
    said = words(language, "refusals")
    assert {code: where for code, where in refused().items() if code not in said} == {}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_no_of_a_bank_has_its_sentence(language: str) -> None:
    codes = {code for host in (unionpay, iso20022_bank, iso8583_host) for code in host.CODES.values()}
    codes |= {code for code, _ in FaultRates().declines()}
    said = words(language, "refusals")
    # What is the bank's own trouble and tells a customer nothing is one sentence.
    general = {"rejected_by_channel", "system_error"}
    assert {code for code in codes - general if f"bank.{code}" not in said} == set()
    assert "bank.other" in said


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_plan_and_cost_has_its_name(language: str) -> None:
    said = words(language, "common") | words(language, "wallet")
    plans = {code for product in shipped_products() for code in product.plans}
    costs = {"instalment_fee", "interest", "deferral_fee", "penalty"}
    assert {plan for plan in plans if f"plan.{plan}" not in said} == set()
    assert {cost for cost in costs if not {f"cost.{cost}", f"cost.method.{cost}"} <= said.keys()} == set()
