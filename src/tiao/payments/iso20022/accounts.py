"""The messages about an account: statements of a day (camt.053) and notices (camt.054)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

from tiao.payments.iso20022.reading import MessageRefused, Reading
from tiao.payments.iso20022.xml import Element, Node, amount_text, instant_text, rooted, write

STATEMENT, NOTIFICATION = "camt.053.001.08", "camt.054.001.08"
#: A statement of some millions of entries; it is read entry by entry.
ACCOUNT_BYTES_MAX = 4 << 30
_ID_MAX, _SEQUENCE_MAX = 35, 18
#: What all entries of a statement may come to, so that it still fits a column.
_TOTAL_MAX_MINOR = 10**18
_BOOKED = "BOOK"


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
            Node("CreDtTm", instant_text(report.made_at)),
            Node("Acct", (Node("Id", (Node("Othr", (Node("Id", report.account),)),)), Node("Ccy", report.currency))),
            *balances,
            *(_entry(each) for each in report.entries),
        ),
    )
    head = Node("GrpHdr", (Node("MsgId", report.message_id), Node("CreDtTm", instant_text(report.made_at))))
    return write(kind, Node("BkToCstmrStmt" if is_statement else "BkToCstmrDbtCdtNtfctn", (head, body)))


class AccountReading:
    """A statement or notice that is being read; what it says of itself is known once its entries were gone through."""

    def __init__(self, pieces: Iterable[bytes], kind: str) -> None:
        self._kind = kind
        is_statement = kind == STATEMENT
        self._root = "BkToCstmrStmt" if is_statement else "BkToCstmrDbtCdtNtfctn"
        self._body = "Stmt" if is_statement else "Ntfctn"
        path = ("Document", self._root, self._body, "Ntry")
        self._reading = Reading(pieces, takes=path, bytes_max=ACCOUNT_BYTES_MAX)
        self.message_id = self.account = self.currency = ""
        self.made_at = datetime.min.replace(tzinfo=UTC)
        self.sequence = self.opening_minor = self.closing_minor = 0

    def entries(self) -> Iterator[Booked]:
        """Read entry by entry, and to the end.

        Refuses: MessageRefused, when an entry is of another currency or not booked, or when the balances do not follow
        from the entries; nothing that was given before may then be used.
        """
        sum_minor = moved_minor = 0
        body: Element | None = None
        for number, element in enumerate(self._reading.elements(), start=1):
            if body is None:
                body = self._begun()
            entry = _read_entry(body.child(element, f"Ntry[{number}]"), self.currency)
            sum_minor += entry.amount_minor
            moved_minor += abs(entry.amount_minor)
            if moved_minor > _TOTAL_MAX_MINOR:
                raise MessageRefused(f"Ntry[{number}]: the entries come to more than any account moves")
            yield entry
        body = self._begun()
        if self._kind == STATEMENT:
            self.opening_minor = self._balance(body, "OPBD")
            self.closing_minor = self._balance(body, "CLBD")
            if self.closing_minor != self.opening_minor + sum_minor:
                raise body.fault("Bal: the closing balance does not follow from the entries")

    def _begun(self) -> Element:
        """Read what stands before the entries."""
        root = rooted(self._reading.so_far, self._kind, self._root)
        body = root.one(self._body)
        sequence = body.text("ElctrncSeqNb", max_length=_SEQUENCE_MAX)
        if not sequence.isdecimal() or not sequence.isascii():
            raise body.fault(f"ElctrncSeqNb: {sequence} is no number")
        self.sequence = int(sequence)
        self.message_id = root.text("GrpHdr/MsgId", max_length=_ID_MAX)
        self.made_at = root.instant("GrpHdr/CreDtTm")
        self.account, self.currency = body.text("Acct/Id/Othr/Id"), body.text("Acct/Ccy", max_length=3)
        return body

    def _balance(self, body: Element, code: str) -> int:
        for each in body.all("Bal"):
            if each.text("Tp/CdOrPrtry/Cd") == code:
                amount, currency = each.amount("Amt")
                if currency != self.currency:
                    raise each.fault(f"Amt: {currency} in an account of {self.currency}")
                return _signed(each, amount)
        raise body.fault(f"Bal: no {code}")


def read_account(text: bytes, kind: str) -> AccountReport:
    """Read a camt.053 or camt.054 as a whole. Refuses: MessageRefused."""
    reading = AccountReading([text], kind)
    entries = tuple(reading.entries())
    return AccountReport(
        reading.message_id,
        reading.made_at,
        reading.sequence,
        reading.account,
        reading.currency,
        reading.opening_minor,
        entries,
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


def _read_entry(entry: Element, account_currency: str) -> Booked:
    amount, currency = entry.amount("Amt")
    if currency != account_currency:
        raise entry.fault(f"Amt: {currency} in an account of {account_currency}")
    if (state := entry.text("Sts/Cd", max_length=4)) != _BOOKED:
        raise entry.fault(f"Sts/Cd: {state}, and only what is booked belongs here")
    details = entry.one("NtryDtls/TxDtls/Refs")
    number, bank_no = details.number("EndToEndId"), details.number("AcctSvcrRef")
    return Booked(number, bank_no, _signed(entry, amount), currency, entry.day("BookgDt/Dt"))


def _signed(element: Element, amount_minor: int) -> int:
    indicator = element.text("CdtDbtInd", max_length=4)
    if indicator not in {"CRDT", "DBIT"}:
        raise element.fault(f"CdtDbtInd: {indicator}")
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
