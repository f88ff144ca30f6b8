"""The whole record of a decision, and the decision computed again from it; for whoever has to prove it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from tiao.api import ids
from tiao.api.ids import DecisionInPath
from tiao.api.operation import O, reads
from tiao.api.services import Call
from tiao.credit import actions as credit
from tiao.credit import records
from tiao.credit.model import DecisionKind, DecisionOutcome
from tiao.credit.refusals import DecisionOfOtherVersion, DecisionUnknown
from tiao.partners.scopes import Scope
from tiao.values.ids import read_id, show_id


class RecordShown(msgspec.Struct, frozen=True):
    """Everything that is kept of a decision. *inputs_sha256* is over the canonical bytes of *inputs*.

    *probability_bits* are the sixteen hexadecimal digits of the probability's IEEE 754 form.
    """

    id: str
    kind: DecisionKind
    outcome: DecisionOutcome
    inputs: dict[str, Any]
    inputs_sha256: str
    model_version: str
    policy_version: str
    probability: float | None
    probability_bits: str | None
    threshold: str | None
    score: int | None
    grade: str | None
    reasons: list[str]
    limit_before_minor: int
    limit_after_minor: int
    actor: str
    decided_at: datetime


class DifferenceShown(msgspec.Struct, frozen=True):
    """Where a stored and a computed value part, in hexadecimal bytes; *bit* counts from the left."""

    field: str
    stored: str
    computed: str
    bit: int


class RerunShown(msgspec.Struct, frozen=True):
    """A decision computed again from its record."""

    id: str
    is_equal: bool
    differences: list[DifferenceShown]


@reads("/v1/decisions/{decision_id:str}/record", by=[O], scope=Scope.CREDIT_WRITE, refuses=[DecisionUnknown])
async def read_record(call: Call, decision_id: DecisionInPath) -> RecordShown:
    """Show everything that is kept of a decision: what it saw, under which versions, and what it answered."""
    async with call.db.begin() as tx:
        made = await credit.decision(tx, read_id(ids.DECISION, decision_id))
    bits = None if made.probability is None else records.bytes_of(made.probability).hex()
    return RecordShown(
        id=decision_id,
        kind=made.kind,
        outcome=made.outcome,
        inputs=msgspec.to_builtins(records.read_canonical(made.inputs)),
        inputs_sha256=made.inputs_digest.hex(),
        model_version=made.model_version,
        policy_version=made.policy_version,
        probability=made.probability,
        probability_bits=bits,
        threshold=None if made.threshold is None else str(made.threshold),
        score=made.score,
        grade=made.grade,
        reasons=list(made.reasons),
        limit_before_minor=made.limit_before_minor,
        limit_after_minor=made.limit_after_minor,
        actor=made.actor,
        decided_at=made.decided_at,
    )


@reads(
    "/v1/decisions/{decision_id:str}/rerun",
    by=[O],
    scope=Scope.CREDIT_WRITE,
    refuses=[DecisionUnknown, DecisionOfOtherVersion],
)
async def rerun_decision(call: Call, decision_id: DecisionInPath) -> RerunShown:
    """Compute a decision again from its record, with the model and policy that decided, and compare to the bit."""
    async with call.db.begin() as tx:
        done = await credit.rerun(tx, call.platform.engine, read_id(ids.DECISION, decision_id))
    found = [DifferenceShown(each.field, each.stored.hex(), each.computed.hex(), each.bit) for each in done.differences]
    return RerunShown(show_id(ids.DECISION, done.decision.id), done.is_equal, found)


ROUTES = [read_record, rerun_decision]
