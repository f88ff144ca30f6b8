"""The JSON form: documents in, answers out. Amounts and yearly rates are decimal strings, days ISO dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache

import msgspec

from tiao.lending.schedule.answer import Answer, Booked, Row
from tiao.lending.schedule.documents import (
    AnswerDoc,
    BookedDoc,
    ByDueStateDoc,
    ByInstalmentDoc,
    ChargeDoc,
    Document,
    DrawDoc,
    GoodwillDoc,
    MerchantRefundDoc,
    PauseDoc,
    PayoffDoc,
    PayoutRefundDoc,
    RateChangeDoc,
    RepaymentDoc,
    ReversalDoc,
    RowDoc,
    RuleDoc,
    TermsDoc,
    TransactionDoc,
    WaiverDoc,
)
from tiao.lending.schedule.malformed import explain
from tiao.lending.schedule.refusals import (
    ScheduleAmountInvalid,
    ScheduleFieldUnknown,
    ScheduleInputMalformed,
    ScheduleRateInvalid,
    ScheduleTermsImpossible,
)
from tiao.lending.schedule.replay import replay
from tiao.lending.schedule.terms import (
    INSTALMENTS_MAX,
    NO_GRACE,
    USUAL_ALLOCATION,
    USUAL_ORDER,
    USUAL_RULE,
    AfterEarlyPayment,
    ByDueState,
    ByInstalment,
    Component,
    DownPayment,
    DueState,
    Frequency,
    Future,
    Grace,
    Recalculation,
    Rule,
    Terms,
    rule_of,
)
from tiao.lending.schedule.transactions import (
    DOWN_PAYMENT,
    INTEREST_REFUND,
    Charge,
    Draw,
    InterestPause,
    Payment,
    PaymentType,
    Payoff,
    RateChange,
    Reversal,
    Transaction,
)
from tiao.values.money import AMOUNT_MAX_MINOR, Rounding

_DECIMALS_MAX = 6
#: Up to so many decimals the digits after the point come from a table.
_TABLE_DECIMALS = 3
_EVERY_MAX = 10_000
_TRANSACTIONS_MAX = 100_000
_RATE = re.compile(r"([0-9]{1,6})(?:\.([0-9]{1,18}))?", re.ASCII)
#: A yearly rate of 100 is 10,000 %.
_RATE_MAX = 100

_DECODER = msgspec.json.Decoder(Document)
_ENCODER = msgspec.json.Encoder()
_TYPES: dict[type, PaymentType] = {
    RepaymentDoc: PaymentType.REPAYMENT,
    GoodwillDoc: PaymentType.GOODWILL_CREDIT,
    WaiverDoc: PaymentType.INTEREST_WAIVER,
    MerchantRefundDoc: PaymentType.MERCHANT_REFUND,
    PayoutRefundDoc: PaymentType.PAYOUT_REFUND,
}
_RULES = frozenset({"default", DOWN_PAYMENT, INTEREST_REFUND, *PaymentType})
_ORDER = {f"{state}_{part}": (state, part) for state in DueState for part in Component}


def answer_line(line: bytes | str) -> bytes:
    """Answer one JSON document with one JSON document. Refuses: every refusal of this package, with its pointer."""
    document = read(line)
    return _ENCODER.encode(show(document.id, compute(document), document.terms.currency_decimals))


def compute(document: Document) -> Answer:
    """Run the engine on a document."""
    terms = read_terms(document.terms)
    if len(document.transactions) > _TRANSACTIONS_MAX:
        raise ScheduleInputMalformed(f"more than {_TRANSACTIONS_MAX} transactions", pointer="/transactions")
    entries = [_read_entry(entry, terms.currency_decimals, index) for index, entry in enumerate(document.transactions)]
    return replay(terms, entries, start_on=document.start_on, as_of_on=document.as_of_on)


def read(line: bytes | str) -> Document:
    """Read a document strictly. Refuses: ScheduleInputMalformed, ScheduleFieldUnknown."""
    try:
        return _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise explain(error, line, Document, unknown=ScheduleFieldUnknown, malformed=ScheduleInputMalformed) from None


def read_terms(doc: TermsDoc) -> Terms:
    """Turn written terms into exact ones.

    Refuses: ScheduleAmountInvalid, ScheduleRateInvalid, ScheduleTermsImpossible.
    """
    decimals = doc.currency_decimals
    if not 0 <= decimals <= _DECIMALS_MAX:
        raise ScheduleTermsImpossible(
            f"a currency has 0 to {_DECIMALS_MAX} decimals", pointer="/terms/currency_decimals"
        )
    if not 1 <= doc.instalments <= INSTALMENTS_MAX:
        raise ScheduleTermsImpossible(f"a plan has 1 to {INSTALMENTS_MAX} instalments", pointer="/terms/instalments")
    if doc.frequency.every > _EVERY_MAX:
        raise ScheduleTermsImpossible(
            f"due dates are at most {_EVERY_MAX} units apart", pointer="/terms/frequency/every"
        )
    multiple = doc.instalment_multiple
    down = doc.down_payment
    grace = doc.grace
    share = doc.instalment_fee_share
    rest = doc.recalculation
    return Terms(
        principal_minor=minor(doc.principal, decimals, "/terms/principal"),
        annual_rate=rate(doc.annual_rate, "/terms/annual_rate"),
        instalments=doc.instalments,
        frequency=Frequency(doc.frequency.every, doc.frequency.unit),
        currency_decimals=decimals,
        rounding=Rounding.HALF_UP if doc.rounding == "half_up" else Rounding.HALF_EVEN,
        due_dates_from_on=doc.due_dates_from_on,
        month_end=doc.month_end,
        day_count=doc.day_count,
        leap_year=doc.leap_year,
        year_boundary=doc.year_boundary,
        interest_method=doc.interest_method,
        amortisation=doc.amortisation,
        interest_period=doc.interest_period,
        is_partial_period_interest_allowed=doc.is_partial_period_interest_allowed,
        schedule_model=doc.schedule_model,
        instalment_multiple_minor=None if multiple is None else minor(multiple, decimals, "/terms/instalment_multiple"),
        down_payment=None
        if down is None
        else DownPayment(_share(down.share, "/terms/down_payment/share"), down.is_automatic),
        grace=NO_GRACE
        if grace is None
        else Grace(grace.principal_periods, grace.interest_payment_periods, grace.interest_free_periods),
        instalment_fee_share=None if share is None else rate(share, "/terms/instalment_fee_share"),
        recalculation=None
        if rest is None
        else Recalculation(rest.rest, rest.payoff_interest, rest.after_early_payment, rest.is_interest_on_overdue),
        is_term_extended_by_draw=doc.is_term_extended_by_draw,
        allocation=_read_allocation(doc.allocation, None if rest is None else rest.after_early_payment),
        interest_refund_on=frozenset(doc.interest_refund_on or ()),
        on_charge_off=doc.on_charge_off,
        chargeback_order=_whole_order(doc.chargeback_order, "/terms/chargeback_order"),
    )


def _read_entry(entry: TransactionDoc, decimals: int, index: int) -> Transaction:  # noqa: PLR0911  one for each type
    match entry:
        case DrawDoc():
            return Draw(
                id=entry.id,
                posted_on=entry.posted_on,
                effective_on=entry.effective_on,
                amount_minor=_positive(entry.amount, decimals, index),
            )
        case PayoffDoc():
            return Payoff(id=entry.id, posted_on=entry.posted_on, effective_on=entry.effective_on)
        case ChargeDoc():
            amount = _positive(entry.amount, decimals, index)
            return Charge(
                id=entry.id, posted_on=entry.posted_on, due_on=entry.due_on, amount_minor=amount, kind=entry.kind
            )
        case ReversalDoc():
            return Reversal(id=entry.id, posted_on=entry.posted_on, of=entry.of)
        case RateChangeDoc():
            changed = rate(entry.annual_rate, f"/transactions/{index}/annual_rate")
            return RateChange(
                id=entry.id, posted_on=entry.posted_on, effective_on=entry.effective_on, annual_rate=changed
            )
        case PauseDoc():
            return InterestPause(id=entry.id, posted_on=entry.posted_on, from_on=entry.from_on, to_on=entry.to_on)
        case _:
            return Payment(
                id=entry.id,
                posted_on=entry.posted_on,
                effective_on=entry.effective_on,
                amount_minor=_positive(entry.amount, decimals, index),
                type=_TYPES[type(entry)],
                is_interest_refunded=getattr(entry, "is_interest_refunded", True),
            )


def minor(text: str, decimals: int, pointer: str) -> int:
    """Read a decimal string with exactly the currency's digits. Refuses: ScheduleAmountInvalid."""
    whole, point, part = text.partition(".")
    if len(part) != decimals or bool(point) != bool(decimals) or not (whole + part).isdecimal() or not text.isascii():
        raise ScheduleAmountInvalid(f"{text[:40]!r} is not an amount with {decimals} decimals", pointer=pointer)
    if not whole or len(whole) > _DIGITS_MAX:
        raise ScheduleAmountInvalid(f"{text[:40]!r} is out of range", pointer=pointer)
    amount = int(whole + part)
    if amount > AMOUNT_MAX_MINOR:
        raise ScheduleAmountInvalid(f"{text!r} is out of range", pointer=pointer)
    return amount


