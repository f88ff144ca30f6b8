"""Purchases authorised and captured through the desk, in rounds that alternate with TPC-B on the same server."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.bench import tpcb
from tiao.bench.ground import CURRENCY, Ground, check, open_ground, open_lines, open_merchants, own_server, tidy
from tiao.bench.measures import Machine, Spread, percentile, server_cpu_seconds, spread, this_machine
from tiao.checkout import rules
from tiao.checkout.desk import Desk
from tiao.checkout.model import Order, PurchaseOutcome
from tiao.ledger.model import CreditLine
from tiao.lending.model import FeePayer
from tiao.partners.model import Merchant
from tiao.runtime.embedded import Embedded

CALLERS = 64
PLAN = "pay_later"
#: How unequal shops are: the share of the n-th is as n to the power of this, negated.
ZIPF = 1.3
REPEATED_SHARE = 0.01
AMOUNTS_MINOR = (100, 20_000)
_SEED = 20260309
_DATABASE = "authorise"

Tell = Callable[[str, int, int], None]


class Setting(NamedTuple):
    """How large, how long, how often."""

    lines: int
    merchants: int
    seconds: int
    rounds: int
    scale: int = tpcb.SCALE


class Cost(msgspec.Struct, frozen=True):
    """What one side's rounds cost an item."""

    per_second: Spread
    server_cpu_us: Spread
    wal_bytes: Spread


class AuthoriseReport(msgspec.Struct, frozen=True):
    """What a run came to. *ratio_tpcb_median*: of each round's rate over that of the TPC-B round after it."""

    machine: Machine
    lines: int
    merchants: int
    callers: int
    tpcb_clients: int
    tpcb_scale: int
    seconds: int
    items: int
    repeated: int
    authorise: Cost
    client_cpu_us: Spread
    p50_ms: Spread
    p99_ms: Spread
    tpcb: Cost
    ratio_tpcb_median: float
    ratio_tpcb: Spread
    invariants_held: int


class _Round(NamedTuple):
    items: int
    seconds: float
    client_cpu_us: float
    server_cpu_us: float
    wal_bytes: float
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    repeated: int = 0


class Shoppers:
    """Makes orders: any line, a shop by Zipf's law, now and then one that was sent before."""

    def __init__(self, lines: Sequence[CreditLine], merchants: Sequence[Merchant], seed: int) -> None:
        self._lines = lines
        self._merchants = merchants
        self._chance = Random(seed)  # noqa: S311  a load, not a secret
        self._cumulated = list(itertools.accumulate((rank + 1) ** -ZIPF for rank in range(len(merchants))))
        self._serial = itertools.count()

    def is_repeat(self) -> bool:
        """Decide whether a caller sends its last order once more."""
        return self._chance.random() < REPEATED_SHARE

    def order(self) -> Order:
        """Make a new order."""
        line = self._lines[self._chance.randrange(len(self._lines))]
        merchant = self._chance.choices(self._merchants, cum_weights=self._cumulated)[0]
        reference = f"order {next(self._serial)}"
        made = Order(
            idempotency_id=rules.idempotency_id(merchant.id, reference),
            digest=b"",
            line_id=line.id,
            customer_id=line.customer_id,
            merchant_id=merchant.id,
            currency=CURRENCY,
            amount_minor=self._chance.randrange(*AMOUNTS_MINOR),
            plan=PLAN,
            fee_payer=FeePayer.CONSUMER,
            reference=reference,
            is_captured=True,
        )
        return made._replace(digest=rules.order_digest(made))


async def measure(setting: Setting, tell: Tell) -> AuthoriseReport:
    """Measure on a server of its own. Refuses: InvariantViolated, PgbenchFailed, DatabaseDidNotStart."""
    machine = this_machine()
    with own_server() as server:
        async with open_ground(server, _DATABASE) as ground:
            days = itertools.cycle(range(1, 29))
            tell("lines", 0, setting.lines)
            lines = await open_lines(
                ground, setting.lines, statement_days=days, tell=lambda n, of: tell("lines", n, of)
            )
            merchants = await open_merchants(ground, setting.merchants)
            tell("tables of TPC-B", 0, 1)
            await tpcb.prepare(server, setting.scale)
            return await _alternate(setting, server, ground, Shoppers(lines, merchants, _SEED), machine, tell)


