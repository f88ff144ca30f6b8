"""Lists in pages: the cursor names the last item shown, so that what is inserted meanwhile moves nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Generic, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

from tiao.api.refusals import CursorInvalid
from tiao.runtime.db import Database, Tx

Item = TypeVar("Item")
Place = TypeVar("Place")

PAGE_DEFAULT = 20
PAGE_MAX = 100
FIRST_ID = UUID(int=0)
LAST_ID = UUID(int=2**128 - 1)
LAST_NUMBER = 2**63 - 1

Limit: TypeAlias = Annotated[int, QueryParameter(name="limit", ge=1, le=PAGE_MAX, description="How many at most.")]
After: TypeAlias = Annotated[
    str | None,
    QueryParameter(name="after", min_length=1, max_length=400, description="The last page's `next`; opaque."),
]
#: A parameter of lists of what somebody decides.
Undecided: TypeAlias = Annotated[bool, QueryParameter(name="open", description="Only those that nobody has decided.")]


class ById(NamedTuple):
    """A place in a list ordered by id."""

    id: UUID


class ByDay(NamedTuple):
    """A place in a list ordered by day."""

    day: date


class ByNumber(NamedTuple):
    """A place in a list ordered by when its items were recorded."""

    recorded_no: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class ByTime(NamedTuple):
    """A place in a list ordered by instant and id."""

    at: datetime
    id: UUID


class ByLoss(NamedTuple):
    """A place in a list ordered by what may be lost, the dearest first, and id."""

    loss: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    id: UUID


class ByBucket(NamedTuple):
    """A place in a list ordered by bucket and id."""

    bucket: Annotated[int, msgspec.Meta(ge=0, le=255)]
    id: UUID


class ByLateness(NamedTuple):
    """A place in a list of lines ordered by how long they owe."""

    due_on: date
    line: UUID


class ByEntry(NamedTuple):
    """A place among entries, which are ordered by bucket, posting and number."""

    bucket: Annotated[int, msgspec.Meta(ge=0, le=255)]
    posting_id: UUID
    number: Annotated[int, msgspec.Meta(ge=0, le=2**15 - 1)]


class ByTelltale(NamedTuple):
    """A place in a time line: an instant, and what orders the things that happened then."""

    at: datetime
    key: Annotated[str, msgspec.Meta(max_length=200)]


class ByPlaces(NamedTuple):
    """A place in a log that several servers keep: how far each one's was read."""

    places: Annotated[list[Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]], msgspec.Meta(max_length=256)]


class ByTelling(NamedTuple):
    """A place in a list of deliveries: when the event happened, its number and its bucket."""

    at: datetime
    number: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    bucket: Annotated[int, msgspec.Meta(ge=0, le=255)]


_LATEST = ByTime(datetime(9999, 1, 1, tzinfo=UTC), LAST_ID)


class Cut(NamedTuple, Generic[Item]):
    """A page cut from a list."""

    items: list[Item]
    has_more: bool
    next: str | None


def place_of(cursor: str | None, place_type: type[Place]) -> Place | None:
    """Read a cursor. Refuses: CursorInvalid."""
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        place = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=place_type)
    except (binascii.Error, UnicodeEncodeError, msgspec.DecodeError, RecursionError) as error:
        raise CursorInvalid(pointer="after") from error
    if isinstance(place, ByTime | ByTelling | ByTelltale) and place.at.tzinfo is None:
        raise CursorInvalid(pointer="after")
    return place


def before(cursor: str | None) -> ByTime:
    """Read where a list goes on that begins with the latest: before everything else without a cursor.

    Refuses: CursorInvalid.
    """
    return place_of(cursor, ByTime) or _LATEST


def cursor_at(place: object) -> str:
    """Write a place as a cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).rstrip(b"=").decode()


def cut(found: Sequence[Item], limit: int, place: Callable[[Item], object]) -> Cut[Item]:
    """Make a page of at most *limit* items from a list that was read one item further."""
    items = list(found[:limit])
    has_more = len(found) > limit
    return Cut(items, has_more, cursor_at(place(items[-1])) if has_more else None)


async def cut_across(
    databases: Iterable[Database],
    limit: int,
    read: Callable[[Tx], Awaitable[Sequence[Item]]],
    place: Callable[[Item], ByTime],
) -> Cut[Item]:
    """Make a page, latest first, of what lies on several servers; *read* gives one item more than *limit* from each."""
    found: list[Item] = []
    for db in databases:
        async with db.begin() as tx:
            found += await read(tx)
    return cut(sorted(found, key=place, reverse=True), limit, place)


def cut_after(found: Sequence[Item], after: UUID | None, limit: int, id_of: Callable[[Item], UUID]) -> Cut[Item]:
    """Make a page of a short list that was read as a whole; a cursor that names nothing in it gives an empty page."""
    start = 0
    if after is not None:
        places = [number for number, item in enumerate(found, start=1) if id_of(item) == after]
        start = places[0] if places else len(found)
    return cut(found[start : start + limit + 1], limit, lambda item: ById(id_of(item)))
