"""What can be done with models and policies: keep them, find them again, know which decides today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tiao.credit import engines, records
from tiao.credit.model import Decision, DecisionKind, Engine, ReviewInputs
from tiao.credit.refusals import DecisionOfOtherVersion
from tiao.credit.registry import store
from tiao.credit.scoring import Bundle
from tiao.learning.forms import Reason
from tiao.runtime.db import Tx
from tiao.values.moment import Moment

#: The version in the record of a decision that no model or policy took part in.
NO_VERSION = "none"

#: Models by version: a version is a digest of content, so what is loaded once stays right.
_LOADED: dict[str, Bundle] = {}


async def deciding(tx: Tx, now: Moment, engine: Engine) -> Engine:
    """Give the engine as it decides today, and keep its parts, so that whatever it decides can be run again.

    The one place where the model is chosen: the one that was promoted in this programme, otherwise the engine's own.
    """
    today = engines.on(engine, now.today)
    if not today.content:
        return today
    kept = await store.read_kept(tx, model=today.model_version, policy=today.policy_version)
    if not kept.has_model:
        await store.keep_model(tx, today.model_version, today.content, now.at)
    if not kept.has_policy:
        await store.keep_policy(tx, today.policy_version, engines.canonical_policy(today.policy), now.at)
    if kept.challenger is not None:
        today = today._replace(challenger=await kept_bundle(tx, kept.challenger))
    if kept.champion in {None, today.model_version}:
        return today
    assert kept.champion is not None, "checked above"
    champion = await kept_bundle(tx, kept.champion)
    # It is kept already, so its content is not needed to keep it.
    return today._replace(scorer=champion, model_version=kept.champion, texts=champion.reasons, content=b"")


async def engine_of(tx: Tx, engine: Engine, decision: Decision) -> Engine:
    """Find what decided: *engine* itself, or its model and policy as they were kept.

    Refuses: DecisionOfOtherVersion when they were not.
    """
    versions = (decision.model_version, decision.policy_version)
    if versions in {(engine.model_version, engine.policy_version), (NO_VERSION, NO_VERSION)}:
        return engine
    bundle = await bundle_of(tx, decision.model_version)
    policy = await store.read_policy(tx, decision.policy_version)
    if bundle is None or policy is None:
        raise DecisionOfOtherVersion(model_version=versions[0], policy_version=versions[1])
    return engines.engine_of(bundle, engines.policy_from(policy, decision.policy_version))


async def texts_of(tx: Tx, engine: Engine, decisions: Sequence[Decision]) -> Mapping[str, Reason]:
    """Find the words for the reasons of decisions, those of earlier models included."""
    texts = dict(engine.texts)
    versions = {each.model_version for each in decisions} | {*map(_behaviour_version, decisions)}
    for version in versions - {engine.model_version, NO_VERSION}:
        bundle = await bundle_of(tx, version)
        texts = (bundle.reasons if bundle else {}) | texts
    return texts


def _behaviour_version(decision: Decision) -> str:
    """Name the model behind a behavioural warning, whose words a review's reasons may need."""
    if decision.kind is not DecisionKind.REVIEW:
        return NO_VERSION
    inputs = records.read_canonical(decision.inputs)
    return (inputs.behaviour_version if isinstance(inputs, ReviewInputs) else None) or NO_VERSION


async def kept_bundle(tx: Tx, version: str) -> Bundle:
    """Load a model that a step names, so that it is kept."""
    found = await bundle_of(tx, version)
    assert found is not None, f"model {version} takes part and is kept"
    return found


async def bundle_of(tx: Tx, version: str) -> Bundle | None:
    """Load a model that was kept; None when it was not."""
    if version not in _LOADED:
        content = await store.read_model(tx, version)
        if content is None:
            return None
        _LOADED[version] = engines.bundle_from(content, version)
    return _LOADED[version]
