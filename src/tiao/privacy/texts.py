"""The words that people agree to, by the day from which they are used; words that were once used are never changed."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files

import msgspec

from tiao.privacy.refusals import ConsentTextUnknown

#: The consent to one query of a credit bureau. Source: Regulation on Credit Reporting, art. 18.
BUREAU_QUERY = "bureau_query"


class ConsentText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words to agree to, in both languages, and the day from which they are used."""

    text: str
    version_on: date
    zh: str
    en: str


@cache
def consent_texts() -> tuple[ConsentText, ...]:
    """Read all words that are or were agreed to."""
    return msgspec.json.decode((files("tiao.privacy") / "texts.json").read_bytes(), type=tuple[ConsentText, ...])


def text_of(text: str, version_on: date) -> ConsentText:
    """Find the words of a version. Refuses: ConsentTextUnknown."""
    for each in consent_texts():
        if (each.text, each.version_on) == (text, version_on):
            return each
    raise ConsentTextUnknown(
        f"{text} has no wording of {version_on}", pointer="/bureau_consent/text_version", text=text
    )


def newest(text: str) -> ConsentText:
    """Give the words of a text that are used last."""
    return max((each for each in consent_texts() if each.text == text), key=lambda each: each.version_on)
