"""Who can be registered, and what is shown of them."""

from datetime import date

import pytest

from tiao.identity import refusals, rules
from tiao.identity.model import Applicant, Person

TODAY = date(2026, 3, 1)
APPLICANT = Applicant(name="张三", identity_number="11010519491231002X", phone="13812341234")

# Both numbers are the examples that GB 11643-1999 itself gives.
NUMBERS = """
# given                 read
  11010519491231002X    11010519491231002X
  11010519491231002x    11010519491231002X
  440524188001010014    440524188001010014
"""

WRONG_NUMBERS = """
# given                 refusal
  11010519491231002     IdentityNumberMalformed
  1101051949123100200   IdentityNumberMalformed
  11010519491231A02X    IdentityNumberMalformed
  １1010519491231002X   IdentityNumberMalformed
  110105194912310021    IdentityChecksumWrong
  11010519491231020X    IdentityChecksumWrong
  99010519491231002X    IdentityRegionUnknown
"""

PHONES = """
# given                read
  13812341234          13812341234
  +8613812341234       13812341234
  008613812341234      13812341234
  138-1234-1234        13812341234
  19912341234          19912341234
  12812341234          refused
  1381234123           refused
  138123412345         refused
  02112345678          refused
  １３８１２３４１２３４  refused
"""


def _rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.splitlines() if line.strip() and not line.strip().startswith("#")]


@pytest.mark.parametrize(("given", "read"), _rows(NUMBERS))
def test_an_identity_number_is_read_into_one_form(given: str, read: str) -> None:
    assert rules.normal_identity_number(f" {given} ") == read


@pytest.mark.parametrize(("given", "refusal"), _rows(WRONG_NUMBERS))
def test_a_wrong_identity_number_is_refused_for_what_is_wrong(given: str, refusal: str) -> None:
    with pytest.raises(getattr(refusals, refusal)):
        rules.normal_identity_number(given)


@pytest.mark.parametrize("digits", ["11010520250229001", "11010520261301001", "11010520260302001", "11010518991231001"])
def test_a_birth_date_that_cannot_be_is_refused(digits: str) -> None:
    number = digits + rules.check_sign(digits)
    assert rules.normal_identity_number(number) == number, "only the date is at fault"
    with pytest.raises(refusals.IdentityBirthDateInvalid):
        rules.birth_date(number, today=TODAY)


@pytest.mark.parametrize(("given", "read"), _rows(PHONES))
def test_a_phone_is_a_mainland_mobile_number(given: str, read: str) -> None:
    if read == "refused":
        with pytest.raises(refusals.PhoneInvalid):
            rules.normal_phone(given)
    else:
        assert rules.normal_phone(given) == read


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("张三", "张三"),
        (" 欧阳 娜娜 ", "欧阳 娜娜"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("Zhang San", "Zhang San"),
        ("Ｚｈａｎｇ", "Zhang"),
    ],
)
def test_a_name_is_brought_into_one_form(given: str, read: str) -> None:
    assert rules.normal_name(given) == read


@pytest.mark.parametrize("given", ["", " ", "张", "张3", "<script>", "张三\n;", "·张三", "长" * 51, "张\u202e三"])
def test_what_is_no_name_is_refused(given: str) -> None:
    with pytest.raises(refusals.NameInvalid):
        rules.normal_name(given)


@pytest.mark.parametrize(("name", "shown"), [("张三", "张*"), ("张小明", "张**"), ("阿依古丽·买买提", "阿**")])
def test_a_masked_person_shows_the_ends_alone(name: str, shown: str) -> None:
    masked = rules.masked(Person(name, "11010519491231002X", "13812341234"))
    assert (masked.name, masked.identity_number, masked.phone) == (shown, "1****************X", "138****1234")


def test_a_person_says_nothing_of_itself_in_a_traceback() -> None:
    person = rules.checked(APPLICANT, today=TODAY)
    for value in (person, APPLICANT):
        assert "张三" not in repr(value)
        assert "1381234" not in repr(value)
        assert "1949" not in repr(value)
