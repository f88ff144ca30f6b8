"""What a merchant who speaks another form is known by, and what the platform signs its answers with."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec


class Account(msgspec.Struct, frozen=True):
    """A merchant's numbers and key in other forms; *test_payer_id* is there in a sandbox only."""

    id: UUID
    merchant_id: UUID
    app_id: str
    mchid: str
    appid: str
    public_key: str
    certificate_serial: str
    secret_key_sealed: bytes
    notify_allow: list[str]
    test_payer_id: UUID | None
    opened_at: datetime


class KeyPair(msgspec.Struct, frozen=True):
    """The platform's key as stored; the private half is sealed."""

    id: UUID
    private_key_sealed: bytes
    certificate: str
    certificate_serial: str
    public_key_id: str
    made_at: datetime


class NewAccount(NamedTuple):
    """What an account is opened with. *test_payer_id*, *test_token* and *notify_allow* make it a sandbox's."""

    merchant_id: UUID
    public_key: str
    certificate_serial: str
    notify_allow: tuple[str, ...] = ()
    test_payer_id: UUID | None = None
    test_token: str | None = None

    def __repr__(self) -> str:
        """Leave the token out."""
        return f"NewAccount({self.merchant_id})"


class Opened(NamedTuple):
    """An account and its symmetric key, which is shown once."""

    account: Account
    secret_key: str

    def __repr__(self) -> str:
        """Leave the key out."""
        return f"Opened({self.account.id})"
