"""The messages: orders (pain.001, .008), their state (pain.002, pacs.002), statements and notices (camt.053, .054)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from tiao.payments.iso20022.xml import Element, MessageRefused, Node, amount_text, read, write

CREDIT_TRANSFER, DIRECT_DEBIT = "pain.001.001.09", "pain.008.001.08"
ORDER_STATUS, PAYMENT_STATUS = "pain.002.001.12", "pacs.002.001.12"
STATEMENT, NOTIFICATION = "camt.053.001.08", "camt.054.001.08"
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


class Booked(NamedTuple):
    """An entry of an account. *Units*: minor units; what came in is positive."""

    end_to_end_id: str
    bank_no: str
    amount_minor: int
    currency: str
    booked_on: date


class AccountReport(NamedTuple):
    """A statement or notification of one account. *sequence* counts them; balances stand on statements only."""

    message_id: str
    made_at: datetime
    sequence: int
    account: str
    currency: str
    opening_minor: int
    entries: tuple[Booked, ...]

    @property
    def closing_minor(self) -> int:
        """Tell what the account holds after the entries."""
        return self.opening_minor + sum(each.amount_minor for each in self.entries)


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
            Node("CreDtTm", _instant(orders.made_at)),
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
        found.append(Transfer(each.text("PmtId/EndToEndId", max_length=_ID_MAX), amount, currency, account, mandate))
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
    head = (Node("MsgId", report.message_id), Node("CreDtTm", _instant(report.made_at)))
    about = (Node("OrgnlMsgId", report.about), Node("OrgnlMsgNmId", report.about_kind))
    statuses = tuple(_status(each, is_between_banks=kind == PAYMENT_STATUS) for each in report.statuses)
    if kind == PAYMENT_STATUS:
        return write(kind, Node("FIToFIPmtStsRpt", (Node("GrpHdr", head), Node("OrgnlGrpInfAndSts", about), *statuses)))
    payments = Node("OrgnlPmtInfAndSts", (Node("OrgnlPmtInfId", report.about), *statuses))
    return write(kind, Node("CstmrPmtStsRpt", (Node("GrpHdr", head), Node("OrgnlGrpInfAndSts", about), payments)))


def read_status(text: bytes, kind: str) -> StatusReport:
    """Read a pain.002 or pacs.002. Refuses: MessageRefused."""
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
                each.text("OrgnlEndToEndId", max_length=_ID_MAX),
                each.text("TxSts", max_length=4),
                each.maybe_text("StsRsnInf/Rsn/Cd"),
                each.maybe_text("AcctSvcrRef"),
                None if amount is None else amount[0],
                None if amount is None else amount[1],
            )
        )
    return StatusReport(
        root.text("GrpHdr/MsgId", max_length=_ID_MAX),
        root.instant("GrpHdr/CreDtTm"),
        root.text("OrgnlGrpInfAndSts/OrgnlMsgId", max_length=_ID_MAX),
        root.text("OrgnlGrpInfAndSts/OrgnlMsgNmId", max_length=_ID_MAX),
        tuple(found),
    )


def write_account(report: AccountReport, kind: str) -> bytes:
    """Write a camt.053 (statement of a day) or camt.054 (notification)."""
    is_statement = kind == STATEMENT
    balances: tuple[Node | None, ...] = ()
    if is_statement:
        on = report.made_at.date()
        balances = (
            _balance("OPBD", report.opening_minor, report.currency, on),
            _balance("CLBD", report.closing_minor, report.currency, on),
        )
    body = Node(
        "Stmt" if is_statement else "Ntfctn",
        (
            Node("Id", report.message_id),
            Node("ElctrncSeqNb", str(report.sequence)),
            Node("CreDtTm", _instant(report.made_at)),
            Node("Acct", (Node("Id", (Node("Othr", (Node("Id", report.account),)),)), Node("Ccy", report.currency))),
            *balances,
            *(_entry(each) for each in report.entries),
        ),
    )
    head = Node("GrpHdr", (Node("MsgId", report.message_id), Node("CreDtTm", _instant(report.made_at))))
    return write(kind, Node("BkToCstmrStmt" if is_statement else "BkToCstmrDbtCdtNtfctn", (head, body)))


def read_account(text: bytes, kind: str, *, after_sequence: int | None = None) -> AccountReport:
    """Read a camt.053 or camt.054.

    Refuses: MessageRefused when the balances do not follow from the entries, or its sequence number was there before.
    """
    is_statement = kind == STATEMENT
    root = read(text, kind, "BkToCstmrStmt" if is_statement else "BkToCstmrDbtCdtNtfctn")
    body = root.one("Stmt" if is_statement else "Ntfctn")
    sequence = body.text("ElctrncSeqNb", max_length=18)
    if not sequence.isdecimal() or not sequence.isascii():
        raise MessageRefused("ElctrncSeqNb: no number")
    if after_sequence is not None and int(sequence) <= after_sequence:
        raise MessageRefused(f"ElctrncSeqNb: {sequence} was there before; {after_sequence + 1} is next")
    report = AccountReport(
        root.text("GrpHdr/MsgId", max_length=_ID_MAX),
        root.instant("GrpHdr/CreDtTm"),
        int(sequence),
        body.text("Acct/Id/Othr/Id"),
        body.text("Acct/Ccy", max_length=3),
        _said_balance(body, "OPBD") if is_statement else 0,
        tuple(map(_read_entry, body.all("Ntry"))),
    )
    if is_statement and report.closing_minor != _said_balance(body, "CLBD"):
        raise MessageRefused("Bal: the closing balance does not follow from the entries")
    return report


def _counted(root: Element, found: Sequence[Transfer]) -> None:
    if root.text("GrpHdr/NbOfTxs", max_length=15) != str(len(found)):
        raise MessageRefused(f"GrpHdr/NbOfTxs: there are {len(found)}")
    total = root.maybe_text("GrpHdr/CtrlSum")
    if total is not None and total != amount_text(sum(each.amount_minor for each in found)):
        raise MessageRefused("GrpHdr/CtrlSum: the amounts come to another sum")
    numbers = [each.end_to_end_id for each in found]
    if len(set(numbers)) != len(numbers):
        raise MessageRefused("PmtId/EndToEndId: a number comes twice")


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


def _entry(one: Booked) -> Node:
    amount = Node("Amt", amount_text(abs(one.amount_minor)), (("Ccy", one.currency),))
    code = Node("BkTxCd", (Node("Prtry", (Node("Cd", "PMNT"),)),))
    references = Node("Refs", (Node("AcctSvcrRef", one.bank_no), Node("EndToEndId", one.end_to_end_id)))
    return Node(
        "Ntry",
        (
            amount,
            Node("CdtDbtInd", "CRDT" if one.amount_minor >= 0 else "DBIT"),
            Node("Sts", (Node("Cd", "BOOK"),)),
            Node("BookgDt", (Node("Dt", one.booked_on.isoformat()),)),
            code,
            Node("NtryDtls", (Node("TxDtls", (references,)),)),
        ),
    )


def _read_entry(entry: Element) -> Booked:
    amount, currency = entry.amount("Amt")
    return Booked(
        entry.text("NtryDtls/TxDtls/Refs/EndToEndId", max_length=_ID_MAX),
        entry.text("NtryDtls/TxDtls/Refs/AcctSvcrRef", max_length=_ID_MAX),
        _signed(amount, entry.text("CdtDbtInd", max_length=4)),
        currency,
        entry.day("BookgDt/Dt"),
    )


def _said_balance(body: Element, code: str) -> int:
    for each in body.all("Bal"):
        if each.text("Tp/CdOrPrtry/Cd") == code:
            return _signed(each.amount("Amt")[0], each.text("CdtDbtInd", max_length=4))
    raise MessageRefused(f"Bal: no {code}")


def _signed(amount_minor: int, indicator: str) -> int:
    if indicator not in {"CRDT", "DBIT"}:
        raise MessageRefused(f"CdtDbtInd: {indicator}")
    return amount_minor if indicator == "CRDT" else -amount_minor


def _balance(code: str, amount_minor: int, currency: str, on: date) -> Node:
    return Node(
        "Bal",
        (
            Node("Tp", (Node("CdOrPrtry", (Node("Cd", code),)),)),
            Node("Amt", amount_text(abs(amount_minor)), (("Ccy", currency),)),
            Node("CdtDbtInd", "CRDT" if amount_minor >= 0 else "DBIT"),
            Node("Dt", (Node("Dt", on.isoformat()),)),
        ),
    )


def _account(name: str, number: str) -> Node:
    return Node(name, (Node("Id", (Node("Othr", (Node("Id", number),)),)),))


def _agent(name: str) -> Node:
    return Node(name, (Node("FinInstnId", (Node("Othr", (Node("Id", "NOTPROVIDED"),)),)),))


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
