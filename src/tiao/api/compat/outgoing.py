"""Sending to addresses that merchants name: only to public hosts, or to those a sandbox allows, and never further."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Collection
from typing import NamedTuple

import httpx

#: A merchant has so long to acknowledge.
ANSWER_SECONDS = 5.0
#: No acknowledgement is longer; more is not read.
ANSWER_BYTES_MAX = 1024
_URL_MAX = 512
_PORTS = {"http": 80, "https": 443}


class Answer(NamedTuple):
    """What came back: a status and the beginning of a body; or why nothing did, with status 0."""

    status: int
    body: bytes
    reason: str = ""


class Letter(NamedTuple):
    """What is sent: headers and a body."""

    headers: dict[str, str]
    body: bytes


class Destination(NamedTuple):
    """A host that may be sent to, and the address it was found at: the one that is then connected to."""

    url: httpx.URL
    host: str
    address: str


async def destination(url: str, allow: Collection[str]) -> Destination | None:
    """Find where an address leads; None when nothing may be sent there.

    Every address that the name resolves to must be public, so that no name can lead inside.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return None
    if len(url) > _URL_MAX or parsed.scheme not in _PORTS or not parsed.host or parsed.userinfo:
        return None
    port = parsed.port or _PORTS[parsed.scheme]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(parsed.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return None
    addresses = [str(each[4][0]) for each in found]
    is_open = all(_is_public(each) for each in addresses)
    if not addresses or not (is_open or parsed.host in allow):
        return None
    return Destination(parsed, parsed.host, addresses[0])


async def post(where: Destination, letter: Letter) -> Answer:
    """Send once to exactly the address that was checked; redirects are not followed, no proxy is asked."""
    pinned = where.url.copy_with(host=where.address)
    port = where.url.port
    named = {**letter.headers, "host": where.host if port is None else f"{where.host}:{port}"}
    try:
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            httpx.AsyncClient(timeout=ANSWER_SECONDS, follow_redirects=False, trust_env=False) as client,
            client.stream(
                "POST", pinned, headers=named, content=letter.body, extensions={"sni_hostname": where.host}
            ) as response,
        ):
            read = b""
            async for chunk in response.aiter_bytes(ANSWER_BYTES_MAX):
                read += chunk
                if len(read) >= ANSWER_BYTES_MAX:
                    break
            return Answer(response.status_code, read[:ANSWER_BYTES_MAX])
    except (httpx.HTTPError, TimeoutError, OSError) as error:
        return Answer(0, b"", type(error).__name__)


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_global and not (mapped or parsed).is_multicast
