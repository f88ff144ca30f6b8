"""Fraud models of a programme, in their register: which decides beside the rules, which is tried in shadow."""

from __future__ import annotations

import msgspec

from tiao.learning.forms import Reason
from tiao.learning.refusals import BundleUnreadable
from tiao.risk.live import LIVE
from tiao.risk.model import Model, content_digest
from tiao.risk.refusals import ModelOfOtherFeatures
from tiao.runtime.db import Tx
from tiao.runtime.registry.actions import Register, Who
from tiao.runtime.registry.model import Step
from tiao.values.moment import Moment

#: No model ships: until one is promoted, rules alone decide.
NO_MODEL = ""


class _Content(msgspec.Struct, frozen=True):
    model: Model
    reasons: list[Reason]


def models() -> Register:
    """Give the register of models."""
    return Register("risk_model", NO_MODEL)


async def draft(tx: Tx, now: Moment, model: Model, reasons: list[Reason], who: Who) -> Step:
    """Bring a model in. It must read what the live path knows, by the same definition.

    Refuses: ModelOfOtherFeatures, ReasonMissing.
    """
    if model.definition != LIVE or any(each.kind != "fold" for each in model.features):
        raise ModelOfOtherFeatures
    content = msgspec.json.encode(_Content(model, reasons))
    return await models().draft(tx, now, model.model_version, content, who)


def model_from(content: bytes) -> Model:
    """Read a model as it was kept. Refuses: BundleUnreadable."""
    kept = msgspec.json.decode(content, type=_Content)
    if content_digest(kept.model, kept.reasons) != kept.model.model_version:
        raise BundleUnreadable(f"the content is not that of version {kept.model.model_version}")
    return kept.model
