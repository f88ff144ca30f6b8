"""What a model in shadow would have made of the applications that were decided, beside what was made of them; pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from tiao.credit.registry.roles import Shadow, age_group
from tiao.credit.training.fairness import GROUP_MIN
from tiao.credit.watching.promotion import EACH_MIN
from tiao.learning.metrics import auc

_PPM = 1_000_000


class ShadowGroup(msgspec.Struct, frozen=True):
    """A band of age: how many it scored, and what share of them each side approved, in millionths.

    *air_ppm* is the share beside the best large group's; None where fewer than 1,000 were scored.
    """

    group: str
    scored: int
    approved_ppm: int
    decided_ppm: int
    air_ppm: int | None


class ShadowSide(msgspec.Struct, frozen=True):
    """One side: how many it approves, to which limits in all, and how well it ranks those whose outcome is ripe."""

    approved: int
    limits_minor: int
    auc: float | None


class ShadowCompared(msgspec.Struct, frozen=True):
    """A model in shadow beside what decides. *ripe* and *bad* of *each_needed* of either kind, bad and good.

    *only_shadow* would be approved, and were not; *only_decided* were approved, and would not be.
    """

    model_version: str
    scored: int
    shadow: ShadowSide
    decided: ShadowSide
    only_shadow: int
    only_decided: int
    ripe: int
    bad: int
    each_needed: int
    groups: list[ShadowGroup]


def compared(version: str, seen: Sequence[Shadow]) -> ShadowCompared:
    """Compare both sides over all that was scored."""
    pairs = [(each, each.beside) for each in seen if each.beside is not None]
    ripe = [each for each in seen if each.is_bad is not None]
    return ShadowCompared(
        model_version=version,
        scored=len(pairs),
        shadow=ShadowSide(
            sum(each.is_approved for each, _ in pairs),
            sum(each.limit_minor for each, _ in pairs if each.is_approved),
            _ranks([(each.probability, each.is_bad) for each in ripe]),
        ),
        decided=ShadowSide(
            sum(beside.is_approved for _, beside in pairs),
            sum(beside.limit_minor for _, beside in pairs if beside.is_approved),
            _ranks([(each.beside.probability, each.is_bad) for each in ripe if each.beside is not None]),
        ),
        only_shadow=sum(each.is_approved and not beside.is_approved for each, beside in pairs),
        only_decided=sum(beside.is_approved and not each.is_approved for each, beside in pairs),
        ripe=len(ripe),
        bad=sum(bool(each.is_bad) for each in ripe),
        each_needed=EACH_MIN,
        groups=_groups(seen),
    )


def _ranks(of: Sequence[tuple[float | None, bool | None]]) -> float | None:
    """Give the AUC over outcomes that are known, None where one kind is missing."""
    known = [(probability, bool(is_bad)) for probability, is_bad in of if probability is not None]
    bads = sum(is_bad for _, is_bad in known)
    if not 0 < bads < len(known):
        return None
    target = np.array([float(is_bad) for _, is_bad in known])
    return round(auc(target, np.array([probability for probability, _ in known])), 6)


def _groups(seen: Sequence[Shadow]) -> list[ShadowGroup]:
    by_group: dict[str, list[Shadow]] = {}
    for each in seen:
        by_group.setdefault(age_group(each.age), []).append(each)
    rates = {name: sum(each.is_approved for each in rows) / len(rows) for name, rows in by_group.items()}
    best = max((rates[name] for name, rows in by_group.items() if len(rows) >= GROUP_MIN), default=0.0)
    return [
        ShadowGroup(
            name,
            len(rows),
            round(rates[name] * _PPM),
            round(sum(each.beside is not None and each.beside.is_approved for each in rows) / len(rows) * _PPM),
            round(rates[name] / best * _PPM) if best > 0 and len(rows) >= GROUP_MIN else None,
        )
        for name, rows in sorted(by_group.items(), key=lambda item: min(each.age for each in item[1]))
    ]
