"""What a store, a terminal, a device that shows codes, and a sale in person are."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec


class SaleKind(StrEnum):
    """How payer and merchant met: the payer's code was read, or the payer scanned one on a screen, or a printed one."""

    CODE = "code"
    DYNAMIC = "dynamic"
    STATIC = "static"


class Store(msgspec.Struct, frozen=True):
    """A place where a merchant sells. *city* is empty where nobody said it."""

    id: UUID
    merchant_id: UUID
    name: str
    address: str
    city: str
    made_at: datetime


class Terminal(msgspec.Struct, frozen=True):
    """A till of a store. *static_token* opens the page of its printed code, if it has one."""

    id: UUID
    store_id: UUID
    merchant_id: UUID
    label: str
    static_token: str | None
    misses: int
    locked_until: datetime | None
    made_at: datetime


class Device(msgspec.Struct, frozen=True):
    """A customer's device that shows codes, and what was agreed for paying by them without more.

    *agreed_minor*: purchases up to so much; *agreed_late_rate*: the only cost that can arise, and only by being late.
    """

    bucket: int
    id: UUID
    customer_id: UUID
    label: str
    agreed_digest: bytes
    agreed_minor: int
    agreed_late_rate: str
    shown_at: datetime
    confirmed_at: datetime
    made_at: datetime
    ended_at: datetime | None


class Slot(msgspec.Struct, frozen=True):
    """What codes of a device mean until its next refresh. *burnt_step*: the last that was used."""

    slot: int
    device_id: UUID
    customer_id: UUID
    secret_sealed: bytes
    granted_at: datetime
    ends_at: datetime
    burnt_step: int
    misses: int


class ShownCode(NamedTuple):
    """A code and when it is to be shown."""

    code: str
    from_at: datetime
    until: datetime


class Payer(NamedTuple):
    """Who shows a code."""

    customer_id: UUID
    device_id: UUID


class Sale(msgspec.Struct, frozen=True):
    """A sale in person: an order of the platform's own form, with where it was made and how.

    *payer_id*: the only one who may pay it, once a code was read. *paid_on*, *code_class*: what it counts against.
    """

    order_id: UUID
    merchant_id: UUID
    store_id: UUID
    terminal_id: UUID
    kind: SaleKind
    payer_id: UUID | None
    paid_on: date | None
    code_class: str | None
    made_at: datetime
