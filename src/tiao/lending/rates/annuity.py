"""Level payments: any one of payment, periods, rate, present and future value from the others.

The equation is pv * (1 + r) ** n + pmt * ((1 + r) ** n - 1) / r + fv = 0, money received positive, in decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from tiao.lending.rates.refusals import RateNotFound
from tiao.lending.rates.roots import Timed, solve


class Annuity(NamedTuple):
    """The known parts; *rate* is that of one period."""

    rate: Decimal
    periods: Decimal
    payment: Decimal
    present: Decimal
    future: Decimal


def _growth(rate: Decimal, periods: Decimal) -> tuple[Decimal, Decimal]:
    """Give (1 + r) ** n and ((1 + r) ** n - 1) / r."""
    if not rate:
        return Decimal(1), periods
    grown = (1 + rate) ** periods
    return grown, (grown - 1) / rate


def payment(known: Annuity) -> Decimal:
    """Find the payment. Refuses: RateNotFound."""
    grown, repeated = _growth(known.rate, known.periods)
    return _divided(-(known.present * grown + known.future), repeated)


def present_value(known: Annuity) -> Decimal:
    """Find the present value. Refuses: RateNotFound."""
    grown, repeated = _growth(known.rate, known.periods)
    return _divided(-(known.payment * repeated + known.future), grown)


def future_value(known: Annuity) -> Decimal:
    """Find the future value."""
    grown, repeated = _growth(known.rate, known.periods)
    return -(known.present * grown + known.payment * repeated)


def periods(known: Annuity) -> Decimal:
    """Find the number of periods, not always whole. Refuses: RateNotFound."""
    if not known.rate:
        return _divided(-(known.present + known.future), known.payment)
    quotient = _divided(known.payment - known.future * known.rate, known.payment + known.present * known.rate)
    if quotient <= 0:
        raise RateNotFound("no number of periods solves the equation", pointer="/periods")
    return quotient.ln() / (1 + known.rate).ln()


def interest(known: Annuity, numbers: Sequence[int]) -> list[Decimal]:
    """Split off the interest of the numbered payments."""
    level = payment(known)
    return [future_value(known._replace(payment=level, periods=Decimal(number - 1))) * known.rate for number in numbers]


def principal(known: Annuity, numbers: Sequence[int]) -> list[Decimal]:
    """Split off the principal of the numbered payments."""
    level = payment(known)
    return [level - part for part in interest(known, numbers)]


def rate(known: Annuity) -> Decimal:
    """Find the rate of one period for a whole number of periods. Refuses: RateNotFound."""
    count = int(known.periods)
    flows = [Timed(Fraction(known.present), Fraction(0))]
    flows += [Timed(Fraction(known.payment), Fraction(number)) for number in range(1, count + 1)]
    flows.append(Timed(Fraction(known.future), Fraction(count)))
    found = solve(flows)
    if found is None:
        raise RateNotFound("no rate solves the equation", pointer="/annual_rate")
    return found.rate


def _divided(above: Decimal, below: Decimal) -> Decimal:
    if not below:
        raise RateNotFound("the equation has no solution", pointer="/solve")
    return above / below
