"""The code on the merchants' page reads what tiao sends, and refuses what it does not."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from docs.pages import ROOT, blocks
from tiao.events.signing import headers_of, new_keys

BODY = b'{"id":"evt_1","type":"purchase.captured"}'


def reader() -> Callable[..., Any]:
    [code] = blocks(ROOT / "docs" / "merchants.md", "python")
    names: dict[str, Any] = {}
    exec(compile(code, "docs/merchants.md", "exec"), names)
    read: Callable[..., Any] = names["read_webhook"]
    return read


def test_a_message_is_read_with_either_secret_while_they_are_rotated() -> None:
    random = Random(1)
    old, new = new_keys(random.randbytes), new_keys(random.randbytes)
    headers = headers_of("evt_1", datetime.now(UTC), BODY, [new, old])
    for keys in (old, new):
        assert reader()(keys.secret, headers, BODY)["type"] == "purchase.captured"


def test_what_was_changed_is_old_or_is_signed_by_somebody_else_is_refused() -> None:
    random = Random(1)
    keys, others = new_keys(random.randbytes), new_keys(random.randbytes)
    now = datetime.now(UTC)
    headers = headers_of("evt_1", now, BODY, [keys])
    late = headers_of("evt_1", now.replace(year=now.year - 1), BODY, [keys])
    for secret, said, body in (
        (keys.secret, headers, BODY + b" "),
        (keys.secret, headers | {"webhook-id": "evt_2"}, BODY),
        (keys.secret, late, BODY),
        (others.secret, headers, BODY),
    ):
        with pytest.raises(ValueError, match=r"old|signed"):
            reader()(secret, said, body)
