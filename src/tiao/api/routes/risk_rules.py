"""Rules of risk control: written, tried in shadow, tested on what was decided, put to work by a second person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Response
from litestar.params import JSONBody, PathParameter, QueryParameter

from tiao.api.idempotency import once
from tiao.api.ids import IdempotencyKey, Text
from tiao.api.operation import O, makes, reads
from tiao.api.services import Call
from tiao.casework.refusals import MakerIsChecker
from tiao.partners.scopes import Scope
from tiao.risk import actions as risk
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.rules import actions as rules
from tiao.risk.rules.backtesting import Backtest, Backtesting
from tiao.risk.rules.refusals import RuleSetRefused, RuleTextRefused
from tiao.risk.rules.ruleset import PATIENCE_MS, Level, Ruler, RuleSet
from tiao.risk.rules.shipped import starter
from tiao.risk.rules.tree import NO_PLACE, Flag, Kind, Listed, ListName, Term, cost_of
from tiao.runtime.db import Tx
from tiao.runtime.registry.actions import Who
from tiao.runtime.registry.model import Step, StepKind, roles_of, state_of
from tiao.runtime.registry.refusals import (
    ChallengerInShadow,
    NobodyInShadow,
    NothingToGoBackTo,
    ReasonMissing,
    VersionAtWork,
    VersionUnknown,
)
from tiao.values.moment import Moment

#: An activation is tested on so many days of decisions.
TESTED_DAYS = 30

Version = Annotated[str, PathParameter(pattern="^[0-9a-f]{16}$", description="The digest of a rule set's content.")]
Days = Annotated[int, QueryParameter(ge=1, le=730, description="How many days of decisions, until now.")]


class RuleSetGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule set that is to be written down, and why."""

    rule_set: RuleSet
    reason: Text


class WhyGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why something is done."""

    reason: Text


class RuleStepShown(msgspec.Struct, frozen=True):
    """One thing that happened to a rule set; *evidence* is the backtest it was put to work on."""

    step: StepKind
    version: str
    before: str | None
    written_by: str
    by: str
    reason: str
    evidence: dict[str, Any] | None
    at: datetime


class RulesShown(msgspec.Struct, frozen=True):
    """Which rule set decides, which is in shadow, which one step leads back to; with everything that happened.

    *softened*: rules of the live set that stopped more than their share; a decline of theirs asks for a code meanwhile.
    """

    live: str
    in_shadow: str | None
    back_to: str | None
    softened: list[str]
    steps: list[RuleStepShown]


class RuleShown(msgspec.Struct, frozen=True):
    """A rule as it was written down."""

    code: str
    title: str
    when: str
    then: RiskOutcome
    level: Level
    cap_ppm: int | None


class FallbackShown(msgspec.Struct, frozen=True):
    """What happens where a part of risk control fails or is too slow."""

    approve_max_minor: int
    above: RiskOutcome
    budget_ms: int
    patience_ms: int


class WrittenShown(msgspec.Struct, frozen=True):
    """A rule set with everything that was left to its defaults."""

    name: str
    rules: list[RuleShown]
    fallback: FallbackShown


class RuleSetShown(msgspec.Struct, frozen=True):
    """A rule set and where it stands: draft, shadow, live or retired."""

    version: str
    state: str
    rule_set: WrittenShown


class TermShown(msgspec.Struct, frozen=True):
    """Something that a rule may read; *missing* says when there is no value, *cost* what one mention costs."""

    name: str
    kind: Kind
    missing: str
    is_on_lists_only: bool
    cost: int


class TermsShown(msgspec.Struct, frozen=True):
    """All that a rule may read; amounts are in *currency*."""

    currency: str
    terms: list[TermShown]


@reads("/v1/risk/terms", by=[O], scope=Scope.RISK_WRITE)
async def list_terms(call: Call) -> TermsShown:
    """List what a rule may read, with its kind."""
    known = call.platform.control.catalogue
    return TermsShown(known.currency, [_term(each) for each in known.terms.values()])


@reads("/v1/risk/rules", by=[O], scope=Scope.RISK_WRITE)
async def list_rules(call: Call) -> RulesShown:
    """Tell which rule sets take part, and how they came to it."""
    async with call.db.begin() as tx:
        taken = await rules.register().steps(tx)
        known = roles_of(taken)
        live = known.champion or starter().version
        softened = await risk.softened(tx, live)
    return RulesShown(
        live=live,
        in_shadow=None if known.challenger is None else known.challenger.version,
        back_to=known.back_to,
        softened=softened,
        steps=[_shown(each) for each in taken],
    )


@makes("/v1/risk/rules", by=[O], scope=Scope.RISK_WRITE, refuses=[RuleTextRefused, RuleSetRefused, ReasonMissing])
async def draft_rules(call: Call, data: JSONBody[RuleSetGiven], key: IdempotencyKey) -> Response[RuleStepShown]:
    """Write a rule set down; its version is a digest of its content.

    What is wrong with a rule is said with its place in the text.
    """

    async def work(tx: Tx, now: Moment) -> Step:
        return await rules.draft(tx, now, data.rule_set, call.platform.control.catalogue, _who(call, data.reason))

    return await _taken(call, key, data, work)


@reads("/v1/risk/rules/{version:str}", by=[O], scope=Scope.RISK_WRITE, refuses=[VersionUnknown])
async def read_rules(call: Call, version: Version) -> RuleSetShown:
    """Show a rule set and where it stands."""
    async with call.db.begin() as tx:
        found = await rules.rule_set(tx, version)
        state = state_of(await rules.register().steps(tx), version, shipped=starter().version)
    return RuleSetShown(version, state, _written(found))


@reads("/v1/risk/rules/{version:str}/backtest", by=[O], scope=Scope.RISK_WRITE, refuses=[VersionUnknown])
async def backtest_rules(call: Call, version: Version, days: Days = TESTED_DAYS) -> Backtest:
    """Tell what a rule set would have done to the decisions of some days: hits, precision, amounts, the newly stopped.

    Precision counts purchases of which is known what they were. Rules are asked about what was recorded, so nothing
    that was not known then plays a part.
    """
    return await _tested(call, version, days)


@makes(
    "/v1/risk/rules/{version:str}/shadow",
    by=[O],
    scope=Scope.RISK_WRITE,
    refuses=[VersionUnknown, VersionAtWork, ChallengerInShadow, ReasonMissing],
)
async def try_rules(
    call: Call, version: Version, data: JSONBody[WhyGiven], key: IdempotencyKey
) -> Response[RuleStepShown]:
    """Put a rule set into shadow: every purchase is asked of it, what it would do is recorded, nothing else happens."""

    async def work(tx: Tx, now: Moment) -> Step:
        return await rules.register().propose(tx, now, version, _who(call, data.reason))

    return await _taken(call, key, data, work)


@makes("/v1/risk/rules/withdrawal", by=[O], scope=Scope.RISK_WRITE, refuses=[NobodyInShadow, ReasonMissing])
async def withdraw_rules(call: Call, data: JSONBody[WhyGiven], key: IdempotencyKey) -> Response[RuleStepShown]:
    """Take the rule set in shadow out of it."""

    async def work(tx: Tx, now: Moment) -> Step:
        return await rules.register().withdraw(tx, now, _who(call, data.reason))

    return await _taken(call, key, data, work)


@makes(
    "/v1/risk/rules/{version:str}/activation",
    by=[O],
    scope=Scope.RISK_WRITE,
    refuses=[VersionUnknown, NobodyInShadow, MakerIsChecker, ReasonMissing],
)
async def activate_rules(
    call: Call, version: Version, data: JSONBody[WhyGiven], key: IdempotencyKey
) -> Response[RuleStepShown]:
    """Let the rule set in shadow decide from now on: tested on 30 days first, by a person who did not write it."""
    evidence = await _tested(call, version, TESTED_DAYS)

    async def work(tx: Tx, now: Moment) -> Step:
        who = _who(call, data.reason)
        return await rules.register().promote(tx, now, version, who, evidence=evidence.to_bytes())

    return await _taken(call, key, data, work)


@makes("/v1/risk/rules/rollback", by=[O], scope=Scope.RISK_WRITE, refuses=[NothingToGoBackTo, ReasonMissing])
async def put_rules_back(call: Call, data: JSONBody[WhyGiven], key: IdempotencyKey) -> Response[RuleStepShown]:
    """Let the rule set before decide again, in one step; nobody else has to agree."""

    async def work(tx: Tx, now: Moment) -> Step:
        return await rules.register().put_back(tx, now, _who(call, data.reason))

    return await _taken(call, key, data, work)


async def _tested(call: Call, version: str, days: int) -> Backtest:
    async with call.db.begin() as tx:
        found = await rules.rule_set(tx, version)
        now = await call.platform.moments(tx)
    testing = Backtesting(Ruler(found, call.platform.control.catalogue))
    until = now.at + timedelta(microseconds=1)
    for platform in call.services.shards.all():
        await rules.backtest(platform.db, testing, until - timedelta(days=days), until)
    return testing.result()


async def _taken(
    call: Call, key: str, said: object, work: Callable[[Tx, Moment], Awaitable[Step]]
) -> Response[RuleStepShown]:
    """Do it once, and let the other servers and this process know."""

    async def attempt(tx: Tx, now: Moment) -> RuleStepShown:
        return _shown(await work(tx, now))

    answer = await once(call, key, said, attempt)
    await call.services.shards.spread()
    await call.platform.control.look(call.db, call.platform.moments)
    return answer


def _written(rule_set: RuleSet) -> WrittenShown:
    # What a version leaves unsaid stays unsaid where it is kept, so that its digest is that of its text.
    written = msgspec.to_builtins(rule_set)
    written["fallback"].setdefault("patience_ms", PATIENCE_MS)
    return msgspec.convert(written, WrittenShown)


def _term(term: Term) -> TermShown:
    cost = cost_of(Listed(term, ListName.BLOCK)) if term.kind is Kind.ENTITY else cost_of(Flag(term))
    return TermShown(term.name, term.kind, term.null, term.place == NO_PLACE, cost)


def _who(call: Call, reason: str) -> Who:
    """Name the person, whichever key they use: nobody is two people."""
    return Who(call.person, reason)


def _shown(step: Step) -> RuleStepShown:
    return RuleStepShown(
        step=step.step,
        version=step.version,
        before=step.before,
        written_by=step.maker,
        by=step.actor,
        reason=step.reason,
        evidence=None if step.evidence is None else msgspec.json.decode(step.evidence),
        at=step.taken_at,
    )


ROUTES = [
    list_terms,
    list_rules,
    draft_rules,
    read_rules,
    backtest_rules,
    try_rules,
    withdraw_rules,
    activate_rules,
    put_rules_back,
]
