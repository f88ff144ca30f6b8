"""What is decided about petitions: by when an answer is owed."""

from __future__ import annotations

from datetime import date, timedelta

from tiao.petitions.model import PetitionKind
from tiao.policy.pack import Pack

#: Which dated rule says within how many days; data rights bind whoever operates, the rest the lender.
_RULES = {
    PetitionKind.COMPLAINT: "complaint.sla_days",
    PetitionKind.HARDSHIP: "complaint.sla_days",
    PetitionKind.CLOSE_LINE: "complaint.sla_days",
    PetitionKind.DATA_COPY: "dsr.sla_days",
    PetitionKind.DATA_CORRECTION: "dsr.sla_days",
    PetitionKind.DATA_DELETION: "dsr.sla_days",
}
_OPERATOR = "operator"


def answer_time(pack: Pack, kind: PetitionKind, *, on: date, lender_type: str) -> timedelta:
    """Say within what time an answer is owed. Source: policy `complaint.sla_days`, `dsr.sla_days`."""
    rule = _RULES[kind]
    binds = _OPERATOR if rule == "dsr.sla_days" else lender_type
    return timedelta(days=pack.integer(rule, on=on, lender_type=binds))
