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
URL_MAX = 512
_PORTS = {"http": 80, "https": 443}
#: Addresses of this network lead on to an IPv4 address (RFC 6052).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Answer(NamedTuple):
    """What came back: a status and the beginning of a body; or why nothing did, with status 0."""

    status: int
    body: bytes
    reason: str = ""
    #: The Retry-After header as it came, if it did.
    retry_after: str | None = None


class Letter(NamedTuple):
    """What is sent: headers and a body."""

    headers: dict[str, str]
    body: bytes


class Destination(NamedTuple):
    """A host that may be sent to, and the address it was found at: the one that is then connected to."""

    url: httpx.URL
    host: str
    address: str


class Message(NamedTuple):
    """What is sent, and where; *allow* names hosts that need not be public."""

    url: str
    letter: Letter
    allow: Collection[str] = ()


async def send(message: Message) -> Answer:
    """Send a message once, if it may be sent where it is addressed."""
    where = await destination(message.url, message.allow)
    if where is None:
        return Answer(0, b"", "address_not_allowed")
    return await post(where, message.letter)


async def destination(url: str, allow: Collection[str]) -> Destination | None:
    """Find where an address leads; None when nothing may be sent there.

    Every address that the name resolves to must be public, so that no name can lead inside.
    """
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return None
    if len(url) > URL_MAX or parsed.scheme not in _PORTS or not parsed.host or parsed.userinfo:
        return None
    port = parsed.port or _PORTS[parsed.scheme]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(parsed.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return None
    addresses = [str(each[4][0]) for each in found]
    is_open = all(is_public(each) for each in addresses)
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
            return Answer(response.status_code, read[:ANSWER_BYTES_MAX], "", response.headers.get("retry-after"))
    except (httpx.HTTPError, TimeoutError, OSError) as error:
        return Answer(0, b"", type(error).__name__)


def is_public(address: str) -> bool | None:
    """Tell whether an address is one of the public internet's; None when it is a name."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0].strip("[]"))
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address):
        within = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo or (None, None))[1]
        if within is None and parsed in _NAT64:
            within = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if within is not None:
            return within.is_global and not within.is_multicast
    return parsed.is_global and not parsed.is_multicast
