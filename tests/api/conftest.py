"""A programme on a test clock, served in process, with a simulated bank and bureau on their real wires."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from threading import Thread
from typing import Any, TypeVar

import httpx
import pytest
from tests.support.consenting import application

from tiao.api.app import serving, serving_all
from tiao.api.edge import Edge
from tiao.api.metrics import Metrics
from tiao.api.services import Services
from tiao.identity.rules import check_sign
from tiao.ledger import actions as ledger
from tiao.partners import actions as partners
from tiao.partners.model import Role
from tiao.process import app_of
from tiao.runtime.checks import run_checks
from tiao.runtime.db import Database
from tiao.runtime.embedded import Embedded
from tiao.runtime.placement import BucketMap, read_bucket_map
from tiao.runtime.programme import Programme, create_programme
from tiao.runtime.secrets import FieldCipher
from tiao.sharding.across import check_across
from tiao.sharding.preparing import prepare
from tiao.sharding.shards import open_shards
from tiao.simulator.bank.books import Books
from tiao.simulator.bank.server import BankServer
from tiao.simulator.bureau import BureauSimulator
from tiao.simulator.registry import RegistrySimulator
from tiao.simulator.sms import SmsSimulator
from tiao.values.ids import derived_id, seeded_ids
from tiao.wiring import CodeLimits, Outside, open_platform

T = TypeVar("T")

OPENED = date(2026, 9, 1)
AT = datetime(2026, 9, 1, 2, tzinfo=UTC)
BANK_KEY = b"bank key of the tests, 32 bytes.."
BUREAU_SECRET = b"bureau secret of the tests"
NOTICE_URL = "http://tiao/v1/channels/bank/notices"
SMS_KEY = b"message gateway of the tests"
REGISTRY_SECRET = b"register secret of the tests"
RECEIPT_URL = "http://tiao/v1/messages/receipts"
#: Row counts of these and the ledger's entries together say whether anything happened.
TABLES = (
    *("ledger_posting", "ledger_entry", "credit_line", "customer", "merchant", "api_key", "credit_application"),
    *("credit_decision", "quote", "purchase", "loan", "loan_instalment", "bill", "repayment", "refund"),
    *("funding_source", "debit", "payout", "settlement", "idempotent_answer", "loan_write_off"),
    *("policy_override", "policy_override_step"),
)


class Client:
    """Calls the API with one key; every change gets an Idempotency-Key unless one is given."""

    def __init__(self, http: httpx.AsyncClient, token: str | None, serial: Any) -> None:
        self.http = http
        self.token = token
        self._serial = serial

    async def get(self, path: str, **params: object) -> httpx.Response:
        return await self.http.get(path, params=params or None, headers=self._headers())

    async def post(self, path: str, body: object = None, *, key: str | None = "", **headers: str) -> httpx.Response:
        sent = self._headers() | headers
        if key is not None:
            sent["Idempotency-Key"] = key or f"key-{next(self._serial)}"
        return await self.http.post(path, json=body, headers=sent)

    async def delete(self, path: str) -> httpx.Response:
        return await self.http.delete(path, headers=self._headers())

    async def put(self, path: str, body: object) -> httpx.Response:
        return await self.http.put(path, json=body, headers=self._headers())

    async def made(self, path: str, body: object = None, **headers: str) -> Any:
        answer = await self.post(path, body, **headers)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    async def got(self, path: str, **params: object) -> Any:
        answer = await self.get(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


class Town:
    """The programme and everybody who has to do with it."""

    registry: RegistrySimulator

    def __init__(self, app: Edge, services: Services, bank: BankServer, outside: Outside, sms: SmsSimulator) -> None:
        self.app = app
        self.sms = sms
        self.services = services
        self.bank = bank
        self.outside = outside
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tiao")
        self._serial = count(1)
        self.stranger = self.client(None)

    @property
    def db(self) -> Database:
        return self.services.platform.db

    def client(self, token: str | None) -> Client:
        return Client(self.http, token, self._serial)

    async def open(self) -> None:
        self.operator = self.client(await self.key(Role.OPERATOR, derived_id("operator")))
        made = await self.operator.made("/v1/merchants", merchant_body())
        self.merchant_id: str = made["id"]
        self.merchant = self.client(await self.issued("merchant", self.merchant_id))

    async def key(self, role: Role, subject: Any) -> str:
        async with self.db.begin() as tx:
            now = await self.services.real_moment(tx)
            issued = await partners.issue_key(
                tx, now, role=role, subject_id=subject, label="test", random_bytes=secrets.token_bytes
            )
        return issued.token

    async def key_with(self, scopes: list[str]) -> Client:
        """Let an operator in who may do just this; rights that nobody gives away by a key come from the shell."""
        async with self.db.begin() as tx:
            issued = await partners.issue_key(
                tx,
                await self.services.real_moment(tx),
                role=Role.OPERATOR,
                subject_id=derived_id("operator"),
                label="test",
                random_bytes=secrets.token_bytes,
                scopes=scopes,
            )
        return self.client(issued.token)

    async def bare_key(self, role: Role, subject: Any, scopes: Sequence[str] = ()) -> str:
        """Let somebody in who may do nothing but what is named."""
        async with self.db.begin() as tx:
            now = await self.services.real_moment(tx)
            issued = await partners.issue_key(
                tx,
                now,
                role=role,
                subject_id=subject,
                label="bare",
                random_bytes=secrets.token_bytes,
                scopes=list(scopes),
            )
        return issued.token

    async def issued(self, role: str, subject: str, **more: object) -> str:
        body = {"role": role, "subject": subject, "label": "till", **more}
        return (await self.operator.made("/v1/api_keys", body))["token"]

    async def customer(self, *, with_line: bool = True, income_minor: int = 2_000_000) -> tuple[Client, str]:
        made = await self.operator.made("/v1/customers", person(next(self._serial)))
        client = self.client(made["key"]["token"])
        if with_line:
            applied = await client.made("/v1/applications", application(income_minor))
            assert applied["decision"]["outcome"] == "approved", applied
        return client, made["customer"]["id"]

    async def accepted(self, client: Client, customer_id: str, amount_minor: int, plan: str = "pay_later") -> str:
        """Quote, read the cost sheet, accept; give the quote's id."""
        asked = {"customer": customer_id, "amount_minor": amount_minor, "currency": "CNY"}
        quote = (await self.merchant.made("/v1/quotes", asked))["id"]
        sheet = await client.got(f"/v1/quotes/{quote}/cost_sheets/{plan}")
        ack = {
            "digest": sheet["digest"],
            "shown_at": AT.isoformat(),
            "confirmed_at": (AT + timedelta(seconds=sheet["read_seconds_min"])).isoformat(),
        }
        await client.made(f"/v1/quotes/{quote}/acceptance", {"plan": plan, "cost_sheet": ack})
        return quote

    async def bought(
        self, client: Client, customer_id: str, amount_minor: int, plan: str = "pay_later", *, capture: bool = True
    ) -> Any:
        quote = await self.accepted(client, customer_id, amount_minor, plan)
        body = {"quote": quote, "plan": plan, "capture": capture, "reference": "order 1"}
        return await self.merchant.made("/v1/purchases", body)

    async def switched_on(self, rule: str, source: str) -> None:
        """Switch a rule on from tomorrow, with two people behind it."""
        proposal = {
            "rule": rule,
            "kind": "switch",
            "value": source,
            "reason": "on offer",
            "from_on": "2026-09-01",
            "review_on": "2027-06-01",
            "expires_on": "2027-09-01",
        }
        proposed = await self.operator.made("/v1/policy_overrides", proposal)
        path = f"/v1/policy_overrides/{proposed['id']}/approval"
        await (await self.second_operator()).made(path, {"reason": "read and agreed"})

    async def second_operator(self) -> Client:
        """Somebody else among the staff, with a key from the machine itself."""
        return await self.person("second person")

    async def person(self, name: str) -> Client:
        """Let an operator of this name in, as `tiao programme key` does."""
        async with self.db.begin() as tx:
            now = await self.services.real_moment(tx)
            person = await partners.operator_for_key(tx, now, name)
            issued = await partners.issue_key(
                tx, now, role=Role.OPERATOR, subject_id=person, label=name, random_bytes=secrets.token_bytes
            )
        await self.services.shards.spread()
        return self.client(issued.token)

    async def reinstated(self, merchant_id: str) -> None:
        """Let a merchant sell again, as two people do."""
        path = f"/v1/merchants/{merchant_id}"
        assert (await self.operator.delete(f"{path}/suspension")).status_code == 200
        waiting = (await self.operator.got("/v1/proposals", merchant=merchant_id, open="true"))["data"]
        proposed = next(each["id"] for each in waiting if each["kind"] == "reinstatement")
        await (await self.second_operator()).made(f"/v1/proposals/{proposed}/agreement", {})
        assert (await self.operator.got(path))["status"] == "active"

    async def advance(self, to: str) -> Any:
        return await self.operator.made("/v1/test_clock", {"advance_to": to})

    async def state(self) -> tuple[object, ...]:
        """Everything that may not change when a request is refused."""
        async with self.db.begin() as tx:
            counts = [await tx.value(f"select count(*) from {table}") for table in TABLES]
            lines = await tx.value(
                "select coalesce(sum(held_minor) * 7 + sum(used_minor) + sum(limit_minor), 0) from credit_line"
            )
            purchases = await tx.value(
                "select coalesce(sum(captured_minor + 3 * released_minor + 5 * refunded_minor), 0) from purchase"
            )
            return (await ledger.fingerprint(tx), dict(zip(TABLES, counts, strict=True)), lines, purchases)

    async def assert_sound(self) -> None:
        databases = [site.db for site in self.services.shards.sites]
        for db in databases:
            async with db.begin() as tx:
                assert await run_checks(tx) == []
        assert await check_across(databases) == []


