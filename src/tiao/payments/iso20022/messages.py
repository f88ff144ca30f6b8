"""The messages about payments: orders (pain.001, pain.008) and what became of them (pain.002, pacs.002)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from tiao.payments.iso20022.reading import MessageRefused
from tiao.payments.iso20022.xml import Element, Node, amount_text, instant_text, read, write

CREDIT_TRANSFER, DIRECT_DEBIT = "pain.001.001.09", "pain.008.001.08"
ORDER_STATUS, PAYMENT_STATUS = "pain.002.001.12", "pacs.002.001.12"
_ID_MAX = 35


class TxState(StrEnum):
    """What became of a transaction, of the codes that matter here; any other is on its way."""

    SETTLED = "ACSC"
    CREDITED = "ACCC"
    REJECTED = "RJCT"
    PENDING = "PDNG"


class Account(NamedTuple):
    """Whose account, by what the bank calls it."""

    name: str
    number: str


class Transfer(NamedTuple):
    """One transaction of an order. *account* is the other side's; *mandate* a direct debit's. *Units*: minor units."""

    end_to_end_id: str
    amount_minor: int
    currency: str
    account: Account
    mandate: str | None = None


class Orders(NamedTuple):
    """Transactions ordered together on *due_on*, from or to our own account."""

    message_id: str
    made_at: datetime
    ours: Account
    due_on: date
    transfers: tuple[Transfer, ...]


class TxStatus(NamedTuple):
    """What became of one transaction; *reason* is the bank's code, *bank_no* its own number."""

    end_to_end_id: str
    state: str
    reason: str | None = None
    bank_no: str | None = None
    amount_minor: int | None = None
    currency: str | None = None


class StatusReport(NamedTuple):
    """What became of an order."""

    message_id: str
    made_at: datetime
    about: str
    about_kind: str
    statuses: tuple[TxStatus, ...]


def write_orders(orders: Orders, kind: str) -> bytes:
    """Write a pain.001 (we pay) or pain.008 (we collect)."""
    is_debit = kind == DIRECT_DEBIT
    total = amount_text(sum(each.amount_minor for each in orders.transfers))
    count = str(len(orders.transfers))
    ours, party = ("Cdtr", "Dbtr") if is_debit else ("Dbtr", "Cdtr")
    head = Node(
        "GrpHdr",
        (
            Node("MsgId", orders.message_id),
            Node("CreDtTm", instant_text(orders.made_at)),
            Node("NbOfTxs", count),
            Node("CtrlSum", total),
            Node("InitgPty", (Node("Nm", orders.ours.name),)),
        ),
    )
    due = orders.due_on.isoformat()
    payment = Node(
        "PmtInf",
        (
            Node("PmtInfId", orders.message_id),
            Node("PmtMtd", "DD" if is_debit else "TRF"),
            Node("NbOfTxs", count),
            Node("CtrlSum", total),
            Node("ReqdColltnDt", due) if is_debit else Node("ReqdExctnDt", (Node("Dt", due),)),
            Node(ours, (Node("Nm", orders.ours.name),)),
            _account(f"{ours}Acct", orders.ours.number),
            _agent(f"{ours}Agt"),
            *(_transfer(each, party, is_debit=is_debit) for each in orders.transfers),
        ),
    )
    return write(kind, Node("CstmrDrctDbtInitn" if is_debit else "CstmrCdtTrfInitn", (head, payment)))


def read_orders(text: bytes, kind: str) -> Orders:
    """Read a pain.001 or pain.008. Refuses: MessageRefused when count or sum does not hold, or a number is twice."""
    is_debit = kind == DIRECT_DEBIT
    root = read(text, kind, "CstmrDrctDbtInitn" if is_debit else "CstmrCdtTrfInitn")
    payment = root.one("PmtInf")
    ours, party = ("Cdtr", "Dbtr") if is_debit else ("Dbtr", "Cdtr")
    found = []
    for each in payment.all("DrctDbtTxInf" if is_debit else "CdtTrfTxInf"):
        amount, currency = each.amount("InstdAmt" if is_debit else "Amt/InstdAmt")
        account = Account(each.text(f"{party}/Nm"), each.text(f"{party}Acct/Id/Othr/Id"))
        mandate = each.text("DrctDbtTx/MndtRltdInf/MndtId", max_length=_ID_MAX) if is_debit else None
        found.append(Transfer(each.number("PmtId/EndToEndId"), amount, currency, account, mandate))
    _counted(root, found)
    return Orders(
        root.text("GrpHdr/MsgId", max_length=_ID_MAX),
        root.instant("GrpHdr/CreDtTm"),
        Account(payment.text(f"{ours}/Nm"), payment.text(f"{ours}Acct/Id/Othr/Id")),
        payment.day("ReqdColltnDt" if is_debit else "ReqdExctnDt/Dt"),
        tuple(found),
    )


