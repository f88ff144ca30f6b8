"""Which channels can be reached, and how: a table of the operator's, opened for as long as the platform runs.

    - {name: unionpay, url: "http://127.0.0.1:8110", keys: var/unionpay, merchant_id: "777290058110048"}
    - {name: giro, url: "http://127.0.0.1:8120", key_variable: GIRO_KEY, account: "house"}
    - {name: host, host: 127.0.0.1, port: 8130, key_variable: HOST_KEY}

A name is one of the table of capabilities, whose wire decides which of the settings are needed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import httpx
import msgspec

from tiao.payments.iso20022.messages import Account
from tiao.payments.providers.channel import Channel
from tiao.payments.providers.http_bank import HttpBank
from tiao.payments.providers.iso8583_host import Iso8583Host
from tiao.payments.providers.iso20022_bank import Iso20022Bank
from tiao.payments.providers.unionpay import UnionPay
from tiao.payments.providers.unionpay_wire import read_keys
from tiao.payments.routing.capability import Capability, WireFormat
from tiao.payments.routing.tables import shipped_channels
from tiao.values.refusal import Kind, Refusal

T = TypeVar("T")

KEY_BYTES_MIN = 32


class ChannelUnreachable(Refusal):
    """A channel's settings do not say how to reach it."""

    kind = Kind.INVALID


class Reach(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to reach a channel."""

    name: str
    url: str | None = None
    host: str | None = None
    port: int | None = None
    keys: Path | None = None
    merchant_id: str | None = None
    key_variable: str | None = None
    account: str | None = None
    holder: str = "tiao"
    time_zone: str = "Asia/Shanghai"


@asynccontextmanager
async def open_channels(
    text: bytes, environment: Mapping[str, str], capabilities: Sequence[Capability] = ()
) -> AsyncIterator[dict[str, Channel]]:
    """Open every channel of a table. Refuses: ChannelUnreachable, naming the channel and what is missing."""
    known = {each.name: each for each in capabilities or shipped_channels()}
    try:
        reaches = msgspec.yaml.decode(text, type=list[Reach])
    except msgspec.DecodeError as error:
        raise ChannelUnreachable(str(error)) from error
    async with AsyncExitStack() as stack:
        found: dict[str, Channel] = {}
        for reach in reaches:
            if reach.name not in known:
                raise ChannelUnreachable(f"{reach.name}: there is no such channel in the table")
            found[reach.name] = await _opened(reach, known[reach.name].format, environment, stack)
        yield found


async def _opened(reach: Reach, form: WireFormat, environment: Mapping[str, str], stack: AsyncExitStack) -> Channel:
    zone = ZoneInfo(reach.time_zone)
    if form is WireFormat.ISO8583:
        host, port = _needed(reach, "host", reach.host), _needed(reach, "port", reach.port)
        return Iso8583Host(host, port, key=_key(reach, environment))
    url = _needed(reach, "url", reach.url)
    client = await stack.enter_async_context(httpx.AsyncClient(base_url=url))
    if form is WireFormat.UNIONPAY:
        keys = read_keys(_needed(reach, "keys", reach.keys), side="merchant", other="gateway")
        return UnionPay(client, keys, merchant_id=_needed(reach, "merchant_id", reach.merchant_id), zone=zone)
    if form is WireFormat.ISO20022:
        account = Account(reach.holder, _needed(reach, "account", reach.account))
        return Iso20022Bank(client, key=_key(reach, environment), account=account, zone=zone)
    return HttpBank(client, key=_key(reach, environment))


def _needed(reach: Reach, setting: str, value: T | None) -> T:
    if value is None:
        raise ChannelUnreachable(f"{reach.name}: {setting} is missing")
    return value


def _key(reach: Reach, environment: Mapping[str, str]) -> bytes:
    variable = _needed(reach, "key_variable", reach.key_variable)
    try:
        key = bytes.fromhex(environment.get(variable, "").strip())
    except ValueError as error:
        raise ChannelUnreachable(f"{reach.name}: {variable} is not hexadecimal") from error
    if len(key) < KEY_BYTES_MIN:
        raise ChannelUnreachable(f"{reach.name}: set {variable} to at least {2 * KEY_BYTES_MIN} hexadecimal digits")
    return key
