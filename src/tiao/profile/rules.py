"""How features are folded and asked: one definition for the live path and for the replay of stored facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.privacy.model import Purpose
from tiao.profile.catalogue import FEATURES, VERSION
from tiao.profile.model import Event, Feature, Profile, Source, State, Values

#: Facts that come to be seen later than so long after their instant are not looked for: no transaction takes as long.
OVERLAP = timedelta(days=2)
#: Who has fewer facts than this is decided by what little there is (own choice: a first bill and its repayment).
THIN_BELOW = 3


class Ask(NamedTuple):
    """A question is an event too: what the features say on a day, with these sources allowed."""

    on: date
    allowed: frozenset[Source]


class Folded(msgspec.Struct, frozen=True):
    """A customer's folds under way. *recent* are the places of the latest events.

    Shape: states by feature; a place is (instant, kind, id) as text, ordered like the events.
    """

    states: dict[str, State]
    count: int = 0
    last: str = ""
    recent: tuple[str, ...] = ()


def start() -> Folded:
    """Begin with nothing known."""
    return Folded({feature.name: feature.fold.start for feature in FEATURES})


def step(state: Folded, event: Event | Ask) -> tuple[Values, Folded]:
    """Take an event in, or answer a question; the answer to an event is empty, for nobody asked.

    Shape: (state, event) to (values, state), the one definition of every feature.
    """
    if isinstance(event, Ask):
        return {feature.name: _asked(feature, state, event) for feature in FEATURES}, state
    states = {feature.name: feature.fold.step(state.states[feature.name], event) for feature in FEATURES}
    place = place_of(event)
    since = _instant(event.available_at - OVERLAP)
    recent = (*(each for each in state.recent if each >= since), place)
    return {}, Folded(states, state.count + 1, place, recent)


def folded(state: Folded, events: Iterable[Event]) -> Folded:
    """Fold events in the order in which they could be known."""
    for event in sorted(events, key=lambda each: each.place):
        _, state = step(state, event)
    return state


def advanced(state: Folded, seen: Sequence[Event]) -> Folded | None:
    """Take in what is new among events from the overlap on; None when something belongs before what is folded already.

    Who gets None folds the customer's facts anew: so a late event ends in the same state as one that came in time.
    """
    known = set(state.recent)
    new = [event for event in seen if place_of(event) not in known]
    if any(place_of(event) <= state.last for event in new):
        return None
    return folded(state, new)


def place_of(event: Event) -> str:
    """Write an event's place as text that sorts like it."""
    _, order, identifier = event.place
    return f"{_instant(event.available_at)}/{order:02}/{identifier.hex}"


def asked(customer_id: UUID, state: Folded, *, as_of: datetime, on: date, purposes: frozenset[Purpose]) -> Profile:
    """Ask a customer's features. What is not allowed is not read; what is not there is null and refuses nobody."""
    allowed = frozenset(source for source in Source if source.needs is None or source.needs in purposes)
    values, _ = step(state, Ask(on, allowed))
    absent = [
        source
        for source in Source
        if all(values[feature.name] is None for feature in FEATURES if feature.source is source)
    ]
    return Profile(customer_id, as_of, VERSION, values, absent, state.count < THIN_BELOW)


def differing(ours: Values, theirs: Values) -> dict[str, tuple[int | None, int | None]]:
    """Name the features that two ways of folding give other values for."""
    return {name: (ours[name], theirs[name]) for name in ours if ours[name] != theirs[name]}


def written(state: Folded) -> bytes:
    """Write a state as it is kept."""
    return msgspec.json.encode(state, order="sorted")


def read(body: bytes) -> Folded:
    """Read a state back."""
    return msgspec.json.decode(body, type=Folded)


def _asked(feature: Feature, state: Folded, ask: Ask) -> int | None:
    return feature.fold.ask(state.states[feature.name], ask.on) if feature.source in ask.allowed else None


def _instant(at: datetime) -> str:
    return f"{int(at.timestamp() * 1_000_000):020}"


def shown(values: Mapping[str, int | None]) -> dict[str, int | None]:
    """Put values in the order of the catalogue."""
    return {feature.name: values[feature.name] for feature in FEATURES}