def write_status(report: StatusReport, kind: str) -> bytes:
    """Write a pain.002 (about an order) or pacs.002 (about a payment between banks)."""
    head = (Node("MsgId", report.message_id), Node("CreDtTm", instant_text(report.made_at)))
    about = (Node("OrgnlMsgId", report.about), Node("OrgnlMsgNmId", report.about_kind))
    statuses = tuple(_status(each, is_between_banks=kind == PAYMENT_STATUS) for each in report.statuses)
    if kind == PAYMENT_STATUS:
        return write(kind, Node("FIToFIPmtStsRpt", (Node("GrpHdr", head), Node("OrgnlGrpInfAndSts", about), *statuses)))
    payments = Node("OrgnlPmtInfAndSts", (Node("OrgnlPmtInfId", report.about), *statuses))
    return write(kind, Node("CstmrPmtStsRpt", (Node("GrpHdr", head), Node("OrgnlGrpInfAndSts", about), payments)))


def read_status(text: bytes, kind: str) -> StatusReport:
    """Read a pain.002 or pacs.002. Refuses: MessageRefused, also when two states are told of one number."""
    root = read(text, kind, "FIToFIPmtStsRpt" if kind == PAYMENT_STATUS else "CstmrPmtStsRpt")
    path = "TxInfAndSts" if kind == PAYMENT_STATUS else "OrgnlPmtInfAndSts/TxInfAndSts"
    found = []
    for each in root.all(path):
        original = each.maybe("OrgnlTxRef/IntrBkSttlmAmt" if kind == PAYMENT_STATUS else "OrgnlTxRef/Amt/InstdAmt")
        amount = (
            None
            if original is None
            else each.one("OrgnlTxRef").amount("IntrBkSttlmAmt" if kind == PAYMENT_STATUS else "Amt/InstdAmt")
        )
        found.append(
            TxStatus(
                each.number("OrgnlEndToEndId"),
                each.text("TxSts", max_length=4),
                each.maybe_text("StsRsnInf/Rsn/Cd"),
                each.maybe_text("AcctSvcrRef"),
                None if amount is None else amount[0],
                None if amount is None else amount[1],
            )
        )
    _once("OrgnlEndToEndId", [each.end_to_end_id for each in found])
    return StatusReport(
        root.text("GrpHdr/MsgId", max_length=_ID_MAX),
        root.instant("GrpHdr/CreDtTm"),
        root.text("OrgnlGrpInfAndSts/OrgnlMsgId", max_length=_ID_MAX),
        root.text("OrgnlGrpInfAndSts/OrgnlMsgNmId", max_length=_ID_MAX),
        tuple(found),
    )


def _counted(root: Element, found: Sequence[Transfer]) -> None:
    if root.text("GrpHdr/NbOfTxs", max_length=15) != str(len(found)):
        raise MessageRefused(f"GrpHdr/NbOfTxs: there are {len(found)}")
    total = root.maybe_text("GrpHdr/CtrlSum")
    if total is not None and total != amount_text(sum(each.amount_minor for each in found)):
        raise MessageRefused("GrpHdr/CtrlSum: the amounts come to another sum")
    _once("PmtId/EndToEndId", [each.end_to_end_id for each in found])


def _once(path: str, numbers: Sequence[str]) -> None:
    seen: set[str] = set()
    for place, number in enumerate(numbers, start=1):
        if number in seen:
            raise MessageRefused(f"{path}[{place}]: {number} comes twice")
        seen.add(number)


def _transfer(one: Transfer, party: str, *, is_debit: bool) -> Node:
    amount = Node("InstdAmt", amount_text(one.amount_minor), (("Ccy", one.currency),))
    whose = (Node(party, (Node("Nm", one.account.name),)), _account(f"{party}Acct", one.account.number))
    number = Node("PmtId", (Node("EndToEndId", one.end_to_end_id),))
    if not is_debit:
        return Node("CdtTrfTxInf", (number, Node("Amt", (amount,)), _agent("CdtrAgt"), *whose))
    mandate = Node("DrctDbtTx", (Node("MndtRltdInf", (Node("MndtId", one.mandate or ""),)),))
    return Node("DrctDbtTxInf", (number, amount, mandate, _agent("DbtrAgt"), *whose))


def _status(one: TxStatus, *, is_between_banks: bool) -> Node:
    reason = None if one.reason is None else Node("StsRsnInf", (Node("Rsn", (Node("Cd", one.reason),)),))
    bank_no = None if one.bank_no is None else Node("AcctSvcrRef", one.bank_no)
    reference = None
    if one.amount_minor is not None:
        attributes = (("Ccy", one.currency or ""),)
        text = amount_text(one.amount_minor)
        inner = (
            Node("IntrBkSttlmAmt", text, attributes)
            if is_between_banks
            else Node("Amt", (Node("InstdAmt", text, attributes),))
        )
        reference = Node("OrgnlTxRef", (inner,))
    return Node(
        "TxInfAndSts",
        (Node("OrgnlEndToEndId", one.end_to_end_id), Node("TxSts", one.state), reason, bank_no, reference),
    )


def _account(name: str, number: str) -> Node:
    return Node(name, (Node("Id", (Node("Othr", (Node("Id", number),)),)),))


def _agent(name: str) -> Node:
    return Node(name, (Node("FinInstnId", (Node("Othr", (Node("Id", "NOTPROVIDED"),)),)),))
