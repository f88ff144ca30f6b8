"""A rule that may stop no more is softened: its decline asks for a code, anything softer is only noted."""

from __future__ import annotations

import msgspec
import pytest

from support.payments_asked import asked
from tiao.risk.deciding import Judging, Setup, again
from tiao.risk.live import catalogue, from_bytes
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.rules.ruleset import Level, Rule, Ruler, RuleSet
from tiao.risk.rules.shipped import starter
from tiao.risk.states import Remembered

KNOWN = catalogue("CNY")


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


@pytest.mark.parametrize(
    ("amount", "before", "after"),
    [(100, "decline", "step_up"), (200, "step_up", "approve"), (300, "decline", "decline")],
)
def test_a_rule_that_may_stop_no_more_asks_for_a_code_or_only_notes(amount: int, before: str, after: str) -> None:
    orders = [asked(amount, customer=number) for number in range(4)]
    judging = Judging.of(Setup(Ruler(RULES, KNOWN)), orders, Remembered())
    code = {100: "a", 200: "bb", 300: "ccc"}[amount]
    assert judging.stops == ({code: 4} if amount < 300 else {})
    made = judging.conclude({code: 2})
    assert [each.outcome for each in made] == [before, before, after, after]
    assert {code} == {each for judged in made for each in judged.hits}, "it is noted all the same"
    softened = [from_bytes(each.inputs).softened for each in made]
    assert softened == ([[], [], [code], [code]] if after != before else [[]] * 4)
    for judged in made:
        assert again(Setup(Ruler(RULES, KNOWN)), judged.inputs) == judged


def test_what_an_allow_rule_lets_pass_takes_nothing_from_a_cap() -> None:
    allow = Rule("friend", "friend", "true", RiskOutcome.APPROVE, Level.TRANSACTION)
    step_up = rule("bb", RiskOutcome.STEP_UP, 100_000)
    setup = Setup(Ruler(RuleSet("friends", (allow, step_up)), KNOWN))
    assert not Judging.of(setup, [asked(200, customer=1)], Remembered()).stops


def test_the_starter_compiles_and_every_rule_that_stops_says_for_whom() -> None:
    ruler = Ruler(starter(), KNOWN)
    assert len(ruler.conditions) == len(starter().rules) > 8
    assert msgspec.json.decode(starter().to_bytes(), type=RuleSet) == starter()
    assert starter().fallback.above is not RiskOutcome.APPROVE
