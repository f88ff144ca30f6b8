"""Every "no" of a scene."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class SceneUnknown(Refusal):
    """There is no such scene."""

    kind = Kind.INVALID


class SceneAmountOutside(Refusal):
    """In the merchant's scene a purchase is at least and at most so much."""

    kind = Kind.INVALID


class SceneOffersNoSuchPlan(Refusal):
    """The merchant's scene does not offer this plan."""

    kind = Kind.INVALID


class RefundBeyondService(Refusal):
    """The days for a full refund are over, and so much of the service was given: less can be refunded."""


class DiscountBelowScene(Refusal):
    """No merchant of this scene pays so little for a sale."""

    kind = Kind.INVALID


class ScenesInvalid(Refusal):
    """A file of scenes cannot be used: each fault is named."""

    kind = Kind.INVALID
