"""Nothing above the amount passes unseen: whatever lets pass, and however broken a state is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.payments_asked import AT, asked
from tiao.risk.deciding import Judging, Setup, again, judge
from tiao.risk.features.stored import CHANGE, HEAD
from tiao.risk.live import catalogue
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.rules.ruleset import Fallback, Level, Rule, Ruler, RuleSet
from tiao.risk.states import SET_MIN, Remembered, Row

MAX = 10_000
#: It holds of everybody of whom nothing is known, too.
TRUSTING = Rule("trusted", "trusted", "not customer.frauds_28 > 0", RiskOutcome.APPROVE, Level.CUSTOMER)
SETUP = Setup(Ruler(RuleSet("trusting", (TRUSTING,), Fallback(approve_max_minor=MAX)), catalogue("CNY")))


@pytest.mark.parametrize("word", ["states_unavailable", "states_locked", "states_unreadable"])
def test_a_rule_that_lets_pass_is_not_believed_where_nothing_is_known(word: str) -> None:
    orders = [asked(MAX, customer=1), asked(MAX + 1, customer=2)]
    small, large = judge(SETUP, orders, Remembered(fault=word))
    assert (small.outcome, large.outcome) == ("approve", "review")
    assert large.reasons == [f"transaction:{word}"]
    assert again(SETUP, large.inputs) == large
    assert [each.outcome for each in judge(SETUP, orders, Remembered())] == ["approve", "approve"]


def broken(content: bytes) -> bytes:
    """Let the first end of a unit lie 99 units back: the length is right, the content is not."""
    at = HEAD.size + CHANGE.size - 4
    return content[:at] + (99).to_bytes(4, "little") + content[at + 4 :]


@pytest.mark.parametrize("several", [2, SET_MIN])
def test_a_state_that_proves_broken_in_the_fold_is_not_known_and_not_written(several: int) -> None:
    known = Remembered()
    for day in range(3):
        known.pay(asked(500, customer=1, at=AT + timedelta(days=day)))
    rows = [Row(row.place, row.key, broken(row.content)) for row in known.rows()]
    remembered = Remembered(rows)
    orders = [asked(MAX + customer % 2, customer=customer, at=AT + timedelta(days=5)) for customer in range(several)]
    judged = Judging.of(SETUP, orders, remembered).conclude()
    assert {each.fallback for each in judged} == {"states_unreadable"}
    assert [each.outcome for each in judged] == ["approve", "review"] * (several // 2)
    assert remembered.rows() == []
