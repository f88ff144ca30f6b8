from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from tiao.cli.policy import policy_app
from tiao.policy.pack import Pack
from tiao.policy.refusals import PolicyPackInvalid, PolicyValueMissing

RUN = CliRunner()


def test_status_lists_every_rule_once_with_its_standing() -> None:
    answer = RUN.invoke(policy_app, ["status", "--json"])
    rules = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [rule["rule"] for rule in rules] == list(Pack.load("cn").ids())
    assert {rule["standing"] for rule in rules} <= {"enforced", "decidable", "pending"}
    by_rule = {rule["rule"]: rule for rule in rules}
    assert by_rule["price.all_in_cap"]["refuses"] == "PriceAboveCap"
    assert "rules" in RUN.invoke(policy_app, ["status"]).stdout


@pytest.mark.parametrize(
    ("on", "value"), [("2027-12-30", "0.24"), ("2027-12-31", {"lpr_1y_multiple": "4"})], ids=["before", "from"]
)
def test_show_gives_the_row_in_force_on_the_day(on: str, value: object) -> None:
    answer = RUN.invoke(policy_app, ["show", "price.all_in_cap", "--on", on, "--lender", "mfc", "--json"])
    assert json.loads(answer.stdout)["value"] == value


def test_show_names_source_and_evidence_for_people() -> None:
    answer = RUN.invoke(policy_app, ["show", "qr.limit_per_day", "--on", "2026-01-01", "--lender", "psp"])
    assert "条码支付业务规范" in answer.stdout
    assert "to be confirmed" in answer.stdout


@pytest.mark.parametrize(
    "arguments",
    [["show", "no.such.rule"], ["show", "lpr_1y", "--lender", "pawnshop"], ["show", "lpr_1y", "--on", "soon"]],
    ids=["rule", "lender", "day"],
)
def test_a_wrong_question_ends_with_code_two(arguments: list[str]) -> None:
    assert RUN.invoke(policy_app, arguments).exit_code == 2


def test_a_rule_that_does_not_reach_and_a_pack_that_is_not_there_are_refused() -> None:
    answer = RUN.invoke(policy_app, ["show", "price.all_in_cap", "--on", "2020-01-01", "--lender", "bank"])
    assert isinstance(answer.exception, PolicyValueMissing)
    assert isinstance(RUN.invoke(policy_app, ["status", "--pack", "mars"]).exception, PolicyPackInvalid)
