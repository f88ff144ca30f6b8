"""Risk control as a test wants it: rules, in the path of a desk."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from tiao.checkout.screening import Screen
from tiao.risk.deciding import Setup
from tiao.risk.live import catalogue
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.rules.ruleset import Level, Rule, Ruler, RuleSet


def setup_of(rules: dict[str, RiskOutcome]) -> Setup:
    """Conditions and what each leads to."""
    made = tuple(
        Rule(f"rule_{place}", when, when, then, Level.TRANSACTION) for place, (when, then) in enumerate(rules.items())
    )
    return Setup(Ruler(RuleSet("of a test", made), catalogue("CNY")))


def screen_of(rules: dict[str, RiskOutcome], zone: ZoneInfo) -> Screen:
    setup = setup_of(rules)
    return Screen(lambda: setup, zone)
