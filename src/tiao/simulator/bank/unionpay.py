"""A gateway of UnionPay's form that is not real: the same books behind signed form fields and ZM files."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from tiao.payments.files import zm
from tiao.payments.providers import unionpay_wire as wire
from tiao.payments.providers.unionpay import CODES, PATH
from tiao.simulator.bank.books import AgreementMade, Flow, Order, RequestDiffers
from tiao.simulator.bank.server import BankServer, Receive, Scope, Send, read_body
from tiao.simulator.bank.teller import DayRow, Manner, Teller

#: What the books say, as 响应码; `limit_exceeded` is theirs for an amount that is too large.
_CODE_OF = {named: code for code, named in CODES.items()} | {"limit_exceeded": "33", "request_closed": "01"}
_TIME = "%Y%m%d%H%M%S"


class UnionPayServer:
    """Serves the gateway's one address; everything else is the simulator's control, as with any bank."""

    def __init__(self, teller: Teller, keys: wire.Keys, control: BankServer) -> None:
        self.teller = teller
        self._keys = keys
        self._control = control

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._control(scope, receive, send)
            return
        body = await read_body(receive)
        status, answer = await self._answer(body or b"")
        headers = [(b"content-type", b"application/x-www-form-urlencoded")]
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _answer(self, body: bytes) -> tuple[HTTPStatus, bytes]:
        try:
            asked = wire.opened(body, self._keys)
            at = datetime.strptime(asked["txnTime"], _TIME).replace(tzinfo=self.teller.zone)
            manner, fields = await self._done(asked, at)
        except (wire.NotGenuine, KeyError, ValueError):
            return HTTPStatus.BAD_REQUEST, b""
        if manner is Manner.SILENTLY:
            return HTTPStatus.GATEWAY_TIMEOUT, b""
        answer = wire.signed(
            {**{name: asked[name] for name in ("txnType", "orderId", "merId", "txnTime")}, **fields}, self._keys
        )
        if manner is Manner.GARBLED:
            return HTTPStatus.OK, answer[: len(answer) // 2]
        if manner is Manner.WRONGLY_SIGNED:
            return HTTPStatus.OK, answer.replace(b"respCode=00", b"respCode=01")[::-1]
        return HTTPStatus.OK, answer

    async def _done(self, asked: dict[str, str], at: datetime) -> tuple[Manner, dict[str, str]]:
        kind = asked["txnType"]
        if kind in {wire.TAKE, wire.PAY}:
            return await self._execute(asked, at)
        if kind == wire.ASK:
            return await self._query(asked)
        if kind == wire.AGREE:
            return Manner.PLAINLY, self._agree(asked, at)
        return Manner.PLAINLY, self._file(asked, at) if kind == wire.FILE else {"respCode": "10"}

    def _agree(self, asked: dict[str, str], at: datetime) -> dict[str, str]:
        made = self.teller.books.bind(asked["accNo"], asked["name"], "CNY", at)
        if not isinstance(made, AgreementMade):
            return {"respCode": _CODE_OF.get(made, "01")}
        return {"respCode": "00", "agreement": made.agreement, "display": f"模拟银行 {made.account_no[-4:]}"}

    def _file(self, asked: dict[str, str], at: datetime) -> dict[str, str]:
        day = datetime.strptime(asked["orderId"], "%Y%m%d").date()  # noqa: DTZ007  a day
        if asked.get("fileType") == wire.STATEMENT_FILE:
            text = self.teller.statement(day, at, is_net=True)
        else:
            rows = self.teller.day_rows(day)
            if rows is None:
                return {"respCode": "98"}
            text = day_file(rows, self.teller.zone)
        content = base64.b64encode(zlib.compress(text)).decode()
        return {"respCode": "00", "fileContent": content}

    async def _execute(self, asked: dict[str, str], at: datetime) -> tuple[Manner, dict[str, str]]:
        flow = Flow.DEBIT if asked["txnType"] == wire.TAKE else Flow.PAYOUT
        order = Order(flow, asked["orderId"], asked["agreement"], int(asked["txnAmt"]), "CNY")
        try:
            told = await self.teller.execute(order, at)
        except RequestDiffers:
            return Manner.PLAINLY, {"respCode": "12"}
        if told.manner is Manner.AS_PROCESSING:
            return Manner.PLAINLY, {"respCode": "05"}
        if told.decided is None:
            return told.manner, {}
        code = "00" if told.decided.code is None else _CODE_OF.get(told.decided.code, "01")
        amount = str(told.decided.amount_minor)
        return told.manner, {"respCode": code, "queryId": told.decided.channel_no, "txnAmt": amount}

    async def _query(self, asked: dict[str, str]) -> tuple[Manner, dict[str, str]]:
        told = await self.teller.look_up(asked["orderId"])
        if told.manner is Manner.SILENTLY:
            return told.manner, {}
        if told.decided is None:
            return Manner.PLAINLY, {"respCode": "34"}
        code = "00" if told.decided.code is None else _CODE_OF.get(told.decided.code, "01")
        return Manner.PLAINLY, {
            "respCode": "00",
            "origRespCode": code,
            "queryId": told.decided.channel_no,
            "txnAmt": str(told.decided.amount_minor),
        }


def day_file(rows: Iterable[DayRow], zone: ZoneInfo) -> bytes:
    """Write the file of a day."""
    lines = []
    for number, row in enumerate(rows, start=1):
        local = row.at.astimezone(zone)
        is_debit = row.flow is Flow.DEBIT
        settled = row.amount_minor - row.fee_minor if is_debit else row.amount_minor
        values = {
            "trade_code": "S22" if is_debit else "S13",
            "trace_no": f"{number % 1_000_000:06}",
            "sent_at": local.strftime("%m%d%H%M%S"),
            "amount": f"{row.amount_minor:012}",
            "query_no": row.channel_no,
            "order_no": row.request_no,
            "fee": f"{'D' if row.fee_minor >= 0 else 'C'}{abs(row.fee_minor):012}",
            "settled": f"{'C' if is_debit else 'D'}{settled:012}",
            "trade_kind": "01" if is_debit else "12",
        }
        lines.append(zm.write_record(values) + b"\r\n")
    return b"".join(lines)
