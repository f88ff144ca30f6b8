"""Another strategy on past applications: figures that can be checked by hand, and nothing that depends on luck."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import msgspec
import polars as pl
import pytest
from typer.testing import CliRunner

from tiao.cli.credit import credit_app
from tiao.credit.engines import load_policy
from tiao.credit.model import ApplicationInputs, NoReport
from tiao.credit.scoring import Scored
from tiao.credit.strategy import LimitPolicy
from tiao.credit.watching.backtest import Backtest, Economics, Past, backtest
from tiao.credit.watching.page import backtest_page

SHIPPED = load_policy()
ECONOMICS = Economics(Decimal("0.5"), Decimal("0.6"), Decimal("0.1"))
INCOME = 1_000_000


def past(number: int, grade: str | None, probability: float = 0.1, *, is_bad: bool | None = None) -> Past:
    if grade is None:
        return Past(str(number), ApplicationInputs("CNY", INCOME, None, NoReport.THIN_FILE), None, is_bad)
    scored = Scored(probability, 600, grade, (), "m")
    return Past(str(number), ApplicationInputs("CNY", INCOME, {}, None), scored, is_bad)


def stricter(probability_max: str) -> LimitPolicy:
    return msgspec.structs.replace(SHIPPED, name="stricter", probability_max=Decimal(probability_max))


def run(rows: list[Past], after: LimitPolicy) -> Backtest:
    return backtest(rows, after=after, before=SHIPPED, economics=ECONOMICS, draws=50)


def test_loss_and_income_of_one_application_by_hand() -> None:
    found = run([past(1, "A", 0.125)], SHIPPED)
    # Three months' income, half of it lent: 1,500,000; an eighth goes bad and 60 % of that is lost.
    assert found.before.limit_minor.value == 3_000_000
    assert found.before.expected_loss_minor.value == 112_500
    assert found.before.income_minor.value == 131_250
    assert found.before.margin_minor.value == 18_750
    assert found.before.approval.value == 1.0


def test_the_same_strategy_changes_nothing() -> None:
    found = run([past(n, grade, n / 100) for n, grade in enumerate("AABBCCDDEE")], SHIPPED)
    assert found.changed == {}
    assert found.changes == ()
    assert all(figure.value == figure.low == figure.high == 0 for figure in found.difference.values())


def test_a_lower_cut_off_declines_those_above_it_and_names_them() -> None:
    rows = [past(n, "C", 0.05 + 0.02 * n) for n in range(10)]
    found = run(rows, stricter("0.10"))
    assert (found.before.approved, found.after.approved) == (10, 3)
    assert found.changed == {"approved to declined": 7}
    assert [change.id for change in found.changes] == [str(n) for n in range(3, 10)]
    assert found.difference["approval"].value == pytest.approx(-0.7)
    assert found.difference["approval"].high < 0
    [grade] = found.grades
    assert (grade.grade, grade.rows, grade.approved_before, grade.approved_after) == ("C", 10, 10, 3)


def test_a_higher_multiple_raises_limits_and_expected_loss() -> None:
    rows = tuple(
        msgspec.structs.replace(row, income_multiple=row.income_multiple * 2) if row.grade == "D" else row
        for row in SHIPPED.grades
    )
    found = run([past(n, "D", 0.2) for n in range(5)], msgspec.structs.replace(SHIPPED, grades=rows))
    assert found.changed == {"limit higher": 5}
    assert found.difference["expected_loss_minor"].value > 0


def test_seen_outcomes_count_only_where_they_are_ripe() -> None:
    rows = [past(1, "A", 0.01, is_bad=False), past(2, "A", 0.01, is_bad=True), past(3, "A", 0.01)]
    seen = run(rows, SHIPPED).after.bad_rate_seen
    assert seen is not None
    assert seen.value == 0.5
    assert run([past(1, "A")], SHIPPED).after.bad_rate_seen is None


def test_an_application_without_a_report_is_reckoned_with_the_mean_risk() -> None:
    found = run([past(1, None), past(2, "A", 0.2)], SHIPPED)
    assert found.without_report == 1
    assert found.before.approved == 2
    thin = SHIPPED.thin_file.floor_minor
    limit = max(thin, int(INCOME * SHIPPED.thin_file.income_multiple))
    assert found.before.limit_minor.value == 3_000_000 + limit
    assert found.before.bad_rate_expected.value == pytest.approx(0.2)


def test_the_same_applications_give_the_same_intervals_and_they_hold_the_value() -> None:
    rows = [past(n, "ABCDE"[n % 5], (n % 17) / 100) for n in range(300)]
    first, second = run(rows, stricter("0.08")), run(rows, stricter("0.08"))
    assert first == second
    for figure in first.difference.values():
        assert figure.low <= figure.value <= figure.high


def test_the_curve_approves_and_loses_more_with_a_higher_cut_off() -> None:
    curve = run([past(n, "C", (n + 1) / 200) for n in range(60)], SHIPPED).curve
    assert [point.approval for point in curve] == sorted(point.approval for point in curve)
    assert [point.loss_rate for point in curve] == sorted(point.loss_rate for point in curve)
    assert curve[-1].approval == 1.0


def test_the_page_stands_alone_and_hides_nothing() -> None:
    page = backtest_page(run([past(n, "C", 0.02 * n) for n in range(10)], stricter("0.10")), "CNY")
    assert "http" not in page
    assert "approved to declined" in page
    assert page.count("<svg") == 3


@pytest.fixture
def scored(tmp_path: Path) -> Path:
    path = tmp_path / "scored.parquet"
    rows = 200
    pl.DataFrame(
        {
            "id": list(range(rows)),
            "probability": [0.002 * n for n in range(rows)],
            "grade": ["ABCDE"[n * 5 // rows] for n in range(rows)],
            "income_minor": [INCOME] * rows,
            "bad": [n % 7 == 0 for n in range(rows)],
        }
    ).write_parquet(path)
    return path


def write_policy(path: Path, policy: LimitPolicy) -> Path:
    path.write_bytes(msgspec.json.encode(policy))
    return path


def test_the_command_prints_both_sides_and_writes_page_and_changes(scored: Path, tmp_path: Path) -> None:
    policy = write_policy(tmp_path / "policy.json", stricter("0.10"))
    pages, changes = tmp_path / "deep" / "page.html", tmp_path / "changes.csv"
    arguments = ["backtest", str(policy), "--scored", str(scored), "--html", str(pages), "--out", str(changes)]
    result = CliRunner().invoke(credit_app, [*arguments, "--json"])
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["rows"] == 200
    assert found["after"]["approval"]["value"] < found["before"]["approval"]["value"]
    assert found["after"]["bad_rate_seen"] is not None
    assert pl.read_csv(changes).height == sum(found["changed"].values())
    assert pages.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert CliRunner().invoke(credit_app, arguments).exit_code == 0


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"probability": 1.5}, ("not_a_probability", "probability", 0)),
        ({"income_minor": -1}, ("not_an_amount", "income_minor", 0)),
        ({"bad": 3}, ("unknown_target", "bad", 0)),
    ],
)
def test_the_command_refuses_what_cannot_be_with_its_place(
    scored: Path, tmp_path: Path, change: dict[str, float], fault: tuple[str, str, int]
) -> None:
    pl.read_parquet(scored).with_columns(**{name: pl.lit(value) for name, value in change.items()}).write_parquet(
        scored
    )
    policy = write_policy(tmp_path / "policy.json", SHIPPED)
    result = CliRunner().invoke(credit_app, ["backtest", str(policy), "--scored", str(scored)])
    assert result.exit_code == 2
    told = json.loads(result.stderr)
    assert (told["error"], told["column"], told["row"]) == fault
    assert len(told["faults"]) == 200


def test_a_policy_that_is_none_is_refused(scored: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text('{"name": "half"}', encoding="utf-8")
    result = CliRunner().invoke(credit_app, ["backtest", str(policy), "--scored", str(scored)])
    assert result.exit_code == 2
    assert json.loads(result.stderr)["error"] == "limit_policy_invalid"
