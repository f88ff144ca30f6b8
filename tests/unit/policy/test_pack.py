from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from tiao.policy.model import Override, Row
from tiao.policy.pack import Pack
from tiao.policy.refusals import PolicyOverrideRefused, PolicyPackInvalid, PolicyValueMissing

HEAD = """
schema_version: 1
pack: XX
as_of: 2026-01-01
currency: CNY
applies_to_values: {all_lenders: null, bank: all_lenders, local_bank: bank, cfc: all_lenders}
sources: {law: {name: a law}, stage: {name: a stage}}
parameters:
"""


def row(name: str, value: object, to: str, more: str = "") -> str:
    return (
        f"- {{id: {name}, value: {value}, unit: x, applies_to: [{to}], binding: law, evidence: memory, source: law,"
        f" enforced_in: limits{more}}}\n"
    )


def pack(*rows: str, required: tuple[str, ...] = ()) -> Pack:
    return Pack.read(HEAD + "".join(rows), required=required)


def override(**changes: object) -> Override:
    given: dict[str, object] = {
        "rule": "a",
        "applies_to": "bank",
        "approved_by": "chief risk officer",
        "reviewed_by": "counsel",
        "reason": "the stage is in force",
        "approved_on": date(2026, 1, 1),
        "review_on": date(2026, 6, 1),
        "expires_on": date(2027, 1, 1),
        "switches_on": "stage",
    }
    return msgspec.convert(given | changes, Override)


DAY = date(2026, 3, 1)


@pytest.mark.parametrize(("party", "expected"), [("local_bank", 3), ("bank", 2), ("cfc", 1)])
def test_the_narrowest_party_wins(party: str, expected: int) -> None:
    rules = pack(row("a", 1, "all_lenders"), row("a", 2, "bank"), row("a", 3, "local_bank"))
    assert rules.integer("a", on=DAY, lender_type=party) == expected


@pytest.mark.parametrize(
    ("on", "expected"),
    [(date(2026, 2, 28), 1), (date(2026, 3, 1), 2), (date(1990, 1, 1), 1), (date(2090, 1, 1), 2)],
)
def test_a_row_holds_from_its_first_day_up_to_but_not_including_its_last(on: date, expected: int) -> None:
    rules = pack(row("a", 1, "bank", ", effective_to: 2026-03-01"), row("a", 2, "bank", ", effective_from: 2026-03-01"))
    assert rules.integer("a", on=on, lender_type="bank") == expected


def test_a_row_narrowed_to_the_case_beats_one_that_is_not() -> None:
    rules = pack(row("a", 1, "bank"), row("a", 2, "bank", ", when: {tenor_months_max: 1}"))
    assert rules.integer("a", on=DAY, lender_type="bank", when={"tenor_months": 1}) == 2
    assert rules.integer("a", on=DAY, lender_type="bank", when={"tenor_months": 2}) == 1
    assert rules.integer("a", on=DAY, lender_type="bank") == 1


FAULTS = [
    ("two open rows for one party", (row("a", 1, "bank"), row("a", 2, "bank")), "overlap"),
    (
        "times that cross by a day",
        (row("a", 1, "bank", ", effective_to: 2026-01-02"), row("a", 2, "bank", ", effective_from: 2026-01-01")),
        "overlap",
    ),
    (
        "cases that can be true together",
        (row("a", 1, "bank", ", when: {months_max: 6}"), row("a", 2, "bank", ", when: {months_min: 6}")),
        "overlap",
    ),
    ("an unknown party", (row("a", 1, "moneylender"),), "unknown party moneylender"),
    ("a row that ends before it starts",
     (row("a", 1, "bank", ", effective_from: 2026-01-02, effective_to: 2026-01-01"),), "ends before"),
    ("a field nobody knows", (row("a", 1, "bank", ", vlaue: 3"),), "vlaue"),
    ("a see-also that leads nowhere", (row("a", 1, "bank", ", see_also: [rumour]"),), "unknown source rumour"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "says"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_faulty_pack_does_not_load(rows: tuple[str, ...], says: str) -> None:
    with pytest.raises(PolicyPackInvalid, match=says):
        pack(*rows)


def test_cases_that_exclude_each_other_do_not_overlap() -> None:
    rules = pack(row("a", 1, "bank", ", when: {months_max: 5}"), row("a", 2, "bank", ", when: {months_min: 6}"))
    assert rules.integer("a", on=DAY, lender_type="bank", when={"months": 5}) == 1
    assert rules.integer("a", on=DAY, lender_type="bank", when={"months": 6}) == 2


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(PolicyPackInvalid) as refused:
        pack(row("a", 1, "nobody"), row("a", 1, "bank"), row("a", 1, "bank"), required=("b", "c"))
    assert len(refused.value.faults) == 4


def test_a_required_rule_without_a_row_does_not_load() -> None:
    with pytest.raises(PolicyPackInvalid, match="b: required"):
        pack(row("a", 1, "bank"), required=("a", "b"))


def test_a_missing_value_is_never_a_silent_zero() -> None:
    rules = pack(row("a", 1, "bank", ", effective_from: 2026-03-02"))
    with pytest.raises(PolicyValueMissing):
        rules.integer("a", on=DAY, lender_type="bank")


class TestSwitch:
    RULES = (row("a", 1, "bank"), row("a", 2, "bank", ", mode: switch").replace("source: law", "source: stage"))

    def test_counts_only_under_an_override_and_in_its_time(self) -> None:
        rules = pack(*self.RULES)
        assert rules.integer("a", on=DAY, lender_type="bank") == 1
        switched = rules.overridden(override())
        assert switched.integer("a", on=DAY, lender_type="bank") == 2
        assert switched.integer("a", on=DAY, lender_type="local_bank") == 2
        assert switched.integer("a", on=date(2027, 1, 1), lender_type="bank") == 1
        assert switched.integer("a", on=date(2025, 12, 31), lender_type="bank") == 1

    def test_for_one_bank_kind_leaves_the_wider_kind_alone(self) -> None:
        switched = pack(*self.RULES).overridden(override(applies_to="local_bank"))
        assert switched.integer("a", on=DAY, lender_type="local_bank") == 2
        assert switched.integer("a", on=DAY, lender_type="bank") == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"applies_to": "cfc"},
            {"switches_on": "law"},
            {"rule": "b"},
            {"reason": " "},
            {"reviewed_by": "chief risk officer"},
            {"approved_by": ""},
            {"review_on": date(2027, 1, 2)},
            {"switches_on": None},
            {"chooses": "x"},
        ],
        ids=str,
    )
    def test_is_refused_without_who_why_until_when_or_a_rule_it_fits(self, change: dict[str, object]) -> None:
        with pytest.raises(PolicyOverrideRefused):
            pack(*self.RULES).overridden(override(**change))


