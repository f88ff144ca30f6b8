"""What is decided about differences: which ending fits, and what it does to the books."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tiao.payments.files.model import Totals
from tiao.payments.reconciling.model import Difference, DifferenceKind, DifferenceState, Ending, Hours, Statement
from tiao.payments.reconciling.refusals import DifferenceClosed, EndingNotAllowed
from tiao.payments.routing.capability import Capability, StatementForm

#: What is sent so shortly before midnight may be accounted by the channel on its next day.
LATE = timedelta(minutes=30)
#: When a channel's file must have come, on the day after its own.
FILE_HOUR = time(10)

_FROM_OPEN = {
    DifferenceKind.LONG: {Ending.SUSPEND},
    DifferenceKind.SHORT: {Ending.SUSPEND},
    DifferenceKind.DOUBTFUL: {Ending.SUSPEND},
    DifferenceKind.CUT_OFF: set[Ending](),
    DifferenceKind.AMOUNT: {Ending.SUSPEND},
    DifferenceKind.STATUS: {Ending.SUSPEND, Ending.ACCEPT},
    DifferenceKind.FEE: {Ending.ACCEPT},
    DifferenceKind.DUPLICATE: {Ending.SUSPEND, Ending.ACCEPT},
    DifferenceKind.STATEMENT: {Ending.SUSPEND, Ending.ACCEPT},
}


def hours_of(capability: Capability, day: date, zone: ZoneInfo) -> Hours:
    """Tell a channel's day in instants; one with a cut-off accounts what comes later on its next day."""
    midnight = datetime.combine(day, time(), zone)
    next_midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    late_from = next_midnight - LATE
    if capability.cut_off is not None:
        late_from = min(late_from, datetime.combine(day, time.fromisoformat(capability.cut_off), zone))
    return Hours(midnight, next_midnight, late_from)


def expected_at(day: date, zone: ZoneInfo) -> datetime:
    """Tell when the file of a day must have come."""
    return datetime.combine(day + timedelta(days=1), FILE_HOUR, zone)


def cash_effect(difference: Difference) -> int:
    """Tell by how much our cash at the bank is more than our books say. *Units*: minor units; less is negative."""
    delta = (difference.theirs_minor or 0) - (difference.ours_minor or 0)
    if difference.kind is DifferenceKind.FEE:
        return 0  # the fee is booked as the file tells it
    if difference.kind in {DifferenceKind.STATUS, DifferenceKind.DUPLICATE}:
        delta = difference.theirs_minor or 0  # what our books have of it, they have already or never will
    return -delta if difference.flow == "payout" else delta


def check_ending(difference: Difference, ending: Ending) -> None:
    """Refuse an ending that does not fit. Refuses: DifferenceClosed, EndingNotAllowed."""
    if difference.state is DifferenceState.CLOSED:
        raise DifferenceClosed(resolution=difference.resolution)
    if difference.state is DifferenceState.OPEN:
        fits = ending in _FROM_OPEN[difference.kind]
    else:
        is_more = cash_effect(difference) > 0
        fits = ending is Ending.CORRECT or ending is (Ending.TAKE_IN if is_more else Ending.WRITE_OFF)
    if not fits:
        raise EndingNotAllowed(f"{difference.kind.value}, {difference.state.value}: not by {ending.value}")


def resolution_of(ending: Ending) -> str | None:
    """Name what an ending leaves a closed difference with; None when it stays open in suspense."""
    return {
        Ending.SUSPEND: None,
        Ending.CORRECT: "corrected",
        Ending.WRITE_OFF: "written_off",
        Ending.TAKE_IN: "taken_in",
        Ending.ACCEPT: "accepted",
    }[ending]


def at_odds(capability: Capability, totals: Totals, statement: Statement | None) -> str | None:
    """Say how a file and the bank's statement differ in sum; None when they agree or there is no statement."""
    if statement is None:
        return None
    # Each payment stands on a statement for itself, the channel's fee apart; a net of the day is less its fees.
    file = totals.debited_minor - totals.paid_out_minor
    if capability.statement is StatementForm.NET:
        file -= totals.fee_minor
    bank = sum(row.amount_minor for row in statement.rows)
    return None if file == bank else f"the file comes to {file}, the statement to {bank}"
