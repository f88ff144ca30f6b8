"""Captures: the goods have left, and what was held becomes a loan."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.ids import AmountMinor, IdempotencyKey, PurchaseInPath
from tiao.api.operation import M, O, makes
from tiao.api.routes.purchases import PurchaseShown, not_own, own_key, purchase_shown
from tiao.api.services import Asked, Call
from tiao.api.together import Change, once_together
from tiao.checkout.capturing import Capture, Captured, capture_all
from tiao.checkout.refusals import (
    AmountInvalid,
    AuthorisationExpired,
    CaptureExceedsAuthorised,
    PurchaseNotOpen,
    PurchaseUnknown,
)
from tiao.ledger.refusals import CreditLimitExceeded
from tiao.lending.refusals import InstalmentAmountBelowMinimum, PriceAboveCap, ProductUnknown, TermsNotOffered
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal


class CaptureAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All or part of what is held; *is_final* lets the rest go."""

    amount_minor: AmountMinor
    is_final: bool = False


class CaptureMade(msgspec.Struct, frozen=True):
    """A capture: the loan it became and the purchase after it."""

    loan: str
    purchase: PurchaseShown


@makes(
    "/v1/purchases/{purchase_id:str}/captures",
    by=[M, O],
    scope=Scope.PURCHASES_WRITE,
    refuses=[
        AmountInvalid,
        AuthorisationExpired,
        CaptureExceedsAuthorised,
        CreditLimitExceeded,
        InstalmentAmountBelowMinimum,
        PriceAboveCap,
        ProductUnknown,
        PurchaseNotOpen,
        PurchaseUnknown,
        TermsNotOffered,
    ],
)
async def capture_purchase(
    call: Call, purchase_id: PurchaseInPath, data: JSONBody[CaptureAsked], key: IdempotencyKey
) -> Response[CaptureMade]:
    """Capture all or part of what is held: the goods have left. Each capture is a loan with its own plan."""
    wanted = read_id(ids.PURCHASE, purchase_id)
    wish = Capture(wanted, data.amount_minor, data.is_final, own_key(call, key))
    return await once_together(call, key, data, _capture_all, wish, line=wanted)


async def _capture_all(tx: Tx, now: Moment, changes: Sequence[Change[Capture]]) -> list[CaptureMade | Refusal]:
    """Capture of purchases that arrived together, each caller of its own."""
    answers: dict[object, CaptureMade | Refusal] = {}
    answers |= await not_own(tx, changes, [change.wish.purchase_id for change in changes])
    own = [change for change in changes if change.name not in answers]
    made = await capture_all(tx, now, changes[0].call.platform.book, [change.wish for change in own])
    answers |= {change.name: _capture_made(change.call, each) for change, each in zip(own, made, strict=True)}
    return [answers[change.name] for change in changes]


def _capture_made(call: Asked, made: Captured | Refusal) -> CaptureMade | Refusal:
    if isinstance(made, Refusal):
        return made
    return CaptureMade(show_id(ids.LOAN, made.loan_id), purchase_shown(call, made.purchase))


ROUTES = [capture_purchase]
