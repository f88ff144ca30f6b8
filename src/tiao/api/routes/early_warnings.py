"""Early warning: whether behavioural scores act, which lines warn, and what was made of a line month by month."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import CustomerId, IdempotencyKey, LineInPath, Text
from tiao.api.operation import C, O, makes, reads
from tiao.api.routes.credit import AcceptLanguage, ReasonShown
from tiao.api.services import Call
from tiao.casework.refusals import MakerIsChecker
from tiao.credit.explanations import behaviour_told, reason_text
from tiao.credit.registry import actions as registry
from tiao.credit.registry.refusals import ModelUnknown
from tiao.credit.scoring import FeatureAbsent
from tiao.credit.warning import actions as warning
from tiao.credit.warning import switching
from tiao.credit.warning.model import Mode, WarningStep
from tiao.credit.warning.refusals import WarningAlreadyOff, WarningNotInShadow
from tiao.credit.watching.refusals import PromotionUnfair
from tiao.learning.forms import Reason
from tiao.ledger import actions as ledger
from tiao.ledger.refusals import LineUnknown
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.runtime.registry.refusals import ReasonMissing
from tiao.values.ids import read_id, show_id
from tiao.values.language import prefers_english
from tiao.values.moment import Moment
from tiao.wiring import shipped_behaviour

Version = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$", description="The digest of a model's content.")]


class ShadowGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which kept model is to score lines in shadow, the shipped one if none is named; and why."""

    reason: Text
    model_version: Version | None = None


class SwitchGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the switch is turned."""

    reason: Text


class SwitchStepShown(msgspec.Struct, frozen=True):
    """One turn of the switch."""

    mode: Mode
    model_version: str | None
    proposed_by: str
    by: str
    reason: str
    at: datetime


class EarlyWarningShown(msgspec.Struct, frozen=True):
    """What the switch stands at, by which model, and how it came to that."""

    mode: Mode
    model_version: str | None
    shipped: str
    steps: list[SwitchStepShown]


class WarnedLineShown(msgspec.Struct, frozen=True):
    """A line that warns: to be reminded before its due day, or spoken to."""

    line: str
    customer: CustomerId
    warned_on: date
    probability: float
    reasons: list[ReasonShown]


class WarnedLines(msgspec.Struct, frozen=True):
    """Lines that warn, the riskiest first, at most a thousand."""

    data: list[WarnedLineShown]


class MonthlyScoreShown(msgspec.Struct, frozen=True):
    """What a model made of a line in one month; *acts* unless it was made in shadow."""

    scored_on: date
    probability: float
    score: int
    grade: str
    acts: bool
    model_version: str
    reasons: list[ReasonShown]


class BehaviourShown(msgspec.Struct, frozen=True):
    """A line's monthly scores, latest first, what they are for, and where an objection goes."""

    line: str
    language: str
    text: str
    scores: list[MonthlyScoreShown]


@reads("/v1/early_warning", by=[O], scope=Scope.CREDIT_WRITE)
async def read_early_warning(call: Call) -> EarlyWarningShown:
    """Tell whether behavioural scores are made and act."""
    async with call.db.begin() as tx:
        taken = await switching.steps(tx)
        stand = await warning.standing(tx)
    return EarlyWarningShown(
        stand.mode, stand.version, shipped_behaviour().model.model_version, [_step(each) for each in taken]
    )


@makes(
    "/v1/early_warning/shadow", by=[O], scope=Scope.CREDIT_WRITE, refuses=[ModelUnknown, FeatureAbsent, ReasonMissing]
)
async def score_in_shadow(call: Call, data: JSONBody[ShadowGiven], key: IdempotencyKey) -> Response[SwitchStepShown]:
    """Score each line once a month from the next close on, and let the scores move nothing."""

    async def work(tx: Tx, now: Moment) -> WarningStep:
        model = data.model_version or shipped_behaviour()
        return await switching.put_into_shadow(tx, now, model, actor=call.person, reason=data.reason)

    return await _turned(call, key, data, work)


