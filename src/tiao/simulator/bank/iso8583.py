"""A bank's host that is not real: the same books behind ISO 8583 on a socket."""

from __future__ import annotations

import asyncio
import base64
import zlib
from datetime import datetime

from tiao.payments.providers import iso8583_wire as wire
from tiao.payments.providers.iso8583_host import CODES
from tiao.simulator.bank.books import AgreementMade, Decided, Flow, Order, RequestDiffers
from tiao.simulator.bank.teller import Manner, Teller, Told, plain_file

_CODE_OF = {named: code for code, named in CODES.items()} | {"request_closed": "05"}
_FLOW = {wire.TAKE: Flow.DEBIT, wire.PAY: Flow.PAYOUT}
_NUMBER_SIGNS = 12


class Iso8583Server:
    """Serves one host; `serve` listens until it is cancelled."""

    def __init__(self, teller: Teller, *, key: bytes) -> None:
        self.teller = teller
        self._key = key
        self._files: dict[str, str | None] = {}

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
        if body[:4] == wire.FILE_REQUEST.encode():
            return self._file(wire.decoded(body, wire.FILE_REQUEST, self._key))
        asked = wire.decoded(body, wire.REQUEST, self._key)
        at, number = wire.instant_of(asked), asked["48"]
        if asked["3"] == wire.AGREE:
            return wire.encoded(wire.ANSWER, {**_echo(asked), **self._agreed(asked, at)}, self._key)
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

    def _agreed(self, asked: dict[str, str], at: datetime) -> dict[str, str]:
        made = self.teller.books.bind(asked.get("2", ""), asked.get("46", ""), "CNY", at)
        if not isinstance(made, AgreementMade):
            return {"39": _CODE_OF.get(made, "05")}
        return {"39": "00", "102": made.agreement, "46": f"模拟银行 {made.account_no[-4:]}"}

    def _file(self, asked: dict[str, str]) -> bytes:
        """Answer one part of a file; it is written when its first part is asked for."""
        name, part = asked["101"], int(asked["71"])
        if part == 1:
            self._files[name] = self._written(name, wire.instant_of(asked))
        text = self._files.get(name)
        said = {"3": wire.FILE, "71": asked["71"], "101": name}
        if text is None:
            return wire.encoded(wire.FILE_ANSWER, {**said, "39": "25"}, self._key)
        begin = (part - 1) * wire.FILE_PART_SIGNS
        last = -(-len(text) // wire.FILE_PART_SIGNS)
        piece = text[begin : begin + wire.FILE_PART_SIGNS]
        return wire.encoded(wire.FILE_ANSWER, {**said, "39": "00", "72": f"{last:04}", "127": piece}, self._key)

    def _written(self, name: str, at: datetime) -> str | None:
        day = datetime.strptime(name[3:], "%Y%m%d").date()  # noqa: DTZ007  a day
        if name.startswith("STM"):
            return base64.b64encode(zlib.compress(self.teller.statement(day, at, is_net=False))).decode()
        rows = self.teller.day_rows(day)
        return None if rows is None else base64.b64encode(zlib.compress(plain_file(rows))).decode()

    def _sent(self, asked: dict[str, str], told: Told, code: str) -> bytes | None:
        if told.manner is Manner.SILENTLY:
            return None
        said = {**_echo(asked), "39": code}
        if told.decided is not None:
            said |= {
                "4": f"{told.decided.amount_minor:012}",
                "49": "156",
                "37": told.decided.channel_no[:_NUMBER_SIGNS],
            }
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
