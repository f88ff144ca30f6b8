"""What is remembered of everybody, between the rows of the database and the fold.

A customer's row holds its own state and what it did with others: merchants, devices, addresses. Merchants, devices,
addresses and terminals have rows of their own, shared by all customers of a server. What the graph and the lists say of
a customer comes with the look, is read only, and is no state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tiao.risk.around import Sighted
from tiao.risk.dossiers import PAIRS_MAX, dossier_from_bytes, dossier_to_bytes, of_today, trimmed
from tiao.risk.features.entity import EntityState
from tiao.risk.features.fold import EntityKey, Fold, Outcome, PairKey, Payment, no_states
from tiao.risk.features.sets import Paid, SetFold, Unfit
from tiao.risk.features.stored import entity_from_bytes, entity_to_bytes
from tiao.risk.live import CUSTOMER, LIVE, Asked, microseconds

#: A shared row is keyed by so many hexadecimal digits of an id or digest: 128 bits.
KEY_DIGITS = 32

#: Rows that are no states: a customer's place in the graph; lists that something of a customer is on; no look at all.
RING, LISTED, UNSEEN = 8, 9, -1

FOLD = Fold(LIVE)
_SET_FOLD = SetFold(LIVE)
#: From so many payments at one instant on, a fold over columns takes less time than one after the other.
SET_MIN: Final = 12


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
        #: A state stands in one of both: as bytes, or taken apart.
        self._contents: dict[EntityKey, bytes] = {}
        self._states = no_states()
        #: Of each customer that was taken apart, the oldest acquaintance first.
        self._pairs: dict[str, dict[PairKey, None]] = {}
        self._changed: dict[EntityKey, None] = {}
        for row in rows:
            if row.place == UNSEEN:
                self.fault = row.content.decode()
            elif row.place == RING:
                self.rings[row.key] = _sighted(row.content)
            elif row.place == LISTED:
                self._listed.setdefault(row.key, []).append(_listed(row.content))
            else:
                self._contents[row.place, row.key] = of_today(row.content, is_customer=row.place == CUSTOMER)

    def pay(self, asked: Asked) -> tuple[list[float], bool]:
        """Give the values just before a payment and whether its amount was usual; remember it."""
        keys = keys_of(asked.entities)
        self._take_apart(keys)
        values, is_plain = FOLD.pay(self._states, Payment(microseconds(asked.at), float(asked.amount_minor), keys))
        self._note(keys)
        return values, is_plain

    def pay_all(self, asked: Sequence[Asked]) -> npt.NDArray[np.float64]:
        """Give the values of payments, each just before it and after those before it; remember them.

        Shape: (payments, features).
        """
        return np.vstack([self._pay_at_once(run) for run in _runs(asked)])

    def _pay_at_once(self, asked: Sequence[Asked]) -> npt.NDArray[np.float64]:
        """Pay what has one instant and no customer twice: over columns where that is worth it."""
        if len(asked) >= SET_MIN:
            payments = [Paid(float(each.amount_minor), keys_of(each.entities)) for each in asked]
            self._put_together(payments)
            try:
                folded = _SET_FOLD.pay(microseconds(asked[0].at), payments, self._contents)
            except Unfit:
                pass
            else:
                for key, content in folded.contents.items():
                    self._contents[key] = trimmed(content) if key[0] == CUSTOMER else content
                    self._changed[key] = None
                return folded.values
        return np.array([self.pay(each)[0] for each in asked], dtype=np.float64)

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
        self._take_apart(known.entities)
        if before is not None:
            FOLD.unlearn(self._states, before._replace(entities=known.entities))
        FOLD.learn(self._states, known)
        self._note(known.entities)

    def rows(self) -> list[Row]:
        """Give the rows that changed, in the order of their keys; none where nothing could be read."""
        if self.fault:
            return []
        return [Row(*key, self._content(key)) for key in sorted(self._changed)]

    def all_rows(self) -> list[Row]:
        """Give every row, in the form of today."""
        keys = self._contents.keys() | self._states.entities.keys()
        return [Row(*key, self._content(key)) for key in sorted(keys)]

    def _note(self, entities: tuple[str | None, ...]) -> None:
        for place, key in enumerate(entities):
            if key is not None:
                self._changed[place, key] = None
        customer = entities[CUSTOMER]
        assert customer is not None, "every payment has a customer"
        _, pairs = FOLD.keys(entities)
        known = self._pairs.setdefault(customer, {})
        for pair in pairs:
            if pair in self._states.pairs:
                known[pair] = None
        if len(known) > PAIRS_MAX:
            by_age = sorted(known, key=self._age)
            for pair in by_age[:-PAIRS_MAX]:
                del self._states.pairs[pair]
            self._pairs[customer] = dict.fromkeys(by_age[-PAIRS_MAX:])

    def _age(self, pair: PairKey) -> tuple[int, PairKey]:
        return self._states.pairs[pair].last_at or 0, pair

    def _state(self, key: EntityKey) -> EntityState:
        return self._states.entities[key]

    def _take_apart(self, entities: Sequence[str | None]) -> None:
        for place, key in enumerate(entities):
            content = None if key is None else self._contents.pop((place, key), None)
            if key is None or content is None:
                continue
            if place != CUSTOMER:
                self._states.entities[place, key] = entity_from_bytes(content)
                continue
            self._states.entities[place, key], met = dossier_from_bytes(content)
            known = self._pairs.setdefault(key, {})
            for second, other, pair in met:
                self._states.pairs[CUSTOMER, key, second, other] = pair
                known[CUSTOMER, key, second, other] = None

    def _put_together(self, payments: Sequence[Paid]) -> None:
        if not self._states.entities:
            return
        for place, key in {each for paid in payments for each in enumerate(paid.entities)}:
            if key is not None and (place, key) in self._states.entities:
                content = self._content((place, key))
                del self._states.entities[place, key]
                self._contents[place, key] = content
                for pair in self._pairs.pop(key, ()) if place == CUSTOMER else ():
                    del self._states.pairs[pair]

    def _content(self, key: EntityKey) -> bytes:
        content = self._contents.get(key)
        if content is not None:
            return content
        if key[0] != CUSTOMER:
            return entity_to_bytes(self._state(key))
        met = [(pair[2], pair[3], self._states.pairs[pair]) for pair in self._pairs.get(key[1], ())]
        return dossier_to_bytes(self._state(key), met)


def _runs(asked: Sequence[Asked]) -> Iterator[Sequence[Asked]]:
    """Cut payments, in their order, into parts of one instant each in which nobody pays twice."""
    begin = 0
    customers: set[str | None] = set()
    for place, each in enumerate(asked):
        customer = each.entities[CUSTOMER]
        if customer in customers or each.at != asked[begin].at:
            yield asked[begin:place]
            begin, customers = place, set()
        customers.add(customer)
    yield asked[begin:]


def _sighted(content: bytes) -> Sighted:
    size, bads, is_bad, *joined = (int(each) for each in content.split())
    return Sighted(size, bads, bool(is_bad), tuple(joined))


def _listed(content: bytes) -> _Listed:
    entity, name, begins, ends = content.decode().split()
    return _Listed(entity, f"{name}_list", int(begins), int(ends))


def keys_of(entities: Sequence[str | None]) -> tuple[str | None, ...]:
    """Cut ids and digests to the length of a key."""
    return tuple([None if each is None else each[:KEY_DIGITS] for each in entities])
