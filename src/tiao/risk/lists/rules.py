"""What is decided about lists, and the look at them that every payment takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeAlias

from tiao.risk.entities import EntityKind
from tiao.risk.lists.model import Entry, ListKind
from tiao.risk.refusals import ListEntryEnded, ListEntryExpiryInvalid, ListMakerIsChecker

#: No entry is for ever: what is still true after so long is worth saying again.
LASTS_MAX = {
    ListKind.BLOCK: timedelta(days=1096),
    ListKind.ALLOW: timedelta(days=366),
    ListKind.WATCH: timedelta(days=366),
}

#: What a payment names: each entity with its digest.
Named: TypeAlias = Iterable[tuple[EntityKind, bytes]]


def check_expiry(kind: ListKind, at: datetime, expires_at: datetime) -> None:
    """Demand an end that lies ahead, and not too far. Refuses: ListEntryExpiryInvalid."""
    if not at < expires_at <= at + LASTS_MAX[kind]:
        raise ListEntryExpiryInvalid(pointer="/expires_at", days_max=LASTS_MAX[kind].days)


def check_approval(entry: Entry, actor: str, at: datetime) -> None:
    """Demand a second person, and an entry that still runs. Refuses: ListMakerIsChecker, ListEntryEnded."""
    if entry.ended_at is not None or at >= entry.expires_at:
        raise ListEntryEnded
    if actor == entry.maker:
        raise ListMakerIsChecker


class Membership:
    """Which values are on which lists: entries in memory, asked without any input or output."""

    def __init__(self, entries: Iterable[Entry] = (), mark: int = -1) -> None:
        self.mark = mark
        self._entries: dict[tuple[EntityKind, bytes], list[Entry]] = {}
        for each in entries:
            self._entries.setdefault((each.entity, each.digest), []).append(each)

    def __len__(self) -> int:
        return sum(map(len, self._entries.values()))

    def lists_of(self, entity: EntityKind, digest: bytes, at: datetime) -> frozenset[ListKind]:
        """Tell the lists that a value is on at an instant."""
        found = self._entries.get((entity, digest))
        return frozenset(each.list for each in found if each.is_in_force(at)) if found else frozenset()

    def hits(self, named: Named, at: datetime) -> list[Entry]:
        """Give the entries in force that something of a payment is on, the hardest list first."""
        found = [each for key in named for each in self._entries.get(key, ()) if each.is_in_force(at)]
        return sorted(found, key=lambda each: (_HARDEST.index(each.list), each.id))


_HARDEST = (ListKind.BLOCK, ListKind.ALLOW, ListKind.WATCH)
