"""Every "no" that plans, prices, penalties and refunds can give."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class TermsNotOffered(Refusal):
    """This number of instalments is not on offer."""

    kind = Kind.INVALID


class InstalmentAmountBelowMinimum(Refusal):
    """The purchase is too small to be paid in instalments."""

    kind = Kind.INVALID


class BillInstalmentWindowClosed(Refusal):
    """A bill can be turned into instalments only from its statement date to its due date."""


class PriceAboveCap(Refusal):
    """The yearly cost of this credit is above the cap that applies to the lender."""


class PenaltyAboveCap(Refusal):
    """The overdue penalty is above what the cap allows on one day."""


class FeeTypeUndecided(Refusal):
    """A fee may not be charged before it is decided whether it counts into the yearly cost."""


class FeeWithoutPayee(Refusal):
    """A cost sheet names who receives each fee."""


class BenchmarkRateStale(Refusal):
    """The benchmark rate that the cap depends on is too old for a new contract."""


class CostSheetNotAcknowledged(Refusal):
    """The cost sheet must be shown and confirmed before signing."""


class ReadingTimeNotOver(Refusal):
    """The cost sheet was confirmed before its reading time had run."""


class PayoutBelowPrincipal(Refusal):
    """Costs may not be taken out of the principal when it is paid out."""


class RefundExceedsCaptured(Refusal):
    """Refunds together would be more than was captured."""

    kind = Kind.INVALID


class RefundWindowClosed(Refusal):
    """The purchase is too old to be refunded through the platform."""


class ProductsInvalid(Refusal):
    """The products file has faults and cannot be used."""

    kind = Kind.INVALID

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults), faults=len(faults))
        self.faults = tuple(faults)


class FeeOnInterestLoan(Refusal):
    """A loan that bears interest is charged no fee by hand."""


class ProductUnknown(Refusal):
    """There is no such plan on offer."""

    kind = Kind.INVALID


class LoanUnknown(Refusal):
    """There is no such loan."""

    kind = Kind.NOT_FOUND


class BillUnknown(Refusal):
    """There is no such bill."""

    kind = Kind.NOT_FOUND


class RepaymentUnknown(Refusal):
    """There is no such repayment."""

    kind = Kind.NOT_FOUND


class RefundUnknown(Refusal):
    """There is no such refund."""

    kind = Kind.NOT_FOUND


class NothingOwed(Refusal):
    """Nothing is owed, so there is nothing to repay."""


class PayoffQuoteChanged(Refusal):
    """What settles the debt is another amount than the one agreed to; a quote is good for its day."""


class RepaymentExceedsOwed(Refusal):
    """The repayment is larger than all that is owed."""

    kind = Kind.INVALID


class LoanNotActive(Refusal):
    """The loan is settled or written off already."""


class AdjustmentUnknown(Refusal):
    """There is no such decision."""

    kind = Kind.NOT_FOUND


class FactAlreadyReversed(Refusal):
    """This was taken back before."""


class NotReversible(Refusal):
    """This cannot be taken back: it is not a repayment or a decision of this line, or its money has been sent back."""


class EffectiveDayInvalid(Refusal):
    """The day on which something counts lies between the loan's first day and today."""

    kind = Kind.INVALID


class InstalmentUnknown(Refusal):
    """The loan has no such instalment."""

    kind = Kind.NOT_FOUND


class WaiverExceedsOwed(Refusal):
    """More cannot be waived than is owed of it."""

    kind = Kind.INVALID


class DeferralTooLong(Refusal):
    """The bill cannot be deferred by so many days."""

    kind = Kind.INVALID


class DeferralNotOffered(Refusal):
    """Deferring a bill is not on offer here: the rule is switched off."""


class MinimumPaymentNotOffered(Refusal):
    """Paying only the minimum of a bill is not on offer here: the rule is switched off."""


class MinimumPaymentWindowClosed(Refusal):
    """Paying the minimum is agreed to from the statement date to the due date."""


class MinimumPaymentAgreed(Refusal):
    """It has been agreed already that only the minimum of this bill is paid."""


class MinimumPaymentNotAgreed(Refusal):
    """Nobody has agreed to pay only the minimum of this bill."""

    kind = Kind.NOT_FOUND


class NothingToCarry(Refusal):
    """Nothing of this bill can be carried to the next one."""


class CreditBalanceExceeded(Refusal):
    """No more can be paid out than the credit balance less what is billed and unpaid."""

    kind = Kind.INVALID


class NotDeferrable(Refusal):
    """Only an instalment that is billed, unpaid and not yet overdue can be deferred."""


class LoanNotReschedulable(Refusal):
    """A loan that bears interest is not arranged anew this way; it can be put into a new plan."""


class LoanArrangedAnew(Refusal):
    """What the purchase owes was arranged anew; that is undone first, so that the plan can take the refund."""


class NothingToReschedule(Refusal):
    """Nothing is overdue that could be moved, or no row is left to move it to."""


class RescheduledToday(Refusal):
    """The loan has been arranged anew today already."""


class LaterRescheduling(Refusal):
    """Only the latest time a loan was arranged anew can be undone, and not once what it made was written off."""


class NothingToRefinance(Refusal):
    """Nothing is left to be put into instalments."""


class ReasonNeeded(Refusal):
    """A decision about a person's debt needs a reason."""

    kind = Kind.INVALID


class PenaltiesOpen(Refusal):
    """Fees and penalties must be paid or waived first: they may not become principal."""
