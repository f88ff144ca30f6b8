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


class LimitPolicyInvalid(Refusal):
    """The limit policy contradicts itself or does not fit the model."""

    kind = Kind.INVALID


class ApplicationUnderWay(Refusal):
    """An application of this customer waits for people; one at a time."""

    kind = Kind.CONFLICT


class CaseAlreadyOpen(Refusal):
    """A case of this kind is open for the customer; it is answered first."""

    kind = Kind.CONFLICT


class CaseLimitDiffers(Refusal):
    """The second person agrees to the limit of the first, or refuses it."""

    kind = Kind.INVALID


class CaseLimitInvalid(Refusal):
    """A limit is whole steps, above nothing, and at most what the programme and the rules allow; the case needs one."""

    kind = Kind.INVALID


class SublimitInvalid(Refusal):
    """A temporary or exclusive limit is whole steps, within the policy's bounds, and ends in time."""

    kind = Kind.INVALID


class ContestedTooLate(Refusal):
    """A decision can be contested for some time only; the facts say until when it could."""

    kind = Kind.CONFLICT


class ContestedBefore(Refusal):
    """This decision was looked at again by a person already."""

    kind = Kind.CONFLICT
