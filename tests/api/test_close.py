"""The close of a day shows how far it has come, step by step, while it runs and after it broke off."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from datetime import date, datetime
from typing import Any

import pytest

from tiao.runtime.db import Tx
from tiao.servicing.close import GATHERS, STEPS, close_day

pytestmark = pytest.mark.anyio

EVENING = "2026-09-01T17:00:00Z"


class Broken(Exception):  # noqa: N818  what happens to a server, not an error of ours
    """Where a close breaks off."""


async def test_what_is_to_be_closed_is_shown_before_it_begins(town: Any) -> None:
    first = await town.operator.got("/v1/close")
    assert (first["business_date"], first["is_closed"], first["is_over"]) == ("2026-09-01", False, False)
    await is_over(town)
    due = await town.operator.got("/v1/close")
    assert (due["business_date"], due["is_closed"], due["is_over"]) == ("2026-09-01", False, True)
    assert [each["step"] for each in due["plan"]] == [name for name in STEPS if name != GATHERS]
    assert {(each["buckets"], each["buckets_done"]) for each in due["plan"]} == {(256, 0)}
    today = await town.operator.got("/v1/close/2026-09-02")
    assert (today["is_closed"], today["is_over"]) == (False, False)


async def test_a_close_that_broke_off_shows_where_and_goes_on_from_there(town: Any) -> None:
    await is_over(town)

    async def expire(_tx: Tx, first: int, _last: int, _at: datetime) -> int:
        if first >= 128:
            raise Broken
        return 1

    closer = town.services.platform.servicer.closer
    with pytest.raises(Broken):
        await close_day(closer._replace(expire_holds=expire, chunk=64, workers=1), date(2026, 9, 1))
    seen = await town.operator.got("/v1/close")
    first, *others = seen["plan"]
    assert (first["step"], first["buckets_done"], first["rows_changed"]) == ("expire", 128, 2)
    assert {each["buckets_done"] for each in others} == {0}
    done = await town.operator.made("/v1/close/2026-09-01", key=None)
    assert done["is_closed"]
    assert {each["buckets_done"] for each in done["plan"]} == {256}
    assert await town.operator.got("/v1/close") == done, "the last one stays in sight"


async def test_each_step_stands_beside_what_it_changed_the_day_before(town: Any) -> None:
    await is_over(town)
    await town.operator.made("/v1/close/2026-09-01", key=None)
    first = await town.operator.got("/v1/close/2026-09-01")
    second = await town.operator.got("/v1/close/2026-09-02")
    assert [each["rows_before"] for each in second["plan"]] == [each["rows_changed"] for each in first["plan"]]


async def is_over(town: Any) -> None:
    """Let the first day pass without closing it."""
    async with town.db.begin() as tx:
        await tx.execute("update programme set now_at = %(at)s::timestamptz", at=EVENING)
