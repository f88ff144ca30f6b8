"""What would another strategy have decided? Past applications again, with what it would have cost and earned.

Both sides are reckoned alike, from the probability that each application was given: money lent is a share of the limit,
a loss is what of it is not recovered, income is a yearly yield on what is repaid. The assumptions are arguments and are
printed with the result; the intervals say how much of a difference may be chance in who happened to apply.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tiao.credit.engines import policy_version
from tiao.credit.model import ApplicationInputs, Verdict
from tiao.credit.rules import decide_application
from tiao.credit.scoring import Scored
from tiao.credit.strategy import LimitPolicy

Floats = npt.NDArray[np.float64]

#: Draws of the bootstrap, and its seed: the same applications give the same intervals.
DRAWS = 400
_SEED = 20261122
_CURVE_POINTS = 40
_INTERVAL = (2.5, 97.5)


class Economics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a limit costs and earns. *Units*: shares; the yield is of a year. Source: our own choice, to be replaced."""

    usage: Decimal = Decimal("0.40")
    loss_given_default: Decimal = Decimal("0.65")
    yield_annual: Decimal = Decimal("0.12")


class Past(NamedTuple):
    """An application as it was: what it said, what the model answered, what came of it and what was decided then."""

    id: str
    inputs: ApplicationInputs
    scored: Scored | None
    is_bad: bool | None = None
    decided: Verdict | None = None


class Figure(msgspec.Struct, frozen=True):
    """A figure with the interval that 95 of 100 redraws of the applications fall into."""

    value: float
    low: float
    high: float


class Amount(msgspec.Struct, frozen=True):
    """An amount with its interval. *Units*: minor units."""

    value: int
    low: int
    high: int


class Side(msgspec.Struct, frozen=True):
    """One strategy's result; a seen bad rate is None where no approved application has an outcome."""

    policy: str
    approved: int
    approval: Figure
    limit_minor: Amount
    expected_loss_minor: Amount
    income_minor: Amount
    margin_minor: Amount
    bad_rate_expected: Figure
    bad_rate_seen: Figure | None


class ByGrade(msgspec.Struct, frozen=True):
    """What changes in one grade; the mean limits are of those approved."""

    grade: str
    rows: int
    approved_before: int
    approved_after: int
    limit_mean_before_minor: int
    limit_mean_after_minor: int


class Change(msgspec.Struct, frozen=True):
    """One application that is decided otherwise."""

    id: str
    outcome_before: str
    outcome_after: str
    limit_before_minor: int
    limit_after_minor: int


class Point(msgspec.Struct, frozen=True):
    """What the new strategy would approve and lose with another cut-off. *loss_rate* is of the money lent."""

    probability_max: float
    approval: float
    loss_rate: float


class Backtest(msgspec.Struct, frozen=True):
    """Two strategies on the same applications."""

    rows: int
    without_report: int
    economics: Economics
    before: Side
    after: Side
    difference: dict[str, Figure | Amount]
    changed: dict[str, int]
    grades: tuple[ByGrade, ...]
    curve: tuple[Point, ...]
    changes: tuple[Change, ...]


class _Sums(NamedTuple):
    """One strategy by application. Shape: (rows, columns of `_COLUMNS`)."""

    verdicts: list[Verdict]
    parts: Floats


_COLUMNS = ("approved", "limit", "loss", "income", "probability", "ripe", "bad")


def backtest(
    past: Sequence[Past], *, after: LimitPolicy, before: LimitPolicy | None, economics: Economics, draws: int = DRAWS
) -> Backtest:
    """Decide *past* under both strategies; without *before*, it is what was decided then.

    Rounds: each application's loss and income down to a minor unit; intervals to whole minor units.
    """
    assert past, "somebody applied"
    assert before is not None or all(one.decided is not None for one in past), "what was decided then is known"
    usual = _usual_probability(past)
    old, new = _sums(past, before, economics, usual), _sums(past, after, economics, usual)
    draws_old, draws_new = _redrawn(old.parts, new.parts, draws)
    sides = _figures(old.parts, draws_old, len(past)), _figures(new.parts, draws_new, len(past))
    name = "as decided" if before is None else policy_version(before)
    changes = _changes(past, old.verdicts, new.verdicts)
    return Backtest(
        rows=len(past),
        without_report=sum(one.scored is None for one in past),
        economics=economics,
        before=_side(name, old, sides[0]),
        after=_side(policy_version(after), new, sides[1]),
        difference=_difference(old.parts, new.parts, draws_old, draws_new, len(past)),
        changed=dict(sorted(Counter(_kind(one) for one in changes).items())),
        grades=_by_grade(past, old.verdicts, new.verdicts),
        curve=_curve(past, after, economics, usual),
        changes=changes,
    )


def _usual_probability(past: Sequence[Past]) -> float:
    """Take the mean of the scored for applications without a report: nothing better is known of them."""
    known = [one.scored.probability for one in past if one.scored is not None]
    return sum(known) / len(known) if known else 0.0


def _sums(past: Sequence[Past], policy: LimitPolicy | None, economics: Economics, usual: float) -> _Sums:
    verdicts = [_verdict(one, policy) for one in past]
    rows = []
    for one, verdict in zip(past, verdicts, strict=True):
        probability = usual if one.scored is None else one.scored.probability
        limit = verdict.limit_after_minor
        is_approved = limit > 0
        loss, income = _money(limit, probability, economics)
        is_ripe = is_approved and one.is_bad is not None
        rows.append((is_approved, limit, loss, income, probability * is_approved, is_ripe, is_ripe and one.is_bad))
    return _Sums(verdicts, np.array(rows, dtype=np.float64))


