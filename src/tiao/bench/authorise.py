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
import psutil

from tiao.bench import tpcb
from tiao.bench.ground import (
    CURRENCY,
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
from tiao.bench.rounds import Cost, Round, cost_of, tpcb_round, wal
from tiao.checkout import rules
from tiao.checkout.desk import Desk
from tiao.checkout.model import Order, PurchaseOutcome
from tiao.lending.model import FeePayer
from tiao.partners.model import Merchant
from tiao.runtime.embedded import Embedded

CALLERS = 64
#: Callers that fill sets of 256 in both lanes.
MANY_CALLERS = 512
PLAN = "pay_later"
#: How unequal shops are: the share of the n-th is as n to the power of this, negated.
ZIPF = 1.3
REPEATED_SHARE = 0.01
AMOUNTS_MINOR = (100, 20_000)
#: More than anybody buys in a second here.
DRAWN_AT_ONCE = 15_000
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
    many: int = MANY_CALLERS


class Load(msgspec.Struct, frozen=True):
    """What a number of callers came to, each round beside the TPC-B round after it.

    *ratio_tpcb*: of items a second. *ratio_cpu*: of the processor time of both sides, which is what two rates would be
    in proportion to on a machine of one's own.
    """

    callers: int
    cost: Cost
    p50_ms: Spread
    p99_ms: Spread
    ratio_tpcb_median: float
    ratio_tpcb: Spread
    ratio_cpu: Spread
    rounds: list[Round]


class AuthoriseReport(msgspec.Struct, frozen=True):
    """What a run came to; *ratio_tpcb_median* and *p99_ms* are those of 64 callers."""

    machine: Machine
    lines: int
    merchants: int
    tpcb_clients: int
    tpcb_scale: int
    seconds: int
    items: int
    repeated: int
    memory_mib: float
    ratio_tpcb_median: float
    ratio_cpu_median: float
    p99_ms: float
    few: Load
    many: Load
    tpcb: Cost
    tpcb_rounds: list[Round]
    invariants_held: int


class _Wish(NamedTuple):
    line_id: UUID
    customer_id: UUID
    merchant_id: UUID
    amount_minor: int


class Shoppers:
    """Makes orders: any line, a shop by Zipf's law, now and then one that was sent before.

    What is wished for is drawn before a round, so that drawing is not measured; the order is made when it is sent.
    """

    def __init__(self, lines: Lines, merchants: Sequence[Merchant], seed: int) -> None:
        self._lines = lines
        self._merchants = [merchant.id for merchant in merchants]
        self._chance = Random(seed)  # noqa: S311  a load, not a secret
        self._cumulated = list(itertools.accumulate((rank + 1) ** -ZIPF for rank in range(len(merchants))))
        self._wishes: list[_Wish] = []
        self._serial = itertools.count()

    def draw(self, count: int) -> None:
        """Draw wishes until *count* of them are waiting."""
        missing = count - len(self._wishes)
        shops = self._chance.choices(self._merchants, cum_weights=self._cumulated, k=max(missing, 0))
        for shop in shops:
            line_id, customer_id = self._lines.ids(self._chance.randrange(self._lines.size))
            self._wishes.append(_Wish(line_id, customer_id, shop, self._chance.randrange(*AMOUNTS_MINOR)))

    def is_repeat(self) -> bool:
        """Decide whether a caller sends its last order once more."""
        return self._chance.random() < REPEATED_SHARE

    def order(self) -> Order:
        """Make a new order."""
        if not self._wishes:
            self.draw(DRAWN_AT_ONCE)
        wish = self._wishes.pop()
        reference = f"order {next(self._serial)}"
        return Order(
            idempotency_id=rules.idempotency_id(wish.merchant_id, reference),
            line_id=wish.line_id,
            customer_id=wish.customer_id,
            merchant_id=wish.merchant_id,
            currency=CURRENCY,
            amount_minor=wish.amount_minor,
            plan=PLAN,
            fee_payer=FeePayer.CONSUMER,
            reference=reference,
            is_captured=True,
        )


async def measure(setting: Setting, tell: Tell) -> AuthoriseReport:
    """Measure on a server of its own. Refuses: InvariantViolated, PgbenchFailed, DatabaseDidNotStart."""
    machine = this_machine()
    with own_server() as server:
        async with open_ground(server, _DATABASE) as ground:
            tell("lines", 0, setting.lines)
            lines = await open_many_lines(ground, setting.lines, lambda n, of: tell("lines", n, of))
            merchants = await open_merchants(ground, setting.merchants)
            tell("tables of TPC-B", 0, 1)
            await tpcb.prepare(server, setting.scale)
            return await _alternate(setting, server, ground, Shoppers(lines, merchants, _SEED), machine, tell)


async def _alternate(
    setting: Setting, server: Embedded, ground: Ground, shoppers: Shoppers, machine: Machine, tell: Tell
) -> AuthoriseReport:
    desk = Desk(ground.db, ground.moments, ground.book)
    ours: dict[int, list[Round]] = {CALLERS: [], setting.many: []}
    theirs: list[Round] = []
    try:
        await shop(server, ground, desk, shoppers, CALLERS, seconds=1)  # connections, plans, remembered terms
        for number in range(setting.rounds):
            tell("rounds", number, setting.rounds)
            for callers, rounds in ours.items():
                await tidy(ground)  # every round begins with the same debt to the disk: none
                rounds.append(await shop(server, ground, desk, shoppers, callers, seconds=setting.seconds))
            await tidy(ground)
            theirs.append(await tpcb_round(server, ground, setting.seconds))
    finally:
        await desk.close()
    memory = psutil.Process().memory_info().rss / 2**20
    tell("invariants", 0, 1)
    held = await check(ground)
    few, many = (_load(callers, rounds, theirs) for callers, rounds in ours.items())
    every = [each for rounds in ours.values() for each in rounds]
    return AuthoriseReport(
        machine=machine,
        lines=setting.lines,
        merchants=setting.merchants,
        tpcb_clients=tpcb.CLIENTS,
        tpcb_scale=setting.scale,
        seconds=setting.seconds,
        items=sum(each.items for each in every),
        repeated=sum(each.repeated for each in every),
        memory_mib=round(memory, 1),
        ratio_tpcb_median=few.ratio_tpcb_median,
        ratio_cpu_median=few.ratio_cpu.median,
        p99_ms=few.p99_ms.median,
        few=few,
        many=many,
        tpcb=cost_of(theirs),
        tpcb_rounds=theirs,
        invariants_held=held,
    )


def _load(callers: int, ours: Sequence[Round], theirs: Sequence[Round]) -> Load:
    pairs = list(zip(ours, theirs, strict=True))
    ratio = spread([mine.per_second / other.per_second for mine, other in pairs])
    return Load(
        callers=callers,
        cost=cost_of(ours),
        p50_ms=spread([each.p50_ms for each in ours]),
        p99_ms=spread([each.p99_ms for each in ours]),
        ratio_tpcb_median=ratio.median,
        ratio_tpcb=ratio,
        ratio_cpu=spread([other.cpu_us / mine.cpu_us for mine, other in pairs]),
        rounds=list(ours),
    )


async def shop(
    server: Embedded, ground: Ground, desk: Desk, shoppers: Shoppers, callers: int, *, seconds: float
) -> Round:
    """Let callers buy until the time is up; each waits for its answer before it sends its next order."""
    shoppers.draw(int(seconds * DRAWN_AT_ONCE))
    latencies: list[float] = []
    repeated = 0
    log = await wal(ground)
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

    async with checkpoint_after(ground, seconds / 2):
        await asyncio.gather(*(caller() for _ in range(callers)))
    took = time.perf_counter() - began
    items = len(latencies)
    latencies.sort()
    return Round(
        items=items,
        seconds=took,
        client_cpu_us=(time.process_time() - client) / items * 1e6,
        server_cpu_us=(server_cpu_seconds(server.pid) - cpu) / items * 1e6,
        wal_bytes=(await wal(ground) - log) / items,
        p50_ms=percentile(latencies, 0.5) * 1e3,
        p99_ms=percentile(latencies, 0.99) * 1e3,
        repeated=repeated,
    )
