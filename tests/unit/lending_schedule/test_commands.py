"""The two commands as an outside checker calls them: standard input, standard output, exit code."""

import json
from collections.abc import Callable

import pytest
import typer
from typer.testing import CliRunner

from tiao.cli.apr import apr
from tiao.cli.schedule import schedule

GOOD = {
    "id": "a",
    "start_on": "2026-01-31",
    "terms": {
        "principal": "1000.00",
        "annual_rate": "0.12",
        "instalments": 3,
        "frequency": {"every": 1, "unit": "month"},
    },
}
RATE = {"id": "r", "convention": "per_period", "cash_flows": [{"amount": "-100"}, {"amount": "110"}]}


def run(command: Callable[..., None], option: str, text: str) -> tuple[int, list[dict[str, object]]]:
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, option.split(), input=text)
    lines = result.stdout.splitlines() if result.exit_code != 2 else []
    return result.exit_code, [json.loads(line) for line in lines]


def test_one_document_has_one_answer() -> None:
    code, answers = run(schedule, "--json", json.dumps(GOOD, indent=1))
    assert code == 0
    assert [answer["id"] for answer in answers] == ["a"]


def test_each_line_is_answered_in_order_and_a_bad_one_makes_the_exit_code_one() -> None:
    code, answers = run(schedule, "--jsonl", "\n".join([json.dumps(GOOD), "{", json.dumps({**GOOD, "id": "b"})]))
    assert code == 1
    assert [answer["id"] for answer in answers] == ["a", None, "b"]


def test_a_rate_is_answered() -> None:
    code, answers = run(apr, "--jsonl", json.dumps(RATE) + "\n")
    assert code == 0
    assert answers == [{"id": "r", "convention": "per_period", "rate": "0.10000000000000", "is_unique": True}]


@pytest.mark.parametrize("option", ["", "--json --jsonl", "--yaml"])
@pytest.mark.parametrize("command", [schedule, apr])
def test_a_wrong_option_ends_with_two(command: Callable[..., None], option: str) -> None:
    assert run(command, option, "")[0] == 2
