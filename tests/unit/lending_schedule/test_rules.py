"""Every rule of plans and of money by the smallest loan that shows it: `plan_rules.txt`, `money_rules.txt`."""

from pathlib import Path

import pytest

from support.loan_scenarios import Checkpoint, check, scenarios

HERE = Path(__file__).parent


@pytest.mark.parametrize("checkpoints", scenarios(HERE / "plan_rules.txt"))
def test_a_plan_follows_its_rule(checkpoints: list[Checkpoint]) -> None:
    check(checkpoints)


@pytest.mark.parametrize("checkpoints", scenarios(HERE / "money_rules.txt"))
def test_money_follows_its_rule(checkpoints: list[Checkpoint]) -> None:
    check(checkpoints)
