"""A small seeded world of cards and shops: some shops are robbed for a while, some cards are drained."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import polars as pl

SCHEMA: dict[str, Any] = {
    "schema_version": 1,
    "name": "small_world",
    "kind": "risk",
    "columns": [
        {"name": "id", "type": "integer", "role": "id"},
        {"name": "when", "type": "timestamp", "role": "event_time"},
        {"name": "card", "type": "integer", "role": "group", "entity": "customer"},
        {"name": "shop", "type": "category", "role": "group", "entity": "merchant"},
        {"name": "paid", "type": "number", "role": "amount", "unit": "CNY"},
        {"name": "channel", "type": "category", "role": "feature"},
        {"name": "hour", "type": "integer", "role": "feature"},
        {"name": "fraud", "type": "integer", "role": "target", "bad": [1], "good": [0], "unlabelled": [2]},
    ],
}

#: Days the world lives.
DAYS = 70
BEGINS = datetime(2025, 1, 1)  # noqa: DTZ001  files hold naive instants, which are UTC


def world(*, seed: int = 3, cards: int = 60, shops: int = 30) -> pl.DataFrame:
    """Live it; rows in the order of time."""
    chance = random.Random(seed)
    usual = [chance.uniform(10, 90) for _ in range(cards)]
    robbed = {(chance.randrange(shops), start) for start in range(0, DAYS, 7)}
    drained = {(chance.randrange(cards), start) for start in range(0, DAYS, 6)}
    rows: list[dict[str, Any]] = []
    for day in range(DAYS):
        for card in range(cards):
            if chance.random() > 0.8:
                continue
            shop, amount, fraud = chance.randrange(shops), chance.gauss(usual[card], usual[card] / 4), 0
            if any(shop == place and start <= day < start + 20 for place, start in robbed):
                fraud = int(chance.random() < 0.9)
            elif any(card == whose and start <= day < start + 5 for whose, start in drained) and chance.random() < 0.5:
                amount, fraud = amount * 5, 1
            second = chance.randrange(86_400)
            rows.append(
                {
                    "when": BEGINS + timedelta(days=day, seconds=second),
                    "card": card if chance.random() > 0.01 else None,
                    "shop": f"S{shop}",
                    "paid": round(max(1.0, amount), 2),
                    "channel": chance.choice(("qr", "app", "web")),
                    "hour": second // 3600,
                    "fraud": fraud if chance.random() > 0.05 else 2,
                }
            )
    rows.sort(key=lambda row: row["when"])
    return pl.DataFrame(rows).with_row_index("id").with_columns(pl.col("id").cast(pl.Int64))
