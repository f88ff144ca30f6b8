"""Money that was paid before a service: what is kept, and what goes back when the merchant fails."""

from __future__ import annotations

from datetime import date

import msgspec

from tiao.api import ids, paging
from tiao.api.ids import AnyMerchant, Currency, MerchantId, MerchantInPath
from tiao.api.operation import M, O, makes, reads
from tiao.api.paging import Limit
from tiao.api.refusals import SubjectMissing
from tiao.api.services import Call
from tiao.checkout import failing
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scopes import Scope
from tiao.payments.prepaid import actions as prepaid
from tiao.payments.prepaid.model import Hold
from tiao.payments.prepaid.refusals import MerchantHasNotFailed
from tiao.values.ids import read_id, show_id

#: Purchases given back in one call, on each server; more come with the next call.
_AT_ONCE = 100


class PrepaidHoldShown(msgspec.Struct, frozen=True):
    """What is kept of a capture: *left* is released in the steps that are left, the next one on *next_on*."""

    purchase: str
    merchant: MerchantId
    currency: Currency
    held_minor: int
    left_minor: int
    steps: int
    steps_done: int
    step_days: int
    held_on: date
    next_on: date


class PrepaidHoldList(msgspec.Struct, frozen=True):
    """What is kept of a merchant, the latest captures first, at most *limit* of each server; *left* is of these."""

    data: list[PrepaidHoldShown]
    left_minor: int


class GivenBackShown(msgspec.Struct, frozen=True):
    """What was given back of a purchase, or the code of why nothing was."""

    purchase: str
    amount_minor: int
    refused: str | None


class GivenBackList(msgspec.Struct, frozen=True):
    """What was given back now; call again until nothing is. What was refused is said each time."""

    data: list[GivenBackShown]


@reads("/v1/prepaid", by=[M, O], scope=Scope.SETTLEMENTS_READ, refuses=[MerchantUnknown, SubjectMissing])
async def list_prepaid(call: Call, merchant: AnyMerchant = None, limit: Limit = paging.PAGE_DEFAULT) -> PrepaidHoldList:
    """List what is kept of what a merchant's customers paid before the service."""
    subject = call.merchant(merchant)
    found: list[Hold] = []
    for platform in call.services.shards.all():
        async with platform.db.begin() as tx:
            found += await prepaid.holds_of(tx, subject, limit=limit)
    found.sort(key=lambda each: (each.held_on, each.loan_id), reverse=True)
    return PrepaidHoldList([_shown(each) for each in found[:limit]], sum(each.left_minor for each in found[:limit]))


@makes(
    "/v1/merchants/{merchant_id:str}/failure_refunds",
    by=[O],
    scope=Scope.REFUNDS_WRITE,
    status=200,
    is_keyed=False,
    refuses=[MerchantUnknown, MerchantHasNotFailed],
)
async def give_back_prepaid(call: Call, merchant_id: MerchantInPath) -> GivenBackList:
    """Give customers back what a merchant that failed has not given; a hundred purchases of each server at a time.

    What was given back is not given back again, so it may be called as often as wanted.
    """
    wanted = read_id(ids.MERCHANT, merchant_id)
    async with call.db.begin() as tx:
        await prepaid.require_failed(tx, wanted)
    done: list[failing.GivenBack] = []
    for platform in call.services.shards.all():
        done += await failing.give_back_all(platform.db, platform.moments, platform.book, wanted, _AT_ONCE)
    return GivenBackList(
        [GivenBackShown(show_id(ids.PURCHASE, each.purchase_id), each.amount_minor, each.refused) for each in done]
    )


def _shown(hold: Hold) -> PrepaidHoldShown:
    return PrepaidHoldShown(
        purchase=show_id(ids.PURCHASE, hold.purchase_id),
        merchant=show_id(ids.MERCHANT, hold.merchant_id),
        currency=hold.currency,
        held_minor=hold.held_minor,
        left_minor=hold.left_minor,
        steps=hold.steps,
        steps_done=hold.steps_done,
        step_days=hold.step_days,
        held_on=hold.held_on,
        next_on=hold.next_on,
    )


ROUTES = [list_prepaid, give_back_prepaid]
