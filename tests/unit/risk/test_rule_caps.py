"""A rule that stops more than its share is softened: its decline becomes a review, anything softer is only noted."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from tiao.risk.control import Control
from tiao.risk.deciding import Judged, Setup, judge, on_no_list
from tiao.risk.live import Asked, catalogue, from_bytes
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.rules.ruleset import Level, Rule, Ruler, RuleSet
from tiao.risk.rules.shipped import starter
from tiao.risk.states import Remembered

KNOWN = catalogue("CNY")


def asked(number: int, amount_minor: int) -> Asked:
    return Asked(
        at=datetime(2026, 3, 1, 2, tzinfo=UTC),
        hour=10,
        weekday=6,
        entities=(f"{number:032x}", "b" * 32, None, None, None),
        amount_minor=amount_minor,
        limit_minor=1_000_000,
        held_minor=0,
        used_minor=0,
        plan="pay_later",
        scene="books",
        is_captured=True,
        is_quoted=True,
    )


def rule(code: str, then: RiskOutcome, cap_ppm: int | None) -> Rule:
    return Rule(code, code, f"amount == {len(code)} CNY", then, Level.TRANSACTION, cap_ppm)


RULES = RuleSet(
    "caps",
    (
        rule("a", RiskOutcome.DECLINE, 100_000),
        rule("bb", RiskOutcome.STEP_UP, 100_000),
        rule("ccc", RiskOutcome.DECLINE, None),
    ),
)


class OfRules(Control):
    """Decides by the rules of this test."""

    def __init__(self) -> None:
        super().__init__("CNY", on_no_list)
        self._setup = Setup(Ruler(RULES, KNOWN))

    def live(self, amounts: list[int]) -> list[Judged]:
        made = judge(self.setup(), [asked(number, each) for number, each in enumerate(amounts)], Remembered())
        self.note(self.setup(), made)
        return made


@pytest.mark.parametrize(
    ("amount", "before", "after"),
    [(100, "decline", "review"), (200, "step_up", "approve"), (300, "decline", "decline")],
)
def test_a_rule_above_its_share_is_softened(amount: int, before: str, after: str) -> None:
    control = OfRules()
    assert {each.outcome for each in control.live([500] * 440)} == {"approve"}
    assert {each.outcome for each in control.live([amount] * 60)} == {before}
    [judged] = control.live([amount])
    assert judged.outcome == after
    code = {100: "a", 200: "bb", 300: "ccc"}[amount]
    assert judged.hits == [code], "it is noted all the same"
    assert (code in from_bytes(judged.inputs).softened) is (after != before)


def test_a_share_is_judged_on_enough_purchases() -> None:
    control = OfRules()
    control.live([100] * 100)
    assert control.setup().softened == frozenset()


def test_the_starter_compiles_and_every_rule_that_stops_says_for_whom() -> None:
    ruler = Ruler(starter(), KNOWN)
    assert len(ruler.conditions) == len(starter().rules) > 8
    assert msgspec.json.decode(starter().to_bytes(), type=RuleSet) == starter()
    assert starter().fallback.above is not RiskOutcome.APPROVE
