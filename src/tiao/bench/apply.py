"""Applications over HTTP: asked for at a steady rate, each from its own customer, decided with a report of the bureau.

`tiao serve` and the bureau simulator are programs of their own. Load is open: an application is sent when its time
comes, whether or not those before it were answered, and its latency counts from that time.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.bench.authorise import Tell
from tiao.bench.ground import CURRENCY, OPENED, Ground, check, checkpoint_after, open_ground, own_server, tidy
from tiao.bench.measures import Machine, Spread, percentile, server_cpu_seconds, spread, this_machine
from tiao.bench.serving import Served, bureau, served
from tiao.bench.wire import Connection, connections, post
from tiao.credit import actions as credit
from tiao.identity import actions as identity
from tiao.partners import actions as partners
from tiao.partners.model import Role
from tiao.privacy.texts import BUREAU_QUERY, newest
from tiao.runtime.embedded import Embedded
from tiao.runtime.secrets import FieldCipher
from tiao.simulator.people import monthly_income, people
from tiao.values.ids import read_id
from tiao.wiring import shipped_engine

#: What an application may take at the 99th percentile. Source: the platform's own goal.
GOAL_MS = 50.0
CONNECTIONS = 64
WARM_UP_SECONDS = 2
_SEED = "bench/apply"
_DATABASE = "apply"
_CREATED = 201
_BODY = b'{"currency":"%s","income_minor":%d,"bureau_consent":{"text_version":"%s","channel":"wallet"}}'
#: So many people are registered in one statement.
_AT_ONCE = 500
#: So many decisions of the run are computed again from their records.
RERUN = 200


class Setting(NamedTuple):
    """How often, how long, how many rounds."""

    rate: int
    seconds: int
    rounds: int
    connections: int = CONNECTIONS


class ApplyRound(msgspec.Struct, frozen=True):
    """One round as measured. *Units*: milliseconds from the time it was due; processor time in microseconds an item."""

    items: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    worst_ms: float
    served_cpu_us: float
    server_cpu_us: float
    bureau_cpu_us: float


class ApplyReport(msgspec.Struct, frozen=True):
    """What a run came to. *outcomes* counts decisions; *rerun* of them came out the same again, to the bit."""

    machine: Machine
    rate: int
    connections: int
    applications: int
    outcomes: dict[str, int]
    goal_ms: float
    is_within_goal: bool
    per_second: Spread
    p50_ms: Spread
    p95_ms: Spread
    p99_ms: Spread
    worst_ms: float
    served_cpu_us: Spread
    server_cpu_us: Spread
    bureau_cpu_us: Spread
    rounds: list[ApplyRound]
    rerun: int
    invariants_held: int


class _Made(msgspec.Struct, frozen=True):
    """What the load looks at in a decision."""

    id: str
    outcome: str


class _Answer(msgspec.Struct, frozen=True):
    """What the load looks at in an answer."""

    decision: _Made


class Asker(NamedTuple):
    """A customer who will ask: the key to ask with, and the income to declare."""

    token: str
    income_minor: int


_ANSWER = msgspec.json.Decoder(_Answer)


class DecisionDiffersError(AssertionError):
    """A decision that was measured does not come out the same again."""


async def measure(setting: Setting, tell: Tell) -> ApplyReport:
    """Measure on servers of its own. Refuses: InvariantViolated, ServerDidNotServe, DatabaseDidNotStart."""
    machine = this_machine()
    secret = secrets.token_hex(32)
    with own_server() as server:
        async with open_ground(server, _DATABASE) as ground, bureau(secret) as office:
            count = setting.rate * (WARM_UP_SECONDS + setting.seconds * setting.rounds)
            askers = await _register(ground, count, tell)
            more = {"TIAO_BUREAU_SECRET": secret, "TIAO_BUREAU_URL": f"http://127.0.0.1:{office.port}"}
            async with served(server.url(_DATABASE), more) as beside:
                load = _Load(server, ground, beside, office, setting)
                return await _rounds(load, askers, machine, tell)


class _Load:
    """What asks: one application of each asker, at the instant at which it is due."""

    def __init__(self, server: Embedded, ground: Ground, beside: Served, office: Served, setting: Setting) -> None:
        self.ground = ground
        self.beside = beside
        self.setting = setting
        self.made: list[_Made] = []
        self._pids = (beside.pid, server.pid, office.pid)
        self._chance = Random(_SEED)  # noqa: S311  a load, not a secret

    async def run(self, lanes: asyncio.Queue[Connection], askers: Sequence[Asker]) -> ApplyRound:
        """Send every asker's application, the next one exponentially distributed seconds after the last."""
        await tidy(self.ground)
        latencies: list[float] = []
        cpu = [server_cpu_seconds(pid) for pid in self._pids]
        began = time.perf_counter()
        due, tasks = began, []
        async with checkpoint_after(self.ground, len(askers) / self.setting.rate / 2):
            for asker in askers:
                due += self._chance.expovariate(self.setting.rate)
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                tasks.append(asyncio.create_task(self._ask(lanes, asker, due, latencies)))
            await asyncio.gather(*tasks)
        took = time.perf_counter() - began
        spent = [server_cpu_seconds(pid) - before for pid, before in zip(self._pids, cpu, strict=True)]
        latencies.sort()
        return ApplyRound(
            items=len(latencies),
            seconds=took,
            p50_ms=percentile(latencies, 0.5) * 1e3,
            p95_ms=percentile(latencies, 0.95) * 1e3,
            p99_ms=percentile(latencies, 0.99) * 1e3,
            worst_ms=latencies[-1] * 1e3,
            served_cpu_us=spent[0] / len(latencies) * 1e6,
            server_cpu_us=spent[1] / len(latencies) * 1e6,
            bureau_cpu_us=spent[2] / len(latencies) * 1e6,
        )

    async def _ask(self, lanes: asyncio.Queue[Connection], asker: Asker, due: float, latencies: list[float]) -> None:
        body = _BODY % (CURRENCY.encode(), asker.income_minor, newest(BUREAU_QUERY).version_on.isoformat().encode())
        lane = await lanes.get()
        try:
            reply = await lane.ask(post("/v1/applications", body, token=asker.token, key=f"ask-{asker.token[-16:]}"))
        finally:
            lanes.put_nowait(lane)
        assert reply.status == _CREATED, f"{reply.status}: {reply.body.decode()}"
        latencies.append(time.perf_counter() - due)
        self.made.append(_ANSWER.decode(reply.body).decision)


