"""A payer's code read at a till that speaks another form: a device's, as at our own counter, or a sandbox's."""

from __future__ import annotations

from tiao.api import counter_sales, ids
from tiao.api.compat.payer import Behaviour, pay_as_test_payer
from tiao.api.compat.till import Till
from tiao.api.counter_sales import Outcome
from tiao.checkout.counters import actions as counters
from tiao.checkout.counters import codes
from tiao.checkout.counters.model import SaleKind, Terminal
from tiao.checkout.counters.presented import digits_of
from tiao.checkout.counters.refusals import TerminalUnknown
from tiao.checkout.orders.actions import check_open
from tiao.checkout.orders.model import MerchantOrder, PayerState
from tiao.checkout.orders.refusals import PaymentDeclined
from tiao.partners import actions as partners
from tiao.partners.accounts import actions as accounts
from tiao.partners.accounts.refusals import PaymentCodeInvalid
from tiao.runtime.db import Tx
from tiao.values.ids import MalformedId, read_id
from tiao.values.moment import Moment


async def pay_by_code(till: Till, order: MerchantOrder, code: str, *, terminal: str | None, url: str) -> MerchantOrder:
    """Read the payer's code. An order that asks the payer stays open, and asks once.

    *terminal* is the merchant's own word for the till; one of ours, made beforehand, may be meant. *url* is the order's
    cashier page, where the payer confirms.
    Refuses: PaymentCodeInvalid, PaymentDeclined, TerminalLocked, and what `pay_as_test_payer` refuses.
    """
    check_open(order)
    code = digits_of(code)
    if order.payer_state is PayerState.ASKED:
        return order
    if not codes.is_ours(code):
        raise PaymentCodeInvalid
    async with till.home.db.begin() as tx:
        is_tests = till.account.test_payer_id is not None and await accounts.knows_code(tx, till.account, code)
    if is_tests:
        return await _as_test_payer(till, order, code)
    return await _as_owner(till, order, code, terminal=terminal, url=url)


async def _as_test_payer(till: Till, order: MerchantOrder, code: str) -> MerchantOrder:
    async with till.home.db.begin() as tx:
        at = await till.services.clock.now(tx)
        behaviour = await accounts.burn_payment_code(tx, till.account, code=code, at=at)
    match Behaviour(behaviour):
        case Behaviour.APPROVE:
            return await pay_as_test_payer(till, order, terms=None)
        case Behaviour.ASK_PAYER:
            return await till.note_payer(order, PayerState.ASKED)
        case Behaviour.DECLINE:
            await till.note_payer(order, PayerState.DECLINED)
            raise PaymentDeclined(reason="payer")


async def _as_owner(till: Till, order: MerchantOrder, code: str, *, terminal: str | None, url: str) -> MerchantOrder:
    """Let the owner of a device pay, on the terms agreed to in advance or by confirming on the phone."""
    home = till.home
    async with home.db.begin() as tx:
        now = await home.moments(tx)
        at = await _terminal(tx, now, till, terminal)
        sale = await counters.begin_sale(tx, now, order, at, SaleKind.CODE)
    outcome = await counter_sales.outcome(till.services, till, order, sale, at, code=code, url=url)
    if outcome is Outcome.DECLINED:
        await till.note_payer(order, PayerState.DECLINED)
        raise PaymentDeclined(reason="limit")
    if outcome is Outcome.CONFIRM_ON_PHONE:
        return await till.note_payer(order, PayerState.ASKED)
    return await till.reread(order)


async def _terminal(tx: Tx, now: Moment, till: Till, named: str | None) -> Terminal:
    """Find the terminal that a merchant names by our own id; without one, all its tills of a form count as one.

    What merchants call their tills themselves is theirs to change, so that guessing by another name would go on.
    """
    if named is not None:
        try:
            return await counters.terminal(tx, till.account.merchant_id, read_id(ids.TERMINAL, named))
        except (MalformedId, TerminalUnknown):
            pass
    merchant = await partners.merchant(tx, till.account.merchant_id)
    return await counters.terminal_of_form(
        tx, now, merchant.id, account_id=till.account.id, name=merchant.name, label=till.account.app_id
    )
