"""Refunds that their bank did not take: which they are, and another account of the customer to pay them to."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import CustomerId, IdempotencyKey, PayoutInPath, SourceId
from tiao.api.operation import C, O, makes, reads
from tiao.api.routes.refunds import PayoutShown, payout_shown
from tiao.api.services import Call
from tiao.identity.refusals import CustomerUnknown
from tiao.partners.scopes import Scope
from tiao.payments import actions as payments
from tiao.payments.model import Payout
from tiao.payments.refusals import FundingSourceUnbound, FundingSourceUnknown, PayoutNotFailed, PayoutUnknown
from tiao.runtime.db import Tx
from tiao.servicing.repaying import pay_refund_elsewhere
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

#: How many are shown; those that have waited longest come first.
SHOWN_MAX = 200


class FailedRefund(msgspec.Struct, frozen=True):
    """Money that is still the customer's, and since when it waits: what goes back of a refund or a credit balance."""

    customer: CustomerId
    payout: PayoutShown
    waits_since: datetime


class FailedRefundList(msgspec.Struct, frozen=True):
    """Refunds that wait for another account, those that have waited longest first."""

    data: list[FailedRefund]


class OtherAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The customer's account to which it is paid instead."""

    funding_source: SourceId


@reads("/v1/failed_refunds", by=[C, O], scope=Scope.BILLS_READ, refuses=[CustomerUnknown])
async def list_failed_refunds(call: Call, customer: ids.AnyCustomer = None) -> FailedRefundList:
    """List refunds that no bank took; an operator sees everybody's, or those of whom it names."""
    of = None if call.is_operator and customer is None else call.customer(customer)
    found: list[FailedRefund] = []
    for platform in call.services.shards.all() if of is None else [call.about(of).platform]:
        async with platform.db.begin() as tx:
            found += [_shown(each) for each in await payments.failed_refunds(tx, SHOWN_MAX, customer_id=of)]
    return FailedRefundList(sorted(found, key=lambda each: (each.waits_since, each.payout.id))[:SHOWN_MAX])


@makes(
    "/v1/failed_refunds/{payout_id:str}/retry",
    by=[C, O],
    scope=Scope.REPAYMENTS_WRITE,
    refuses=[PayoutUnknown, PayoutNotFailed, FundingSourceUnknown, FundingSourceUnbound],
)
async def retry_failed_refund(
    call: Call, payout_id: PayoutInPath, data: JSONBody[OtherAccount], key: IdempotencyKey
) -> Response[PayoutShown]:
    """Pay a refund out to another account of its customer, with the next payouts."""
    wanted = read_id(ids.PAYOUT, payout_id)

    async def work(tx: Tx, now: Moment) -> PayoutShown:
        failed = await payments.payout(tx, wanted)
        call.require_own(PayoutUnknown, customer_id=failed.beneficiary_id)
        source_id = read_id(ids.SOURCE, data.funding_source)
        return payout_shown(await pay_refund_elsewhere(tx, now, failed, source_id))

    return await once(call, key, data, work)


def _shown(payout: Payout) -> FailedRefund:
    assert payout.query_after is not None, "what waits, waits since then"
    return FailedRefund(
        customer=show_id(ids.CUSTOMER, payout.beneficiary_id),
        payout=payout_shown(payout),
        waits_since=payout.query_after,
    )


ROUTES = [list_failed_refunds, retry_failed_refund]
