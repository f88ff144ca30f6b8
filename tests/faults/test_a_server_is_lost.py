"""Two PostgreSQL servers share the buckets; one is killed under load.

Customers of the other go on buying and repaying, those of the lost one are told to come back, and when it is up again
nothing that was acknowledged is lost or doubled, and the merchant is paid to the cent, once.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest
from tests.support.consenting import application

from support.buying import free_port, started
from tiao.identity.rules import check_sign
from tiao.runtime.embedded import Embedded
from tiao.values.ids import bucket_of, read_id

CUSTOMERS_EACH = 6
#: More in a day and risk control wants to look.
PURCHASES_EACH = 14
REPAYMENTS_EACH = 7
PRICE_MINOR = 1_000
DISCOUNT_MINOR = 6
PATIENCE_SECONDS = 60.0
#: A loss is noticed within a second; the test leaves a machine that is busy some more.
NOTICED_WITHIN_SECONDS = 5.0
REPAID = "select 'rep_' || replace(id::text, '-', ''), amount_minor from repayment"


class Buyer(NamedTuple):
    """A customer with a line and a bound account, and the accepted quotes that wait."""

    token: str
    customer: str
    source: str
    quotes: list[str]

    @property
    def shard(self) -> int:
        return int(bucket_of(read_id("cus", self.customer)) >= 128)


class Answers:
    """What callers were told, by server."""

    def __init__(self) -> None:
        self.bought: tuple[dict[str, str], dict[str, str]] = ({}, {})
        #: By id; one whose bank answered while the server was gone is under way until the next morning asks.
        self.repaid: tuple[dict[str, str], dict[str, str]] = ({}, {})
        self.refused: tuple[Counter[str], Counter[str]] = (Counter(), Counter())


class Town:
    """Two servers, a server process, a bank and a bureau."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data_dirs = [folder / "zero", folder / "one"]
        self.postgres = [Embedded.start(each) for each in self.data_dirs]
        for each in self.postgres:
            each.ensure_database("tiao")
        ports = [free_port() for _ in range(3)]
        self.url = f"http://127.0.0.1:{ports[0]}"
        self.environment = {
            **os.environ,
            "COLUMNS": "300",
            "TIAO_VAR": str(folder),
            "TIAO_PORT": str(ports[0]),
            "TIAO_BANK_KEY": "0" * 64,
            "TIAO_BANK_URL": f"http://127.0.0.1:{ports[1]}",
            "TIAO_BUREAU_SECRET": "1" * 64,
            "TIAO_BUREAU_URL": f"http://127.0.0.1:{ports[2]}",
            "TIAO_BUCKET_MAP": ";".join(
                f"{buckets}={server.url('tiao')}"
                for buckets, server in zip(("0-127", "128-255"), self.postgres, strict=True)
            ),
        }
        self.operator = self.run("programme", "create", "--name", "two", "--lender-type", "cfc", "--test-clock").strip()
        self.processes = [
            self.start("bank", "--port", str(ports[1]), "--journal", str(folder / "bank.sqlite")),
            self.start("bureau", "--port", str(ports[2])),
            self.start("serve", "--workers", "2"),
        ]

    def run(self, *command: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "tiao", *command],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        return started(self.environment, self.folder / f"{command[0]}.log", *command)

    def stop(self) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for server in self.postgres:
            server.stop()


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    with tempfile.TemporaryDirectory(prefix="tiao-lost-") as folder:
        made = await asyncio.to_thread(Town, Path(folder))
        yield made
        await asyncio.to_thread(made.stop)


