"""A replay of purchases through the live path: a file made here, read and lived, and what selling cost of it."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from importlib.resources import files
from itertools import accumulate
from pathlib import Path
from random import Random

import msgspec
import polars as pl

from tiao.bench.authorise import ZIPF
from tiao.bench.ground import CURRENCY, OPENED, InvariantViolated, own_server
from tiao.bench.measures import Machine, server_cpu_seconds, this_machine
from tiao.runtime.checks import examining, load_checks, run_checks
from tiao.runtime.db import Database
from tiao.runtime.migrations import migrate
from tiao.runtime.secrets import FieldCipher
from tiao.simulator.behaviour import read_behaviour
from tiao.simulator.neighbours import open_neighbours
from tiao.simulator.programmes import open_programme
from tiao.simulator.replay.mapping import ReplayMap
from tiao.simulator.replay.run import Replay, Step, play
from tiao.simulator.replay.transactions import Transactions, read_transactions
from tiao.values.ids import seeded_ids
from tiao.wiring import Outside, open_platform

DAYS = 2
MERCHANTS = 200
#: Small enough that a line of the smallest grade takes some of them.
AMOUNTS_MINOR = (100, 2_000)
_NAME = "replay_bench"
_SEED = 20260309
_SELLING = "purchases"

Tell = Callable[[str, int, int], None]


class ReplayReport(msgspec.Struct, frozen=True):
    """What a run came to. *Units*: microseconds of processor time a purchase, of selling alone."""

    machine: Machine
    purchases: int
    customers: int
    days: int
    sold: int
    reading_seconds: float
    selling_seconds: float
    seconds: float
    per_second: float
    client_cpu_us: float
    server_cpu_us: float
    invariants_held: int


class _Watch:
    """Adds up the time in which a replay sells; everything else it does is left out."""

    def __init__(self, postmaster: int, total: int, tell: Tell) -> None:
        self._postmaster = postmaster
        self._total = total
        self._tell = tell
        self._began: tuple[float, float, float] | None = None
        self.seconds = self.client = self.server = 0.0

    def on_step(self, step: Step) -> None:
        """Start or stop as the replay changes what it does."""
        self._tell(_SELLING, step.done, self._total)
        if step.doing == _SELLING and self._began is None:
            self._began = self._now()
        elif step.doing != _SELLING:
            self.stop()

    def stop(self) -> None:
        """Stop, if it runs."""
        if self._began is not None:
            spent = [now - then for now, then in zip(self._now(), self._began, strict=True)]
            self.seconds += spent[0]
            self.client += spent[1]
            self.server += spent[2]
            self._began = None

    def _now(self) -> tuple[float, float, float]:
        return time.perf_counter(), time.process_time(), server_cpu_seconds(self._postmaster)


async def measure(purchases: int, customers: int, tell: Tell) -> ReplayReport:
    """Measure on a server of its own. Refuses: InvariantViolated, DatabaseDidNotStart."""
    machine = this_machine()
    with own_server() as server:
        began = time.perf_counter()
        transactions = _file_read(purchases, customers)
        reading = time.perf_counter() - began
        watch = _Watch(server.pid, purchases, tell)
        server.ensure_database(_NAME)
        db = await Database.open(server.url(_NAME))
        try:
            await migrate(db)
            began = time.perf_counter()
            await _live(db, transactions, watch)
            watch.stop()
            took = time.perf_counter() - began
            async with examining(db) as tx:
                violations = await run_checks(tx)
                sold = int(await tx.value("select count(*) from purchase where outcome = 'authorised'"))
        finally:
            await db.close()
    if violations:
        raise InvariantViolated("; ".join(f"{each.check}: {each.rows[0]}" for each in violations))
    assert sold, "a replay in which nobody can buy measures nothing"
    return ReplayReport(
        machine=machine,
        purchases=purchases,
        customers=customers,
        days=DAYS,
        sold=sold,
        reading_seconds=reading,
        selling_seconds=watch.seconds,
        seconds=took,
        per_second=purchases / watch.seconds,
        client_cpu_us=watch.client / purchases * 1e6,
        server_cpu_us=watch.server / purchases * 1e6,
        invariants_held=len(load_checks()),
    )


async def _live(db: Database, transactions: Transactions, watch: _Watch) -> None:
    table = read_behaviour((files("tiao.simulator") / "data" / "repayments.csv").read_text())
    await open_programme(db, name=_NAME, currency=CURRENCY, opened_on=OPENED, funding_minor=transactions.total_minor)
    async with open_neighbours(_NAME) as near:
        outside = Outside(near.bank, near.bank_key, near.bureau, near.bureau_secret)
        vault = FieldCipher({1: secrets.token_bytes(32)})
        async with open_platform(db, outside, ids=seeded_ids(_NAME), vault=vault) as platform:
            await play(platform, Replay(_NAME, transactions, table), on_step=watch.on_step)


def _file_read(purchases: int, customers: int) -> Transactions:
    """Write the file and read it as a replay does."""
    with tempfile.TemporaryDirectory(prefix="tiao-replay-") as folder:
        path = Path(folder) / "transactions.csv"
        _purchases(purchases, customers, OPENED).write_csv(path)
        names = {name: name for name in ReplayMap.__struct_fields__}
        found = read_transactions(path, msgspec.convert(names, ReplayMap), currency=CURRENCY)
    assert not found.bad, "the file is one's own"
    return found


def _purchases(count: int, customers: int, first_on: date) -> pl.DataFrame:
    """Make purchases spread over the days: any customer, a shop by Zipf's law."""
    chance = Random(_SEED)  # noqa: S311  a load, not a secret
    # From eight in the morning in China to the end of the last day there.
    begin = datetime.combine(first_on, clock(0), UTC)
    step = timedelta(hours=16 + 24 * (DAYS - 1)) / count
    cumulated = list(accumulate((rank + 1) ** -ZIPF for rank in range(MERCHANTS)))
    shops = chance.choices(range(MERCHANTS), cum_weights=cumulated, k=count)
    amounts = [chance.randrange(*AMOUNTS_MINOR) for _ in range(count)]
    instants = [(begin + number * step).replace(tzinfo=None) for number in range(count)]
    return pl.DataFrame(
        {
            "transaction_id": [f"purchase {number}" for number in range(count)],
            "occurred_at": [f"{at:%Y-%m-%d %H:%M:%S.%f}" for at in instants],
            "customer_id": [f"customer {chance.randrange(customers)}" for _ in range(count)],
            "merchant_id": [f"shop {shop}" for shop in shops],
            "amount": [f"{amount // 100}.{amount % 100:02}" for amount in amounts],
            "currency": [CURRENCY] * count,
        }
    )
