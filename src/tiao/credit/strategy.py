"""What a limit policy is: grades into limits, when limits move, who agrees, what may be granted beside."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec


class GradeLimit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a grade may be lent: a multiple of monthly income, within a floor and a ceiling. *Units*: minor units."""

    grade: str
    income_multiple: Decimal
    floor_minor: int
    ceiling_minor: int


class ApprovalStage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many people agree to a limit: up to an amount, for some grades (all when none is named). *Units*: minor."""

    up_to_minor: int
    approvers: int
    grades: tuple[str, ...] = ()


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A warning comes on from *on_from* up and goes off at *off_at* or below; between the two it stays as it was."""

    on_from: Decimal
    off_at: Decimal


class Warnings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What speaks for a cut: bills paid late of the last six, the share in use, the behavioural probability."""

    late_bills: Band
    use: Band
    behaviour: Band


class SceneShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In a scene (a merchant's category) at most this share of a new line may be owed."""

    scene: str
    share: Decimal


class ProfileRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the profile bounds limits, each bound only where its figure is known.

    A limit is at most *inflow_multiple* months of the inflow that partners saw; with what is owed to others at most
    *exposure_months* months of the lesser of income and inflow. Where all sources that it *wants* are absent, it is
    *without_share* of what it would be: less, and never nothing.
    """

    inflow_multiple: Decimal | None = None
    exposure_months: Decimal | None = None
    wants: tuple[str, ...] = ()
    without_share: Decimal = Decimal(1)


class LimitPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How grades become limits and how limits move; data, named by the digest of its content.

    In force from *effective_from* until a later one. A grade that is not listed is declined, and so is a probability
    above *probability_max*. The first stage that takes grade and amount says how many approve: *approval* of what the
    engine would grant, *proposals* of what a person proposes; where none does, two. A line whose behavioural
    probability is known is raised up to *raise_behaviour_max* only, and with *freeze_from_warnings* warnings on (0:
    never) it is frozen.
    """

    name: str
    effective_from: date
    currency: str
    programme_cap_minor: int
    limit_step_minor: int
    probability_max: Decimal
    grades: tuple[GradeLimit, ...]
    thin_file: GradeLimit
    age_min: int
    reapply_after_days: int
    raise_after_bills: int
    raise_share: Decimal
    freeze_from_stage: int
    approval: tuple[ApprovalStage, ...]
    proposals: tuple[ApprovalStage, ...]
    case_days: int
    contest_days: int
    raise_after_cut_bills: int
    cut_share: Decimal
    cut_from_warnings: int
    cut_rest_bills: int
    warnings: Warnings
    income_cap_multiple: Decimal
    exposure_cap_minor: int
    temporary_share_max: Decimal
    temporary_days_max: int
    exclusive_max_minor: int
    exclusive_days_max: int
    scenes: tuple[SceneShare, ...] = ()
    raise_behaviour_max: Decimal = Decimal(1)
    freeze_from_warnings: int = 0
    profile: ProfileRules | None = None
