"""Which lists those stand on whom a purchase names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from tiao.risk.entities import EntityKind, digest_of
from tiao.risk.lists.actions import Watcher
from tiao.risk.live import CUSTOMER, ENTITIES, MERCHANT, Asked
from tiao.runtime.secrets import FieldCipher

_KINDS = tuple(EntityKind(name) for name in ENTITIES)
_PREFIXES = {CUSTOMER: "cus", MERCHANT: "mer"}
#: Digests of customers and merchants that are kept at hand.
_REMEMBERED = 65_536


class Listed:
    """Asks what this process knows of the lists; nothing is read."""

    def __init__(self, watcher: Watcher, vault: FieldCipher) -> None:
        self._watcher = watcher

        @lru_cache(_REMEMBERED)
        def digest(place: int, key: str) -> bytes:
            return digest_of(vault, _KINDS[place], f"{_PREFIXES[place]}_{key}")

        self._digest = digest

    def __call__(self, asked: Asked) -> Sequence[tuple[str, str]]:
        """Name the entities of a purchase that are on a list, each with the list."""
        known = self._watcher.known
        if not len(known):
            return ()
        return [
            (ENTITIES[place], f"{each.value}_list")
            for place, key in enumerate(asked.entities)
            if key is not None
            for each in sorted(
                known.lists_of(
                    _KINDS[place], self._digest(place, key) if place in _PREFIXES else bytes.fromhex(key), asked.at
                )
            )
        ]
