"""Purchases over HTTP: `tiao serve` in a process of its own, 256 connections, in turn with TPC-B on the same server.

Each is decided with risk control as a programme has it: its features, the rules, and a model of 200 trees, which two
people put to work before. Every second one names a device and an address.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import msgspec

from tiao.bench import tpcb
from tiao.bench.authorise import REPEATED_SHARE, ZIPF, Tell
from tiao.bench.ground import (
    Ground,
    Lines,
    check,
    checkpoint_after,
    open_ground,
    open_many_lines,
    open_merchants,
    own_server,
    tidy,
)
from tiao.bench.measures import Machine, Spread, percentile, server_cpu_seconds, spread, this_machine
from tiao.bench.quoted import PLAN, Ticket, Tickets
from tiao.bench.rounds import Cost, Round, cost_of, tpcb_round, wal
from tiao.bench.serving import Served, served
from tiao.bench.trees import TREES, TRIED, Adopted, adopt, trained
from tiao.bench.wire import Connection, connections, post
from tiao.partners import actions as partners
from tiao.partners.model import Merchant, Role
from tiao.runtime.embedded import Embedded
from tiao.runtime.queries import load_queries

CONNECTIONS = 256
#: More than one serving process answers in a second here.
STOCKED_A_SECOND = 4_000
WARM_UP_SECONDS = 2
_QUERIES = load_queries("tiao.bench")
_SEED = 20260309
_DATABASE = "http"
_CREATED = 201


class Setting(NamedTuple):
    """How large, how long, how often."""

    lines: int
    merchants: int
    seconds: int
    rounds: int
    scale: int = tpcb.SCALE
    connections: int = CONNECTIONS
    trees: int = TREES
    stocked_a_second: int = STOCKED_A_SECOND


class HttpReport(msgspec.Struct, frozen=True):
    """What a run came to, each round beside the TPC-B round after it.

    *ratio_tpcb*: of items a second. *ratio_cpu*: of the processor time of all sides (TPC-B's server and pgbench; ours
    with `tiao serve` and the load's own). *scored* of the items that were not repeated got a score; the others
    were in sets that took longer than the budget of the rules, which happens on a busy machine.
    *start_seconds*: from the command to the first answer that says it is ready. *served_peaks_mib*: the most that each
    process of `tiao serve` held.
    """

    machine: Machine
    lines: int
    merchants: int
    connections: int
    tpcb_clients: int
    tpcb_scale: int
    seconds: int
    items: int
    repeated: int
    model: Adopted
    scored: int
    start_seconds: float
    served_memory_mib: float
    served_peaks_mib: list[float]
    cost: Cost
    p50_ms: Spread
    p99_ms: Spread
    ratio_tpcb_median: float
    ratio_tpcb: Spread
    ratio_cpu_median: float
    ratio_cpu: Spread
    rounds: list[Round]
    tpcb: Cost
    tpcb_rounds: list[Round]
    invariants_held: int


class _Bought(msgspec.Struct, frozen=True):
    """What the load looks at in an answer."""

    id: str
    outcome: str
    captured_minor: int


_BOUGHT = msgspec.json.Decoder(_Bought)


class _Load:
    """What sends: tickets over connections, now and then one that was sent before."""

    def __init__(self, server: Embedded, ground: Ground, beside: Served, tickets: Tickets) -> None:
        self._server = server
        self._ground = ground
        self._beside = beside
        self._tickets = tickets
        self._chance = Random(_SEED)  # noqa: S311  a load, not a secret
        self._latencies: list[float] = []
        self._repeated = 0

    async def run(self, lanes: Sequence[Connection], setting: Setting, seconds: int) -> Round:
        """Let every connection buy until the time is up; each waits for its answer before it sends again."""
        await self._tickets.stock(seconds * setting.stocked_a_second)
        await tidy(self._ground)
        self._latencies, self._repeated = [], 0
        log = await wal(self._ground)
        database, serving = server_cpu_seconds(self._server.pid), server_cpu_seconds(self._beside.pid)
        client, began = time.process_time(), time.perf_counter()
        async with checkpoint_after(self._ground, seconds / 2):
            await asyncio.gather(*(self._buy(lane, began + seconds) for lane in lanes))
        took = time.perf_counter() - began
        client = time.process_time() - client
        items, latencies = len(self._latencies), sorted(self._latencies)
        return Round(
            items=items,
            seconds=took,
            client_cpu_us=client / items * 1e6,
            server_cpu_us=(server_cpu_seconds(self._server.pid) - database) / items * 1e6,
            served_cpu_us=(server_cpu_seconds(self._beside.pid) - serving) / items * 1e6,
            wal_bytes=(await wal(self._ground) - log) / items,
            p50_ms=percentile(latencies, 0.5) * 1e3,
            p99_ms=percentile(latencies, 0.99) * 1e3,
            repeated=self._repeated,
        )

    async def _buy(self, lane: Connection, deadline: float) -> None:
        last: tuple[bytes, bytes] | None = None
        while (sent := time.perf_counter()) < deadline:
            if last is not None and self._chance.random() < REPEATED_SHARE:
                reply = await lane.ask(last[0])
                assert (reply.status, reply.body) == (_CREATED, last[1]), "a repeated key gives what it gave before"
                self._repeated += 1
            else:
                ticket = self._tickets.take()
                assert ticket is not None, "more was bought than was stocked: raise STOCKED_A_SECOND"
                request = _request(ticket)
                reply = await lane.ask(request)
                assert reply.status == _CREATED, f"{reply.status}: {reply.body.decode()}"
                bought = _BOUGHT.decode(reply.body)
                assert (bought.outcome, bought.captured_minor) == ("authorised", ticket.amount_minor)
                last = request, reply.body
            self._latencies.append(time.perf_counter() - sent)


def _request(ticket: Ticket) -> bytes:
    body = b'{"quote":"%s","plan":"%s","reference":"%s","capture":true%s}'
    said = body % (ticket.quote.encode(), PLAN.encode(), ticket.reference.encode(), _context(ticket))
    return post("/v1/purchases", said, token=ticket.token, key=ticket.reference.replace(" ", "-"))


def _context(ticket: Ticket) -> bytes:
    """Say where an order comes from, of every second customer: the device is the customer's, the address a street's."""
    if ticket.customer % 2:
        return b""
    return b',"context":{"device":"device %d","ip":"10.%d.%d.1"}' % (
        ticket.customer,
        ticket.customer // 2_560 % 256,
        ticket.customer // 10 % 256,
    )


async def measure(setting: Setting, tell: Tell) -> HttpReport:
    """Measure on a server of its own.

    Refuses: InvariantViolated, PgbenchFailed, ServerDidNotServe, DatabaseDidNotStart, TrainingUnavailable.
    """
    machine = this_machine()
    tell("trees", 0, setting.trees)
    model = trained(setting.trees)
    with own_server() as server:
        async with open_ground(server, _DATABASE) as ground:
            tell("lines", 0, setting.lines)
            lines = await open_many_lines(ground, setting.lines + TRIED, lambda n, of: tell("lines", n, of))
            [trial, *merchants] = await open_merchants(ground, 1 + setting.merchants)
            tried = [lines.ids(number) for number in range(setting.lines, lines.size)]
            adopted = await adopt(ground, model, tried, trial)
            shops = await _with_keys(ground, merchants)
            tell("tables of TPC-B", 0, 1)
            await tpcb.prepare(server, setting.scale)
            async with served(server.url(_DATABASE)) as beside:
                tickets = Tickets(ground, Lines(setting.lines), shops, zipf=ZIPF, seed=_SEED)
                return await _alternate(setting, (server, ground, beside), tickets, adopted, machine, tell)


async def _alternate(
    setting: Setting,
    on: tuple[Embedded, Ground, Served],
    tickets: Tickets,
    adopted: Adopted,
    machine: Machine,
    tell: Tell,
) -> HttpReport:
    server, ground, beside = on
    load = _Load(server, ground, beside, tickets)
    ours: list[Round] = []
    theirs: list[Round] = []
    async with connections(beside.port, setting.connections) as lanes:
        await load.run(lanes, setting, WARM_UP_SECONDS)  # the serving process takes the model up meanwhile
        mark = await _last_decision(ground)
        for number in range(setting.rounds):
            tell("rounds", number, setting.rounds)
            ours.append(await load.run(lanes, setting, setting.seconds))
            await tidy(ground)
            theirs.append(await tpcb_round(server, ground, setting.seconds))
    memory, peaks = beside.memory_mib(), beside.peaks_mib()
    scored = await _scored_since(ground, mark)
    assert scored, "the model is at work"
    tell("invariants", 0, 1)
    held = await check(ground)
    pairs = list(zip(ours, theirs, strict=True))
    ratio = spread([mine.per_second / other.per_second for mine, other in pairs])
    ratio_cpu = spread([other.cpu_us / mine.cpu_us for mine, other in pairs])
    return HttpReport(
        machine=machine,
        lines=setting.lines,
        merchants=setting.merchants,
        connections=setting.connections,
        tpcb_clients=tpcb.CLIENTS,
        tpcb_scale=setting.scale,
        seconds=setting.seconds,
        items=sum(each.items for each in ours),
        repeated=sum(each.repeated for each in ours),
        model=adopted,
        scored=scored,
        start_seconds=beside.start_seconds,
        served_memory_mib=round(memory, 1),
        served_peaks_mib=peaks,
        cost=cost_of(ours),
        p50_ms=spread([each.p50_ms for each in ours]),
        p99_ms=spread([each.p99_ms for each in ours]),
        ratio_tpcb_median=ratio.median,
        ratio_tpcb=ratio,
        ratio_cpu_median=ratio_cpu.median,
        ratio_cpu=ratio_cpu,
        rounds=ours,
        tpcb=cost_of(theirs),
        tpcb_rounds=theirs,
        invariants_held=held,
    )


async def _last_decision(ground: Ground) -> int:
    """Give the number of the latest decision of risk control."""
    async with ground.db.begin() as tx:
        return int(await tx.value(_QUERIES.last_decision))


async def _scored_since(ground: Ground, mark: int) -> int:
    """Count the decisions after one to which the model gave a score."""
    async with ground.db.begin() as tx:
        return int(await tx.value(_QUERIES.scored_since, mark=mark))


async def _with_keys(ground: Ground, merchants: Sequence[Merchant]) -> list[tuple[Merchant, str]]:
    """Give every merchant a key of its own."""
    async with ground.db.begin() as tx:
        now = await ground.moments(tx)
        return [
            (
                each,
                (
                    await partners.issue_key(
                        tx,
                        now,
                        role=Role.MERCHANT,
                        subject_id=each.id,
                        label="bench",
                        random_bytes=secrets.token_bytes,
                    )
                ).token,
            )
            for each in merchants
        ]
