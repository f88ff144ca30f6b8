"""Nothing above the amount passes unseen: whatever lets pass, and however broken a state is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tiao.risk.deciding import Judging, Setup, again, judge
from tiao.risk.features.stored import CHANGE, HEAD
from tiao.risk.live import Asked, catalogue
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.rules.ruleset import Fallback, Level, Rule, Ruler, RuleSet
from tiao.risk.states import SET_MIN, Remembered, Row

MAX = 10_000
#: It holds of everybody of whom nothing is known, too.
TRUSTING = Rule("trusted", "trusted", "not customer.frauds_28 > 0", RiskOutcome.APPROVE, Level.CUSTOMER)
SETUP = Setup(Ruler(RuleSet("trusting", (TRUSTING,), Fallback(approve_max_minor=MAX)), catalogue("CNY")))


def asked(customer: int, amount_minor: int, day: int = 0) -> Asked:
    return Asked(
        at=datetime(2026, 3, 1, 2, tzinfo=UTC) + timedelta(days=day),
        hour=10,
        weekday=6,
        entities=(f"{customer:032x}", "b" * 32, None, None, None),
        amount_minor=amount_minor,
        limit_minor=1_000_000,
        held_minor=0,
        used_minor=0,
        plan="pay_later",
        scene="books",
        is_captured=True,
        is_quoted=True,
    )


@pytest.mark.parametrize("word", ["states_unavailable", "states_locked", "states_unreadable"])
def test_a_rule_that_lets_pass_is_not_believed_where_nothing_is_known(word: str) -> None:
    orders = [asked(1, MAX), asked(2, MAX + 1)]
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
        known.pay(asked(1, 500, day))
    rows = [Row(row.place, row.key, broken(row.content)) for row in known.rows()]
    remembered = Remembered(rows)
    orders = [asked(customer, MAX + customer % 2, 5) for customer in range(several)]
    judged = Judging.of(SETUP, orders, remembered).conclude()
    assert {each.fallback for each in judged} == {"states_unreadable"}
    assert [each.outcome for each in judged] == ["approve", "review"] * (several // 2)
    assert remembered.rows() == []