_DIGITS_MAX = 15


def _positive(text: str, decimals: int, index: int) -> int:
    pointer = f"/transactions/{index}/amount"
    amount = minor(text, decimals, pointer)
    if not amount:
        raise ScheduleAmountInvalid("an amount is more than nothing", pointer=pointer)
    return amount


def rate(text: str, pointer: str) -> Fraction:
    """Read a rate or share as a fraction. Refuses: ScheduleRateInvalid."""
    found = _read_rate(text)
    if found is None or found > _RATE_MAX:
        raise ScheduleRateInvalid(
            f"{text[:40]!r} is not a fraction of 0 to {_RATE_MAX} as a decimal string", pointer=pointer
        )
    return found


@lru_cache(maxsize=4096)
def _read_rate(text: str) -> Fraction | None:
    match = _RATE.fullmatch(text)
    if match is None:
        return None
    whole, part = match.group(1), match.group(2) or ""
    return Fraction(int(whole + part), 10 ** len(part))


def _share(text: str, pointer: str) -> Fraction:
    found = rate(text, pointer)
    if found > 1:
        raise ScheduleRateInvalid("a share is at most 1", pointer=pointer)
    return found


def _read_allocation(
    doc: ByDueStateDoc | ByInstalmentDoc | None, after: AfterEarlyPayment | None
) -> ByDueState | ByInstalment:
    is_next = after is AfterEarlyPayment.MOVE_NEXT_DUE
    if doc is None:
        return USUAL_ALLOCATION
    if isinstance(doc, ByInstalmentDoc):
        return ByInstalment(
            order_due=_whole_order(doc.order_due, "/terms/allocation/order_due"),
            order_in_advance=_whole_order(doc.order_in_advance, "/terms/allocation/order_in_advance"),
        )
    default = _read_rule(doc.rules.get("default"), USUAL_RULE, "default", is_next=is_next)
    rules = {"default": default}
    for name, rule in doc.rules.items():
        if name not in _RULES:
            raise ScheduleTermsImpossible(
                f"no type of payment is called {name!r}", pointer=f"/terms/allocation/rules/{escape(name)}"
            )
        rules[name] = _read_rule(rule, default, name, is_next=is_next)
    return ByDueState(direction=doc.direction, rules=rules)


