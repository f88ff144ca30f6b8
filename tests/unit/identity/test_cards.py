"""Card numbers: which can be one, whose bank issued them, and what may repay."""

import csv
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiao.identity.cards import rules
from tiao.identity.cards.refusals import CardIssuerUnknown, CardKindRefused, CardNumberInvalid
from tiao.identity.refusals import NameInvalid
from tiao.identity.rules import normal_name


def numbered(prefix: str, length: int) -> str:
    """Complete a prefix to a number that passes Luhn."""
    body = prefix.ljust(length - 1, "0")
    return next(body + digit for digit in "0123456789" if rules.passes_luhn(body + digit))


@pytest.mark.parametrize("text", ["79927398713", "4532 0151 1283 0366", "6222-0200-0000-0000-006"])
def test_published_numbers_pass_luhn(text: str) -> None:
    assert rules.passes_luhn("".join(sign for sign in text if sign.isdigit())) is (text != "6222-0200-0000-0000-006")


@pytest.mark.parametrize(
    "text", ["", "4532015112830367", "453201511283036", "４５３２０１５１１２８３０３６６", "45320151 1283036x"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(CardNumberInvalid):
        rules.normal_number(text)


@given(st.integers(10**15, 10**18 - 1), st.integers(0, 14), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(body: int, place: int, by: int) -> None:
    number = numbered(str(body), len(str(body)) + 1)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert rules.passes_luhn(number)
    assert not rules.passes_luhn(wrong)


def test_every_row_of_the_table_is_found_by_its_own_numbers() -> None:
    text = (files("tiao.identity.cards") / "data" / "bins.csv").read_text().splitlines()
    rows = list(csv.DictReader(text))
    assert len(rows) > 1_500
    keys = {(row["prefix"], row["length"]) for row in rows}
    for row in rows:
        longer = [key for key in keys if len(key[0]) > len(row["prefix"]) and key[1] == row["length"]]
        number = numbered(row["prefix"], int(row["length"]))
        if not any(number.startswith(prefix) for prefix, _ in longer):
            face = rules.face_of(number)
            assert (face.issuer, face.kind) == (row["issuer"], row["kind"])


def test_the_longest_prefix_and_the_length_decide() -> None:
    assert rules.face_of(numbered("621096", 19)).issuer_name == "中国邮政储蓄银行"
    with pytest.raises(CardIssuerUnknown):
        rules.face_of(numbered("621096", 16))


def test_a_credit_card_does_not_repay() -> None:
    with pytest.raises(CardKindRefused):
        rules.payable_face(numbered("356390", 16))


@pytest.mark.parametrize("name", ["欧阳𠮷娜", "买买提·吐尔逊", "阿卜杜热西提•买买提", "䶮丽", "𫍲明"])
def test_names_with_rare_signs_are_names(name: str) -> None:
    assert normal_name(name) == name.replace("•", "·")


@pytest.mark.parametrize("name", ["王", "王1", "王<b>", "·王芳", "王?芳"])
def test_what_holds_signs_of_no_name_is_none(name: str) -> None:
    with pytest.raises(NameInvalid):
        normal_name(name)
