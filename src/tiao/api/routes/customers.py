"""Customers: registered by an operator, shown masked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import CustomerId, CustomerInPath, IdempotencyKey
from tiao.api.operation import C, O, makes, reads
from tiao.api.routes.keys import KeyIssued, key_issued
from tiao.api.services import Call
from tiao.identity import actions as identity
from tiao.identity.model import Applicant, Customer
from tiao.identity.refusals import (
    CustomerAlreadyRegistered,
    CustomerUnknown,
    IdentityBirthDateInvalid,
    IdentityChecksumWrong,
    IdentityNumberMalformed,
    IdentityRegionUnknown,
    NameInvalid,
    PhoneInvalid,
)
from tiao.partners import actions as partners
from tiao.partners.model import Role
from tiao.partners.scopes import Scope
from tiao.risk.entities import EntityKind
from tiao.risk.graph import actions as graph
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldUnreadable
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment


class CustomerGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person to register, as on the identity card."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    identity_number: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    phone: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class CustomerShown(msgspec.Struct, frozen=True):
    """A customer, masked: 张*, 1****************8, 138****1234."""

    id: CustomerId
    name: str
    identity_number: str
    phone: str
    registered_at: datetime


class CustomerRegistered(msgspec.Struct, frozen=True):
    """A new customer and the key it calls with; the token is not shown again."""

    customer: CustomerShown
    key: KeyIssued


@makes(
    "/v1/customers",
    by=[O],
    scope=Scope.CUSTOMERS_WRITE,
    refuses=[
        CustomerAlreadyRegistered,
        IdentityBirthDateInvalid,
        IdentityChecksumWrong,
        IdentityNumberMalformed,
        IdentityRegionUnknown,
        NameInvalid,
        PhoneInvalid,
    ],
)
async def register_customer(
    call: Call, data: JSONBody[CustomerGiven], key: IdempotencyKey
) -> Response[CustomerRegistered]:
    """Register a person, and give the key that the person's app calls with."""
    call = call._replace(bucket=identity.bucket_of_identity(call.services.platform.vault, data.identity_number))

    async def work(tx: Tx, now: Moment) -> CustomerRegistered:
        vault = call.platform.vault
        applicant = Applicant(data.name, data.identity_number, data.phone)
        [customer] = await identity.register_customers(tx, now, vault, [applicant])
        await graph.see(tx, now, vault, customer.id, {EntityKind.PHONE: data.phone})
        issued = await partners.issue_key(
            tx,
            await call.services.real_moment(tx),
            role=Role.CONSUMER,
            subject_id=customer.id,
            label="first key",
            random_bytes=call.services.random_bytes,
        )
        return CustomerRegistered(customer_shown(call, customer), key_issued(issued))

    return await once(call, key, data, work)


@reads(
    "/v1/customers/{customer_id:str}",
    by=[C, O],
    scope=Scope.CUSTOMERS_READ,
    refuses=[CustomerUnknown, FieldUnreadable],
)
async def read_customer(call: Call, customer_id: CustomerInPath) -> CustomerShown:
    """Show a customer, masked."""
    wanted = read_id(ids.CUSTOMER, customer_id)
    call.require_own(CustomerUnknown, customer_id=wanted)
    async with call.db.begin() as tx:
        return customer_shown(call, await identity.customer(tx, wanted))


def customer_shown(call: Call, customer: Customer) -> CustomerShown:
    """Show a customer on the wire."""
    masked = identity.masked(call.platform.vault, customer)
    return CustomerShown(
        id=show_id(ids.CUSTOMER, customer.id),
        name=masked.name,
        identity_number=masked.identity_number,
        phone=masked.phone,
        registered_at=customer.registered_at,
    )


ROUTES = [register_customer, read_customer]
