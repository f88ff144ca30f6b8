"""Ids, amounts and texts as they stand on the wire; the bounds are part of the API document."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, TypeAlias
from uuid import UUID

from litestar.params import HeaderParameter, PathParameter, QueryParameter
from msgspec import Meta

from tiao.values.ids import MalformedId, read_id, show_id
from tiao.values.money import AMOUNT_MAX_MINOR

CUSTOMER, MERCHANT, OPERATOR, KEY = "cus", "mer", "opr", "key"
LINE, APPLICATION, DECISION = "lin", "app", "dec"
QUOTE, PURCHASE, REFUND = "quo", "pur", "ref"
LOAN, BILL, REPAYMENT, SOURCE = "loa", "bil", "rep", "src"
SETTLEMENT, PAYOUT, POSTING, WRITE_OFF = "stl", "pay", "pos", "wof"
ADJUSTMENT, OVERRIDE = "adj", "pov"
CONTRADICTION, CASE = "con", "cas"
EVENT, ENDPOINT = "evt", "whe"
DIFFERENCE, CARD = "dif", "crd"
PASSKEY, CHALLENGE, PETITION = "psk", "pch", "pet"
CONTACT = "ctc"
WRITE_OFF_PROPOSAL, MONEY_PROPOSAL = "wop", "mpr"
SESSION, MESSAGE, ENTRY, RISK_CASE = "ses", "msg", "ent", "rca"
WITHDRAWAL, DISPUTE, PROPOSAL = "wdl", "dsp", "pro"
MERCHANT_APPLICATION = "map"
STORE, TERMINAL, DEVICE, EXPERIMENT = "sto", "ter", "pdv", "exp"
#: What a posting may have been caused by; the merchant's and the owner's own events included.
SOURCES_OF_POSTINGS = (LOAN, PURCHASE, REPAYMENT, REFUND, SETTLEMENT, WRITE_OFF, PAYOUT, LINE, ADJUSTMENT)

_HEX = "[0-9a-f]{32}"

Id: TypeAlias = Annotated[
    str, Meta(pattern=f"^[a-z]{{3}}_{_HEX}$", description="What it names, _, 32 hexadecimal digits.")
]
CustomerId: TypeAlias = Annotated[str, Meta(pattern=f"^{CUSTOMER}_{_HEX}$", description="A customer.")]
MerchantId: TypeAlias = Annotated[str, Meta(pattern=f"^{MERCHANT}_{_HEX}$", description="A merchant.")]
QuoteId: TypeAlias = Annotated[str, Meta(pattern=f"^{QUOTE}_{_HEX}$", description="A quote.")]
SourceId: TypeAlias = Annotated[str, Meta(pattern=f"^{SOURCE}_{_HEX}$", description="A bound bank account.")]
SubjectId: TypeAlias = Annotated[
    str, Meta(pattern=f"^({CUSTOMER}|{MERCHANT}|{OPERATOR})_{_HEX}$", description="In whose name a key calls.")
]

#: Larger amounts are no purchase; every one fits a number that JavaScript can count with.
AmountMinor: TypeAlias = Annotated[
    int, Meta(ge=1, le=AMOUNT_MAX_MINOR, description="An amount in minor units (fen of CNY).")
]
AmountOrNoneMinor: TypeAlias = Annotated[
    int, Meta(ge=0, le=AMOUNT_MAX_MINOR, description="An amount in minor units; it may be nothing.")
]
Currency: TypeAlias = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217.")]
Instant: TypeAlias = Annotated[datetime, Meta(tz=True, description="RFC 3339, with its offset.")]
PlanCode: TypeAlias = Annotated[str, Meta(pattern="^[a-z0-9_]{1,64}$", description="A plan, as offers name it.")]
#: No control signs: neither a database nor a log line takes them.
Text: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=r"^[^\u0000-\u001f\u007f]+$", description="A line of text.")
]
#: Several lines.
Words: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=2000, pattern=r"^[^\u0000-\u0009\u000b-\u001f\u007f]+$", description="A text.")
]
ChannelName: TypeAlias = Annotated[
    str, Meta(pattern="^[a-z0-9_]{1,40}$", description="A channel, as the table of channels names it.")
]
HexDigest: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 in hexadecimal digits.")]

CustomerInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{CUSTOMER}_{_HEX}$", description="A customer.")]
MerchantInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{MERCHANT}_{_HEX}$", description="A merchant.")]
KeyInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{KEY}_{_HEX}$", description="A key.")]
LineInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{LINE}_{_HEX}$", description="A credit line.")]
ApplicationInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{APPLICATION}_{_HEX}$", description="An application.")
]
MerchantApplicationInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{MERCHANT_APPLICATION}_{_HEX}$", description="A company's application.")
]
DecisionInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{DECISION}_{_HEX}$", description="A decision.")]
EntryInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{ENTRY}_{_HEX}$", description="An entry of a list.")]
RiskCaseInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{RISK_CASE}_{_HEX}$", description="A case of risk control.")
]
CaseInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{CASE}_{_HEX}$", description="A case.")]
QuoteInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{QUOTE}_{_HEX}$", description="A quote.")]
PurchaseInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{PURCHASE}_{_HEX}$", description="A purchase.")]
RefundInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{REFUND}_{_HEX}$", description="A refund.")]
LoanInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{LOAN}_{_HEX}$", description="A loan.")]
WriteOffProposalInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{WRITE_OFF_PROPOSAL}_{_HEX}$", description="A proposal to write a loan off.")
]
MoneyProposalInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{MONEY_PROPOSAL}_{_HEX}$", description="A proposal to move money on a line.")
]
BillInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{BILL}_{_HEX}$", description="A bill.")]
RepaymentInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{REPAYMENT}_{_HEX}$", description="A repayment.")]
PayoutInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{PAYOUT}_{_HEX}$", description="A payout.")]
AdjustmentInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{ADJUSTMENT}_{_HEX}$", description="A decision about a line.")
]
OverrideInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{OVERRIDE}_{_HEX}$", description="An override of a dated rule.")
]
ContradictionInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{CONTRADICTION}_{_HEX}$", description="A contradiction of a bank.")
]
SessionInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{SESSION}_{_HEX}$", description="A checkout session.")
]
WithdrawalInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{WITHDRAWAL}_{_HEX}$", description="A payment on demand.")
]
DisputeInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{DISPUTE}_{_HEX}$", description="A dispute.")]
ProposalInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{PROPOSAL}_{_HEX}$", description="A proposal about a merchant.")
]
EventInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{EVENT}_{_HEX}$", description="An event.")]
EndpointInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{ENDPOINT}_{_HEX}$", description="A webhook endpoint.")
]
ExperimentInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{EXPERIMENT}_{_HEX}$", description="An experiment.")
]
StoreInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{STORE}_{_HEX}$", description="A store.")]
DeviceInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{DEVICE}_{_HEX}$", description="A device that shows payment codes.")
]
SourceInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{SOURCE}_{_HEX}$", description="A bound bank account.")
]
CardInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{CARD}_{_HEX}$", description="A card.")]
PasskeyInPath: TypeAlias = Annotated[str, PathParameter(pattern=f"^{PASSKEY}_{_HEX}$", description="A passkey.")]
PetitionInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{PETITION}_{_HEX}$", description="What a customer asked for.")
]
DifferenceInPath: TypeAlias = Annotated[
    str, PathParameter(pattern=f"^{DIFFERENCE}_{_HEX}$", description="A difference with a channel's file.")
]
NumberInPath: TypeAlias = Annotated[
    int, PathParameter(ge=1, le=9999, description="The number of an instalment, from 1.")
]
PlanInPath: TypeAlias = Annotated[str, PathParameter(pattern="^[a-z0-9_]{1,64}$", description="A plan.")]
DayInPath: TypeAlias = Annotated[date, PathParameter(description="A business date.")]

AnyCustomer: TypeAlias = Annotated[
    str | None,
    QueryParameter(name="customer", pattern=f"^{CUSTOMER}_{_HEX}$", description="Whose; needed by operators only."),
]
AnyMerchant: TypeAlias = Annotated[
    str | None,
    QueryParameter(name="merchant", pattern=f"^{MERCHANT}_{_HEX}$", description="Whose; needed by operators only."),
]
JournalDay: TypeAlias = Annotated[date, QueryParameter(name="on", description="The business date it was booked on.")]
AccountCode: TypeAlias = Annotated[
    int | None, QueryParameter(name="account", ge=1000, le=9999, description="An account of the chart.")
]
OnDay: TypeAlias = Annotated[date | None, QueryParameter(name="on", description="A business date.")]
AnySubject: TypeAlias = Annotated[
    str | None,
    QueryParameter(name="subject", pattern=f"^({CUSTOMER}|{MERCHANT}|{OPERATOR})_{_HEX}$", description="Whose keys."),
]
AnyPostingSource: TypeAlias = Annotated[
    str, QueryParameter(name="source", pattern=f"^[a-z]{{3}}_{_HEX}$", description="What caused the postings.")
]
IdempotencyKey: TypeAlias = Annotated[
    str,
    HeaderParameter(
        name="Idempotency-Key",
        pattern="^[!-~]{1,255}$",
        description="Names this request: sent again with the same key it is done once and answered alike.",
    ),
]


def read_any_id(text: str, prefixes: tuple[str, ...]) -> UUID:
    """Read an id that may name one of several things. Refuses: MalformedId."""
    prefix = text.partition("_")[0]
    if prefix not in prefixes:
        raise MalformedId(f"expected an id that begins with one of {', '.join(prefixes)}")
    return read_id(prefix, text)


def shown(prefix: str, identifier: UUID | None) -> str | None:
    """Write an id that may be absent."""
    return None if identifier is None else show_id(prefix, identifier)