async def _alternate(
    setting: Setting, server: Embedded, ground: Ground, shoppers: Shoppers, machine: Machine, tell: Tell
) -> AuthoriseReport:
    desk = Desk(ground.db, ground.moments, ground.book)
    ours: list[_Round] = []
    theirs: list[_Round] = []
    try:
        await _shop(server, ground, desk, shoppers, seconds=1)  # connections, prepared statements, remembered terms
        for number in range(setting.rounds):
            tell("rounds", number, setting.rounds)
            await tidy(ground)  # every round begins with the same debt to the disk: none
            ours.append(await _shop(server, ground, desk, shoppers, seconds=setting.seconds))
            await tidy(ground)  # every round begins with the same debt to the disk: none
            theirs.append(await _tpcb(server, ground, setting.seconds))
    finally:
        await desk.close()
    tell("invariants", 0, 1)
    held = await check(ground)
    ratios = [
        (mine.items / mine.seconds) / (other.items / other.seconds) for mine, other in zip(ours, theirs, strict=True)
    ]
    return AuthoriseReport(
        machine=machine,
        lines=setting.lines,
        merchants=setting.merchants,
        callers=CALLERS,
        tpcb_clients=tpcb.CLIENTS,
        tpcb_scale=setting.scale,
        seconds=setting.seconds,
        items=sum(each.items for each in ours),
        repeated=sum(each.repeated for each in ours),
        authorise=_cost(ours),
        client_cpu_us=spread([each.client_cpu_us for each in ours]),
        p50_ms=spread([each.p50_ms for each in ours]),
        p99_ms=spread([each.p99_ms for each in ours]),
        tpcb=_cost(theirs),
        ratio_tpcb_median=spread(ratios).median,
        ratio_tpcb=spread(ratios),
        invariants_held=held,
    )


def _cost(rounds: Sequence[_Round]) -> Cost:
    return Cost(
        per_second=spread([each.items / each.seconds for each in rounds]),
        server_cpu_us=spread([each.server_cpu_us for each in rounds]),
        wal_bytes=spread([each.wal_bytes for each in rounds]),
    )


async def _shop(server: Embedded, ground: Ground, desk: Desk, shoppers: Shoppers, *, seconds: float) -> _Round:
    """Let 64 callers buy until the time is up; each waits for its answer before it sends its next order."""
    latencies: list[float] = []
    repeated = 0
    wal = await _wal(ground)
    cpu = server_cpu_seconds(server.pid)
    client = time.process_time()
    began = time.perf_counter()
    deadline = began + seconds

    async def caller() -> None:
        nonlocal repeated
        last: tuple[Order, UUID] | None = None
        while (sent := time.perf_counter()) < deadline:
            if last is not None and shoppers.is_repeat():
                answer = await desk.authorise(last[0])
                assert answer.id == last[1], "a repeated key gives the purchase it gave before"
                repeated += 1
            else:
                order = shoppers.order()
                answer = await desk.authorise(order)
                assert answer.outcome == PurchaseOutcome.AUTHORISED, f"declined: {answer.decline_reasons}"
                assert answer.captured_minor == order.amount_minor, "authorised and captured in one"
                last = order, answer.id
            latencies.append(time.perf_counter() - sent)

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    took = time.perf_counter() - began
    items = len(latencies)
    latencies.sort()
    return _Round(
        items=items,
        seconds=took,
        client_cpu_us=(time.process_time() - client) / items * 1e6,
        server_cpu_us=(server_cpu_seconds(server.pid) - cpu) / items * 1e6,
        wal_bytes=(await _wal(ground) - wal) / items,
        p50_ms=percentile(latencies, 0.5) * 1e3,
        p99_ms=percentile(latencies, 0.99) * 1e3,
        repeated=repeated,
    )


async def _tpcb(server: Embedded, ground: Ground, seconds: int) -> _Round:
    wal = await _wal(ground)
    cpu = server_cpu_seconds(server.pid)
    rate, count = await tpcb.run(server, seconds)
    return _Round(
        items=count,
        seconds=count / rate,
        client_cpu_us=0.0,
        server_cpu_us=(server_cpu_seconds(server.pid) - cpu) / count * 1e6,
        wal_bytes=(await _wal(ground) - wal) / count,
    )


async def _wal(ground: Ground) -> int:
    """Read how many bytes of log have been written since the server was made."""
    async with ground.db.begin() as tx:
        return int(await tx.value("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))