def merchant_body(name: str = "山脚书店") -> dict[str, str]:
    return {
        "name": name,
        "category": "books",
        "currency": "CNY",
        "discount_rate": "0.006",
        "payout_account": "6222000000000001",
    }


def person(number: int) -> dict[str, str]:
    digits = f"11010119900101{number % 1000:03}"
    return {"name": "张三丰", "identity_number": digits + check_sign(digits), "phone": f"138{number:08}"}


@asynccontextmanager
async def open_town(
    database: Database, bucket_map: BucketMap | None = None, code_limits: CodeLimits | None = None
) -> AsyncIterator[Town]:
    """Open a town on a database, or on those of a map."""
    await open_programme(database)
    bank = BankServer(Books(1, opening_balance_minor=100_000_000), key=BANK_KEY, notice_url=NOTICE_URL)
    bureau = BureauSimulator(BUREAU_SECRET, seed=1)
    sms = SmsSimulator(SMS_KEY, seed=1, receipt_url=RECEIPT_URL)
    registry = RegistrySimulator(REGISTRY_SECRET, seed=1)
    async with AsyncExitStack() as stack:
        outside = Outside(
            bank=await stack.enter_async_context(client_to(bank, "http://bank")),
            bank_key=BANK_KEY,
            bureau=await stack.enter_async_context(client_to(bureau, "http://bureau")),
            bureau_secret=BUREAU_SECRET,
            sms=await stack.enter_async_context(client_to(sms, "http://sms")),
            sms_key=SMS_KEY,
            registry=await stack.enter_async_context(client_to(registry, "http://registry")),
            registry_secret=REGISTRY_SECRET,
            code_limits=code_limits or CodeLimits(),
        )
        given = {"ids": seeded_ids("api"), "vault": FieldCipher({1: b"k" * 32})}
        if bucket_map is None:
            platform = await stack.enter_async_context(open_platform(database, outside, **given))
            services = await stack.enter_async_context(serving(platform, outside, Metrics()))
        else:
            shards = await stack.enter_async_context(open_shards(bucket_map, outside, **given))
            services = await stack.enter_async_context(serving_all(shards, outside, Metrics()))
        made = Town(app_of(services), services, bank, outside, sms)
        made.registry = registry
        await stack.enter_async_context(made.http)
        await made.open()
        yield made


