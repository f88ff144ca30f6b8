"""How many codes may be asked for in an hour: from one address of the network, and in all.

A code costs its message, whoever asks: pages that send one without asking who comes are held to both. Whether anybody
has the phone plays no part, so that being refused tells nothing of anybody.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple, TypeAlias

from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.runtime.secrets import FieldCipher
from tiao.values.refusal import Kind, Refusal
from tiao.wiring import CodeLimits

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

QUERIES = load_queries("tiao.web")
HOUR = timedelta(hours=1)
#: Whoever has one address of IPv6 has all that begin alike (RFC 6177: a site gets a /64 at the least).
_SITE_BITS = 64
_ALL = b"all"


class CodesTooMany(Refusal):
    """Too many codes were asked for within an hour; ask again after the seconds that Retry-After names."""

    kind = Kind.BUSY


class _Counted(NamedTuple):
    sent_count: int
    window_began_at: datetime


def client_of(peer: str | None, forwarded: str | None, proxies: Sequence[Network] = ()) -> str | None:
    """Tell from which address a request comes; None when that cannot be known.

    A peer in a private network, or in one of *proxies*, is taken for a proxy of ours: of the way behind it that it
    tells, the last address that is none of these counts; what stands before may have been made up by the client.
    """
    way = [*(forwarded or "").split(","), peer or ""] if _is_ours(_read(peer), proxies) else [peer or ""]
    for text in reversed(way):
        address = _read(text)
        if address is not None and not _is_ours(address, proxies):
            return _site(address)
    return None


async def count(tx: Tx, at: datetime, vault: FieldCipher, limits: CodeLimits, client: str | None) -> None:
    """Count a code that is about to be made; who is refused lets the transaction go. Refuses: CodesTooMany."""
    if client is not None and limits.per_address:
        await _take(tx, at, vault.lookup(client, purpose="code_address"), limits.per_address)
    if limits.in_all:
        await _take(tx, at, _ALL, limits.in_all)


async def _take(tx: Tx, at: datetime, key: bytes, most: int) -> None:
    [found] = await tx.rows(QUERIES.count_code, _Counted, key=key, at=at, window=at - HOUR)
    if found.sent_count > most:
        raise CodesTooMany(retry_after=max(1, math.ceil((found.window_began_at + HOUR - at).total_seconds())))


def _read(text: str | None) -> Address | None:
    """Read an address, also one that IPv6 maps; None when it is none."""
    try:
        found = ip_address((text or "").strip().strip("[]"))
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _is_ours(address: Address | None, proxies: Sequence[Network]) -> bool:
    return address is not None and (address.is_private or any(address in each for each in proxies))


def _site(address: Address) -> str:
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _SITE_BITS), strict=False))
    return str(address)