def _verdict(one: Past, policy: LimitPolicy | None) -> Verdict:
    if policy is not None:
        return decide_application(policy, one.inputs, one.scored)
    assert one.decided is not None, "checked before"
    return one.decided


def _money(limit_minor: int, probability: float, economics: Economics) -> tuple[int, int]:
    """Give expected loss and income of a limit. Rounds: down to a minor unit."""
    lent, risk = limit_minor * Fraction(economics.usage), Fraction(probability)
    return (
        int(lent * risk * Fraction(economics.loss_given_default)),
        int(lent * (1 - risk) * Fraction(economics.yield_annual)),
    )


def _redrawn(old: Floats, new: Floats, draws: int) -> tuple[Floats, Floats]:
    """Draw the applications anew, the same for both sides, and sum. *Shape*: (draws, columns) twice."""
    chance, rows = np.random.default_rng(_SEED), len(old)
    both = np.hstack([old, new])
    sums = np.empty((draws, both.shape[1]))
    for draw in range(draws):
        sums[draw] = np.bincount(chance.integers(0, rows, rows), minlength=rows).astype(np.float64) @ both
    return sums[:, : old.shape[1]], sums[:, old.shape[1] :]


def _ratios(sums: Floats, rows: int) -> dict[str, Floats]:
    """Turn sums into figures. *Shape*: sums (..., columns) to (...) each."""
    at = {name: sums[..., place] for place, name in enumerate(_COLUMNS)}
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "approval": at["approved"] / rows,
            "limit_minor": at["limit"],
            "expected_loss_minor": at["loss"],
            "income_minor": at["income"],
            "margin_minor": at["income"] - at["loss"],
            "bad_rate_expected": np.where(at["approved"] > 0, at["probability"] / at["approved"], 0.0),
            "bad_rate_seen": np.where(at["ripe"] > 0, at["bad"] / at["ripe"], np.nan),
        }


def _figures(parts: Floats, draws: Floats, rows: int) -> dict[str, Figure | Amount | None]:
    whole, redrawn = _ratios(parts.sum(axis=0), rows), _ratios(draws, rows)
    return {name: _figure(name, float(whole[name]), redrawn[name]) for name in whole}


def _difference(
    old: Floats, new: Floats, draws_old: Floats, draws_new: Floats, rows: int
) -> dict[str, Figure | Amount]:
    whole = _ratios(old.sum(axis=0), rows), _ratios(new.sum(axis=0), rows)
    redrawn = _ratios(draws_old, rows), _ratios(draws_new, rows)
    made = {
        name: _figure(name, float(whole[1][name] - whole[0][name]), redrawn[1][name] - redrawn[0][name])
        for name in whole[0]
    }
    return {name: figure for name, figure in made.items() if figure is not None}


def _figure(name: str, value: float, draws: Floats) -> Figure | Amount | None:
    known = draws[~np.isnan(draws)]
    if np.isnan(value) or not len(known):
        return None
    low, high = np.percentile(known, _INTERVAL)
    if name.endswith("_minor"):
        return Amount(*(round(float(one)) for one in (value, low, high)))
    return Figure(*(round(float(one), 6) for one in (value, low, high)))


def _side(name: str, sums: _Sums, figures: dict[str, Figure | Amount | None]) -> Side:
    content = {"policy": name, "approved": int(sums.parts[:, 0].sum()), **figures}
    return msgspec.convert(content, type=Side, from_attributes=True)


def _changes(past: Sequence[Past], old: Sequence[Verdict], new: Sequence[Verdict]) -> tuple[Change, ...]:
    return tuple(
        Change(one.id, was.outcome.value, now.outcome.value, was.limit_after_minor, now.limit_after_minor)
        for one, was, now in zip(past, old, new, strict=True)
        if (was.outcome, was.limit_after_minor) != (now.outcome, now.limit_after_minor)
    )


def _kind(change: Change) -> str:
    if change.outcome_before != change.outcome_after:
        return f"{change.outcome_before} to {change.outcome_after}"
    return "limit higher" if change.limit_after_minor > change.limit_before_minor else "limit lower"


def _by_grade(past: Sequence[Past], old: Sequence[Verdict], new: Sequence[Verdict]) -> tuple[ByGrade, ...]:
    grades = [
        one.scored.grade if one.scored is not None else verdict.grade or ""
        for one, verdict in zip(past, new, strict=True)
    ]
    found = []
    for grade in sorted(set(grades)):
        mine = [place for place, name in enumerate(grades) if name == grade]
        limits = [[side[at].limit_after_minor for at in mine if side[at].limit_after_minor] for side in (old, new)]
        means = [sum(one) // max(1, len(one)) for one in limits]
        found.append(ByGrade(grade, len(mine), len(limits[0]), len(limits[1]), means[0], means[1]))
    return tuple(found)


def _curve(past: Sequence[Past], policy: LimitPolicy, economics: Economics, usual: float) -> tuple[Point, ...]:
    """Move the cut-off alone, over the quantiles of the probabilities."""
    known = sorted({one.scored.probability for one in past if one.scored is not None})
    if not known:
        return ()
    cuts = sorted({known[int(place)] for place in np.linspace(0, len(known) - 1, _CURVE_POINTS)})
    points = []
    open_to_all = msgspec.structs.replace(policy, probability_max=Decimal(1))
    whole = _sums(past, open_to_all, economics, usual).parts
    probability = np.array([0.0 if one.scored is None else one.scored.probability for one in past])
    lent = whole[:, 1] * float(economics.usage)
    for cut in cuts:
        inside = probability <= cut
        total = float(lent[inside].sum())
        rate = float(whole[inside, 2].sum()) / total if total else 0.0
        points.append(Point(round(cut, 6), round(float(whole[inside, 0].sum()) / len(past), 6), round(rate, 6)))
    return tuple(points)