def test_an_option_may_be_chosen_and_nothing_else() -> None:
    rules = Pack.load("cn")
    laxer = override(rule="price.cap_method", switches_on=None, chooses="simple_irr_x12")
    after = rules.overridden(laxer)
    assert after.text("price.cap_method", on=DAY, lender_type="bank") == "simple_irr_x12"
    assert after.text("price.cap_method", on=DAY, lender_type="mfc") == "max_of_both"
    with pytest.raises(PolicyOverrideRefused):
        rules.overridden(override(rule="price.cap_method", switches_on=None, chooses="none"))


def test_the_digest_covers_every_row_override_and_addition() -> None:
    rules = pack(*TestSwitch.RULES)
    assert rules.digest == pack(*TestSwitch.RULES).digest
    assert rules.digest != pack(*reversed(TestSwitch.RULES)).digest
    assert rules.digest != pack(TestSwitch.RULES[0]).digest
    first, second = override(), override(reason="another")
    assert len({rules.digest, rules.overridden(first).digest, rules.overridden(second).digest}) == 3
    both = rules.overridden(first).overridden(second)
    assert both.digest != rules.overridden(second).overridden(first).digest


def test_a_months_rate_ends_the_one_before_it() -> None:
    rules = Pack.load("cn")
    newer = msgspec.structs.replace(rules.rows_of("lpr_1y")[0], value="0.029", effective_from=date(2026, 1, 20))
    later = rules.extended([newer], by="treasury", reason="published on the 20th")
    assert later.decimal("lpr_1y", on=date(2026, 1, 19), lender_type="bank") == Decimal("0.030")
    assert later.decimal("lpr_1y", on=date(2026, 1, 20), lender_type="bank") == Decimal("0.029")
    assert later.digest != rules.digest
    assert rules.decimal("lpr_1y", on=date(2026, 1, 20), lender_type="bank") == Decimal("0.030")
    with pytest.raises(PolicyPackInvalid, match="overlap"):
        later.extended([newer], by="treasury", reason="twice")


def test_a_multiple_of_a_benchmark_is_taken_on_the_day_asked() -> None:
    rules = Pack.load("cn")
    assert rules.decimal("price.all_in_cap", on=date(2026, 1, 1), lender_type="merchant_credit") == Decimal("0.120")
    assert rules.decimal("penalty.annual_cap", on=date(2026, 1, 1), lender_type="local_bank") == Decimal("0.24")


@pytest.mark.parametrize("name", ["cn", "eu"])
def test_every_value_of_a_shipped_pack_answers_each_party_it_names(name: str) -> None:
    rules = Pack.load(name)
    for given in rules.rows:
        on = given.effective_from or rules.as_of
        for party in given.applies_to:
            if given.mode.value == "default":
                found = rules.find(given.id, on=on, lender_type=party, when=_case(given))
                assert found is not None
                assert found.row == given


def _case(given: Row) -> dict[str, int | str | bool]:
    return {key.removesuffix("_max").removesuffix("_min"): wanted for key, wanted in given.when.items()}
