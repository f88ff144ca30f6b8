"""A database that was given a share of the buckets is opened under no other map, and not as the only one."""

import os
from collections.abc import Iterator

import pytest

from tiao.runtime.db import Database
from tiao.runtime.embedded import Embedded
from tiao.runtime.placement import PlacementDiffers, check_placement, read_bucket_map, record_placement
from tiao.sharding.preparing import prepare
from tiao.sharding.refusals import NoShardAnswers


@pytest.fixture
def urls(server: Embedded) -> Iterator[list[str]]:
    names = [f"share_{os.getpid()}_{number}" for number in (0, 1)]
    for name in names:
        server.drop_database(name)
        server.ensure_database(name, template="tiao_template")
    yield [server.url(name) for name in names]
    for name in names:
        server.drop_database(name)


async def test_a_share_is_written_once_and_held_against_every_map(urls: list[str]) -> None:
    halves = read_bucket_map(f"0-127={urls[0]};128-255={urls[1]}")
    assert (await prepare(halves)).down == []
    assert (await prepare(halves)).down == [], "again it is as it was"
    for other in (f"0-126={urls[0]};127-255={urls[1]}", f"128-255={urls[0]};0-127={urls[1]}"):
        with pytest.raises(PlacementDiffers):
            await prepare(read_bucket_map(other))


async def test_one_of_several_is_not_served_as_the_only_one(urls: list[str]) -> None:
    await prepare(read_bucket_map(f"0-127={urls[0]};128-255={urls[1]}"))
    db = await Database.open(urls[1], pool_max=1)
    async with db.begin() as tx:
        with pytest.raises(PlacementDiffers, match="TIAO_BUCKET_MAP"):
            await check_placement(tx, None)
    await db.close()


async def test_a_server_with_customers_of_other_buckets_takes_no_share(urls: list[str]) -> None:
    db = await Database.open(urls[0], pool_max=1)
    async with db.begin() as tx:
        await tx.execute(
            "insert into credit_line (bucket, id, customer_id, currency, limit_minor, limit_target_minor,"
            " statement_day, opened_on) values (200, gen_random_uuid(), gen_random_uuid(), 'CNY', 1, 1, 1, 'today')"
        )
    async with db.begin() as tx:
        with pytest.raises(PlacementDiffers, match="200"):
            await record_placement(tx, read_bucket_map(f"0-127={urls[0]};128-255={urls[1]}"), 0)
    await db.close()


async def test_a_map_nobody_of_which_answers_is_refused() -> None:
    with pytest.raises(NoShardAnswers):
        await prepare(read_bucket_map("0-127=postgresql://127.0.0.1:1/a;128-255=postgresql://127.0.0.1:1/b"))
