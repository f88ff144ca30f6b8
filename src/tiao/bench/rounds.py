"""A round of purchases or of TPC-B: what an item of it cost whom."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tiao.bench import tpcb
from tiao.bench.ground import Ground, checkpoint_after
from tiao.bench.measures import Spread, server_cpu_seconds, spread
from tiao.runtime.embedded import Embedded


class Round(msgspec.Struct, frozen=True):
    """One round as measured. *Units*: microseconds of processor time an item, bytes of log an item.

    *served_cpu_us* is that of `tiao serve`, where it is part of what is measured.
    """

    items: int
    seconds: float
    client_cpu_us: float
    server_cpu_us: float
    wal_bytes: float
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    repeated: int = 0
    served_cpu_us: float = 0.0

    @property
    def per_second(self) -> float:
        """Items a second."""
        return self.items / self.seconds

    @property
    def cpu_us(self) -> float:
        """Processor time of all sides an item."""
        return self.client_cpu_us + self.server_cpu_us + self.served_cpu_us


class Cost(msgspec.Struct, frozen=True):
    """What one side's rounds cost an item."""

    per_second: Spread
    server_cpu_us: Spread
    client_cpu_us: Spread
    served_cpu_us: Spread
    wal_bytes: Spread


def cost_of(rounds: Sequence[Round]) -> Cost:
    """Sum rounds up."""
    return Cost(
        per_second=spread([each.per_second for each in rounds]),
        server_cpu_us=spread([each.server_cpu_us for each in rounds]),
        client_cpu_us=spread([each.client_cpu_us for each in rounds]),
        served_cpu_us=spread([each.served_cpu_us for each in rounds]),
        wal_bytes=spread([each.wal_bytes for each in rounds]),
    )


async def tpcb_round(server: Embedded, ground: Ground, seconds: int) -> Round:
    """Run TPC-B for a round, a checkpoint in its middle."""
    log = await wal(ground)
    cpu = server_cpu_seconds(server.pid)
    async with checkpoint_after(ground, seconds / 2):
        ran = await tpcb.run(server, seconds)
    return Round(
        items=ran.transactions,
        seconds=ran.transactions / ran.per_second,
        client_cpu_us=ran.client_cpu_seconds / ran.transactions * 1e6,
        server_cpu_us=(server_cpu_seconds(server.pid) - cpu) / ran.transactions * 1e6,
        wal_bytes=(await wal(ground) - log) / ran.transactions,
    )


async def wal(ground: Ground) -> int:
    """Read how many bytes of log have been written since the server was made."""
    async with ground.db.begin() as tx:
        return int(await tx.value("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn"))
