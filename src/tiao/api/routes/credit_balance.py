"""Credit balances (溢缴款): what a customer has paid too much, and getting it back."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import AmountMinor, AnyCustomer, Currency, IdempotencyKey, SourceId
from tiao.api.operation import C, O, makes, reads
from tiao.api.refusals import SubjectMissing
from tiao.api.routes.adjustments import actor
from tiao.api.routes.lines import line_of
from tiao.api.routes.refunds import PayoutShown, payout_shown
from tiao.api.services import Call
from tiao.identity.refusals import CustomerUnknown
from tiao.ledger import actions as ledger
from tiao.ledger.model import Account, CreditLine
from tiao.ledger.refusals import LineUnknown
from tiao.lending.archive import CreditPayout
from tiao.lending.crediting import payable_credit
from tiao.lending.refusals import CreditBalanceExceeded
from tiao.partners.scopes import Scope
from tiao.payments.refusals import FundingSourceUnbound, FundingSourceUnknown
from tiao.runtime.db import Tx
from tiao.servicing.repaying import refund_credit
from tiao.values.ids import read_id
from tiao.values.moment import Moment


class CreditBalanceShown(msgspec.Struct, frozen=True):
    """What a customer has with us; *payable_minor* of it may go back, the rest is set off against what is billed."""

    currency: Currency
    balance_minor: int
    payable_minor: int


class CreditRefundAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much to send back, and to which of the customer's accounts."""

    funding_source: SourceId
    amount_minor: AmountMinor


class CreditRefunded(msgspec.Struct, frozen=True):
    """The payout that carries a credit balance back, and what is left of it."""

    payout: PayoutShown
    credit_balance: CreditBalanceShown


@reads(
    "/v1/credit_balance",
    by=[C, O],
    scope=Scope.LINE_READ,
    refuses=[LineUnknown, CustomerUnknown, SubjectMissing],
)
async def read_credit_balance(call: Call, customer: AnyCustomer = None) -> CreditBalanceShown:
    """Show what a customer has paid too much, and how much of it may go back."""
    subject = call.customer(customer)
    async with call.db.begin() as tx:
        return await _balance(tx, await line_of(tx, subject))


@makes(
    "/v1/credit_balance/refund",
    by=[C],
    scope=Scope.REPAYMENTS_WRITE,
    refuses=[LineUnknown, CreditBalanceExceeded, FundingSourceUnknown, FundingSourceUnbound],
)
async def refund_credit_balance(
    call: Call, data: JSONBody[CreditRefundAsked], key: IdempotencyKey
) -> Response[CreditRefunded]:
    """Send a credit balance, or part of it, to one of the customer's accounts with the next payouts."""

    async def work(tx: Tx, now: Moment) -> CreditRefunded:
        line = await line_of(tx, call.caller.subject_id)
        paid = CreditPayout(
            bucket=line.bucket,
            id=now.new_id(line.bucket),
            line_id=line.id,
            customer_id=line.customer_id,
            funding_source_id=read_id(ids.SOURCE, data.funding_source),
            currency=line.currency,
            amount_minor=data.amount_minor,
            reason="asked for by the customer",
            actor=actor(call),
            effective_on=now.today,
            recorded_at=now.at,
        )
        payout = await refund_credit(tx, now, paid)
        return CreditRefunded(payout_shown(payout), await _balance(tx, line))

    return await once(call, key, data, work)


async def _balance(tx: Tx, line: CreditLine) -> CreditBalanceShown:
    balance = -await ledger.owner_balance(tx, Account.CREDIT_BALANCE, line.id)
    return CreditBalanceShown(line.currency, balance, await payable_credit(tx, line.id))


ROUTES = [read_credit_balance, refund_credit_balance]
