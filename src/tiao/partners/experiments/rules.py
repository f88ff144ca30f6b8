"""What is decided and computed about experiments: who sees what, and what the difference is. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from tiao.partners.experiments.model import Arm, Compared, Measure, Observation, Result

Floats = NDArray[np.float64]

MILLION = 1_000_000
#: So unlikely a split is no chance. Source: Fabijan et al., KDD 2019, who alarm below 0.0005 to 0.001.
RATIO_ALARM = 0.001
_LEVEL = 0.95
_Z = NormalDist().inv_cdf(0.5 + _LEVEL / 2)
#: Below so many visitors in an arm a normal interval is not to be trusted, and none is given.
ARM_MIN = 30


def arm_of(experiment_id: UUID, subject: str, shown_ppm: int) -> Arm:
    """Say what a visitor sees: always the same, whoever asks, with no table; of other experiments it tells nothing."""
    digest = hashlib.sha256(experiment_id.bytes + subject.encode()).digest()
    return Arm.SHOWN if int.from_bytes(digest[:8], "big") % MILLION < shown_ppm else Arm.HIDDEN


class _Observed(NamedTuple):
    """One arm's columns."""

    orders: Floats
    value: Floats
    before: Floats


def result(experiment_id: UUID, shown_ppm: int, seen: Sequence[Observation]) -> Result:
    """Compare the arms.

    Each measure is a ratio of sums, linearised around its own value (delta method: Deng et al., KDD 2018) and freed of
    what the past explains (CUPED: Deng et al., WSDM 2013), with one slope for both arms.
    """
    arms = [arm_of(experiment_id, each.subject, shown_ppm) for each in seen]
    shown, hidden = (_observed([each for each, arm in zip(seen, arms, strict=True) if arm is wanted]) for wanted in Arm)
    sizes = (len(shown.orders), len(hidden.orders))
    p_value = ratio_p_value(*sizes, shown_ppm)
    compared = []
    if min(sizes) >= ARM_MIN:
        compared = [found for each in Measure if (found := _compared(each, shown, hidden)) is not None]
    return Result(*sizes, p_value, p_value < RATIO_ALARM, compared)


def ratio_p_value(shown: int, hidden: int, shown_ppm: int) -> float:
    """Say how likely a split at least so uneven is. Source: Pearson's test with one degree of freedom."""
    total, share = shown + hidden, shown_ppm / MILLION
    if not total or share in {0.0, 1.0}:
        return 1.0
    expected = total * share
    chi_squared = (shown - expected) ** 2 / expected + (hidden - (total - expected)) ** 2 / (total - expected)
    return math.erfc(math.sqrt(chi_squared / 2))


def _observed(seen: Sequence[Observation]) -> _Observed:
    rows = np.array([(each.orders, each.value_minor, each.before_minor) for each in seen], dtype=np.float64)
    columns = rows.reshape(-1, 3).T
    return _Observed(columns[0], columns[1], columns[2])


def _parts(measure: Measure, seen: _Observed) -> tuple[Floats, Floats]:
    """Give what is added up above and below the line, for each visitor."""
    one = np.ones_like(seen.orders)
    bought = (seen.orders > 0).astype(np.float64)
    match measure:
        case Measure.CONVERSION:
            return bought, one
        case Measure.ORDER_VALUE:
            return seen.value, seen.orders
        case Measure.REPEAT_RATE:
            return (seen.orders > 1).astype(np.float64), bought
        case Measure.VALUE_PER_VISITOR:
            return seen.value, one


def _compared(measure: Measure, shown: _Observed, hidden: _Observed) -> Compared | None:
    """Compare one measure; None where an arm has nothing to divide by."""
    ratios, residues = [], []
    for arm in (shown, hidden):
        above, below = _parts(measure, arm)
        if not below.sum():
            return None
        ratio = above.sum() / below.sum()
        ratios.append(ratio)
        residues.append((above - ratio * below) / below.mean())
    before = (shown.before, hidden.before)
    slope = _slope(residues, before)
    middle = np.concatenate(before).mean()
    free = [residue - slope * (past - middle) for residue, past in zip(residues, before, strict=True)]
    shown_ratio, hidden_ratio = (float(ratio + residue.mean()) for ratio, residue in zip(ratios, free, strict=True))
    variances = [float(each.var(ddof=1) / len(each)) for each in free]
    plain = sum(float(each.var(ddof=1) / len(each)) for each in residues)
    difference, error = shown_ratio - hidden_ratio, math.sqrt(sum(variances))
    relative = relative_error = None
    if hidden_ratio:
        relative = difference / hidden_ratio
        relative_error = math.sqrt(variances[0] / hidden_ratio**2 + shown_ratio**2 * variances[1] / hidden_ratio**4)
    return Compared(
        measure=measure,
        shown=shown_ratio,
        hidden=hidden_ratio,
        difference=difference,
        low=difference - _Z * error,
        high=difference + _Z * error,
        relative=relative,
        relative_low=None if relative is None or relative_error is None else relative - _Z * relative_error,
        relative_high=None if relative is None or relative_error is None else relative + _Z * relative_error,
        p_value=math.erfc(abs(difference) / error / math.sqrt(2)) if error else 1.0,
        variance_explained=1 - sum(variances) / plain if plain else 0.0,
    )


def _slope(residues: Sequence[Floats], before: Sequence[Floats]) -> float:
    """Find how the past predicts the measure, within arms: the experiment's own effect is not in it."""
    inner = sum(
        float(((past - past.mean()) * (each - each.mean())).sum()) for each, past in zip(residues, before, strict=True)
    )
    spread = sum(float(((past - past.mean()) ** 2).sum()) for past in before)
    return inner / spread if spread else 0.0
