"""The messages about mandates: a request for one (pain.009), and whether the payer's bank accepts it (pain.012)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from tiao.payments.iso20022.messages import Account
from tiao.payments.iso20022.xml import Element, Node, instant_text, read, write

REQUEST, ACCEPTANCE = "pain.009.001.06", "pain.012.001.06"
_CODE_MAX = 4
_WORDS = {"true": True, "1": True, "false": False, "0": False}


class MandateRequest(NamedTuple):
    """A request that the payer's bank let us collect from an account. *number* makes it happen once."""

    number: str
    made_at: datetime
    ours: Account
    payer: Account


class MandateAnswer(NamedTuple):
    """Whether a bank accepts: then the mandate's number, else the reason's code."""

    number: str
    made_at: datetime
    mandate: str | None
    reason: str | None


def write_request(request: MandateRequest) -> bytes:
    """Write a pain.009."""
    mandate = Node(
        "Mndt",
        (
            Node("MndtReqId", request.number),
            Node("Ocrncs", (Node("SeqTp", "RCUR"),)),
            Node("TrckgInd", "false"),
            *_party("Cdtr", request.ours),
            *_party("Dbtr", request.payer),
            Node("DbtrAgt", (Node("FinInstnId", (Node("Othr", (Node("Id", "NOTPROVIDED"),)),)),)),
        ),
    )
    return write(REQUEST, Node("MndtInitnReq", (_head(request.number, request.made_at), mandate)))


def read_request(text: bytes) -> MandateRequest:
    """Read a pain.009 of one mandate. Refuses: MessageRefused."""
    root = read(text, REQUEST, "MndtInitnReq")
    mandate = root.one("Mndt")
    return MandateRequest(
        mandate.number("MndtReqId"),
        root.instant("GrpHdr/CreDtTm"),
        _read_party(mandate, "Cdtr"),
        _read_party(mandate, "Dbtr"),
    )


def write_answer(answer: MandateAnswer, asked: MandateRequest) -> bytes:
    """Write a pain.012."""
    reason = None if answer.reason is None else Node("RjctRsn", (Node("Cd", answer.reason),))
    accepted = Node("AccptncRslt", (Node("Accptd", "true" if answer.mandate else "false"), reason))
    mandate = Node(
        "OrgnlMndt",
        (
            None if answer.mandate is None else Node("MndtId", answer.mandate),
            Node("MndtReqId", answer.number),
            Node("Ocrncs", (Node("SeqTp", "RCUR"),)),
            Node("TrckgInd", "false"),
            *_party("Cdtr", asked.ours),
            *_party("Dbtr", asked.payer),
            Node("DbtrAgt", (Node("FinInstnId", (Node("Othr", (Node("Id", "NOTPROVIDED"),)),)),)),
        ),
    )
    details = Node("UndrlygAccptncDtls", (accepted, Node("OrgnlMndt", (mandate,))))
    return write(ACCEPTANCE, Node("MndtAccptncRpt", (_head(answer.number, answer.made_at), details)))


def read_answer(text: bytes) -> MandateAnswer:
    """Read a pain.012 about one mandate. Refuses: MessageRefused, when it is accepted without a number too."""
    root = read(text, ACCEPTANCE, "MndtAccptncRpt")
    details = root.one("UndrlygAccptncDtls")
    said = details.text("AccptncRslt/Accptd", max_length=5)
    if said not in _WORDS:
        raise details.fault(f"AccptncRslt/Accptd: {said}")
    mandate = details.one("OrgnlMndt/OrgnlMndt")
    return MandateAnswer(
        mandate.number("MndtReqId"),
        root.instant("GrpHdr/CreDtTm"),
        mandate.number("MndtId") if _WORDS[said] else None,
        None if _WORDS[said] else details.text("AccptncRslt/RjctRsn/Cd", max_length=_CODE_MAX),
    )


def _head(number: str, at: datetime) -> Node:
    return Node("GrpHdr", (Node("MsgId", number), Node("CreDtTm", instant_text(at))))


def _party(name: str, account: Account) -> tuple[Node, Node]:
    number = Node(f"{name}Acct", (Node("Id", (Node("Othr", (Node("Id", account.number),)),)),))
    return Node(name, (Node("Nm", account.name),)), number


def _read_party(mandate: Element, name: str) -> Account:
    return Account(mandate.text(f"{name}/Nm"), mandate.number(f"{name}Acct/Id/Othr/Id"))
