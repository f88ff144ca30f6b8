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
from tiao.lending import daily
from tiao.lending.records import Refund
from tiao.partners.scopes import Scope
from tiao.payments import actions as payments
from tiao.payments.model import FundingSource, Payout
from tiao.payments.refusals import FundingSourceUnbound, FundingSourceUnknown, PayoutNotFailed, PayoutUnknown
from tiao.runtime.db import Tx
from tiao.servicing.repaying import pay_refund_elsewhere
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment

#: How many are shown; those that have waited longest come first.
SHOWN_MAX = 200


class AccountToTry(msgspec.Struct, frozen=True):
    """An account that a customer has bound, as the customer recognises it."""

    id: SourceId
    display: str


class FailedRefund(msgspec.Struct, frozen=True):
    """Money that is still the customer's, and since when it waits: what goes back of a refund or a credit balance.

    *purchase* is null for a credit balance; *failed_at* is the account that did not take it, *others* the customer's
    other bound accounts, to any of which it can be paid.
    """

    customer: CustomerId
    purchase: str | None
    payout: PayoutShown
    waits_since: datetime
    failed_at: str | None
    others: list[AccountToTry]


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
            found += await _shown(tx, await payments.failed_refunds(tx, SHOWN_MAX, customer_id=of))
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


async def _shown(tx: Tx, payouts: list[Payout]) -> list[FailedRefund]:
    bound = await payments.sources_of_many(tx, {each.beneficiary_id for each in payouts})
    refunds = await daily.refunds(tx, {each.source_id for each in payouts})
    return [_one_shown(each, refunds.get(each.source_id), bound.get(each.beneficiary_id, [])) for each in payouts]


def _one_shown(payout: Payout, refund: Refund | None, bound: list[FundingSource]) -> FailedRefund:
    assert payout.query_after is not None, "what waits, waits since then"
    tried = (payout.channel, payout.agreement)
    failed = next((each for each in bound if (each.channel, each.agreement) == tried), None)
    return FailedRefund(
        customer=show_id(ids.CUSTOMER, payout.beneficiary_id),
        purchase=None if refund is None else show_id(ids.PURCHASE, refund.purchase_id),
        payout=payout_shown(payout),
        waits_since=payout.query_after,
        failed_at=None if failed is None else failed.display,
        others=[AccountToTry(show_id(ids.SOURCE, each.id), each.display) for each in bound if each is not failed],
    )


ROUTES = [list_failed_refunds, retry_failed_refund]
