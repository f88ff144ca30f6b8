"""What a scene is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

import msgspec


class Paper(StrEnum):
    """A kind of document that a merchant shows before it may sell."""

    BUSINESS_LICENCE = "business_licence"
    REPRESENTATIVE_IDENTITY = "representative_identity"
    ACCOUNT_PROOF = "account_proof"
    TRADE_PERMIT = "trade_permit"
    SHOP_PHOTOGRAPH = "shop_photograph"
    OTHER = "other"


class RefundAfter(StrEnum):
    """What may be refunded once the days for a full refund are over."""

    #: Whatever the merchant agrees to.
    AS_AGREED = "as_agreed"
    #: What of the service was not given yet.
    PRO_RATA = "pro_rata"


class Prepaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How money that was paid before a service reaches the merchant: a share at once, the rest in equal steps.

    A step has *step_days* days and is due when they are over.
    """

    first_share: Decimal
    steps: int
    step_days: int


class Scene(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of what holds in a scene, from *effective_from* on. *Units*: minor units; rates are exact shares."""

    scene: str
    name_zh: str
    effective_from: date
    plans: frozenset[str]
    amount_min_minor: int
    amount_max_minor: int
    discount_rate: Decimal
    discount_rate_min: Decimal
    refund_full_days: int
    refund_after: RefundAfter
    papers: frozenset[Paper]
    prepaid: Prepaid | None = None
    #: What selling here adds to a merchant's risk points.
    risk_points: int = 0
