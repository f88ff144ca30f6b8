"""May a candidate take the place of the model at work? Checked on ripe rows that neither was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import numpy as np

from tiao.credit.scoring import Bundle
from tiao.credit.training.fairness import AIR_MIN, GROUP_MIN, fairness_report
from tiao.credit.watching.model import Floats
from tiao.credit.watching.refusals import (
    PromotionByOnePerson,
    PromotionUncalibrated,
    PromotionUnfair,
    PromotionUnproven,
    PromotionWorse,
    ReasonsMissing,
)
from tiao.learning.cells import Cell
from tiao.learning.metrics import auc, ece
from tiao.learning.schema import schema_of

#: Fewer ripe rows of either kind prove nothing.
EACH_MIN = 50
#: The candidate may rank below the model at work by this much, and no more: chance, not choice.
AUC_LOST_MAX = 0.002
#: Mean gap of promised and seen bad rate.
ECE_MAX = 0.03
#: The worst of these rows always have a reason.
_REASONED_SHARE = 0.30


class Evidence(msgspec.Struct, frozen=True):
    """What the candidate showed on ripe rows, beside the model at work (None where there is none)."""

    candidate: str
    live: str | None
    rows: int
    bads: int
    auc: float
    auc_live: float | None
    ece: float
    air_min: float | None
    fairness: dict[str, Any]
    proposed_by: str
    approved_by: str
    decided_at: datetime


class Ripe(msgspec.Struct, frozen=True):
    """Rows whose outcome is known, and the protected columns beside them."""

    cells: Mapping[str, list[Cell]]
    protected: Mapping[str, list[Cell]]
    target: Floats


def check_alike(what: str, groups: Sequence[str], is_well: Sequence[bool]) -> None:
    """Demand that large groups fare alike: *is_well* of each row says whether it was approved, or left alone.

    Refuses: PromotionUnfair.
    """
    done, names = np.array(is_well, dtype=np.bool_), np.array(groups)
    inside = {name: names == name for name in sorted(set(groups))}
    rates = {name: float(done[rows].mean()) for name, rows in inside.items() if rows.sum() >= GROUP_MIN}
    best = max(rates.values(), default=0.0)
    for name, rate in rates.items():
        if best > 0 and rate / best < AIR_MIN:
            raise PromotionUnfair(f"{what} {name}: AIR {rate / best:.3f} below {AIR_MIN:.2f}, of all that were scored")


def check_promotion(
    candidate: Bundle, live: Bundle | None, ripe: Ripe, *, proposed_by: str, approved_by: str, at: datetime
) -> Evidence:
    """Let a candidate pass, or say why not.

    Refuses: PromotionByOnePerson, PromotionUnproven, PromotionUnfair, PromotionWorse, PromotionUncalibrated,
    ReasonsMissing.
    """
    if proposed_by.strip().casefold() == approved_by.strip().casefold():
        raise PromotionByOnePerson(approved_by)
    bads = int(ripe.target.sum())
    if min(bads, len(ripe.target) - bads) < EACH_MIN:
        raise PromotionUnproven(f"{len(ripe.target)} ripe rows, {bads} bad; {EACH_MIN} of each are needed")
    scored = candidate.score(ripe.cells)
    probability = np.array([one.probability for one in scored])
    columns = [one for one in schema_of(candidate.model.schema).of_role("protected") if one.name in ripe.protected]
    fairness = fairness_report(columns, dict(ripe.protected), ripe.target, probability)
    if not fairness["passes"]:
        raise PromotionUnfair("; ".join(fairness["faults"]))
    area, promised = auc(ripe.target, probability), ece(ripe.target, probability)
    area_live = None
    if live is not None:
        area_live = auc(ripe.target, np.array([one.probability for one in live.score(ripe.cells)]))
        if area < area_live - AUC_LOST_MAX:
            raise PromotionWorse(f"AUC {area:.4f}, the model at work {area_live:.4f}")
    if promised > ECE_MAX:
        raise PromotionUncalibrated(f"promised and seen bad rates are {promised:.3f} apart, at most {ECE_MAX} may be")
    worst = np.argsort(-probability, kind="stable")[: int(_REASONED_SHARE * len(probability))]
    silent = sum(not scored[row].reasons for row in worst.tolist())
    if silent:
        raise ReasonsMissing(f"{silent} of the worst {len(worst)} rows have no reason")
    return Evidence(
        candidate=candidate.model.model_version,
        live=None if live is None else live.model.model_version,
        rows=len(ripe.target),
        bads=bads,
        auc=round(area, 6),
        auc_live=None if area_live is None else round(area_live, 6),
        ece=round(promised, 6),
        air_min=fairness["air_min"],
        fairness=fairness,
        proposed_by=proposed_by,
        approved_by=approved_by,
        decided_at=at,
    )
