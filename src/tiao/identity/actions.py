"""What can be done with customers, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tiao.identity import rules, store
from tiao.identity.model import Applicant, Customer, MaskedPerson, Person
from tiao.identity.refusals import CustomerUnknown
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldCipher, FieldUnreadable
from tiao.values.moment import Moment

#: The one purpose under which identity numbers are hashed for look-up.
_IDENTITY = "identity_number"
#: The one under which phones are.
_PHONE = "phone"


async def register_customers(
    tx: Tx, now: Moment, vault: FieldCipher, applicants: Sequence[Applicant]
) -> list[Customer]:
    """Register a set of people, all or none; the answers come in their order.

    Refuses: CustomerAlreadyRegistered, and what `rules.checked` refuses.
    """
    if not applicants:
        return []
    customers = [_sealed(now, vault, rules.checked(applicant, today=now.today)) for applicant in applicants]
    await store.insert_customers(tx, customers)
    return customers


async def customer(tx: Tx, customer_id: UUID) -> Customer:
    """Read one customer. Refuses: CustomerUnknown."""
    found = await store.read_customers(tx, [customer_id])
    if not found:
        raise CustomerUnknown
    return found[0]


async def customers(tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, Customer]:
    """Read customers, by id; unknown ones are left out."""
    return {found.id: found for found in await store.read_customers(tx, customer_ids)}


async def customer_of_identity(tx: Tx, vault: FieldCipher, identity_number: str) -> Customer | None:
    """Find who has an identity number. Refuses: what `rules.normal_identity_number` refuses."""
    digest = vault.lookup(rules.normal_identity_number(identity_number), purpose=_IDENTITY)
    found = await store.read_customers_of_identities(tx, [digest], [digest[0]])
    return found[0] if found else None


def phone_digest(vault: FieldCipher, phone: str) -> bytes:
    """Digest a phone for looking it up. Refuses: PhoneInvalid."""
    return vault.lookup(rules.normal_phone(phone), purpose=_PHONE)


async def customer_of_phone(tx: Tx, vault: FieldCipher, phone: str) -> Customer | None:
    """Find who has a phone: the newest of several, for numbers go on to others. Refuses: PhoneInvalid.

    Who registered before digests were kept is opened, and only then believed.
    """
    phone = rules.normal_phone(phone)
    digest = vault.lookup(phone, purpose=_PHONE)
    for found in reversed(await store.read_customers_of_phone(tx, digest, phone[-4:])):
        if found.phone_hmac == digest or revealed(vault, found).phone == phone:
            return found
    return None


def bucket_of_identity(vault: FieldCipher, identity_number: str) -> int:
    """Tell in which bucket a person lies. Refuses: what `rules.normal_identity_number` refuses."""
    return vault.lookup(rules.normal_identity_number(identity_number), purpose=_IDENTITY)[0]


def revealed(vault: FieldCipher, customer: Customer) -> Person:
    """Open the sealed fields. Refuses: FieldUnreadable when they were altered or moved between rows."""
    return Person(
        name=vault.decrypt(customer.name_sealed, context=_context("name", customer.id)),
        identity_number=vault.decrypt(customer.identity_sealed, context=_context("identity", customer.id)),
        phone=vault.decrypt(customer.phone_sealed, context=_context("phone", customer.id)),
    )


def phone_of(vault: FieldCipher, customer: Customer) -> str | None:
    """Open a customer's phone alone; None where it cannot be opened, so that one lost key is not everybody's."""
    try:
        return vault.decrypt(customer.phone_sealed, context=_context("phone", customer.id))
    except FieldUnreadable:
        return None


def masked(vault: FieldCipher, customer: Customer) -> MaskedPerson:
    """Open a customer just far enough for a screen."""
    return rules.masked(revealed(vault, customer))


def _sealed(now: Moment, vault: FieldCipher, person: Person) -> Customer:
    """Seal a person. The bucket is the digest's first byte, so one person always falls into one bucket."""
    digest = vault.lookup(person.identity_number, purpose=_IDENTITY)
    customer_id = now.new_id(digest[0])
    return Customer(
        bucket=digest[0],
        id=customer_id,
        identity_hmac=digest,
        name_sealed=vault.encrypt(person.name, context=_context("name", customer_id)),
        identity_sealed=vault.encrypt(person.identity_number, context=_context("identity", customer_id)),
        phone_sealed=vault.encrypt(person.phone, context=_context("phone", customer_id)),
        phone_tail=person.phone[-4:],
        phone_hmac=vault.lookup(person.phone, purpose=_PHONE),
        born_on=rules.birth_date(person.identity_number, today=now.today),
        registered_at=now.at,
    )


def _context(field: str, customer_id: UUID) -> str:
    return f"customer.{field}:{customer_id.hex}"
