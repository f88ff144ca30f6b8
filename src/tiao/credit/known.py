"""What the profile says of a customer's means, and how it bounds a limit: never below the floor of the grade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from tiao.credit import reasons
from tiao.credit.strategy import GradeLimit, LimitPolicy

#: The features that bound limits, as the catalogue of profiles calls them, and how many months the first adds up.
INFLOW, EXPOSURE = "partner_inflow_90d", "partner_exposure"
_INFLOW_MONTHS = 3


class Known(NamedTuple):
    """A month's inflow and what is owed to others, where somebody told; the sources that are absent.

    Units: minor units.
    """

    inflow_minor: int | None = None
    exposure_minor: int | None = None
    absent: frozenset[str] = frozenset()


NOTHING = Known()


class Bound(NamedTuple):
    """The most that a limit may be, and the reason that names it."""

    most_minor: int
    reason: str


def known_of(profile: Mapping[str, int | None] | None, absent: Sequence[str]) -> Known:
    """Take what bounds limits from a profile. Rounds: a month's inflow down."""
    if profile is None:
        return NOTHING
    inflow = profile.get(INFLOW)
    monthly = None if inflow is None else inflow // _INFLOW_MONTHS
    return Known(monthly, profile.get(EXPOSURE), frozenset(absent))


def bounds(
    policy: LimitPolicy, row: GradeLimit, *, limit_minor: int, income_minor: int | None, known: Known
) -> list[Bound]:
    """List what a profile bounds a limit by, each at least the grade's floor: a source that is missing refuses nobody.

    Rounds: down. The inflow that was seen counts where it is less than the income that was declared.
    """
    rules = policy.profile
    if rules is None:
        return []
    found: list[tuple[Fraction | int, str]] = []
    if rules.inflow_multiple is not None and known.inflow_minor is not None:
        found.append((known.inflow_minor * Fraction(rules.inflow_multiple), reasons.LIMIT_BY_INFLOW))
    means = [each for each in (income_minor, known.inflow_minor) if each is not None]
    if rules.exposure_months is not None and known.exposure_minor is not None and means:
        room = min(means) * Fraction(rules.exposure_months) - known.exposure_minor
        found.append((room, reasons.LIMIT_BY_EXPOSURE))
    if rules.wants and known.absent >= set(rules.wants):
        found.append((limit_minor * Fraction(rules.without_share), reasons.LIMIT_WITHOUT_SOURCES))
    return [Bound(max(row.floor_minor, int(most)), reason) for most, reason in found]


def bounded(limit_minor: int, reason: str, found: Sequence[Bound]) -> tuple[int, str]:
    """Bring a limit under its bounds, and name the one that holds it."""
    for each in found:
        if limit_minor > each.most_minor:
            limit_minor, reason = each.most_minor, each.reason
    return limit_minor, reason
