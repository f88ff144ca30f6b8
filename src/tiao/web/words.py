"""Words, amounts and days as a page shows them, in the two languages; every word comes from one catalogue each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from tiao.values.language import prefers_english
from tiao.values.money import Money

ZH, EN = "zh-CN", "en"
LANGUAGES = (ZH, EN)


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Read a language's words; both have the same keys."""
    found: dict[str, str] = json.loads((files("tiao.web") / "catalogue" / f"{language}.json").read_text("utf-8"))
    return found


def language_of(asked: str | None, kept: str | None, accept_language: str | None) -> str:
    """Choose a language: what is asked for, what was asked for before, what the browser prefers; else Chinese."""
    for said in (asked, kept):
        if said in LANGUAGES:
            return said
    return EN if prefers_english(accept_language) else ZH


def other_of(language: str) -> str:
    """Name the other language."""
    return EN if language == ZH else ZH


def whole(day: date) -> str:
    """Write a day so that no line ends within it: with hyphens that do not break."""
    return day.isoformat().replace("-", "\u2011")


def bare(minor: int) -> str:
    """Write an amount without its currency: 1,234.50."""
    sign, whole = ("-", -minor) if minor < 0 else ("", minor)
    return f"{sign}{whole // 100:,}.{whole % 100:02d}"


def money(minor: int, currency: str) -> str:
    """Write an amount: ¥1,234.50."""
    return str(Money(minor, currency))


def percent(share: str | Decimal, places: int = 2) -> str:
    """Write a share in percent. Rounds: half up, to two places unless said otherwise."""
    exact = Decimal(share) * 100
    return f"{exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)}%"


def time(at: datetime, zone: ZoneInfo) -> str:
    """Write an instant with its zone: 2026-09-01 10:30 UTC+08:00."""
    local = at.astimezone(zone)
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M} UTC{offset[:3]}:{offset[3:]}"
