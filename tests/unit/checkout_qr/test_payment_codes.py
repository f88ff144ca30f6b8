"""Codes of our own are a permutation: each is read back, none tells its slot, and a step is used once."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiao.checkout.counters.codes import NUMBERS, SLOTS, code_of, matching_step, one_time_number, read_code
from tiao.checkout.counters.limits import CodeClass, class_of, limit_minor
from tiao.checkout.counters.model import SaleKind
from tiao.policy.pack import Pack

KEY = b"k" * 32
HALF = st.integers(0, SLOTS - 1)


@given(slot=HALF, number=HALF)
def test_a_code_is_read_back(slot: int, number: int) -> None:
    code = code_of(KEY, slot=slot, number=number)
    assert re.fullmatch(r"36\d{16}", code)
    assert read_code(KEY, code) == (slot, number)


@given(slot=HALF, number=HALF)
def test_another_key_reads_something_else(slot: int, number: int) -> None:
    assert read_code(b"other" * 8, code_of(KEY, slot=slot, number=number)) != (slot, number)


def test_codes_of_one_slot_share_nothing_that_is_seen() -> None:
    codes = [code_of(KEY, slot=7, number=number) for number in range(200)]
    assert len({code[2:10] for code in codes}) == len(codes)
    assert len({code[10:] for code in codes}) == len(codes)


@pytest.mark.parametrize(
    "code", ["", "36", "35" + "0" * 16, "36" + "0" * 15, "36" + "0" * 17, "36" + "a" * 16, "36" + "²" * 16]
)
def test_what_is_no_code_of_ours_is_not_read(code: str) -> None:
    assert read_code(KEY, code) is None


@pytest.mark.parametrize(("at", "number"), [(59, 46119246), (1111111109, 68084774), (2000000000, 90698825)])
def test_numbers_are_those_of_the_standard(at: int, number: int) -> None:
    """Source: RFC 6238 appendix B, SHA-256; its steps are of 30 seconds."""
    assert one_time_number(b"12345678901234567890123456789012", at // 30) == number


CASES = """
# shown  read  burnt   taken
  100    100   0       yes
  100    101   0       yes
  100    99    0       yes
  100    102   0       no
  100    98    0       no
  100    100   100     no
  100    101   100     no
  101    101   100     yes
"""


@pytest.mark.parametrize("case", [line.split() for line in CASES.splitlines() if line.strip() and "#" not in line])
def test_a_step_is_taken_once_and_around_its_minute(case: list[str]) -> None:
    shown, read, burnt = map(int, case[:3])
    secret = b"s" * 32
    found = matching_step(secret, one_time_number(secret, shown), now=read, burnt=burnt)
    assert (found == shown) == (case[3] == "yes")


def test_no_number_is_larger_than_eight_digits() -> None:
    assert all(one_time_number(b"x" * 32, step) < NUMBERS for step in range(500))


@pytest.mark.parametrize(
    ("kind", "is_confirmed", "code_class", "most"),
    [
        (SaleKind.STATIC, False, CodeClass.D, 50_000),
        (SaleKind.STATIC, True, CodeClass.D, 50_000),
        (SaleKind.DYNAMIC, True, CodeClass.C, 100_000),
        (SaleKind.CODE, False, CodeClass.C, 100_000),
        (SaleKind.CODE, True, CodeClass.B, 500_000),
    ],
)
def test_how_well_a_payer_is_known_says_how_much(
    kind: SaleKind, *, is_confirmed: bool, code_class: CodeClass, most: int
) -> None:
    pack = Pack.load("cn")
    assert class_of(kind, is_confirmed=is_confirmed) is code_class
    assert limit_minor(pack, code_class, on=date(2026, 9, 1)) == most
    assert limit_minor(pack, CodeClass.A, on=date(2026, 9, 1)) is None
