"""How the commands on models answer: one JSON object on stdout; progress and one JSON line of faults on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from tiao.values.refusal import Refusal

_REFUSED = 2


@contextmanager
def refusing() -> Iterator[None]:
    """Turn a refusal into exit 2 and one JSON line on stderr."""
    try:
        yield
    except Refusal as refusal:
        faults = [fault._asdict() for fault in getattr(refusal, "faults", ())]
        if not faults:
            faults = [{"error": refusal.code, "column": refusal.pointer, "row": None, "value": refusal.detail}]
        sys.stderr.write(json.dumps({**faults[0], "faults": faults}, ensure_ascii=False) + "\n")
        raise typer.Exit(_REFUSED) from refusal


def answer(content: dict[str, Any]) -> None:
    """Write one JSON object to stdout."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")


def saying(started: float) -> Callable[[str], None]:
    """Make what tells of progress on stderr, with the seconds since *started*."""

    def say(what: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - started:6.1f} s] {what}\n")
        sys.stderr.flush()

    return say
