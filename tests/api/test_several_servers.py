"""A programme on two servers: a customer is served by one of them, a merchant by both, to the cent."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import psycopg

from api.test_policy_overrides import TIGHTER
from tiao.credit.warning import switching
from tiao.payments import gathering
from tiao.payments.prepaid import actions as prepaid
from tiao.payments.steering import actions as steering
from tiao.runtime import overrides
from tiao.runtime.embedded import Embedded
from tiao.values.ids import bucket_of, read_id

PRICE = 10_000


def shard_of(customer_id: str) -> int:
    return int(bucket_of(read_id("cus", customer_id)) >= 128)


async def customers_on_both(town: Any) -> list[tuple[Any, str]]:
    """One customer on each server; on which somebody falls is a matter of the identity number."""
    found: dict[int, tuple[Any, str]] = {}
    while len(found) < 2:
        client, customer = await town.customer()
        found.setdefault(shard_of(customer), (client, customer))
    return [found[0], found[1]]


async def counted(town: Any, table: str) -> list[int]:
    counts = []
    for site in town.services.shards.sites:
        async with site.db.begin() as tx:
            counts.append(await tx.value(f"select count(*) from {table}"))
    return counts


async def test_a_customer_lives_on_one_server_and_a_merchant_sells_on_both(town_on_two: Any) -> None:
    town = town_on_two
    for client, customer in await customers_on_both(town):
        made = await town.bought(client, customer, PRICE)
        assert shard_of(made["customer"]) == shard_of(customer)
        assert (await client.got(f"/v1/purchases/{made['id']}"))["id"] == made["id"]
        assert (await client.got("/v1/line"))["used_minor"] == PRICE
    assert await counted(town, "purchase") == [1, 1]
    assert await counted(town, "merchant") == [1, 1]

    listed = (await town.merchant.got("/v1/purchases"))["data"]
    assert [each["authorised_at"] for each in listed] == sorted(
        (each["authorised_at"] for each in listed), reverse=True
    )
    assert len(listed) == 2
    first = await town.merchant.got("/v1/purchases", limit=1)
    second = await town.merchant.got("/v1/purchases", limit=1, after=first["next"])
    assert [first["data"][0]["id"], second["data"][0]["id"]] == [each["id"] for each in listed]
    assert (await town.merchant.got("/v1/balance"))["balance_minor"] == 2 * (PRICE - 60)
    start = await town.operator.got("/v1/journal", on="2026-09-01", limit=1)
    rest = await town.operator.got("/v1/journal", on="2026-09-01", after=start["next"])
    journal = start["data"] + rest["data"]
    assert [sum(entry["amount_minor"] for entry in each["entries"]) for each in journal] == [0, 0]
    assert len({each["id"] for each in journal}) == 2
    await town.assert_sound()


async def test_a_settlement_gathers_what_both_owe_and_pays_it_once(town_on_two: Any) -> None:
    town = town_on_two
    for client, customer in await customers_on_both(town):
        await town.bought(client, customer, PRICE)
    await town.advance("2026-09-02T00:00:00+00:00")

    found = await town.merchant.got("/v1/settlements/2026-09-01")
    assert found["settlement"]["gross_minor"] == 2 * PRICE
    assert found["settlement"]["net_minor"] == 2 * (PRICE - 60)
    assert [each["amount_minor"] for each in found["payouts"]] == [2 * (PRICE - 60)]
    lines = (await town.merchant.got("/v1/settlements/2026-09-01/lines"))["data"]
    assert sum(each["amount_minor"] for each in lines) == found["settlement"]["net_minor"]
    assert len({each["posting"] for each in lines}) == len(lines) == 2
    await gather_again(town)
    await town.advance("2026-09-04T00:00:00+00:00")
    assert (await town.merchant.got("/v1/balance"))["balance_minor"] == 0
    rows = {row["account"]: row for row in (await town.operator.got("/v1/trial_balance"))["rows"]}
    assert rows[2006]["balance_minor"] == 0, "nothing is left between the servers"
    assert rows[1011]["balance_minor"] == 2 * PRICE
    assert sum(row["debit_minor"] - row["credit_minor"] for row in rows.values()) == 0
    await town.assert_sound()


async def gather_again(town: Any) -> None:
    """What a close that is killed between two servers does when it is run again: nothing twice."""
    home, other = town.services.shards.sites
    day, at = date(2026, 9, 1), datetime(2026, 9, 2, tzinfo=UTC)
    async with other.db.begin() as tx:
        parts = await gathering.sent(tx, after=date.min, through=day)
        assert await gathering.forward(tx, day, shard=1, bucket=128, recorded_at=at) == 0
    assert [part.net_minor for part in parts] == [PRICE - 60]
    async with home.db.begin() as tx:
        assert await gathering.gather(tx, parts, day, recorded_at=at) == 0


async def test_what_a_server_that_was_down_owes_is_in_the_next_settlement(town_on_two: Any, server: Embedded) -> None:
    town = town_on_two
    for client, customer in await customers_on_both(town):
        await town.bought(client, customer, PRICE)
    other = town.services.shards.sites[1]
    await lose(server, other)
    moved = await town.operator.post("/v1/test_clock", {"advance_to": "2026-09-02T00:00:00+00:00"})
    assert (moved.status_code, moved.json()["code"]) == (503, "shard_unavailable")
    found = await town.merchant.got("/v1/settlements/2026-09-01")
    assert found["settlement"]["net_minor"] == PRICE - 60, "the one that lives does not wait"
    assert (await town.merchant.get("/v1/balance")).status_code == 503, "a balance is whole or refused"

    await regain(server, other)
    await town.advance("2026-09-03T00:00:00+00:00")
    late = await town.merchant.got("/v1/settlements/2026-09-02")
    assert late["settlement"]["net_minor"] == PRICE - 60
    lines = (await town.merchant.got("/v1/settlements/2026-09-02/lines"))["data"]
    assert sum(each["amount_minor"] for each in lines) == PRICE - 60
    await town.assert_sound()


async def lose(server: Embedded, site: Any) -> None:
    """Cut a server off: nobody gets in, and who was in is out."""
    name = site.db.pool.conninfo.split("dbname=")[1].split()[0]
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"alter database {name} with allow_connections false")
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
    await until(lambda: not site.is_up)


async def regain(server: Embedded, site: Any) -> None:
    name = site.db.pool.conninfo.split("dbname=")[1].split()[0]
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"alter database {name} with allow_connections true")
    await until(lambda: site.is_up)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110  the watcher looks once a second
            await asyncio.sleep(0.05)


async def test_what_is_changed_at_home_counts_on_every_server_at_once(town_on_two: Any) -> None:
    town = town_on_two
    pairs = await customers_on_both(town)
    quotes = [await town.accepted(client, customer, PRICE) for client, customer in pairs]
    await town.operator.made(f"/v1/merchants/{town.merchant_id}/suspension")
    for quote in quotes:
        body = {"quote": quote, "plan": "pay_later", "capture": True, "reference": "order"}
        made = await town.merchant.made("/v1/purchases", body)
        assert made["outcome"] == "declined"
    await town.reinstated(town.merchant_id)
    for client, customer in pairs:
        assert (await town.bought(client, customer, PRICE))["outcome"] == "authorised"
    await town.assert_sound()


async def test_while_the_home_is_down_customers_of_the_other_server_go_on(town_on_two: Any, server: Embedded) -> None:
    town = town_on_two
    (at_home, home_customer), (client, customer) = await customers_on_both(town)
    town.services.keyring.forget()
    await lose(server, town.services.shards.sites[0])
    assert (await town.bought(client, customer, PRICE))["outcome"] == "authorised"
    assert (await client.got("/v1/line"))["used_minor"] == PRICE
    refused = await at_home.get("/v1/line")
    assert (refused.status_code, refused.json()["code"]) == (503, "shard_unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    asked = {"customer": home_customer, "amount_minor": PRICE, "currency": "CNY"}
    assert (await town.merchant.post("/v1/quotes", asked)).json()["code"] == "shard_unavailable"
    refused = await town.operator.delete(f"/v1/merchants/{town.merchant_id}/suspension")
    assert refused.json()["code"] == "shard_unavailable", "merchants are changed at home"
    ready = (await town.stranger.get("/health/ready")).json()
    assert (ready["is_healthy"], ready["down"]) == (True, ["0-127"])
    await regain(server, town.services.shards.sites[0])
    assert (await at_home.got("/v1/line"))["used_minor"] == 0
    await town.assert_sound()


async def test_a_consumers_key_lives_and_ends_where_the_consumer_does(town_on_two: Any) -> None:
    town = town_on_two
    for client, customer in await customers_on_both(town):
        token = await town.issued("consumer", customer)
        second = town.client(token)
        assert (await second.got("/v1/line"))["customer"] == customer
        keys = (await town.operator.got("/v1/api_keys", subject=customer))["data"]
        assert len(keys) == 2
        assert (await town.operator.delete(f"/v1/api_keys/{keys[-1]['id']}")).status_code == 200
        assert (await second.get("/v1/line")).json()["code"] == "token_revoked"
        assert (await client.get("/v1/line")).status_code == 200
    ended = (await town.operator.got("/v1/api_keys", subject=town.merchant_id))["data"][0]["id"]
    assert (await town.operator.delete(f"/v1/api_keys/{ended}")).status_code == 200
    assert (await town.merchant.get("/v1/balance")).json()["code"] == "token_revoked"
    await town.assert_sound()


async def test_what_is_decided_at_home_is_known_everywhere(town_on_two: Any) -> None:
    town = town_on_two
    await town.operator.made("/v1/early_warning/shadow", {"reason": "to look at it"})
    now = {"starts_at": "2026-09-02T00:00:00Z", "ends_at": "2026-09-02T04:00:00Z", "channel": "bank"}
    asked = await town.operator.made("/v1/routing/proposals", {"maintenance": now, "reason": "they said so"})
    path = f"/v1/routing/proposals/{asked['number']}/agreement"
    await (await town.second_operator()).made(path)
    await town.operator.made("/v1/policy_overrides", TIGHTER)
    failure = {"failure": True, "reason": "it closed its doors"}
    failed = await town.operator.made(f"/v1/merchants/{town.merchant_id}/proposals", failure)
    await (await town.second_operator()).made(f"/v1/proposals/{failed['id']}/agreement", {})
    await town.services.shards.spread()
    for mark in (switching.mark, steering.mark, overrides.mark_of, prepaid.failures_mark):
        marks = []
        for site in town.services.shards.sites:
            async with site.db.begin() as tx:
                marks.append(await mark(tx))
        assert marks[0], "something was decided"
        assert marks[0] == marks[1], mark.__module__
