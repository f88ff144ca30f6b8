"""What a merchant's order is, what is given back of it, and what the merchant is told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec


class Surface(StrEnum):
    """In which form the merchant speaks. *native*: the platform's own; the order's account is the merchant itself."""

    ALIPAY = "alipay"
    WECHATPAY = "wechatpay"
    NATIVE = "native"


class OrderState(StrEnum):
    """How far an order has come. *paying*: the payer has agreed and the purchase is being made."""

    OPEN = "open"
    PAYING = "paying"
    PAID = "paid"
    CLOSED = "closed"


class PayerState(StrEnum):
    """What the payer did when a payment code was read: is being asked on the phone, or has declined."""

    ASKED = "asked"
    DECLINED = "declined"


class Wanted(NamedTuple):
    """A plan that a merchant wants offered: how many instalments, and who bears the fee."""

    terms: int
    fee_payer: str

    def __str__(self) -> str:
        """Write it as it is stored."""
        return f"{self.terms}:{self.fee_payer}"


class NewOrder(NamedTuple):
    """What a merchant wants paid. *terms* and *fee_payer*: the only plan that may be offered, if it says one.

    *plans*: the only ones, when it names several.
    *digest* is of all that makes another order under the same number another one.
    """

    surface: Surface
    out_trade_no: str
    trade_type: str
    digest: bytes
    currency: str
    amount_minor: int
    subject: str
    expires_at: datetime
    terms: int | None = None
    fee_payer: str | None = None
    plans: tuple[Wanted, ...] = ()
    notify_url: str | None = None
    return_url: str | None = None
    attach: str | None = None
    is_shared: bool = False
    payer_openid: str | None = None
    is_by_key_id: bool = False

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """The only plans that may be offered; none: the payer chooses."""
        if self.terms is not None:
            return (Wanted(self.terms, self.fee_payer or "consumer"),)
        return self.plans


class MerchantOrder(msgspec.Struct, frozen=True):
    """An order as stored. *is_shared*: the merchant will share what is paid, so it is kept until then.

    *is_by_key_id*: the merchant knows the platform's key by its own number, not by the certificate's.
    """

    id: UUID
    account_id: UUID
    surface: Surface
    out_trade_no: str
    trade_no: str
    trade_type: str
    digest: bytes
    currency: str
    amount_minor: int
    subject: str
    terms: int | None
    fee_payer: str | None
    plans: list[str]
    notify_url: str | None
    return_url: str | None
    attach: str | None
    is_shared: bool
    cashier_token: str
    state: OrderState
    attempts: int
    payer_state: PayerState | None
    payer_openid: str | None
    is_by_key_id: bool
    customer_id: UUID | None
    quote_id: UUID | None
    purchase_id: UUID | None
    plan_code: str | None
    refunded_minor: int
    made_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    closed_at: datetime | None
    reversed_at: datetime | None

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """The only plans that may be offered; none: the payer chooses."""
        if self.terms is not None:
            return (Wanted(self.terms, self.fee_payer or "consumer"),)
        parts = (each.partition(":") for each in self.plans)
        return tuple(Wanted(int(terms), fee_payer) for terms, _, fee_payer in parts)

    @property
    def purchase_key(self) -> str:
        """Name the purchase of the latest try to pay: each has one of its own."""
        return f"{self.id.hex}:{self.attempts}"

    @property
    def is_refunded_whole(self) -> bool:
        """Whether everything that was paid went back."""
        return self.state is OrderState.PAID and self.refunded_minor == self.amount_minor


class Agreed(NamedTuple):
    """What a payer agreed to."""

    customer_id: UUID
    quote_id: UUID
    plan_code: str


class NewRefund(NamedTuple):
    """What a merchant gives back, under its own number."""

    out_refund_no: str
    amount_minor: int
    reason: str | None = None
    notify_url: str | None = None


class RefundState(StrEnum):
    """How far giving back has come. *refused*: nothing was given back, and the order does not count it."""

    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"


class Unfinished(NamedTuple):
    """Orders and refunds that were begun and not ended: whoever did so is gone."""

    orders: list[MerchantOrder]
    refunds: list[OrderRefund]


class OrderRefund(msgspec.Struct, frozen=True):
    """Money given back as stored."""

    order_id: UUID
    out_refund_no: str
    id: UUID
    account_id: UUID
    amount_minor: int
    reason: str | None
    notify_url: str | None
    state: RefundState
    asked_at: datetime
    refunded_at: datetime | None


class NewNotice(NamedTuple):
    """What a merchant is to be told, and where."""

    kind: str
    url: str
    content: str


class Notice(msgspec.Struct, frozen=True):
    """A notice and how far it has come. *due_at* is None when it was acknowledged, or is not tried any more."""

    id: UUID
    account_id: UUID
    order_id: UUID
    surface: Surface
    kind: str
    url: str
    content: str
    attempts: int
    due_at: datetime | None
    made_at: datetime
    tried_at: datetime | None
    acknowledged_at: datetime | None
    answer: str | None
