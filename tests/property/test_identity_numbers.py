"""The check sign of an identity number catches every single mistyped digit and every swap of neighbours."""

from contextlib import suppress
from datetime import date

from hypothesis import assume, given
from hypothesis import strategies as st

from tiao.identity import refusals, rules

TODAY = date(2026, 3, 1)

regions = st.sampled_from(sorted(rules.REGIONS))
births = st.dates(date(1900, 1, 1), TODAY)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    digits = f"{draw(regions)}{draw(st.integers(0, 9999)):04}{draw(births):%Y%m%d}{draw(st.integers(0, 999)):03}"
    return digits + rules.check_sign(digits)


@given(numbers())
def test_a_well_formed_number_is_read_and_gives_its_birth_date(number: str) -> None:
    assert rules.normal_identity_number(number) == number
    assert f"{rules.birth_date(number, today=TODAY):%Y%m%d}" == number[6:14]


@given(numbers(), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(number: str, place: int, shift: int) -> None:
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    with suppress(refusals.IdentityRegionUnknown, refusals.IdentityChecksumWrong):
        assert not rules.normal_identity_number(wrong), "it was read"


@given(numbers(), st.integers(0, 15))
def test_a_swap_of_neighbours_is_always_caught(number: str, place: int) -> None:
    assume(number[place] != number[place + 1])
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    with suppress(refusals.IdentityRegionUnknown, refusals.IdentityChecksumWrong):
        assert not rules.normal_identity_number(wrong), "it was read"
