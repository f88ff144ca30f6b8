"""What a payer and an agent are told, by family of features. Coarse on purpose: a thief reads it too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tiao.learning.forms import Reason

#: What a payer is told whatever the reason was.
_ZH, _EN = "为保护您的账户，这笔交易需要进一步确认", "To protect your account, this payment needs to be confirmed"

_ENTITIES = {
    "customer": "payer",
    "merchant": "merchant",
    "device": "device",
    "account": "account",
    "company": "company",
    "location": "place",
}

_KINDS = {
    "history": "Little or unusual history of the {}",
    "amount": "The amount is unusual for the {}",
    "pace": "Unusual frequency of payments of the {}",
    "fraud": "Frauds known of the {}",
}

_OTHERS = {"pair": "Parties that have not met, or not for long", "amount": "The amount"}


def reason_code(family: str) -> str:
    """Name a family's reason."""
    return re.sub(r"[^A-Z0-9]+", "_", family.upper()).strip("_")


def reasons_of(families: Iterable[str], features: Mapping[str, Iterable[str]]) -> list[Reason]:
    """Write the table of reasons; an agent also sees which features stand behind each."""
    return [
        Reason(
            reason_code(family),
            family,
            _ZH,
            _EN,
            f"{_agent(family)}. Features: {', '.join(sorted(features[family]))}",
            is_actionable=False,
        )
        for family in families
    ]


def _agent(family: str) -> str:
    entity, _, kind = family.rpartition("_")
    if kind in _KINDS and entity:
        return _KINDS[kind].format(_ENTITIES.get(entity, entity))
    return _OTHERS.get(family, f"Details of the payment ({family.replace('_', ' ')})")
