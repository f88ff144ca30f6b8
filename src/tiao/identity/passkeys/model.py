"""What a passkey is, and what a device is asked to sign with one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import msgspec


class EndedAs(StrEnum):
    """Why a passkey opens nothing any more."""

    REMOVED = "removed"
    #: It counted backwards: there are two of it.
    CLONED = "cloned"


class Purpose(StrEnum):
    """What a signature is for. One given for something else is worth nothing."""

    ADD = "add"
    PURCHASE = "purchase"
    ORDER = "order"


class About(NamedTuple):
    """What exactly is signed: *about_id* names the purchase or order, with its amount."""

    purpose: Purpose
    about_id: UUID | None = None
    amount_minor: int | None = None
    currency: str | None = None


class Passkey(msgspec.Struct, frozen=True):
    """A key on a customer's device. *sign_count* is what the device had counted when it was last used."""

    bucket: int
    id: UUID
    customer_id: UUID
    rp_id: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    is_synced: bool
    added_at: datetime
    used_at: datetime | None
    ended_at: datetime | None
    ended_as: EndedAs | None


class Challenge(msgspec.Struct, frozen=True):
    """What a device was asked to sign, once, before *expires_at*."""

    bucket: int
    id: UUID
    customer_id: UUID
    purpose: Purpose
    nonce: bytes
    about_id: UUID | None
    amount_minor: int | None
    currency: str | None
    expires_at: datetime


class Site(NamedTuple):
    """Where a page stands: a key made there works nowhere else."""

    rp_id: str
    origins: tuple[str, ...]


class Attestation(NamedTuple):
    """A new key, as a device gives it."""

    credential_id: bytes
    client_data: bytes
    attestation: bytes


class Assertion(NamedTuple):
    """A signature by a key, as a device gives it."""

    credential_id: bytes
    client_data: bytes
    authenticator_data: bytes
    signature: bytes


class NewKey(NamedTuple):
    """What is kept of a key that was made as asked."""

    public_key: bytes
    sign_count: int
    is_synced: bool


class Verdict(StrEnum):
    """What came of a signature. An outcome and no refusal, so that what was asked stays used up."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    CLONED = "cloned"


class Used(NamedTuple):
    """What came of a signature, and by which passkey it was, if it is one of ours."""

    verdict: Verdict
    passkey: Passkey | None
