"""Which server holds which buckets: the map of an installation that has several PostgreSQL servers.

Written ``0-127=postgresql://a/tiao;128-255=postgresql://b/tiao``; a server with several ranges names them all:
``0-63,192-255=...``. The server of bucket 0 is the home: it keeps what belongs to the programme and to no customer
(docs/decisions/0011-buckets-on-several-servers.md).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import BUCKETS
from tiao.values.refusal import Kind, Refusal

QUERIES = load_queries("tiao.runtime")

VARIABLE = "TIAO_BUCKET_MAP"
_RANGE = re.compile(r"\s*(\d{1,3})(?:-(\d{1,3}))?\s*", re.ASCII)


class BucketMapInvalid(Refusal):
    """The map of buckets must place each of the 256 buckets on exactly one server."""

    kind = Kind.INVALID


class PlacementDiffers(Refusal):
    """The database was given other buckets than the map says; moving a bucket takes more than another map."""


class Shard(NamedTuple):
    """One server and the buckets it holds, in order. Shard 0 is the home."""

    number: int
    url: str
    buckets: tuple[int, ...]

    @property
    def is_home(self) -> bool:
        """Whether the programme's own records live here."""
        return self.number == 0

    @property
    def ranges(self) -> str:
        """Write its buckets the way the map does: ``0-63,192-255``."""
        starts = [each for each in self.buckets if each - 1 not in self.buckets]
        ends = [each for each in self.buckets if each + 1 not in self.buckets]
        return ",".join(
            f"{first}-{last}" if first < last else str(first) for first, last in zip(starts, ends, strict=True)
        )


class BucketMap:
    """Every bucket's server."""

    def __init__(self, shards: Iterable[Shard]) -> None:
        self.shards = tuple(shards)
        self._number_of = [-1] * BUCKETS
        for shard in self.shards:
            for bucket in shard.buckets:
                self._number_of[bucket] = shard.number
        assert -1 not in self._number_of, "every bucket lies somewhere"

    def number_of(self, bucket: int) -> int:
        """Name the shard of a bucket."""
        return self._number_of[bucket]

    @property
    def digest(self) -> str:
        """Name the division itself; addresses may change, buckets may not."""
        return hashlib.sha256(";".join(shard.ranges for shard in self.shards).encode()).hexdigest()[:16]

    def __repr__(self) -> str:
        """Show the division; addresses may hold a password."""
        return f"BucketMap({' | '.join(shard.ranges for shard in self.shards)})"


def read_bucket_map(text: str) -> BucketMap:
    """Read a map. Refuses: BucketMapInvalid, with every fault."""
    faults: list[str] = []
    held: dict[str, list[int]] = {}
    for piece in filter(None, (each.strip() for each in text.split(";"))):
        ranges, _, url = (each.strip() for each in piece.partition("="))
        if not _is_address(url):
            faults.append(f"{ranges}: no PostgreSQL URL follows the =")
        elif url in held:
            faults.append(f"{ranges}: this server stands in the map already; write all its ranges before one =")
        held.setdefault(url, []).extend(_buckets(ranges, faults))
    placed = [bucket for buckets in held.values() for bucket in buckets]
    if twice := sorted({bucket for bucket in placed if placed.count(bucket) > 1}):
        faults.append(f"placed more than once: {_listed(twice)}")
    if nowhere := sorted(set(range(BUCKETS)) - set(placed)):
        faults.append(f"placed nowhere: {_listed(nowhere)}")
    if faults:
        raise BucketMapInvalid(f"{VARIABLE}: " + "; ".join(faults), variable=VARIABLE)
    inorder = sorted(held.items(), key=lambda each: min(each[1]))
    return BucketMap(Shard(number, url, tuple(sorted(buckets))) for number, (url, buckets) in enumerate(inorder))


class _Recorded(NamedTuple):
    shard: int
    map_digest: str
    buckets: list[int]


async def check_placement(tx: Tx, bucket_map: BucketMap | None, number: int = 0) -> None:
    """Hold a database against the map: a bucket asked for at the wrong server would seem to be empty.

    Refuses: PlacementDiffers.
    """
    recorded = await tx.maybe(QUERIES.placement, _Recorded)
    if bucket_map is None:
        if recorded is not None:
            raise PlacementDiffers(f"the database is shard {recorded.shard} of several; set {VARIABLE}")
        return
    shard = bucket_map.shards[number]
    if recorded is None:
        raise PlacementDiffers(f"the server of {shard.ranges} holds no share of a map yet; run `tiao migrate`")
    if (recorded.shard, recorded.map_digest) != (number, bucket_map.digest):
        raise PlacementDiffers(
            f"the database keeps {Shard(0, '', tuple(recorded.buckets)).ranges}, the map says {shard.ranges}"
        )


async def record_placement(tx: Tx, bucket_map: BucketMap, number: int) -> None:
    """Write down which buckets a database holds, once and for all. Refuses: PlacementDiffers."""
    shard = bucket_map.shards[number]
    if await tx.value(QUERIES.placement) is None:
        foreign = await tx.column(QUERIES.foreign_buckets, buckets=list(shard.buckets))
        if foreign:
            raise PlacementDiffers(f"the server of {shard.ranges} holds customers of {_listed(foreign)}")
        await tx.execute(
            QUERIES.record_placement, shard=number, map_digest=bucket_map.digest, buckets=list(shard.buckets)
        )
    await check_placement(tx, bucket_map, number)


def _is_address(url: str) -> bool:
    try:
        return bool(conninfo_to_dict(url))
    except ProgrammingError:
        return False


def _buckets(ranges: str, faults: list[str]) -> list[int]:
    found: list[int] = []
    for each in ranges.split(","):
        match = _RANGE.fullmatch(each)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last or last >= BUCKETS:
            faults.append(f"{each.strip() or 'nothing'}: a range is FIRST-LAST, from 0 to {BUCKETS - 1}")
        else:
            found.extend(range(first, last + 1))
    return found


def _listed(buckets: list[int]) -> str:
    return Shard(0, "", tuple(buckets)).ranges