async def _rounds(load: _Load, askers: list[Asker], machine: Machine, tell: Tell) -> ApplyReport:
    setting = load.setting
    rounds: list[ApplyRound] = []
    warm_up, each = setting.rate * WARM_UP_SECONDS, setting.rate * setting.seconds
    async with connections(load.beside.port, setting.connections) as opened:
        lanes: asyncio.Queue[Connection] = asyncio.Queue()
        for lane in opened:
            lanes.put_nowait(lane)
        await load.run(lanes, askers[:warm_up])
        load.made.clear()
        for number in range(setting.rounds):
            tell("rounds", number, setting.rounds)
            first = warm_up + number * each
            rounds.append(await load.run(lanes, askers[first : first + each]))
    tell("invariants", 0, 1)
    p99 = spread([one.p99_ms for one in rounds])
    return ApplyReport(
        machine=machine,
        rate=setting.rate,
        connections=setting.connections,
        applications=len(load.made),
        outcomes=dict(sorted(Counter(one.outcome for one in load.made).items())),
        goal_ms=GOAL_MS,
        is_within_goal=p99.median <= GOAL_MS,
        per_second=spread([one.items / one.seconds for one in rounds]),
        p50_ms=spread([one.p50_ms for one in rounds]),
        p95_ms=spread([one.p95_ms for one in rounds]),
        p99_ms=p99,
        worst_ms=round(max(one.worst_ms for one in rounds), 1),
        served_cpu_us=spread([one.served_cpu_us for one in rounds]),
        server_cpu_us=spread([one.server_cpu_us for one in rounds]),
        bureau_cpu_us=spread([one.bureau_cpu_us for one in rounds]),
        rounds=rounds,
        rerun=await _run_again(load.ground, [read_id("dec", one.id) for one in load.made[:RERUN]]),
        invariants_held=await check(load.ground),
    )


async def _register(ground: Ground, count: int, tell: Tell) -> list[Asker]:
    """Register people who passed every check, each with a key of their own."""
    keys = [f"A{number:06d}" for number in range(count)]
    made = people(_SEED, keys, on=OPENED)
    vault = FieldCipher({1: secrets.token_bytes(32)})
    askers: list[Asker] = []
    for first in range(0, count, _AT_ONCE):
        some = keys[first : first + _AT_ONCE]
        async with ground.db.begin() as tx:
            now = await ground.moments(tx)
            customers = await identity.register_customers(tx, now, vault, [made[key] for key in some])
            for key, customer in zip(some, customers, strict=True):
                issued = await partners.issue_key(
                    tx,
                    now,
                    role=Role.CONSUMER,
                    subject_id=customer.id,
                    label="bench",
                    random_bytes=secrets.token_bytes,
                )
                askers.append(Asker(issued.token, monthly_income(_SEED, key)))
        tell("customers", len(askers), count)
    return askers


async def _run_again(ground: Ground, decisions: Sequence[UUID]) -> int:
    """Compute decisions again from their records: a fast answer that cannot be explained later is none."""
    engine = shipped_engine()
    async with ground.db.snapshot() as tx:
        for each in decisions:
            again = await credit.rerun(tx, engine, each)
            if not again.is_equal:
                raise DecisionDiffersError(f"decision {each}: {', '.join(again.differing)}")
    return len(decisions)
