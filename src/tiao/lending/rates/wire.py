"""The JSON form of rates: cash flows in, one rate out, the convention named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, DecimalException, localcontext
from fractions import Fraction

import msgspec

from tiao.lending.rates import annuity
from tiao.lending.rates.documents import (
    AnnuityQuestion,
    DatedFlow,
    EffectiveAnnual,
    PerPeriod,
    Question,
    RateAnswer,
    UnitFlow,
    UsActuarial,
)
from tiao.lending.rates.refusals import (
    RateFieldMissing,
    RateFieldUnknown,
    RateFieldUnwanted,
    RateInputMalformed,
    RateNotFound,
    RateNumberInvalid,
)
from tiao.lending.rates.roots import Found, Timed, solve
from tiao.lending.rates.times import YearCount, unit_periods_a_year, unit_periods_between, years_between
from tiao.lending.schedule.malformed import explain

_NUMBER = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?", re.ASCII)
_PLACES = Decimal("1e-14")
_DIGITS = 60
_FLOWS_MAX = 5_000
_PERIODS_MAX = 5_000
_YEARLY_MAX = 10_000

_DECODER: msgspec.json.Decoder[Question] = msgspec.json.Decoder(Question)
_ENCODER = msgspec.json.Encoder()


def answer_line(line: bytes | str) -> bytes:
    """Answer one JSON document with one JSON document. Refuses: every refusal of this package, with its pointer."""
    return _ENCODER.encode(answer(read(line)))


def read(line: bytes | str) -> Question:
    """Read a document strictly. Refuses: RateInputMalformed, RateFieldUnknown."""
    try:
        return _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise explain(error, line, Question, unknown=RateFieldUnknown, malformed=RateInputMalformed) from None


def answer(question: Question) -> RateAnswer:
    """Solve one question. Refuses: RateNotFound, RateNumberInvalid, RateFieldMissing, RateFieldUnwanted."""
    match question:
        case EffectiveAnnual():
            found = _solved(_years(question))
            return RateAnswer(question.id, "effective_annual", _written(found.rate), found.is_unique)
        case UsActuarial():
            found = _solved(_unit_periods(question))
            yearly = _written(found.rate * _decimal(_a_year(question)))
            return RateAnswer(question.id, "us_actuarial", yearly, found.is_unique)
        case PerPeriod():
            flows = [
                Timed(number(flow.amount, f"/cash_flows/{index}/amount"), Fraction(index))
                for index, flow in enumerate(question.cash_flows)
            ]
            found = _solved(flows)
            return RateAnswer(question.id, "per_period", _written(found.rate), found.is_unique)
        case AnnuityQuestion():
            return _annuity(question)


def number(text: str, pointer: str) -> Fraction:
    """Read a decimal string of any number of digits. Refuses: RateNumberInvalid."""
    if not _NUMBER.fullmatch(text):
        raise RateNumberInvalid(f"{text[:40]!r} is not a decimal string", pointer=pointer)
    return Fraction(text)


def _solved(flows: Sequence[Timed]) -> Found:
    if len(flows) > _FLOWS_MAX:
        raise RateInputMalformed(f"more than {_FLOWS_MAX} cash flows", pointer="/cash_flows")
    for index, flow in enumerate(flows):
        if abs(flow.after) > _PERIODS_MAX:
            raise RateNumberInvalid("too far from the start", pointer=f"/cash_flows/{index}")
    found = solve(flows)
    if found is None:
        raise RateNotFound("no rate makes these cash flows worth nothing", pointer="/cash_flows")
    return found


def _years(question: EffectiveAnnual) -> list[Timed]:
    flows = question.cash_flows
    if _are_dated(flows):
        if question.days_in_year is not None:
            raise RateFieldUnwanted("dated flows are counted by day_count", pointer="/days_in_year")
        count = question.day_count or YearCount.ACT_365
        first = min((flow.on for flow in flows if flow.on is not None), default=date.min)
        return [
            Timed(number(flow.amount, f"/cash_flows/{index}/amount"), years_between(first, flow.on or first, count))
            for index, flow in enumerate(flows)
        ]
    if question.day_count is not None:
        raise RateFieldUnwanted("flows after so many days are counted by days_in_year", pointer="/day_count")
    if question.days_in_year is None:
        raise RateFieldMissing("how many days has a year?", pointer="/days_in_year")
    length = number(question.days_in_year, "/days_in_year")
    if length <= 0:
        raise RateNumberInvalid("a year has days", pointer="/days_in_year")
    return [
        Timed(
            number(flow.amount, f"/cash_flows/{index}/amount"),
            number(flow.after_days or "", f"/cash_flows/{index}/after_days") / length,
        )
        for index, flow in enumerate(flows)
    ]


def _are_dated(flows: Sequence[DatedFlow | UnitFlow]) -> bool:
    """Say whether the flows carry dates; all do or none. Refuses: RateFieldMissing, RateFieldUnwanted."""
    is_dated = bool(flows) and flows[0].on is not None
    for index, flow in enumerate(flows):
        other = flow.after_days if isinstance(flow, DatedFlow) else flow.after_unit_periods
        name = "after_days" if isinstance(flow, DatedFlow) else "after_unit_periods"
        if is_dated and other is not None:
            raise RateFieldUnwanted("a dated flow has no other time", pointer=f"/cash_flows/{index}/{name}")
        if is_dated and flow.on is None:
            raise RateFieldMissing("all flows are dated or none", pointer=f"/cash_flows/{index}/on")
        if not is_dated and flow.on is not None:
            raise RateFieldUnwanted("all flows are dated or none", pointer=f"/cash_flows/{index}/on")
        if not is_dated and other is None:
            raise RateFieldMissing("when does it move?", pointer=f"/cash_flows/{index}/{name}")
    return is_dated


def _unit_periods(question: UsActuarial) -> list[Timed]:
    flows = question.cash_flows
    unit = question.unit_period
    if _are_dated(flows):
        first = min(flow.on for flow in flows if flow.on is not None)
        timed = []
        for index, flow in enumerate(flows):
            if flow.fraction is not None:
                raise RateFieldUnwanted("a dated flow has no other time", pointer=f"/cash_flows/{index}/fraction")
            whole, fraction = unit_periods_between(first, flow.on or first, unit.unit, unit.every)
            timed.append(Timed(number(flow.amount, f"/cash_flows/{index}/amount"), Fraction(whole), fraction))
        return timed
    timed = []
    for index, flow in enumerate(flows):
        where = f"/cash_flows/{index}"
        fraction = number(flow.fraction or "0", f"{where}/fraction")
        if not 0 <= fraction <= 1:
            raise RateNumberInvalid("a fraction lies between 0 and 1", pointer=f"{where}/fraction")
        after = flow.after_unit_periods or 0
        if not 0 <= after <= _PERIODS_MAX:
            raise RateNumberInvalid("out of range", pointer=f"{where}/after_unit_periods")
        timed.append(Timed(number(flow.amount, f"{where}/amount"), Fraction(after), fraction))
    return timed


def _a_year(question: UsActuarial) -> Fraction:
    given = question.unit_periods_per_year
    if given is None:
        return unit_periods_a_year(question.unit_period.unit, question.unit_period.every)
    yearly = number(str(given), "/unit_periods_per_year")
    if not 0 < yearly <= _YEARLY_MAX:
        raise RateNumberInvalid("out of range", pointer="/unit_periods_per_year")
    return yearly


def _annuity(question: AnnuityQuestion) -> RateAnswer:
    unknown = "annual_rate" if question.solve == "rate" else question.solve
    if unknown in ("interest", "principal"):
        unknown = "payment"
    if getattr(question, unknown) is not None:
        raise RateFieldUnwanted("it is what is asked for", pointer=f"/{unknown}")
    with localcontext() as context:
        context.prec = _DIGITS
        known = annuity.Annuity(
            rate=_known(question, "annual_rate", unknown) / question.periods_per_year,
            periods=_known(question, "periods", unknown),
            payment=_known(question, "payment", unknown),
            present=_known(question, "present_value", unknown, default="0"),
            future=_known(question, "future_value", unknown, default="0"),
        )
        if known.rate <= -1 or not 0 <= known.periods <= _PERIODS_MAX:
            raise RateNumberInvalid("out of range", pointer="/annual_rate" if known.rate <= -1 else "/periods")
        try:
            return _annuity_answer(question, known)
        except DecimalException as error:
            raise RateNotFound(f"the figures are out of reach: {type(error).__name__}", pointer="/solve") from None


def _annuity_answer(question: AnnuityQuestion, known: annuity.Annuity) -> RateAnswer:
    named = question.id, "annuity"
    match question.solve:
        case "rate":
            if known.periods != known.periods.to_integral_value():
                raise RateNumberInvalid("a rate needs a whole number of periods", pointer="/periods")
            return RateAnswer(*named, rate=_written(annuity.rate(known) * question.periods_per_year))
        case "interest" | "principal":
            numbers = _numbers(question, known)
            split = annuity.interest if question.solve == "interest" else annuity.principal
            return RateAnswer(*named, values=[_written(part) for part in split(known, numbers)])
        case "payment":
            value = annuity.payment(known)
        case "periods":
            value = annuity.periods(known)
        case "present_value":
            value = annuity.present_value(known)
        case "future_value":
            value = annuity.future_value(known)
    return RateAnswer(*named, value=_written(value))


def _numbers(question: AnnuityQuestion, known: annuity.Annuity) -> list[int]:
    count = int(known.periods)
    if question.numbers is None:
        return list(range(1, count + 1))
    for index, picked in enumerate(question.numbers):
        if picked > count:
            raise RateNumberInvalid(f"there are {count} periods", pointer=f"/numbers/{index}")
    return question.numbers


def _known(question: AnnuityQuestion, name: str, unknown: str, default: str | None = None) -> Decimal:
    given: int | str | None = getattr(question, name)
    if given is None:
        if name == unknown:
            return Decimal(0)
        if default is None:
            raise RateFieldMissing("the unknown follows from all others", pointer=f"/{name}")
        given = default
    return _decimal(number(str(given), f"/{name}"))


def _decimal(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def _written(exact: Decimal) -> str:
    """Write with 14 places. Rounds: half even."""
    with localcontext() as context:
        context.prec = 400
        return f"{exact.quantize(_PLACES, rounding=ROUND_HALF_EVEN) + 0:f}"
