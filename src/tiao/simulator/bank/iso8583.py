"""A bank's host that is not real: the same books behind ISO 8583 on a socket."""

from __future__ import annotations

import asyncio

from tiao.payments.providers import iso8583_wire as wire
from tiao.payments.providers.iso8583_host import CODES
from tiao.simulator.bank.books import Decided, Flow, Order, RequestDiffers
from tiao.simulator.bank.teller import Manner, Teller, Told

_CODE_OF = {named: code for code, named in CODES.items()} | {"request_closed": "05"}
_FLOW = {wire.TAKE: Flow.DEBIT, wire.PAY: Flow.PAYOUT}
_NUMBER_SIGNS = 12


class Iso8583Server:
    """Serves one host; `serve` listens until it is cancelled."""

    def __init__(self, teller: Teller, *, key: bytes) -> None:
        self.teller = teller
        self._key = key

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Begin to listen."""
        return await asyncio.start_server(self._serve, host, port)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while answer := await self._answer(await wire.read_message(reader)):
                writer.write(answer)
                await writer.drain()
        except (wire.NotGenuine, asyncio.IncompleteReadError, ConnectionError):
            pass  # a host hangs up on what it does not understand
        finally:
            writer.close()

    async def _answer(self, body: bytes) -> bytes | None:
        asked = wire.decoded(body, wire.REQUEST, self._key)
        at, number = wire.instant_of(asked), asked["48"]
        if asked["3"] == wire.ASK:
            told = await self.teller.look_up(number)
            code = "25" if told.decided is None else _code(told.decided)
        else:
            order = Order(_FLOW[asked["3"]], number, asked["102"], int(asked["4"]), "CNY")
            try:
                told = await self.teller.execute(order, at)
            except RequestDiffers:
                return wire.encoded(wire.ANSWER, {**_echo(asked), "39": "05"}, self._key)
            code = (
                "09" if told.manner is Manner.AS_PROCESSING else "68" if told.decided is None else _code(told.decided)
            )
        return self._sent(asked, told, code)

    def _sent(self, asked: dict[str, str], told: Told, code: str) -> bytes | None:
        if told.manner is Manner.SILENTLY:
            return None
        said = {**_echo(asked), "39": code}
        if told.decided is not None:
            said |= {"4": f"{told.decided.amount_minor:012}", "37": told.decided.channel_no[:_NUMBER_SIGNS]}
            said |= wire.instant_elements(told.decided.at)
        answer = wire.encoded(wire.ANSWER, said, self._key)
        if told.manner is Manner.GARBLED:
            return answer[: len(answer) // 2]
        if told.manner is Manner.WRONGLY_SIGNED:
            return wire.encoded(wire.ANSWER, said, b"another key")
        return answer


def _echo(asked: dict[str, str]) -> dict[str, str]:
    return {name: asked[name] for name in ("3", "4", "7", "11", "48", "49", "120") if name in asked}


def _code(decided: Decided) -> str:
    return "00" if decided.code is None else _CODE_OF.get(decided.code, "05")
