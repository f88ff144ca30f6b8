"""A decision run again from its record, by what decided it then, and compared."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import msgspec

from tiao.risk import store
from tiao.risk.deciding import Judged, Setup, Versions, again
from tiao.risk.models import model_from, models
from tiao.risk.records import Decision
from tiao.risk.rules import actions as rules
from tiao.risk.rules.ruleset import Ruler
from tiao.risk.rules.tree import Catalogue
from tiao.risk.scoring import Scorer
from tiao.runtime.db import Tx


class Rerun(NamedTuple):
    """What a decision came to again: by which versions, and the parts that differ."""

    versions: Versions
    judged: Judged
    differing: list[str]


async def rerun(tx: Tx, decision: Decision, catalogue: Catalogue) -> Rerun:
    """Decide again, from what was kept, by what decided then. Refuses: VersionUnknown."""
    content = await store.read_versions(tx, decision.versions)
    assert content is not None, "what decided is kept with what it decided"
    versions = msgspec.json.decode(content, type=Versions)
    setup = Setup(
        Ruler(await rules.rule_set(tx, versions.rules), catalogue),
        None if versions.shadow_rules is None else Ruler(await rules.rule_set(tx, versions.shadow_rules), catalogue),
        await _scorer(tx, versions.model, None if versions.friction is msgspec.UNSET else versions.friction),
        await _scorer(tx, versions.challenger),
    )
    judged = again(setup, decision.inputs)
    stored = msgspec.structs.asdict(decision)
    differing = [
        name
        for name, value in judged._asdict().items()
        if name != "inputs" and stored[name] != (value if value is None else _plain(value))
    ]
    if judged.inputs != decision.inputs or hashlib.sha256(decision.inputs).digest() != decision.sha256:
        differing.append("inputs")
    return Rerun(versions, judged, differing)


async def _scorer(tx: Tx, version: str | None, friction: float | None = None) -> Scorer | None:
    return None if version is None else Scorer(model_from(await models().content(tx, version)), friction)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, str) else value
