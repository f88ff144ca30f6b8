"""What early warning decides: which figures a model may read of a line, whether it warns, what the switch stands at."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

import msgspec

from tiao.credit import reasons
from tiao.credit.records import CANONICAL_FORM
from tiao.credit.strategy import Band
from tiao.credit.warning.model import (
    MONTHS,
    Behaviour,
    BehaviourInputs,
    LineMonth,
    Looked,
    Mode,
    Standing,
    WarningStep,
)
from tiao.profile.catalogue import FEATURES
from tiao.profile.folds import PPM
from tiao.profile.model import Source

#: A score older than a month takes no part in a review: its line was not scored again.
FRESH_DAYS = 31
#: Shares are cut here, far beyond what any line shows. *Units*: parts per million.
_SHARE_MAX = 20 * PPM

_OFF = Standing(Mode.OFF, None, None)


class Read(NamedTuple):
    """A figure that a model may read of a line: its family for reasons, and which way risk runs where plain."""

    name: str
    family: str
    direction: int | None = None
    unit: str | None = None


_FAMILIES = {
    Source.CONSUMPTION: "balance",
    Source.REPAYMENT: "recent_delinquency",
    Source.BANK_ACCOUNT: "checking",
    Source.APPLICATION: "income",
    Source.SOCIAL: "history",
    Source.PARTNER: "history",
}
#: Which way risk runs in those features of a profile where nobody would argue.
_DIRECTIONS = {
    "on_time_share_180d": -1,
    "longest_delay_180d": 1,
    "overdue_now": 1,
    "debits_failed_30d": 1,
    "debit_failure_share_90d": 1,
    "declined_purchases_30d": 1,
    "income": -1,
    "partner_inflow_90d": -1,
}


def _months(stem: str, family: str, direction: int | None, unit: str | None) -> tuple[Read, ...]:
    return tuple(Read(f"{stem}_{month}", family, direction, unit) for month in range(1, MONTHS + 1))


#: Everything a model may read. Amounts of months are shares of the limit, so a model fits every currency.
READS: tuple[Read, ...] = (
    *(
        each._replace(family="recent_delinquency" if number < 2 else "past_delinquency")  # noqa: PLR2004  two months
        for number, each in enumerate(_months("months_late", "", 1, None))
    ),
    *_months("owed", "utilisation", None, "ppm of the limit"),
    *_months("paid", "repayment", -1, "ppm of the limit"),
    Read("in_use", "utilisation", 1),
    *(Read(each.name, _FAMILIES[each.source], _DIRECTIONS.get(each.name)) for each in FEATURES),
)


def features_of(months: Sequence[LineMonth], profile: Mapping[str, int | None]) -> dict[str, int | None]:
    """Say what a model may read of a line on the day of its statement. Rounds: shares down, to parts per million."""
    limit = max(1, months[0].limit_minor)
    found: dict[str, int | None] = {}
    for month in months:
        found[f"months_late_{month.number}"] = month.months_late
        found[f"owed_{month.number}"] = share(month.owed_minor, limit)
        found[f"paid_{month.number}"] = share(month.paid_minor, limit)
    found["in_use"] = share(months[0].used_minor, limit)
    return {each.name: found.get(each.name, profile.get(each.name)) for each in READS}


def share(part_minor: int, whole_minor: int) -> int:
    """Write a part as a share of a limit. Rounds: down, to parts per million; a credit is a negative share."""
    return max(-_SHARE_MAX, min(_SHARE_MAX, part_minor * PPM // whole_minor))


def warns(band: Band, probability: float, *, is_on: bool) -> bool:
    """Tell whether a probability warns: it begins at one level and ends at a lower one."""
    level = Fraction(probability)
    return level >= Fraction(band.on_from) or (is_on and level > Fraction(band.off_at))


def flags_after(before: Sequence[str], *, is_warned: bool) -> tuple[str, ...]:
    """Put the behavioural warning among a line's others, or take it away."""
    others = tuple(code for code in before if code != reasons.WARNING_BEHAVIOUR)
    return (*others, reasons.WARNING_BEHAVIOUR) if is_warned else others


def is_fresh(scored_on: date | None, on: date) -> bool:
    """Tell whether a score is recent enough to take part in a review."""
    return scored_on is not None and 0 <= (on - scored_on).days <= FRESH_DAYS


def standing_of(steps: Sequence[WarningStep]) -> Standing:
    """Say what the switch stands at: the last turn counts."""
    return Standing(steps[-1].mode, steps[-1].version, steps[-1].maker) if steps else _OFF


def looked(scores: Sequence[Behaviour], late_on: Sequence[date | None], *, today: date, days: int) -> list[Looked]:
    """Put what was seen beside what came of it within *days*, as long for good as for bad; the young are left out."""
    found = []
    for score, late in zip(scores, late_on, strict=True):
        known_on = score.scored_on + timedelta(days=days)
        if known_on <= today:
            seen = read(score.inputs).features
            is_bad = late is not None and late <= known_on
            found.append(Looked(score.line_id, score.customer_id, score.scored_on, seen, is_bad, known_on))
    return found


def written(inputs: BehaviourInputs) -> bytes:
    """Write what was seen in its one form: the number of the form, then JSON with sorted keys."""
    return CANONICAL_FORM + msgspec.json.encode(inputs, order="sorted")


def read(body: bytes) -> BehaviourInputs:
    """Read back what was seen."""
    assert body[:1] == CANONICAL_FORM, f"form {body[:1]!r} of inputs is not known"
    return msgspec.json.decode(body[1:], type=BehaviourInputs)


def digest(body: bytes) -> bytes:
    """Digest canonical bytes. *Shape*: SHA-256, 32 bytes."""
    return hashlib.sha256(body).digest()
