"""The switch of a programme: into shadow by one person, on by another, off by anybody, at once."""

from __future__ import annotations

from collections.abc import Sequence

from tiao.casework.refusals import MakerIsChecker
from tiao.credit import engines
from tiao.credit.model import Engine
from tiao.credit.registry import actions as registry
from tiao.credit.registry.refusals import ModelUnknown
from tiao.credit.registry.roles import age_group, age_on
from tiao.credit.registry.store import keep_model, read_model
from tiao.credit.scoring import Bundle
from tiao.credit.warning import rules, store
from tiao.credit.warning.model import Mode, Standing, WarningStep
from tiao.credit.warning.refusals import WarningAlreadyOff, WarningNotInShadow
from tiao.credit.watching.promotion import check_alike
from tiao.identity import actions as identity
from tiao.runtime.db import Tx
from tiao.runtime.registry.refusals import ReasonMissing
from tiao.values.moment import Moment

#: What a model must find everything in that it reads.
_ANY_LINE = dict.fromkeys((each.name for each in rules.READS), 0)


async def steps(tx: Tx) -> list[WarningStep]:
    """Tell every turn of the switch, in order."""
    return await store.read_steps(tx)


async def put_into_shadow(tx: Tx, now: Moment, model: Bundle | str, *, actor: str, reason: str) -> WarningStep:
    """Score every line once a month and keep the scores; they move nothing, and those of before act no more.

    Refuses: ReasonMissing, ModelUnknown, FeatureAbsent when it reads what no line shows.
    """
    await _locked(tx, reason)
    bundle = model if isinstance(model, Bundle) else await registry.bundle_of(tx, model)
    if bundle is None:
        raise ModelUnknown
    bundle.score_one(_ANY_LINE)
    version = bundle.model.model_version
    await keep_model(tx, version, engines.content_of(bundle), now.at)
    return await _take(tx, now, Mode.SHADOW, version, maker=actor, actor=actor, reason=reason)


async def turn_on(tx: Tx, now: Moment, engine: Engine, *, actor: str, reason: str) -> WarningStep:
    """Let the scores take part in limit reviews; somebody else put the model into shadow.

    Refuses: ReasonMissing, WarningNotInShadow, MakerIsChecker, PromotionUnfair when large groups of age would be warned
    of unlike.
    """
    stand = await _locked(tx, reason)
    if stand.mode is not Mode.SHADOW or stand.version is None or stand.maker is None:
        raise WarningNotInShadow
    if stand.maker == actor:
        raise MakerIsChecker
    await _check_alike(tx, now, engines.on(engine, now.today), stand.version)
    return await _take(tx, now, Mode.ON, stand.version, maker=stand.maker, actor=actor, reason=reason)


async def turn_off(tx: Tx, now: Moment, *, actor: str, reason: str) -> WarningStep:
    """Score nobody any more, and let no score act from the next close on.

    Refuses: ReasonMissing, WarningAlreadyOff.
    """
    stand = await _locked(tx, reason)
    if stand.mode is Mode.OFF:
        raise WarningAlreadyOff
    return await _take(tx, now, Mode.OFF, None, maker=actor, actor=actor, reason=reason)


async def mark(tx: Tx) -> int:
    """Count the turns of the switch, to tell whether a server knows them all."""
    return await store.count_steps(tx)


async def facts(tx: Tx) -> list[tuple[WarningStep, bytes | None]]:
    """Give every turn of the switch, with the models, for another server."""
    return [(step, None if step.version is None else await read_model(tx, step.version)) for step in await steps(tx)]


async def follow(tx: Tx, taken: Sequence[tuple[WarningStep, bytes | None]]) -> None:
    """Take over what was switched at home."""
    for step, content in taken:
        if step.version is not None and content is not None:
            await keep_model(tx, step.version, content, step.taken_at)
    await store.insert_steps(tx, [step for step, _ in taken])


async def _locked(tx: Tx, reason: str) -> Standing:
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")
    await store.lock_steps(tx)
    return rules.standing_of(await store.read_steps(tx))


async def _check_alike(tx: Tx, now: Moment, engine: Engine, version: str) -> None:
    seen = await store.read_shared_out(tx, version)
    people = await identity.customers(tx, [each.customer_id for each in seen])
    band = engine.policy.warnings.behaviour
    known = [each for each in seen if each.customer_id in people]
    ages = [age_group(age_on(people[each.customer_id].born_on, now.today)) for each in known]
    check_alike("AGE", ages, [not rules.warns(band, each.probability, is_on=False) for each in known])


async def _take(
    tx: Tx, now: Moment, mode: Mode, version: str | None, *, maker: str, actor: str, reason: str
) -> WarningStep:
    step = WarningStep(await store.count_steps(tx) + 1, mode, version, maker, actor, reason.strip(), now.at)
    await store.insert_steps(tx, [step])
    return step
