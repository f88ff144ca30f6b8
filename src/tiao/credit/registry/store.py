"""Rows to models and policies and back. Decides nothing."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries

_QUERIES = load_queries("tiao.credit.registry")


class Kept(NamedTuple):
    """Whether the parts of an engine are kept."""

    has_model: bool
    has_policy: bool


async def read_kept(tx: Tx, *, model: str, policy: str) -> Kept:
    """Tell whether a model and a policy are kept."""
    return await tx.one(_QUERIES.kept, Kept, model=model, policy=policy)


async def keep_model(tx: Tx, version: str, content: bytes, at: datetime) -> None:
    """Keep a model."""
    await tx.execute(_QUERIES.keep_model, version=version, content=content, at=at)


async def keep_policy(tx: Tx, version: str, content: bytes, at: datetime) -> None:
    """Keep a policy."""
    await tx.execute(_QUERIES.keep_policy, version=version, content=content, at=at)


async def read_model(tx: Tx, version: str) -> bytes | None:
    """Read a model."""
    found: bytes | None = await tx.value(_QUERIES.model_content, version=version)
    return found


async def read_policy(tx: Tx, version: str) -> bytes | None:
    """Read a policy."""
    found: bytes | None = await tx.value(_QUERIES.policy_content, version=version)
    return found
