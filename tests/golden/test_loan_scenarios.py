"""Loans from Apache Fineract's own tests, day by day: every checkpoint of `loan_scenarios.txt`, to the cent."""

from pathlib import Path

import pytest

from support.loan_scenarios import Checkpoint, check, scenarios


@pytest.mark.parametrize("checkpoints", scenarios(Path(__file__).with_name("loan_scenarios.txt")))
def test_every_checkpoint_has_the_published_figures(checkpoints: list[Checkpoint]) -> None:
    check(checkpoints)