async def open_programme(database: Database) -> None:
    before = OPENED - timedelta(days=1)
    async with database.begin() as tx:
        await create_programme(
            tx, Programme("条科技", "CNY", "Asia/Shanghai", "CN", "cfc", True, AT, before, before, OPENED)
        )


@pytest.fixture
async def town_on_two(server: Embedded) -> AsyncIterator[Town]:
    """A town whose buckets lie on two servers: to tiao, two databases are that."""
    names = [f"shard_{os.getpid()}_{number}" for number in (0, 1)]
    for name in names:
        server.drop_database(name)
        server.ensure_database(name, template="tiao_template")
    bucket_map = read_bucket_map(f"0-127={server.url(names[0])};128-255={server.url(names[1])}")
    await prepare(bucket_map)
    other = await Database.open(server.url(names[1]), pool_max=1)
    home = await Database.open(server.url(names[0]), pool_max=1)
    await open_programme(other)
    async with open_town(home, bucket_map) as made:
        yield made
    await other.close()
    await home.close()
    for name in names:
        server.drop_database(name)


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    async with open_town(database) as made:
        yield made


@pytest.fixture
async def frugal_town(database: Database) -> AsyncIterator[Town]:
    """A town that sends three codes an hour to an address, and five in all."""
    async with open_town(database, code_limits=CodeLimits(per_address=3, in_all=5)) as made:
        yield made


@pytest.fixture(scope="module")
def running_town(server: Embedded) -> Iterator["RunningTown"]:
    """A town on a thread of its own, for tests whose examples are not asynchronous."""
    name = f"town_{os.getpid()}"
    server.drop_database(name)
    server.ensure_database(name, template="tiao_template")
    made = RunningTown(server.url(name))
    yield made
    made.stop()
    server.drop_database(name)


class RunningTown:
    """Serves a town from a thread until it is stopped."""

    def __init__(self, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever)
        self._thread.start()
        self._stack = AsyncExitStack()
        self.town = self.run(self._open(url))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)

    def stop(self) -> None:
        self.run(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self, url: str) -> Town:
        database = await Database.open(url)
        self._stack.push_async_callback(database.close)
        return await self._stack.enter_async_context(open_town(database))


def client_to(app: Any, url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=url)
