"""Working credentials for each role of the demo: an operator, a merchant, and a customer with room on the line."""

from __future__ import annotations

import secrets

import msgspec

from tiao.identity import actions as identity
from tiao.partners import actions as partners
from tiao.partners.model import Role
from tiao.partners.refusals import TokenExpired, TokenRevoked, TokenUnknown
from tiao.partners.scopes import TEAM_ROLES, Scope, default_scopes
from tiao.runtime.db import Tx
from tiao.runtime.programme import read_programme
from tiao.runtime.secrets import FieldCipher
from tiao.simulator.showcase import showcase
from tiao.values.ids import IdSource, show_id
from tiao.values.moment import Moment

LENDER = "条 tiao 演示消费金融"


class OperatorAccess(msgspec.Struct, frozen=True):
    """An operator's key, and a line about which much was decided: transfers, waivers, plans, what was undone."""

    key: str
    #: Somebody else's, for what two people decide.
    second_key: str
    eventful_line: str


class MerchantAccess(msgspec.Struct, frozen=True):
    """A merchant and its key."""

    id: str
    name: str
    key: str


class ConsumerAccess(msgspec.Struct, frozen=True):
    """A customer with an active line, the account bound to it, and a key."""

    id: str
    line: str
    funding_source: str
    key: str
    #: What the cashier is told; the codes it is sent stand at the message gateway's simulator.
    phone: str


class Credentials(msgspec.Struct, frozen=True):
    """What var/demo.json holds."""

    base_url: str
    now: str
    operator: OperatorAccess
    merchant: MerchantAccess
    consumer: ConsumerAccess

    async def still_opens(self, tx: Tx, base_url: str) -> bool:
        """Tell whether these are the credentials of this database."""
        at = (await read_programme(tx)).now_at
        assert at is not None, "the demo lives on a test clock"
        try:
            for token in (self.operator.key, self.operator.second_key, self.merchant.key, self.consumer.key):
                await partners.authenticate(tx, token, at)
        except (TokenUnknown, TokenExpired, TokenRevoked):
            return False
        return self.base_url == base_url


async def issue_credentials(tx: Tx, base_url: str, vault: FieldCipher, *, ids: IdSource) -> Credentials:
    """Issue a key for each role."""
    programme = await read_programme(tx)
    assert programme.now_at is not None, "the demo lives on a test clock"
    now = Moment(programme.now_at, programme.now_at.astimezone(programme.zone).date(), ids)
    merchant, customer, eventful_line_id = await showcase(tx)
    keys = []
    for role, subject, label in (
        (Role.OPERATOR, now.new_id(), "demo"),
        (Role.OPERATOR, now.new_id(), "demo, second person"),
        (Role.MERCHANT, merchant.id, "demo"),
        (Role.CONSUMER, customer.customer_id, "demo"),
    ):
        issued = await partners.issue_key(
            tx,
            now,
            role=role,
            subject_id=subject,
            label=label,
            random_bytes=secrets.token_bytes,
            scopes=_scopes(role),
        )
        keys.append(issued.token)
    operator, second, shop, consumer = keys
    return Credentials(
        base_url=base_url,
        now=programme.now_at.isoformat(),
        operator=OperatorAccess(operator, second, show_id("lin", eventful_line_id)),
        merchant=MerchantAccess(show_id("mer", merchant.id), merchant.name, shop),
        consumer=ConsumerAccess(
            show_id("cus", customer.customer_id),
            show_id("lin", customer.line_id),
            show_id("src", customer.funding_source_id),
            consumer,
            identity.revealed(vault, await identity.customer(tx, customer.customer_id)).phone,
        ),
    )


def _scopes(role: Role) -> list[str] | None:
    """Say what a key of the demo may do.

    Whoever looks at its shop is the owner, and may take on people. Its operator may also see people unmasked: nobody
    in it is real, and the reason is asked all the same.
    """
    if role is Role.MERCHANT:
        return [scope.value for scope in TEAM_ROLES[role]["owner"]]
    return [*default_scopes(role), Scope.PERSONS_READ.value] if role is Role.OPERATOR else None
