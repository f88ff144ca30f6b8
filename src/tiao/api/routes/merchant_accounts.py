"""Accounts of merchants who speak other forms, and what these merchants are told of their orders."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from cryptography import x509
from litestar import Response
from litestar.params import JSONBody, QueryParameter

from tiao.api import ids, paging
from tiao.api.compat.keys import PublicKeyInvalid, public_key
from tiao.api.compat.platform_key import new_key_pair, signer_of
from tiao.api.idempotency import once
from tiao.api.ids import AnyMerchant, IdempotencyKey, MerchantId, MerchantInPath
from tiao.api.operation import M, O, makes, reads
from tiao.api.paging import After, ByTime, Limit
from tiao.api.refusals import CursorInvalid, SubjectMissing
from tiao.api.services import Call
from tiao.checkout.orders import actions as orders
from tiao.checkout.orders.model import Surface
from tiao.partners import actions as partners
from tiao.partners.accounts import actions as accounts
from tiao.partners.accounts.model import Account, NewAccount
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

Pem = Annotated[str, msgspec.Meta(min_length=1, max_length=8000, description="PEM.")]
OpenOnly = Annotated[bool, QueryParameter(name="pending", description="Only what was not taken yet.")]


class AccountGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The merchant's own public key and certificate: what its requests are signed with."""

    public_key: Pem
    certificate: Pem


class AccountShown(msgspec.Struct, frozen=True):
    """The numbers a merchant goes by in the other forms."""

    merchant: MerchantId
    app_id: str
    mchid: str
    appid: str
    certificate_serial: str
    opened_at: datetime


class AccountOpened(msgspec.Struct, frozen=True):
    """A new account with its symmetric key, which is shown this once, and what our answers are signed with."""

    account: AccountShown
    apiv3_key: str
    platform_public_key: str
    platform_public_key_id: str
    platform_certificate: str
    platform_certificate_serial: str


class AccountList(msgspec.Struct, frozen=True):
    """A merchant's accounts in the order in which they were opened."""

    data: list[AccountShown]


class NoticeShown(msgspec.Struct, frozen=True):
    """What a merchant was or is to be told of an order. *answer* is what it said last."""

    id: str
    form: Surface
    kind: str
    url: str
    attempts: int
    answer: str | None
    made_at: datetime
    tried_at: datetime | None
    due_at: datetime | None
    acknowledged_at: datetime | None


class NoticePage(msgspec.Struct, frozen=True):
    """Notices, latest first."""

    data: list[NoticeShown]
    has_more: bool
    next: str | None


@makes(
    "/v1/merchants/{merchant_id:str}/accounts",
    by=[O],
    scope=Scope.MERCHANTS_WRITE,
    refuses=[MerchantUnknown, PublicKeyInvalid],
)
async def open_merchant_account(
    call: Call, merchant_id: MerchantInPath, data: JSONBody[AccountGiven], key: IdempotencyKey
) -> Response[AccountOpened]:
    """Open an account on the surfaces that speak other forms; libraries made for them work with it unchanged."""
    wanted = read_id(ids.MERCHANT, merchant_id)
    public_key(data.public_key)
    try:
        certificate = x509.load_pem_x509_certificate(data.certificate.encode())
    except ValueError as error:
        raise PublicKeyInvalid("the certificate cannot be read", pointer="/certificate") from error

    async def work(tx: Tx, now: Moment) -> AccountOpened:
        await partners.merchant(tx, wanted)
        vault = call.platform.vault
        new = NewAccount(wanted, data.public_key, f"{certificate.serial_number:X}")
        opened = await accounts.open_account(tx, now, vault, new, random_bytes=call.services.random_bytes)
        real_at = await call.services.clock.now(tx)
        pair = await accounts.ensure_platform_key(tx, lambda: new_key_pair(now, vault, real_at=real_at))
        signer = signer_of(pair, vault)
        return AccountOpened(
            account=_account_shown(opened.account),
            apiv3_key=opened.secret_key,
            platform_public_key=signer.public_key,
            platform_public_key_id=signer.public_key_id,
            platform_certificate=signer.certificate,
            platform_certificate_serial=signer.certificate_serial,
        )

    return await once(call, key, data, work)


@reads(
    "/v1/merchants/{merchant_id:str}/accounts",
    by=[M, O],
    scope=Scope.MERCHANTS_READ,
    refuses=[MerchantUnknown],
)
async def list_merchant_accounts(call: Call, merchant_id: MerchantInPath) -> AccountList:
    """List the numbers a merchant goes by in the other forms."""
    wanted = read_id(ids.MERCHANT, merchant_id)
    call.require_own(MerchantUnknown, merchant_id=wanted)
    async with call.db.begin() as tx:
        return AccountList([_account_shown(each) for each in await accounts.accounts_of(tx, wanted)])


@reads(
    "/v1/order_notices",
    by=[M, O],
    scope=Scope.EVENTS_READ,
    refuses=[MerchantUnknown, SubjectMissing, CursorInvalid],
)
async def list_order_notices(
    call: Call,
    merchant: AnyMerchant = None,
    pending: OpenOnly = False,  # noqa: FBT002  a parameter of the address
    limit: Limit = paging.PAGE_DEFAULT,
    after: After = None,
) -> NoticePage:
    """List what a merchant was or is to be told of orders in other forms, latest first."""
    place = paging.before(after)
    subject = call.merchant(merchant)
    async with call.db.begin() as tx:
        found = await orders.notices_of(
            tx, subject, is_open=pending, before_at=place.at, before_id=place.id, limit=limit + 1
        )
    page = paging.cut(found, limit, lambda each: ByTime(each.made_at, each.id))
    shown = [
        NoticeShown(
            id=each.id.hex,
            form=each.surface,
            kind=each.kind,
            url=each.url,
            attempts=each.attempts,
            answer=each.answer,
            made_at=each.made_at,
            tried_at=each.tried_at,
            due_at=each.due_at,
            acknowledged_at=each.acknowledged_at,
        )
        for each in page.items
    ]
    return NoticePage(shown, page.has_more, page.next)


def _account_shown(account: Account) -> AccountShown:
    return AccountShown(
        merchant=show_id(ids.MERCHANT, account.merchant_id),
        app_id=account.app_id,
        mchid=account.mchid,
        appid=account.appid,
        certificate_serial=account.certificate_serial,
        opened_at=account.opened_at,
    )


ROUTES = [open_merchant_account, list_merchant_accounts, list_order_notices]
