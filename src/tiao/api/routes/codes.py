"""Codes for purchases that wait for their customer: sent, and confirmed with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import IdempotencyKey, PurchaseInPath
from tiao.api.operation import C, makes
from tiao.api.routes.purchases import PurchaseShown, own_purchase, purchase_shown
from tiao.api.services import Call
from tiao.checkout import challenges
from tiao.checkout.challenges import Confirmation
from tiao.checkout.refusals import (
    AuthorisationExpired,
    NoCodeSent,
    PurchaseNotSuspended,
    PurchaseUnknown,
    TooManyCodes,
)
from tiao.messages import actions as messages
from tiao.messages.model import Language, NewMessage, Recipient
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.values.ids import read_id
from tiao.values.moment import Moment
from tiao.values.money import Money

Code = Annotated[str, msgspec.Meta(pattern="^[0-9]{6}$", description="The six digits that were sent.")]


class CodeAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In which language the code is to be sent."""

    language: Language = Language.ZH


class CodeSent(msgspec.Struct, frozen=True):
    """A code is on its way to the customer's phone; the one before is void."""

    expires_at: datetime
    codes_left: int
    attempts_left: int


class CodeTried(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code that the customer read."""

    code: Code


class ConfirmationMade(msgspec.Struct, frozen=True):
    """What became of a code: `wrong` may be tried again, `exhausted` has declined the purchase."""

    confirmation: Confirmation
    attempts_left: int
    purchase: PurchaseShown


@makes(
    "/v1/purchases/{purchase_id:str}/codes",
    by=[C],
    scope=Scope.PURCHASES_WRITE,
    refuses=[PurchaseUnknown, PurchaseNotSuspended, AuthorisationExpired, TooManyCodes],
)
async def send_code(
    call: Call, purchase_id: PurchaseInPath, data: JSONBody[CodeAsked], key: IdempotencyKey
) -> Response[CodeSent]:
    """Send the customer a code for a purchase in `step_up`."""
    wanted = read_id(ids.PURCHASE, purchase_id)

    async def work(tx: Tx, now: Moment) -> CodeSent:
        purchase = await own_purchase(tx, call, wanted)
        amount = str(Money(purchase.amount_minor, purchase.currency))
        purpose = f"确认付款 {amount}" if data.language is Language.ZH else f"paying {amount}"

        async def send(tx: Tx, now: Moment, customer_id: UUID, code: str, until: datetime) -> None:
            minutes = str(max(1, int((until - now.at).total_seconds()) // 60))
            said = {"purpose": purpose, "minutes": minutes}
            new = NewMessage("one_time_code", Recipient.CUSTOMER, customer_id, said, wanted, data.language)
            await messages.say_secret(tx, now, call.platform.vault, new, code)

        vault, chance = call.platform.vault, call.services.random_bytes
        sent = await challenges.send_code(tx, now, vault, wanted, random_bytes=chance, send=send)
        return CodeSent(sent.expires_at, sent.codes_left, sent.attempts_left)

    return await once(call, key, data, work)


@makes(
    "/v1/purchases/{purchase_id:str}/confirmations",
    by=[C],
    scope=Scope.PURCHASES_WRITE,
    refuses=[PurchaseUnknown, PurchaseNotSuspended, AuthorisationExpired, NoCodeSent],
)
async def confirm_purchase(
    call: Call, purchase_id: PurchaseInPath, data: JSONBody[CodeTried], key: IdempotencyKey
) -> Response[ConfirmationMade]:
    """Confirm a purchase in `step_up` with the code: the right one releases it, the last wrong one declines it."""
    wanted = read_id(ids.PURCHASE, purchase_id)

    async def work(tx: Tx, now: Moment) -> ConfirmationMade:
        await own_purchase(tx, call, wanted)
        platform = call.platform
        tried = await challenges.confirm(tx, now, platform.vault, platform.book, wanted, data.code)
        return ConfirmationMade(tried.confirmation, tried.attempts_left, purchase_shown(call, tried.purchase))

    return await once(call, key, data, work)


ROUTES = [send_code, confirm_purchase]
