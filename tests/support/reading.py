"""Cost sheets that were read, as a partner's app says it."""

from datetime import UTC, datetime, timedelta
from typing import Any

_SHOWN_AT = datetime(2026, 9, 30, tzinfo=UTC)


def confirmed(sheet: Any, *, hasty_seconds: int = 0) -> dict[str, str]:  # noqa: ANN401  JSON
    """Say that a sheet was confirmed after as long as it must be read, or by so much too soon."""
    read = timedelta(seconds=sheet["read_seconds_min"] - hasty_seconds)
    return {
        "digest": sheet["digest"],
        "shown_at": _SHOWN_AT.isoformat(),
        "confirmed_at": (_SHOWN_AT + read).isoformat(),
    }
