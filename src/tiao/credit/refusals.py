"""Every "no" of credit that is not a decision; a declined application is a decision, not a refusal."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class ApplicantUnderAge(Refusal):
    """The applicant is too young to be lent to."""

    kind = Kind.FORBIDDEN


class AppliedTooSoon(Refusal):
    """An application was declined not long ago; the facts say from when a new one is welcome."""

    kind = Kind.CONFLICT


class IncomeInvalid(Refusal):
    """The declared monthly income is negative or beyond belief."""

    kind = Kind.INVALID


class CurrencyNotOffered(Refusal):
    """There are no credit lines in this currency."""

    kind = Kind.INVALID


class DecisionUnknown(Refusal):
    """There is no such decision."""

    kind = Kind.NOT_FOUND


class DecisionOfOtherVersion(Refusal):
    """The decision was made under another model or policy; run it again with those."""

    kind = Kind.CONFLICT


class LineNotActive(Refusal):
    """The line is not active, so it cannot be frozen."""

    kind = Kind.CONFLICT


class LineNotFrozen(Refusal):
    """The line is not frozen, so it cannot be unfrozen."""

    kind = Kind.CONFLICT


class LimitNotLower(Refusal):
    """A limit can be cut to what is below it, in whole steps."""

    kind = Kind.INVALID


class ReasonMissing(Refusal):
    """A person's decision needs a reason."""

    kind = Kind.INVALID


class LimitPolicyInvalid(Refusal):
    """The limit policy contradicts itself or does not fit the model."""

    kind = Kind.INVALID
