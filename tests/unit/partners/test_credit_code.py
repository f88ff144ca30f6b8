"""The unified social credit code, on codes that companies publish, and on what typing does to them."""

import pytest

from tiao.partners.onboarding.credit_code import checked
from tiao.partners.onboarding.refusals import CreditCodeInvalid
from tiao.simulator.registry import credit_code

#: As the companies print them in their annual reports.
PUBLISHED = ["914403001922038216", "9144030071526726XG", "91330100799655058B", "91110000600037341L"]


@pytest.mark.parametrize("code", PUBLISHED)
def test_published_codes_are_right_in_any_case_and_spacing(code: str) -> None:
    assert checked(f" {code[:8].lower()} {code[8:].lower()}") == code


@pytest.mark.parametrize("code", PUBLISHED)
def test_one_wrong_sign_is_seen(code: str) -> None:
    for place in range(18):
        for other in "0123456789ABCDEFGHJKLMNPQRTUWXY":
            if other == code[place] or (2 <= place < 8 and not other.isdigit()):
                continue
            with pytest.raises(CreditCodeInvalid):
                checked(code[:place] + other + code[place + 1 :])


@pytest.mark.parametrize(
    "code", ["", "91440300192203821", "91440300192203821O", "9144030O1922038216", "9144030019220382166"]
)
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(CreditCodeInvalid):
        checked(code)


def test_made_up_codes_are_right() -> None:
    made = {credit_code("seed", str(number)) for number in range(500)}
    assert len(made) == 500
    assert {checked(code) for code in made} == made
