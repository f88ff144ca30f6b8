"""Where commands write what people read."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

#: Wide enough for every table: what is piped into a file or another program must not be cut to a screen's width.
_UNCUT = 240


def standard_output() -> Console:
    """Write to standard output: as wide as the terminal, uncut where there is none."""
    console = Console()
    return console if console.is_terminal else Console(width=_UNCUT)


def write_file(path: Path, body: bytes) -> None:
    """Write a file where it is wanted, its folder included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
