"""What is remembered of everybody, between the rows of the database and the fold.

A customer's row holds its own state and what it did with others: merchants, devices, addresses. Merchants, devices,
addresses and terminals have rows of their own, shared by all customers of a server. What the graph and the lists say of
a customer comes with the look, is read only, and is no state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from tiao.risk.around import Sighted
from tiao.risk.features.entity import EntityState, PairState
from tiao.risk.features.fold import Fold, Outcome, PairKey, Payment, no_states
from tiao.risk.features.stored import entity_from_bytes, entity_to_bytes
from tiao.risk.live import CUSTOMER, LIVE, Asked, microseconds
from tiao.risk.refusals import StateUnreadable

#: So many counterparts of a customer are remembered, the latest; with an older one it is as if for the first time.
PAIRS_MAX = 64
#: A shared row is keyed by so many hexadecimal digits of an id or digest: 128 bits.
KEY_DIGITS = 32
DOSSIER_VERSION = 1

#: Rows that are no states: a customer's place in the graph; lists that something of a customer is on; no look at all.
RING, LISTED, UNSEEN = 8, 9, -1

FOLD = Fold(LIVE)


class _Pair(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    place: int
    other: str
    seen: int
    last_at: int | None


class _Dossier(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    version: int
    state: bytes
    pairs: list[_Pair]


_ENCODER = msgspec.msgpack.Encoder()
_DOSSIERS = msgspec.msgpack.Decoder(_Dossier)


class Row(NamedTuple):
    """A row as stored: whose it is, by the place of the group and the key, and its content."""

    place: int
    key: str
    content: bytes


class _Listed(NamedTuple):
    """Something that a customer was seen with is on a list between two instants. Units: microseconds."""

    entity: str
    name: str
    begins: int
    ends: int


class Remembered:
    """The states that a set of payments reads and changes: rows in, fold, rows out.

    *fault* says why nothing could be read of anybody; then nothing is known and nothing is remembered.
    """

    def __init__(self, rows: Iterable[Row] = (), *, fault: str = "") -> None:
        """Take rows. Refuses: StateUnreadable."""
        self.fault = fault
        self.rings: dict[str, Sighted] = {}
        self._listed: dict[str, list[_Listed]] = {}
        self.states = no_states()
        #: Of each customer, the oldest acquaintance first.
        self._pairs: dict[str, dict[PairKey, None]] = {}
        self._changed: dict[tuple[int, str], None] = {}
        for row in rows:
            if row.place == CUSTOMER:
                self._take_dossier(row)
            elif row.place == UNSEEN:
                self.fault = row.content.decode()
            elif row.place == RING:
                self.rings[row.key] = _sighted(row.content)
            elif row.place == LISTED:
                self._listed.setdefault(row.key, []).append(_listed(row.content))
            else:
                self.states.entities[row.place, row.key] = entity_from_bytes(row.content)

    def pay(self, asked: Asked) -> tuple[list[float], bool]:
        """Give the values just before a payment and whether its amount was usual; remember it."""
        keys = keys_of(asked.entities)
        values, is_plain = FOLD.pay(self.states, Payment(microseconds(asked.at), float(asked.amount_minor), keys))
        self._note(keys)
        return values, is_plain

    def listed(self, asked: Asked) -> list[tuple[str, str]]:
        """Name what the customer was seen with that is on a list at that instant, each with the list."""
        found = self._listed.get((asked.entities[CUSTOMER] or "")[:KEY_DIGITS]) if self._listed else None
        if not found:
            return []
        at = microseconds(asked.at)
        return sorted({(each.entity, each.name) for each in found if each.begins <= at < each.ends})

    def learn(self, outcome: Outcome, *, before: Outcome | None = None) -> None:
        """Remember what a payment turned out to be; *before* is what it was taken for until now."""
        known = outcome._replace(entities=keys_of(outcome.entities))
        if before is not None:
            FOLD.unlearn(self.states, before._replace(entities=known.entities))
        FOLD.learn(self.states, known)
        self._note(known.entities)

    def rows(self) -> list[Row]:
        """Give the rows that changed, in the order of their keys; none where nothing could be read."""
        if self.fault:
            return []
        return [
            Row(place, key, self._dossier(key) if place == CUSTOMER else entity_to_bytes(self._state(place, key)))
            for place, key in sorted(self._changed)
        ]

    def _note(self, entities: tuple[str | None, ...]) -> None:
        for place, key in enumerate(entities):
            if key is not None:
                self._changed[place, key] = None
        customer = entities[CUSTOMER]
        assert customer is not None, "every payment has a customer"
        _, pairs = FOLD.keys(entities)
        known = self._pairs.setdefault(customer, {})
        for pair in pairs:
            if pair in self.states.pairs:
                known[pair] = None
        if len(known) > PAIRS_MAX:
            by_age = sorted(known, key=self._age)
            for pair in by_age[:-PAIRS_MAX]:
                del self.states.pairs[pair]
            self._pairs[customer] = dict.fromkeys(by_age[-PAIRS_MAX:])

    def _age(self, pair: PairKey) -> tuple[int, PairKey]:
        return self.states.pairs[pair].last_at or 0, pair

    def _state(self, place: int, key: str) -> EntityState:
        return self.states.entities[place, key]

    def _take_dossier(self, row: Row) -> None:
        try:
            read = _DOSSIERS.decode(row.content)
        except msgspec.DecodeError as error:
            raise StateUnreadable(str(error)) from error
        if read.version != DOSSIER_VERSION:
            raise StateUnreadable(f"version {read.version}, this one reads {DOSSIER_VERSION}")
        self.states.entities[CUSTOMER, row.key] = entity_from_bytes(read.state)
        known = self._pairs.setdefault(row.key, {})
        for each in read.pairs:
            pair = PairState()
            pair.seen, pair.last_at = each.seen, each.last_at
            key = (CUSTOMER, row.key, each.place, each.other)
            self.states.pairs[key] = pair
            known[key] = None

    def _dossier(self, customer: str) -> bytes:
        found = self.states.pairs
        pairs = [
            (second, other, found[key].seen, found[key].last_at)
            for key in self._pairs.get(customer, ())
            for _, _, second, other in (key,)
        ]
        return _ENCODER.encode((DOSSIER_VERSION, entity_to_bytes(self._state(CUSTOMER, customer)), pairs))


def _sighted(content: bytes) -> Sighted:
    size, bads, is_bad, *joined = (int(each) for each in content.split())
    return Sighted(size, bads, bool(is_bad), tuple(joined))


def _listed(content: bytes) -> _Listed:
    entity, name, begins, ends = content.decode().split()
    return _Listed(entity, f"{name}_list", int(begins), int(ends))


def keys_of(entities: Sequence[str | None]) -> tuple[str | None, ...]:
    """Cut ids and digests to the length of a key."""
    return tuple(None if each is None else each[:KEY_DIGITS] for each in entities)
