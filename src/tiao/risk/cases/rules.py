"""What is decided about cases: what they may cost, how soon somebody answers, how many have to agree."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction

from tiao.risk.cases.model import CaseState, RiskCase, Step, StepKind, Subject, Suspect
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment
from tiao.values.money import Rounding, round_minor

#: Somebody answers within so long. Our own choice: a buyer waits for a purchase, a merchant is asked for documents.
SLA = {Subject.PURCHASE: timedelta(hours=2), Subject.CUSTOMER: timedelta(days=1), Subject.MERCHANT: timedelta(days=3)}
#: From this amount on two people agree before money moves on. Units: minor units of the programme's currency.
FOUR_EYES_FROM_MINOR = 500_000
#: What is taken for the chance of fraud where rules alone suspended a payment.
PRESUMED_PPM = 200_000
_PPM = 1_000_000
VOTES = {StepKind.RELEASE: CaseState.RELEASED, StepKind.REFUSE: CaseState.REFUSED}


def new_case(now: Moment, about: Suspect, *, home_bucket: int = 0) -> RiskCase:
    """Make a case; a merchant's lies at home, any other's with the customer.

    Rounds: the expected loss up.
    """
    owner = about.purchase_id or about.customer_id
    bucket = home_bucket if owner is None else bucket_of(owner)
    loss = round_minor(Fraction(about.amount_minor * about.probability_ppm, _PPM), Rounding.UP)
    return RiskCase(
        bucket=bucket,
        id=now.new_id(bucket),
        subject=about.subject,
        purchase_id=about.purchase_id,
        customer_id=about.customer_id,
        merchant_id=about.merchant_id,
        maker=about.maker,
        reasons=about.reasons,
        currency=about.currency,
        amount_minor=about.amount_minor,
        probability_ppm=about.probability_ppm,
        loss_minor=loss,
        approvers_needed=2 if about.amount_minor >= FOUR_EYES_FROM_MINOR else 1,
        state=CaseState.OPEN,
        opened_at=now.at,
        due_at=min(now.at + SLA[about.subject], about.expires_at or now.at + SLA[about.subject]),
        expires_at=about.expires_at,
        assigned_to=None,
        claimed_by=None,
        claimed_until=None,
        closed_at=None,
    )


def probability_ppm(score: float | None) -> int:
    """Say how likely a suspended payment is fraud: as its model says, or what is presumed where rules stopped it."""
    return PRESUMED_PPM if score is None else round(max(0.0, min(1.0, score)) * _PPM)


def votes(steps: Iterable[Step]) -> list[Step]:
    """Give what people said to a case, yes or no."""
    return [each for each in steps if each.kind in VOTES]


def answer(case: RiskCase, steps: Iterable[Step]) -> CaseState:
    """Say how a case stands: one no refuses it, as many yeses as it needs release it."""
    said = [each.kind for each in votes(steps)]
    if StepKind.REFUSE in said:
        return CaseState.REFUSED
    return CaseState.RELEASED if said.count(StepKind.RELEASE) >= case.approvers_needed else CaseState.OPEN


def is_late(case: RiskCase, at: datetime) -> bool:
    """Whether its answer is owed already."""
    return case.is_open and case.due_at < at
