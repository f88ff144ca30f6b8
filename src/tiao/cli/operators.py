"""Who acts at the machine: an operator's account, the same that the API knows, so that nobody is two people."""

from __future__ import annotations

from datetime import UTC, datetime

from tiao.partners import actions as partners
from tiao.runtime.db import Tx
from tiao.values.ids import show_id
from tiao.values.moment import Moment

#: As the API shows an operator.
_PREFIX = "opr"


async def acting(tx: Tx, now: Moment, who: str) -> str:
    """Name the operator who acts, given by the name on a key, by id or by a key. Refuses: OperatorUnknown.

    Keys live by the real clock, whatever the programme's says.
    """
    return show_id(_PREFIX, await partners.operator(tx, now._replace(at=datetime.now(UTC)), who.strip()))


async def people(tx: Tx) -> dict[str, str]:
    """Give the names of operators by their ids, for people to read."""
    return {show_id(_PREFIX, who): name for who, name in (await partners.operator_names(tx)).items()}
