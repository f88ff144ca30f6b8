"""What the simulated bank remembers across a restart: its events, in order, in one SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol


class Journal(Protocol):
    """Where events are kept."""

    def append(self, event: bytes) -> None:
        """Keep an event; it is durable when this returns."""

    def events(self) -> Iterator[bytes]:
        """Give every event in order."""


class NoJournal:
    """Keeps nothing: a bank for one simulation."""

    def append(self, event: bytes) -> None:
        """Forget the event."""

    def events(self) -> Iterator[bytes]:
        """Give nothing."""
        return iter(())


class SqliteJournal:
    """Keeps events in a SQLite file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Granian may start the application on another thread than the one that made it; calls still come one by one.
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = full")
        self._connection.execute("create table if not exists event (number integer primary key, body blob not null)")

    def append(self, event: bytes) -> None:
        """Keep an event; it is durable when this returns."""
        self._connection.execute("insert into event (body) values (?)", [event])

    def events(self) -> Iterator[bytes]:
        """Give every event in order."""
        for (body,) in self._connection.execute("select body from event order by number"):
            yield body

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()
