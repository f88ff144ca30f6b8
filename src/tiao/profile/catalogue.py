"""Every feature, defined once. A change of meaning is a new version of the feature, and with it of the set."""

from __future__ import annotations

import hashlib

import msgspec

from tiao.profile import folds
from tiao.profile.model import Feature, Kind, Source

_NEVER_BOUGHT = "nothing was bought yet"
_NEVER_BILLED = "no bill has been due yet"
_NO_ACCOUNT = "no debit had its answer yet"
_NOT_TOLD = "nothing was told, or the customer does not allow it to be read"
_ALLOWED = "when it was received"
#: The name of the signal by which partners tell what a customer owes elsewhere.
EXPOSURE_SIGNAL = "exposure"


def _bought(days: int) -> tuple[Feature, ...]:
    source = Source.CONSUMPTION
    return (
        Feature(
            f"bought_{days}d", source, days, 1, "Amount bought.", _NEVER_BOUGHT, folds.summed(Kind.BOUGHT, days=days)
        ),
        Feature(
            f"purchases_{days}d",
            source,
            days,
            1,
            "Purchases.",
            _NEVER_BOUGHT,
            folds.summed(Kind.BOUGHT, days=days, of=folds.one),
        ),
    )


FEATURES: tuple[Feature, ...] = (
    *_bought(30),
    *_bought(90),
    Feature(
        "largest_purchase_90d",
        Source.CONSUMPTION,
        90,
        1,
        "Largest purchase.",
        "nothing was bought in the window",
        folds.largest(Kind.BOUGHT, days=90),
    ),
    Feature(
        "merchants_90d",
        Source.CONSUMPTION,
        90,
        1,
        "Different merchants bought at.",
        _NEVER_BOUGHT,
        folds.distinct(Kind.BOUGHT, days=90),
    ),
    Feature(
        "returned_share_90d",
        Source.CONSUMPTION,
        90,
        1,
        "Amount sent back, as a share of what was bought, in ppm.",
        "nothing was bought in the window",
        folds.share(folds.summed(Kind.RETURNED, days=90), folds.summed(Kind.BOUGHT, days=90)),
    ),
    Feature(
        "declined_purchases_30d",
        Source.CONSUMPTION,
        30,
        1,
        "Purchases that were declined.",
        "none was ever declined",
        folds.summed(Kind.DECLINED, days=30, of=folds.one),
    ),
    Feature(
        "days_since_purchase",
        Source.CONSUMPTION,
        0,
        1,
        "Days since the last purchase.",
        _NEVER_BOUGHT,
        folds.days_since_last(Kind.BOUGHT),
    ),
    Feature(
        "days_a_customer",
        Source.CONSUMPTION,
        0,
        1,
        "Days since the first purchase.",
        _NEVER_BOUGHT,
        folds.days_since_first(Kind.BOUGHT),
    ),
    Feature(
        "repaid_90d",
        Source.REPAYMENT,
        90,
        1,
        "Amount repaid.",
        "nothing was repaid yet",
        folds.summed(Kind.REPAID, days=90),
    ),
    Feature(
        "on_time_share_180d",
        Source.REPAYMENT,
        180,
        1,
        "Bills repaid by their due day, as a share of those due, in ppm.",
        _NEVER_BILLED,
        folds.on_time_share(180),
    ),
    Feature(
        "longest_delay_180d",
        Source.REPAYMENT,
        180,
        1,
        "Most days that a bill was or is late.",
        _NEVER_BILLED,
        folds.longest_delay(180),
    ),
    Feature(
        "overdue_now",
        Source.REPAYMENT,
        0,
        1,
        "What is billed, due and not repaid.",
        "never: 0 when nothing is",
        folds.overdue_now(),
    ),
    Feature(
        "debited_30d",
        Source.BANK_ACCOUNT,
        30,
        1,
        "Amount debited from bound accounts.",
        "no debit succeeded yet",
        folds.summed(Kind.DEBITED, days=30),
    ),
    Feature(
        "debits_failed_30d",
        Source.BANK_ACCOUNT,
        30,
        1,
        "Debits that the bank refused.",
        "none ever failed",
        folds.summed(Kind.DEBIT_FAILED, days=30, of=folds.one),
    ),
    Feature(
        "debit_failure_share_90d",
        Source.BANK_ACCOUNT,
        90,
        1,
        "Debits that failed, as a share of those answered, in ppm.",
        _NO_ACCOUNT,
        folds.share(
            folds.summed(Kind.DEBIT_FAILED, days=90, of=folds.one),
            folds.summed(Kind.DEBIT_FAILED, Kind.DEBITED, days=90, of=folds.one),
        ),
    ),
    Feature(
        "accounts_bound_365d",
        Source.BANK_ACCOUNT,
        365,
        1,
        "Accounts bound.",
        "none was ever bound",
        folds.summed(Kind.BOUND, days=365, of=folds.one),
    ),
    Feature(
        "income",
        Source.APPLICATION,
        0,
        1,
        "Monthly income last declared.",
        "never applied",
        folds.latest(Kind.APPLIED),
    ),
    Feature(
        "applications_90d",
        Source.APPLICATION,
        90,
        1,
        "Applications.",
        "never applied",
        folds.summed(Kind.APPLIED, days=90, of=folds.one),
    ),
    Feature(
        "partner_tenure_days",
        Source.PARTNER,
        0,
        1,
        "Days since a partner first told of the customer.",
        _NOT_TOLD,
        folds.days_since_first(Kind.PARTNER),
        available_at=_ALLOWED,
    ),
    Feature(
        "partner_inflow_90d",
        Source.PARTNER,
        90,
        2,
        "Money that partners saw come in: every signal but `exposure`.",
        _NOT_TOLD,
        folds.summed(Kind.PARTNER, days=90, besides=EXPOSURE_SIGNAL),
        available_at=_ALLOWED,
    ),
    Feature(
        "partner_exposure",
        Source.PARTNER,
        0,
        1,
        "What a partner last said is owed elsewhere: signal `exposure`.",
        _NOT_TOLD,
        folds.latest(Kind.PARTNER, label=EXPOSURE_SIGNAL),
        available_at=_ALLOWED,
    ),
    Feature(
        "social_score",
        Source.SOCIAL,
        0,
        1,
        "The score that a social network last told.",
        _NOT_TOLD,
        folds.latest(Kind.SOCIAL),
        available_at=_ALLOWED,
    ),
)


def set_version() -> str:
    """Name the set by what its features are called, look back over and which version they are at."""
    told = [(each.name, each.version, each.window_days, each.source.value) for each in FEATURES]
    return f"profile-{hashlib.sha256(msgspec.json.encode(told)).hexdigest()[:12]}"


VERSION = set_version()
