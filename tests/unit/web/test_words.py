"""Every word of a page stands in both languages, and nowhere else."""

import json
import re
import string
from pathlib import Path

import pytest

from tiao.privacy.texts import BUREAU_QUERY, newest
from tiao.web.words import EN, LANGUAGES, ZH, bare, catalogue, language_of, money, percent

APPS = Path(__file__).parents[3] / "web"
WEB = Path(__file__).parents[3] / "src" / "tiao" / "web"
HAN = re.compile(r"[\u4e00-\u9fff]")
TEMPLATES = sorted((WEB / "templates").glob("*.html"))


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_words_with_the_same_gaps() -> None:
    chinese, english = catalogue(ZH), catalogue(EN)
    assert chinese.keys() == english.keys()
    assert {key for key in chinese if placeholders(chinese[key]) != placeholders(english[key])} == set()


@pytest.mark.parametrize("path", [*TEMPLATES, *sorted(WEB.glob("*.py"))], ids=lambda path: path.name)
def test_no_page_speaks_past_the_catalogue(path: Path) -> None:
    assert HAN.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_asks_for_words_that_there_are(path: Path) -> None:
    asked = set(re.findall(r"\bt\.(\w+)", path.read_text("utf-8")))
    assert asked <= catalogue(ZH).keys() | {"format"}


def test_every_word_is_used() -> None:
    text = "\n".join(each.read_text("utf-8") for each in (*TEMPLATES, *WEB.glob("*.py")))
    computed = ("notice_", "reason_", "cost_", "method_", "link_")
    states = {"paid", "processing", "expired", "step_up", "review", "already_paid", "declined", "unknown", "trouble"}
    states |= {"own_account"}
    said = states | {f"{each}_text" for each in states}
    named = {key for key in catalogue(ZH) if re.search(rf"\b{key}\b", text) or key.startswith(computed)}
    assert catalogue(ZH).keys() - named - said == set()


@pytest.mark.parametrize(("minor", "shown"), [(0, "0.00"), (5, "0.05"), (123_456_789, "1,234,567.89"), (-150, "-1.50")])
def test_amounts_are_written_to_the_fen(minor: int, shown: str) -> None:
    assert (bare(minor), money(minor, "CNY")) == (shown, f"¥{shown}".replace("¥-", "-¥"))


@pytest.mark.parametrize(("share", "shown"), [("0.109049", "10.90%"), ("0.10905", "10.91%"), ("0", "0.00%")])
def test_shares_are_rounded_half_up(share: str, shown: str) -> None:
    assert percent(share) == shown


def test_a_language_is_chosen_by_what_was_asked_then_kept_then_preferred() -> None:
    assert [language_of("en", ZH, "zh"), language_of("xx", EN, "zh"), language_of(None, None, "en-GB")] == [EN] * 3
    assert language_of(None, None, None) == ZH
    assert set(LANGUAGES) == {ZH, EN}


def test_the_wallet_shows_the_words_whose_version_it_sends() -> None:
    words = newest(BUREAU_QUERY)
    for language, text in (("zh-CN", words.zh), ("en", words.en)):
        shown = json.loads((APPS / "packages" / "i18n" / language / "wallet.json").read_text("utf-8"))
        assert shown["apply.bureau"] == text
    page = (APPS / "apps" / "wallet" / "src" / "pages" / "Apply.tsx").read_text("utf-8")
    assert f'WORDING = "{words.version_on.isoformat()}"' in page
