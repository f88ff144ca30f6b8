"""What somebody sends who asks for a line and agrees that a bureau is asked."""

from __future__ import annotations

from tiao.privacy.texts import BUREAU_QUERY, newest


def application(income_minor: int = 2_000_000, **more: object) -> dict[str, object]:
    """Ask for a line, having agreed in the wallet to the words of the day."""
    consent = {"text_version": newest(BUREAU_QUERY).version_on.isoformat(), "channel": "wallet"}
    return {"currency": "CNY", "income_minor": income_minor, "bureau_consent": consent, **more}
