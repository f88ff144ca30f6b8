"""Which column of a file holds what: a small JSON map, or a constant for what the file does not say."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tiao.simulator.refusals import ReplayMapInvalid

#: How a constant is written.
CONSTANT = "="


class ReplayMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For each field the name of its column, or "=" and a constant."""

    transaction_id: str
    occurred_at: str
    customer_id: str
    merchant_id: str
    amount: str
    currency: str

    def places(self) -> dict[str, str]:
        """Give the place of each field."""
        return {name: getattr(self, name) for name in self.__struct_fields__}

    def columns(self) -> list[str]:
        """Name the columns it needs."""
        return [place for place in self.places().values() if not place.startswith(CONSTANT)]


def read_map(body: bytes) -> ReplayMap:
    """Read a map. Refuses: ReplayMapInvalid."""
    try:
        found = msgspec.json.decode(body, type=ReplayMap)
    except msgspec.DecodeError as error:
        raise ReplayMapInvalid(str(error)) from error
    empty = [name for name, place in found.places().items() if not place.removeprefix(CONSTANT).strip()]
    if empty:
        raise ReplayMapInvalid(f"nothing is named for {', '.join(empty)}", pointer=f"/{empty[0]}")
    constant_id = found.transaction_id.startswith(CONSTANT)
    if constant_id or found.occurred_at.startswith(CONSTANT):
        raise ReplayMapInvalid("transaction_id and occurred_at are columns", pointer="/transaction_id")
    return found


def read_map_file(path: Path) -> tuple[bytes, ReplayMap]:
    """Read a map's bytes and what they say. Refuses: ReplayMapInvalid."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ReplayMapInvalid(f"{path}: {error.strerror}") from error
    return body, read_map(body)