class Caller:
    """Calls as somebody; a change has its own key each time unless one is given."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self.http = http
        self.token = token
        self._serial = 0

    async def post(self, path: str, body: object = None, key: str = "") -> httpx.Response:
        self._serial += 1
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": key or f"key-{self._serial}"}
        return await self.http.post(path, json=body, headers=headers)

    async def made(self, path: str, body: object = None) -> Any:  # noqa: ANN401  JSON
        answer = await self.post(path, body)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(path, headers={"Authorization": f"Bearer {self.token}"})

    async def got(self, path: str) -> Any:  # noqa: ANN401  JSON
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def test_the_others_go_on_and_nothing_is_lost(town: Town) -> None:
    async with httpx.AsyncClient(base_url=town.url, timeout=20) as http:
        await up(http)
        operator = Caller(http, town.operator)
        merchant, buyers = await peopled(http, operator)
        answers = Answers()
        async with asyncio.TaskGroup() as callers:
            for buyer in buyers:
                callers.create_task(live(http, merchant, buyer, answers))
            opened = await lost_and_found(town, operator, answers)
        await operator.made("/v1/test_clock", {"advance_to": (opened + timedelta(days=4)).isoformat()})

        sold = sum(map(len, answers.bought))
        assert sold == 2 * CUSTOMERS_EACH * PURCHASES_EACH
        owed = sold * (PRICE_MINOR - DISCOUNT_MINOR)
        settled = (await merchant.got("/v1/settlements"))["data"]
        assert sum(each["net_minor"] for each in settled) == owed, "to the cent, whichever day each part came"
        assert (await merchant.got("/v1/balance"))["balance_minor"] == 0
        assert_each_once(town, answers, owed)
    assert "across servers: 5 of 5 invariants hold" in await asyncio.to_thread(town.run, "verify")


async def lost_and_found(town: Town, operator: Caller, answers: Answers) -> datetime:
    """Kill a server while people buy, see how the others fare, and start it again."""
    await until(lambda: len(answers.bought[1]) >= CUSTOMERS_EACH * 5)

    await asyncio.to_thread(town.postgres[1].kill)
    await asyncio.sleep(NOTICED_WITHIN_SECONDS)
    before = len(answers.bought[0]), len(answers.repaid[0])
    answers.refused[1].clear()
    await until(lambda: len(answers.bought[0]) > before[0] + 5 and len(answers.repaid[0]) > before[1])
    await until(lambda: answers.refused[1]["shard_unavailable"] > 5)
    # Who was on the way when it was noticed, one request a customer at most, hears of the database.
    assert answers.refused[1].pop("database_unavailable", 0) <= CUSTOMERS_EACH
    assert set(answers.refused[1]) == {"shard_unavailable"}, "the lost ones are told so, at once"
    assert answers.refused[0] == Counter(), "the others never noticed"
    await until(lambda: len(answers.bought[0]) == CUSTOMERS_EACH * PURCHASES_EACH)
    opened = datetime.fromisoformat((await operator.got("/v1/test_clock"))["now_at"])
    moved = await operator.post("/v1/test_clock", {"advance_to": (opened + timedelta(days=1)).isoformat()})
    assert (moved.status_code, moved.json()["code"]) == (503, "shard_unavailable"), "the home has closed its day"
    assert "start this server" in await asyncio.to_thread(town.run, "doctor", code=1)

    town.postgres[1] = await asyncio.to_thread(Embedded.start, town.data_dirs[1])
    return opened


def assert_each_once(town: Town, answers: Answers, owed: int) -> None:
    """Hold what was acknowledged against the rows of both servers, and what was paid against what is owed."""
    paid = 0
    for shard, server in enumerate(town.postgres):
        with psycopg.connect(server.url("tiao")) as connection:
            rows = connection.execute("select reference, 'pur_' || replace(id::text, '-', '') from purchase").fetchall()
            booked = connection.execute(REPAID).fetchall()
            sent = connection.execute("select coalesce(sum(amount_minor), 0) from payout").fetchone()
        assert len(rows) == len(dict(rows))
        assert dict(rows) == answers.bought[shard], "none lost, none doubled"
        assert {key for key, state in answers.repaid[shard].items() if state == "succeeded"} <= set(dict(booked))
        assert set(dict(booked)) <= set(answers.repaid[shard])
        assert len(booked) == len(dict(booked))
        assert {amount for _, amount in booked} == {100}
        assert sent is not None
        paid += sent[0]
    assert paid == owed


async def peopled(http: httpx.AsyncClient, operator: Caller) -> tuple[Caller, list[Buyer]]:
    """Take on a merchant and customers of both servers, each with accepted quotes."""
    terms = {
        "name": "书店",
        "category": "books",
        "currency": "CNY",
        "discount_rate": "0.006",
        "payout_account": "6222001",
    }
    shop = (await operator.made("/v1/merchants", terms))["id"]
    issued = await operator.made("/v1/api_keys", {"role": "merchant", "subject": shop, "label": "till"})
    merchant = Caller(http, issued["token"])
    now = datetime.fromisoformat((await operator.got("/v1/test_clock"))["now_at"])
    buyers: list[Buyer] = []
    number = 0
    while len(buyers) < 2 * CUSTOMERS_EACH:
        number += 1
        digits = f"11010119900101{number:03}"
        person = {"name": "张三丰", "identity_number": digits + check_sign(digits), "phone": f"138{number:08}"}
        made = await operator.made("/v1/customers", person)
        one = Buyer(made["key"]["token"], made["customer"]["id"], "", [])
        if sum(each.shard == one.shard for each in buyers) < CUSTOMERS_EACH:
            client = Caller(http, one.token)
            applied = await client.made("/v1/applications", application())
            if applied["decision"]["outcome"] == "approved":
                buyers.append(await ready_to_buy(client, merchant, one, now))
    return merchant, buyers


async def ready_to_buy(client: Caller, merchant: Caller, buyer: Buyer, now: datetime) -> Buyer:
    source = (
        await client.made(
            "/v1/funding_sources", {"account_no": f"6222020{bucket_of(read_id('cus', buyer.customer)):09}"}
        )
    )["id"]
    for _ in range(PURCHASES_EACH):
        asked = {"customer": buyer.customer, "amount_minor": PRICE_MINOR, "currency": "CNY"}
        quote = (await merchant.made("/v1/quotes", asked))["id"]
        sheet = await client.got(f"/v1/quotes/{quote}/cost_sheets/pay_later")
        read = now + timedelta(seconds=sheet["read_seconds_min"])
        ack = {"digest": sheet["digest"], "shown_at": now.isoformat(), "confirmed_at": read.isoformat()}
        await client.made(f"/v1/quotes/{quote}/acceptance", {"plan": "pay_later", "cost_sheet": ack})
        buyer.quotes.append(quote)
    return buyer._replace(source=source)


async def live(http: httpx.AsyncClient, merchant: Caller, buyer: Buyer, answers: Answers) -> None:
    """Buy one thing after another and repay now and then, each until it is answered, with one key."""
    client = Caller(http, buyer.token)
    for number, quote in enumerate(buyer.quotes):
        body = {"quote": quote, "plan": "pay_later", "reference": quote, "capture": True}
        made = await answered(merchant, "/v1/purchases", body, f"buy-{quote}", buyer, answers)
        assert made["outcome"] == "authorised", made
        answers.bought[buyer.shard][quote] = made["id"]
        if number % (PURCHASES_EACH // REPAYMENTS_EACH) == 0:
            body = {"funding_source": buyer.source, "amount_minor": 100}
            paid = await answered(client, "/v1/repayments", body, f"repay-{number}", buyer, answers)
            if "repayment" in paid:  # otherwise one is still under way
                answers.repaid[buyer.shard][paid["repayment"]["id"]] = paid["repayment"]["state"]
        await asyncio.sleep(0.6)


async def answered(caller: Caller, path: str, body: object, key: str, buyer: Buyer, answers: Answers) -> Any:  # noqa: ANN401  JSON
    began = time.monotonic()
    while time.monotonic() < began + 2 * PATIENCE_SECONDS:
        try:
            answer = await caller.post(path, body, key)
        except httpx.TransportError:
            await asyncio.sleep(0.1)
            continue
        if answer.status_code == 201:
            return answer.json()
        if answer.status_code == 409 and answer.json()["code"] == "debit_already_running":
            return answer.json()
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) > 0
        answers.refused[buyer.shard][answer.json()["code"]] += 1
        await asyncio.sleep(0.2)
    raise AssertionError(f"{path} was never answered")


async def up(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            with suppress(httpx.TransportError):
                if (await http.get("/health/ready")).is_success:
                    return
            await asyncio.sleep(0.1)


async def until(condition: Any) -> None:  # noqa: ANN401  any question
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110  others fill what is asked about
            await asyncio.sleep(0.05)
