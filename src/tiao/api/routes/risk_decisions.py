"""What risk control decided about a purchase, for staff: with everything it was made from, run again on demand."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tiao.api import ids
from tiao.api.ids import PurchaseInPath
from tiao.api.operation import O, reads
from tiao.api.services import Call
from tiao.partners.scopes import Scope
from tiao.risk import actions as risk
from tiao.risk import rerunning
from tiao.risk.live import from_bytes, named_values
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.refusals import RiskDecisionUnknown
from tiao.values.ids import read_id


class RiskDecisionShown(msgspec.Struct, frozen=True):
    """A decision with what it was made from. *features*: what was known just before, by name; missing ones are absent.

    *versions* names features, rules and models; *friction* is what challenging an honest payer costs besides, in usual
    amounts, as the model's promotion said (none: as the model itself has it); *is_same_again* says whether it comes out
    the same to the bit by them.
    """

    purchase: str
    outcome: RiskOutcome
    reasons: list[str]
    hits: list[str]
    score: float | None
    shadow_outcome: str | None
    shadow_hits: list[str]
    challenger_score: float | None
    challenger_outcome: str | None
    fallback: str
    versions: dict[str, str | None]
    friction: float | None
    features: dict[str, float]
    listed: list[str]
    digest: str
    decided_at: datetime
    is_same_again: bool


@reads("/v1/purchases/{purchase_id:str}/risk", by=[O], scope=Scope.CASES_WRITE, refuses=[RiskDecisionUnknown])
async def read_risk_decision(call: Call, purchase_id: PurchaseInPath) -> RiskDecisionShown:
    """Show what risk control decided about a purchase, from what, and whether it comes out the same again."""
    wanted = read_id(ids.PURCHASE, purchase_id)
    async with call.db.begin() as tx:
        found = await risk.decision_of(tx, wanted)
        again = await rerunning.rerun(tx, found, call.platform.control.catalogue)
    inputs, made_by = from_bytes(found.inputs), msgspec.structs.asdict(again.versions)
    friction = made_by.pop("friction")
    return RiskDecisionShown(
        purchase=purchase_id,
        outcome=RiskOutcome(found.outcome),
        reasons=found.reasons,
        hits=found.hits,
        score=found.score,
        shadow_outcome=found.shadow_outcome,
        shadow_hits=found.shadow_hits,
        challenger_score=found.challenger_score,
        challenger_outcome=found.challenger_outcome,
        fallback=found.fallback,
        versions=made_by,
        friction=None if friction is msgspec.UNSET else friction,
        features=named_values(inputs),
        listed=[f"{entity} on {name}" for entity, name in inputs.listed],
        digest=found.sha256.hex(),
        decided_at=found.decided_at,
        is_same_again=not again.differing,
    )


ROUTES = [read_risk_decision]
