"""Why payments took the channels they took: what operators read."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tiao.api import ids
from tiao.api.ids import RepaymentInPath
from tiao.api.operation import O, reads
from tiao.api.services import Call
from tiao.lending.refusals import RepaymentUnknown
from tiao.partners.scopes import Scope
from tiao.payments import actions as payments
from tiao.payments.model import Debit, DebitState
from tiao.payments.routing.decision import Candidate, LeftOut, RouteDecision
from tiao.values.ids import read_id


class RouteShown(msgspec.Struct, frozen=True):
    """Why an attempt took its channel: who might have, what was believed of each, who was left out and why.

    *propensity*: how likely the choice was. *shadows*: what other policies would have chosen.
    """

    policy: str
    policy_digest: str
    because: str
    propensity: float
    issuer: str | None
    candidates: tuple[Candidate, ...]
    excluded: tuple[LeftOut, ...]
    shadows: dict[str, str]


class AttemptShown(msgspec.Struct, frozen=True):
    """One attempt to take the money. *route* is absent where nobody chose."""

    attempt: int
    request_no: str
    channel: str
    state: DebitState
    code: str | None
    created_at: datetime
    answered_at: datetime | None
    asked_again_at: datetime | None
    times_asked: int
    route: RouteShown | None


class AttemptList(msgspec.Struct, frozen=True):
    """Every attempt of one repayment, in order."""

    data: list[AttemptShown]


@reads("/v1/repayments/{repayment_id:str}/attempts", by=[O], scope=Scope.LEDGER_READ, refuses=[RepaymentUnknown])
async def list_attempts(call: Call, repayment_id: RepaymentInPath) -> AttemptList:
    """Explain a repayment's way: every attempt, its channel, and why that one."""
    wanted = read_id(ids.REPAYMENT, repayment_id)
    async with call.db.begin() as tx:
        attempts = await payments.attempts_of(tx, wanted)
        decisions = {each.debit_id: each for each in await payments.decisions_of(tx, wanted)}
    if not attempts:
        raise RepaymentUnknown
    return AttemptList([_shown(each, decisions.get(each.id)) for each in attempts])


def _shown(debit: Debit, decision: RouteDecision | None) -> AttemptShown:
    return AttemptShown(
        attempt=debit.attempt,
        request_no=debit.id.hex,
        channel=debit.channel,
        state=debit.state,
        code=debit.code,
        created_at=debit.created_at,
        answered_at=debit.answered_at,
        asked_again_at=debit.query_after,
        times_asked=debit.queries,
        route=None if decision is None else _route_shown(decision),
    )


def _route_shown(decision: RouteDecision) -> RouteShown:
    return RouteShown(
        policy=decision.policy,
        policy_digest=decision.policy_digest,
        because=decision.because,
        propensity=decision.propensity,
        issuer=decision.issuer,
        candidates=decision.candidates,
        excluded=decision.excluded,
        shadows=decision.shadows,
    )


ROUTES = [list_attempts]
