"""Where a request belongs: every id that is a customer's says in its last byte in which bucket it lies.

A request belongs to one server. A consumer's is where the consumer lives; any other's is where the first customer's id
of its address lies; what names none is the programme's own and lies at home. What only a body names, the endpoint says
itself (`Asked.about`).
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from tiao.api import ids
from tiao.partners.model import Principal, Role
from tiao.values.ids import bucket_of

#: What belongs to a customer, and so to a bucket.
CUSTOMERS = frozenset(
    {
        *(ids.CUSTOMER, ids.LINE, ids.APPLICATION, ids.DECISION, ids.QUOTE, ids.PURCHASE, ids.REFUND, ids.LOAN),
        *(ids.BILL, ids.REPAYMENT, ids.SOURCE, ids.PAYOUT, ids.POSTING, ids.WRITE_OFF, ids.ADJUSTMENT),
        ids.CONTRADICTION,
        ids.DIFFERENCE,
        ids.CARD,
        ids.PASSKEY,
        ids.CHALLENGE,
        ids.PETITION,
        ids.CASE,
        ids.DEVICE,
        ids.MESSAGE,
        ids.EVENT,
        ids.DISPUTE,
        ids.RISK_CASE,
        ids.CONTACT,
        *(ids.WRITE_OFF_PROPOSAL, ids.MONEY_PROPOSAL),
    }
)
#: What belongs to the programme. Keys are looked for where their subject is (tiao.api.routes.keys).
PROGRAMMES_OWN = frozenset(
    {
        *(ids.MERCHANT, ids.OPERATOR, ids.KEY, ids.SETTLEMENT, ids.ENDPOINT, ids.WITHDRAWAL, ids.PROPOSAL),
        ids.OVERRIDE,
        ids.SESSION,
        *(ids.STORE, ids.TERMINAL, ids.EXPERIMENT),
        ids.ENTRY,
        ids.MERCHANT_APPLICATION,
    }
)


def bucket_of_request(caller: Principal, named: Iterable[object]) -> int | None:
    """Tell the bucket of a request from who asks and the values of its address; None for the programme's own."""
    if caller.role is Role.CONSUMER:
        return bucket_of(caller.subject_id)
    return next((bucket for bucket in map(bucket_named, named) if bucket is not None), None)


def bucket_named(value: object) -> int | None:
    """Read the bucket off an id as the API writes it; None when it is no customer's."""
    if not isinstance(value, str):
        return None
    prefix, _, digits = value.partition("_")
    if prefix not in CUSTOMERS or len(digits) != 32:  # noqa: PLR2004  the form of every id
        return None
    try:
        return bucket_of(UUID(hex=digits))
    except ValueError:
        return None