def _read_rule(doc: RuleDoc | None, default: Rule, name: str, *, is_next: bool) -> Rule:
    """Complete a rule from *default*. Moving the next due date means that money in advance goes to the next row."""
    order = default.order
    future = default.future
    if doc is not None:
        order = default.order if doc.order is None else _read_order(tuple(doc.order), name)
        future = doc.future or default.future
    return _rule(order, Future.NEXT if is_next else future)


_rule = lru_cache(maxsize=256)(rule_of)


def _read_order(entries: tuple[str, ...], name: str) -> tuple[tuple[DueState, Component], ...]:
    order = _known_order(entries)
    if order is None:
        raise ScheduleTermsImpossible(
            f"an order names each of the {len(_ORDER)} entries once",
            pointer=f"/terms/allocation/rules/{escape(name)}/order",
        )
    return order


@lru_cache(maxsize=256)
def _known_order(entries: tuple[str, ...]) -> tuple[tuple[DueState, Component], ...] | None:
    if len(entries) != len(_ORDER) or set(entries) != _ORDER.keys():
        return None
    return tuple(_ORDER[entry] for entry in entries)


def _whole_order(parts: Sequence[Component] | None, pointer: str) -> tuple[Component, ...]:
    if parts is None:
        return USUAL_ORDER
    if len(parts) != len(USUAL_ORDER) or set(parts) != set(USUAL_ORDER):
        raise ScheduleTermsImpossible("an order names each of the four components once", pointer=pointer)
    return tuple(parts)


def escape(name: str) -> str:
    """Write a name as one token of a JSON pointer. Source: RFC 6901."""
    return name.replace("~", "~0").replace("/", "~1")


def show(identifier: str, answer: Answer, decimals: int) -> AnswerDoc:
    """Write an answer with the currency's decimals."""
    write = _writer(decimals)
    return AnswerDoc(
        identifier,
        answer.as_of_on,
        [_show_row(row, write) for row in answer.rows],
        [_show_booked(booked, write) for booked in answer.transactions],
    )


def _show_row(row: Row, write: Callable[[int], str]) -> RowDoc:
    nothing = write(0)
    total = write(row.total)
    return RowDoc(
        row.number,
        row.kind,
        row.from_on,
        row.due_on,
        row.days,
        write(row.principal),
        write(row.interest) if row.interest else nothing,
        write(row.fees) if row.fees else nothing,
        write(row.penalties) if row.penalties else nothing,
        total,
        write(row.balance),
        write(row.paid) if row.paid else nothing,
        write(row.paid_early) if row.paid_early else nothing,
        write(row.paid_late) if row.paid_late else nothing,
        write(row.outstanding) if row.paid else total,
        row.settled_on,
    )


def _show_booked(booked: Booked, write: Callable[[int], str]) -> BookedDoc:
    return BookedDoc(
        booked.id,
        booked.type,
        booked.effective_on,
        write(booked.amount),
        write(booked.principal),
        write(booked.interest),
        write(booked.fees),
        write(booked.penalties),
        write(booked.overpaid),
        write(booked.principal_balance),
        booked.is_reversed,
        booked.is_generated,
    )


@lru_cache(maxsize=_DECIMALS_MAX + 1)
def _writer(decimals: int) -> Callable[[int], str]:
    """Make the function that writes minor units with *decimals* digits after the point."""
    if not decimals:
        return str
    unit = 10**decimals
    parts = [f"{part:0{decimals}d}" for part in range(unit)] if decimals <= _TABLE_DECIMALS else None

    def write(amount: int) -> str:
        if amount < 0:
            return "-" + write(-amount)
        whole, part = divmod(amount, unit)
        return f"{whole}.{part:0{decimals}d}" if parts is None else f"{whole}.{parts[part]}"

    return write
