"""Whatever code speaks against a payment, a customer or a merchant in the console has a word in both languages."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from tiao.checkout.disputes.model import Reason
from tiao.risk import deciding
from tiao.risk.cases.model import CaseState, StepKind, Subject
from tiao.risk.entities import EntityKind
from tiao.risk.features.definition import features_of
from tiao.risk.live import LIVE
from tiao.risk.merchants.model import Alarm
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.rules.ruleset import Level
from tiao.risk.rules.shipped import starter
from tiao.risk.training.texts import reason_code
from tiao.simulator.bank.faults import FaultRates

ROOT = Path(__file__).parents[3]
WORDS = ROOT / "web" / "packages" / "i18n"
OPENING = (ROOT / "src" / "tiao" / "checkout" / "reviewing.py", ROOT / "src" / "tiao" / "risk" / "cases" / "actions.py")
BANKS = ROOT / "src" / "tiao" / "payments" / "providers"
#: A channel's own code, made one of ours.
_CODED = re.compile(r"\"[0-9A-Z]{2,4}\": \"([a-z_]+)\"")
#: A list of one reason, and no key that is looked up.
_WRITTEN = re.compile(r"(?<!\w)\[\"(\w+)\"\]")
LANGUAGES = ("zh-CN", "en")


@cache
def words(language: str) -> dict[str, str]:
    found = {}
    for file in ("common", "desk", "ops"):
        found |= json.loads((WORDS / language / f"{file}.json").read_text("utf-8"))
    return found


def reasons() -> set[str]:
    """Gather every reason that the platform gives: of rules, families of features, alarms, faults, people's reports."""
    rules = {rule.code for rule in starter().rules}
    families = {reason_code(feature.family) for feature in features_of(LIVE)} | {reason_code("amount")}
    faults = {deciding.RULES_FAILED, deciding.MODEL_FAILED, deciding.MODEL_MISSING, deciding.TOO_SLOW}
    opening = {code for path in OPENING for code in _WRITTEN.findall(path.read_text("utf-8"))}
    assert opening >= {"ring", "not_me", "suspended"}
    return rules | families | faults | deciding.WITHOUT_STATES | opening | {str(each) for each in Alarm}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_a_case_has_its_word(language: str) -> None:
    assert len(reasons()) > 45
    assert {each for each in reasons() if f"risk.reason.{each}" not in words(language)} == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("prefix", "codes"),
    [
        ("risk.speaks_of", Level),
        ("rules.level", Level),
        ("risk.subject", Subject),
        ("risk.state", CaseState),
        ("risk.step", StepKind),
        ("risk.outcome", RiskOutcome),
        ("entity", EntityKind),
    ],
    ids=lambda each: each if isinstance(each, str) else each.__name__,
)
def test_every_code_of_the_risk_pages_has_its_word(language: str, prefix: str, codes: type) -> None:
    assert {each.value for each in codes if f"{prefix}.{each.value}" not in words(language)} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_with_which_a_bank_does_not_take_a_refund_has_its_word(language: str) -> None:
    codes = {code for path in BANKS.glob("*.py") for code in _CODED.findall(path.read_text("utf-8"))}
    codes |= {code for code, _ in FaultRates().payout_declines()}
    assert codes >= {"account_frozen", "account_unknown", "holder_differs", "maintenance", "rejected_by_channel"}
    assert {each for each in codes if f"failed_refund.why.{each}" not in words(language)} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_a_dispute_has_its_word_at_both_desks(language: str) -> None:
    portal = json.loads((WORDS / language / "merchant.json").read_text("utf-8"))
    assert {each.value for each in Reason if f"contest.reason.{each.value}" not in portal} == set()
    assert {each.value for each in Reason if f"dispute.reason.{each.value}" not in words(language)} == set()


def test_both_languages_say_something_of_their_own() -> None:
    chinese, english = (words(language) for language in LANGUAGES)
    alike = {key for key in chinese if key.startswith("risk.reason.") and chinese[key] == english.get(key)}
    assert alike == set()
    assert all(re.search(r"[一-鿿]", chinese[f"risk.reason.{each}"]) for each in reasons())
