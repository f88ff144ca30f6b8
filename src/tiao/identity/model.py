"""What a customer is: what they tell us, what is stored of it, and what may be shown."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec


class Applicant(msgspec.Struct, frozen=True):
    """What a person gives to be registered."""

    name: str
    identity_number: str
    phone: str

    def __repr__(self) -> str:
        """Say nothing about the person: values end in logs and tracebacks."""
        return "Applicant(...)"


class Customer(msgspec.Struct, frozen=True):
    """A registered person; name, identity number and phone are sealed and bound to the customer's id."""

    bucket: int
    id: UUID
    identity_hmac: bytes
    name_sealed: bytes
    identity_sealed: bytes
    phone_sealed: bytes
    phone_tail: str
    #: Unknown of customers from before phones could be looked up.
    phone_hmac: bytes | None
    born_on: date
    registered_at: datetime

    def __repr__(self) -> str:
        """Name the customer by id alone."""
        return f"Customer({self.id})"


class Person(msgspec.Struct, frozen=True):
    """The opened fields of a customer."""

    name: str
    identity_number: str
    phone: str

    def __repr__(self) -> str:
        """Say nothing about the person."""
        return "Person(...)"


class MaskedPerson(msgspec.Struct, frozen=True):
    """What a screen may show without a reason: 张*, 1****************8, 138****1234."""

    name: str
    identity_number: str
    phone: str