@makes(
    "/v1/early_warning/on",
    by=[O],
    scope=Scope.CREDIT_WRITE,
    refuses=[WarningNotInShadow, MakerIsChecker, PromotionUnfair, ReasonMissing],
)
async def turn_on(call: Call, data: JSONBody[SwitchGiven], key: IdempotencyKey) -> Response[SwitchStepShown]:
    """Let the scores take part in limit reviews; somebody else put the model into shadow."""

    async def work(tx: Tx, now: Moment) -> WarningStep:
        return await switching.turn_on(tx, now, call.platform.engine, actor=call.person, reason=data.reason)

    return await _turned(call, key, data, work)


@makes("/v1/early_warning/off", by=[O], scope=Scope.CREDIT_WRITE, refuses=[WarningAlreadyOff, ReasonMissing])
async def turn_off(call: Call, data: JSONBody[SwitchGiven], key: IdempotencyKey) -> Response[SwitchStepShown]:
    """Score nobody any more; one person is enough to end it."""

    async def work(tx: Tx, now: Moment) -> WarningStep:
        return await switching.turn_off(tx, now, actor=call.person, reason=data.reason)

    return await _turned(call, key, data, work)


@reads("/v1/early_warning/lines", by=[O], scope=Scope.CREDIT_WRITE)
async def list_warned_lines(call: Call, accept_language: AcceptLanguage = None) -> WarnedLines:
    """List the lines whose behaviour warns, on every server, the riskiest first."""
    shown: list[WarnedLineShown] = []
    is_english = prefers_english(accept_language)
    for platform in call.services.shards.all():
        async with platform.db.begin() as tx:
            stand = await warning.standing(tx)
            found = await warning.early_warnings(tx)
            texts = await _texts(tx, [] if stand.version is None else [stand.version])
        shown += [
            WarnedLineShown(
                show_id(ids.LINE, each.line_id),
                show_id(ids.CUSTOMER, each.customer_id),
                each.warned_on,
                each.probability,
                _reasons(each.reasons, texts, is_english=is_english),
            )
            for each in found
        ]
    shown.sort(key=lambda each: -each.probability)
    return WarnedLines(shown[: warning.LISTED_MAX])


@reads("/v1/lines/{line_id:str}/behaviour", by=[C, O], scope=Scope.DECISIONS_READ, refuses=[LineUnknown])
async def read_behaviour(call: Call, line_id: LineInPath, accept_language: AcceptLanguage = None) -> BehaviourShown:
    """Show what was made of a line month by month, with reasons; what moved its limit is a decision of its own."""
    is_english = prefers_english(accept_language)
    async with call.db.begin() as tx:
        line = await ledger.line(tx, read_id(ids.LINE, line_id))
        call.require_own(LineUnknown, customer_id=line.customer_id)
        found = await warning.scores_of(tx, line.id)
        texts = await _texts(tx, sorted({each.model_version for each in found}))
    zh, en = behaviour_told(is_acting=any(each.is_acting for each in found[:1]))
    return BehaviourShown(
        line=line_id,
        language="en" if is_english else "zh-CN",
        text=en if is_english else zh,
        scores=[
            MonthlyScoreShown(
                each.scored_on,
                each.probability,
                each.score,
                each.grade,
                each.is_acting,
                each.model_version,
                _reasons(each.reasons, texts, is_english=is_english),
            )
            for each in found
        ],
    )


async def _turned(
    call: Call, key: str, said: object, work: Callable[[Tx, Moment], Awaitable[WarningStep]]
) -> Response[SwitchStepShown]:
    """Turn the switch once, and let the other servers know."""

    async def attempt(tx: Tx, now: Moment) -> SwitchStepShown:
        return _step(await work(tx, now))

    answer = await once(call, key, said, attempt)
    await call.services.shards.spread()
    return answer


async def _texts(tx: Tx, versions: Sequence[str]) -> Mapping[str, Reason]:
    texts: dict[str, Reason] = {}
    for version in versions:
        texts |= (await registry.kept_bundle(tx, version)).reasons
    return texts


def _reasons(codes: Sequence[str], texts: Mapping[str, Reason], *, is_english: bool) -> list[ReasonShown]:
    told = [reason_text(code, texts) for code in codes]
    return [ReasonShown(each.code, each.en if is_english else each.zh) for each in told]


def _step(step: WarningStep) -> SwitchStepShown:
    return SwitchStepShown(step.mode, step.version, step.maker, step.actor, step.reason, step.taken_at)


ROUTES = [
    read_early_warning,
    score_in_shadow,
    turn_on,
    turn_off,
    list_warned_lines,
    read_behaviour,
]
