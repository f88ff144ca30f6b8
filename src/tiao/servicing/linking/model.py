"""What a payment link is, and what its page may show."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.payments.model import DebitState


class PaymentLink(msgspec.Struct, frozen=True):
    """A link to pay what a line owes. *order_id* is the debit it began last, *tries* how many it began."""

    bucket: int
    id: UUID
    line_id: UUID
    customer_id: UUID
    made_by: str
    made_at: datetime
    expires_at: datetime
    tries: int
    order_id: UUID | None
    ended_at: datetime | None


class Made(NamedTuple):
    """A new link and the token in its address, which is kept nowhere."""

    link: PaymentLink
    token: str


class Shown(NamedTuple):
    """What the page shows: whom it is about, masked, what is due, and the account it is taken from, masked.

    *account* is absent where none is bound. *state* is that of the payment this link began, if it did.
    """

    who: str
    amount_minor: int
    currency: str
    due_on: date | None
    account: str | None
    state: DebitState | None
