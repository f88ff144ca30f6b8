"""What is decided about merchants: which figures alarm, and what is done about it."""

from __future__ import annotations

from fractions import Fraction

from tiao.risk.merchants.model import Alarm, Before, Hour, MerchantDay

#: Limits from which more is asked of a purchase: the amount that two people release, and round sums people are told of.
LIMITS_MINOR = (100_000, 200_000, 500_000, 1_000_000)
#: Just below is within a twentieth of a limit; nearly all of a line is nine tenths of it.
BELOW_PPM, DRAINS_PPM = 950_000, 900_000
#: Of fewer purchases nothing is said; a shop's good day is not ten times its usual one. Our own choices, all of them.
_FEW, _SUDDEN, _SUDDEN_MINOR = 5, 5, 2_000_000
_REFUNDED, _BELOW, _DRAINED, _LINKED = Fraction(3, 10), Fraction(3, 10), Fraction(3, 10), Fraction(1, 4)
_DRAINED_MINOR = 1_000_000
#: Of a merchant with one alarm, and what each further one adds. In parts of a million.
_FIRST_PPM, _MORE_PPM = 200_000, 250_000
#: These alone, or any two, hold settlements until somebody has looked.
_HOLDING = frozenset({Alarm.CASH_OUT})
_DAYS, _KNOWN_DAYS = 28, 7


def alarms(day: MerchantDay, before: Before | None) -> list[Alarm]:
    """Say what speaks against a merchant, by a day and the four weeks before it."""
    found = []
    if _is_sudden(day.amount_minor, before):
        found.append(Alarm.VOLUME)
    sold = day.amount_minor + (before.amount_minor if before is not None else 0)
    back = day.refunded_minor + (before.refunded_minor if before is not None else 0)
    if day.refunds > 0 and sold >= _SUDDEN_MINOR // 2 and back > _REFUNDED * sold:
        found.append(Alarm.REFUNDS)
    if day.just_below >= _FEW and day.just_below > _BELOW * day.purchases:
        found.append(Alarm.STRUCTURING)
    if _is_cash_out(day.purchases, day.draining, day.draining_minor):
        found.append(Alarm.CASH_OUT)
    if day.linked >= _FEW and day.linked > _LINKED * day.purchases:
        found.append(Alarm.LINKED)
    return found


def alarms_of_hour(hour: Hour, before: Before | None) -> list[Alarm]:
    """Say what speaks against a merchant already while its day goes on."""
    found = []
    if _is_sudden(hour.amount_minor, before):
        found.append(Alarm.VOLUME)
    if _is_cash_out(hour.purchases, hour.draining, hour.amount_minor if hour.draining else 0):
        found.append(Alarm.CASH_OUT)
    return found


def probability_ppm(found: list[Alarm]) -> int:
    """Say how likely it is that something is wrong. Our own guess, until cases have taught better."""
    return min(950_000, _FIRST_PPM + _MORE_PPM * (len(found) - 1)) if found else 0


def holds_settlement(found: list[Alarm]) -> bool:
    """Whether a merchant's money waits until somebody has looked."""
    return bool(_HOLDING.intersection(found)) or len(found) > 1


def _is_sudden(amount_minor: int, before: Before | None) -> bool:
    """Whether a merchant sells far more than it is used to; of one that is new nobody knows what that is."""
    if before is None or before.days < _KNOWN_DAYS or amount_minor < _SUDDEN_MINOR:
        return False
    return amount_minor > _SUDDEN * Fraction(before.amount_minor, min(_DAYS, before.days))


def _is_cash_out(purchases: int, draining: int, draining_minor: int) -> bool:
    return draining >= _FEW and draining_minor >= _DRAINED_MINOR and draining > _DRAINED * purchases
