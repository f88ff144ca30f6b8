"""What other rules would have meant for what was bought: each purchase priced under both, pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import msgspec

from tiao.checkout.model import Bought
from tiao.checkout.offers import OfferBook
from tiao.lending.model import FeePayer
from tiao.values.refusal import Refusal


class Tried(msgspec.Struct, frozen=True):
    """What became of the purchases under both sets of rules.

    *fee_minor*: what their plans cost. *lost*: what the rules as they would be refuse, by refusal and by plan.
    """

    purchases: int
    offered_before: int
    offered_after: int
    fee_before_minor: int
    fee_after_minor: int
    lost_by_reason: dict[str, int]
    lost_by_plan: dict[str, int]


def tried(before: OfferBook, after: OfferBook, bought: Sequence[Bought], *, on: date, statement_day: int = 1) -> Tried:
    """Price earlier purchases as if each were made on a day, under the rules as they are and as they would be."""
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    plans: Counter[str] = Counter()
    for each in bought:
        counts["purchases"] += each.purchases
        now, _ = _fee(before, each, on, statement_day)
        then, refused = _fee(after, each, on, statement_day)
        for name, fee in (("before", now), ("after", then)):
            if fee is not None:
                counts[f"offered_{name}"] += each.purchases
                counts[f"fee_{name}"] += fee * each.purchases
        if now is not None and then is None:
            reasons[refused] += each.purchases
            plans[each.plan_code] += each.purchases
    return Tried(
        purchases=counts["purchases"],
        offered_before=counts["offered_before"],
        offered_after=counts["offered_after"],
        fee_before_minor=counts["fee_before"],
        fee_after_minor=counts["fee_after"],
        lost_by_reason=dict(sorted(reasons.items())),
        lost_by_plan=dict(sorted(plans.items())),
    )


def _fee(book: OfferBook, bought: Bought, on: date, statement_day: int) -> tuple[int | None, str]:
    try:
        plan = book.plan(
            bought.plan_code,
            FeePayer(bought.fee_payer),
            bought.amount_minor,
            taken_on=on,
            statement_day=statement_day,
        )
    except Refusal as refused:
        return None, refused.code
    return plan.fee_minor, ""
