"""What can be wrong with a policy pack, and what its rules refuse."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class PolicyPackInvalid(Refusal):
    """The policy pack has faults and cannot be used."""

    kind = Kind.INVALID

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults), faults=len(faults))
        self.faults = tuple(faults)


class PolicyValueMissing(Refusal):
    """No policy row answers for this lender on this date."""

    kind = Kind.INVALID


class PolicyOverrideRefused(Refusal):
    """The override does not name a rule that may be overridden, or lacks who, why or until when."""

    kind = Kind.INVALID


class PolicyOverrideUnknown(Refusal):
    """There is no such override."""

    kind = Kind.NOT_FOUND


class PolicyOverrideDecided(Refusal):
    """The override has been approved or withdrawn before."""


class SecondPersonNeeded(Refusal):
    """Somebody else must decide this: two people stand behind it."""

    kind = Kind.FORBIDDEN


class ConsumerLimitAboveRule(Refusal):
    """One person's credit at this lender would be above what the rules allow."""


class LoanTenorTooLong(Refusal):
    """The contract would run longer than the rules allow."""


class CertificateTenorTooLong(Refusal):
    """The certificate would run longer than the rules allow."""


class PartnerShareTooSmall(Refusal):
    """The funding partner bears too small a share of the loan."""


class ConcentrationTooHigh(Refusal):
    """Too much would lie with one borrower, group or partner."""


class CodeDayLimitExceeded(Refusal):
    """Payments by this kind of code would be above the day's limit."""


class PurposeProhibited(Refusal):
    """Consumer credit may not be used for this purpose."""

    kind = Kind.FORBIDDEN


class ContactInQuietHours(Refusal):
    """It is too late or too early where the debtor is."""


class ContactAttemptsExhausted(Refusal):
    """The day's attempts on this contact are used up."""


class NegativeRecordWithoutNotice(Refusal):
    """A negative record may be reported only after the person has been told."""


class BureauQueryWithoutConsent(Refusal):
    """A credit bureau is asked about a person only with that person's written consent to this query."""

    kind = Kind.FORBIDDEN


class ApplicantUnderage(Refusal):
    """The applicant is too young for a credit contract."""

    kind = Kind.FORBIDDEN


class StudentBarred(Refusal):
    """This kind of lender may not lend to students."""

    kind = Kind.FORBIDDEN


class RetentionTooShort(Refusal):
    """Records would be deleted before the law allows."""

    kind = Kind.INVALID


class ReturnPeriodOver(Refusal):
    """The days in which goods may be returned without a reason are over."""


class MarketingTermBanned(Refusal):
    """The text holds a word that credit may not be advertised with."""

    kind = Kind.INVALID
