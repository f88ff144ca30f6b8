"""What was decided, as a file to train on: payments in their order, with what each turned out to be and since when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tiao.risk import store
from tiao.risk.live import ENTITIES, from_bytes, instant
from tiao.risk.outcomes import RiskOutcome
from tiao.runtime.db import Tx

#: A fraud is told within so long, mostly: what nobody spoke of until then was genuine. Our own choice.
GENUINE_AFTER = timedelta(days=28)
#: Payments read at a time.
_CHUNK = 2_000


def schema_of_export(currency: str) -> dict[str, Any]:
    """Describe the columns; the groups are those of the live path, so a model trained on them serves it."""
    return {
        "schema_version": 1,
        "name": "risk_decisions",
        "kind": "risk",
        "columns": [
            {"name": "id", "type": "category", "role": "id"},
            {"name": "at", "type": "timestamp", "role": "event_time"},
            *({"name": name, "type": "category", "role": "group", "entity": name} for name in ENTITIES),
            {"name": "amount", "type": "number", "role": "amount", "unit": currency},
            {"name": "known_at", "type": "timestamp", "role": "label_time"},
            {"name": "fraud", "type": "integer", "role": "target", "bad": [1], "good": [0]},
        ],
    }


async def exported(tx: Tx, *, until: datetime, genuine_after: timedelta) -> list[dict[str, Any]]:
    """Read every decision of this server as a row.

    What was approved and nobody has spoken of for *genuine_after*, by *until*, was genuine, and that is known since
    then. What was stopped and never looked into stays without an outcome: what was refused proves nothing about itself.
    Units: amounts in minor units, as the live path reads them.
    """
    rows: list[dict[str, Any]] = []
    payments = [each for each in await store.read_folded(tx) if each.is_fraud is None]
    for start in range(0, len(payments), _CHUNK):
        ids = [each.purchase_id for each in payments[start : start + _CHUNK]]
        decisions, said = await store.read_decisions(tx, ids), await store.read_said(tx, ids)
        for each in ids:
            decision, known = decisions[each], said.get(each)
            at = instant(from_bytes(decision.inputs).at)
            is_fraud, known_at = (None, None) if known is None else (bool(known.is_fraud), known.known_at)
            if known is None and decision.outcome == RiskOutcome.APPROVE and at + genuine_after <= until:
                is_fraud, known_at = False, at + genuine_after
            rows.append(
                {
                    "id": each.hex,
                    "at": at,
                    **dict(zip(ENTITIES, decision.entities, strict=True)),
                    "amount": float(decision.amount_minor),
                    # Nobody knows a payment before it was made, whatever the paper says.
                    "known_at": None if known_at is None else max(known_at, at),
                    "fraud": None if is_fraud is None else int(is_fraud),
                }
            )
    return rows
