"""Merchants and keys on several servers: written at home, followed by the others version by version.

A version is given out under a lock that is held until the commit, so versions become visible in order: whoever has
followed up to one has missed none before it. Reading twice, or two followers at once, do no harm.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from tiao.partners import store
from tiao.partners.store import KeyVersion, MerchantVersion
from tiao.runtime.db import Tx

Change: TypeAlias = MerchantVersion | KeyVersion

#: Changes taken over in one transaction.
CHANGES_A_SET = 500


async def version(tx: Tx) -> int:
    """Tell up to which version this server has followed; at home, the latest there is."""
    return await store.read_version(tx)


async def changes_after(tx: Tx, seen: int) -> list[Change]:
    """Read what was changed at home after a version, oldest first; a full set means that there may be more."""
    return await store.read_changed(tx, seen, CHANGES_A_SET)


async def follow(tx: Tx, changes: Sequence[Change]) -> None:
    """Take changes over, all or none."""
    for change in changes:
        await store.follow(tx, change)
