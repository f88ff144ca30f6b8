"""What a merchant of this form is told: parameters, signed when they are sent."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from tiao.api.compat.alipay.signing import signed_notice
from tiao.api.compat.alipay.values import status_of, time_of, yuan_of
from tiao.api.compat.platform_key import Signer
from tiao.checkout.orders.model import MerchantOrder, Notice, OrderRefund
from tiao.events.sending import Answer, Letter
from tiao.partners.accounts.model import Account
from tiao.values.moment import Moment

_FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
_M, _H = timedelta(minutes=1), timedelta(hours=1)
#: After which pauses a merchant is told again. Source: the form's own document.
PLAN = (4 * _M, 10 * _M, 10 * _M, _H, 2 * _H, 6 * _H, 15 * _H)
#: Merchants are known to each other by a number of 16 digits that begins so.
_SELLER, _APP = "2088", "2021"


def paid(account: Account, order: MerchantOrder, now: Moment, notice_id: UUID) -> str:
    """Tell that an order was paid."""
    return _written(_parameters(account, order, now, notice_id))


def refunded(account: Account, order: MerchantOrder, refund: OrderRefund, now: Moment, notice_id: UUID) -> str:
    """Tell that money was given back; the fee of a refund is the sum so far."""
    return _written(
        {
            **_parameters(account, order, now, notice_id),
            "refund_fee": yuan_of(order.refunded_minor),
            "gmt_refund": time_of(refund.refunded_at or now.at),
            "out_biz_no": refund.out_refund_no,
        }
    )


def letter(notice: Notice, signer: Signer) -> Letter:
    """Sign a notice, as it is sent."""
    said = msgspec.json.decode(notice.content, type=dict[str, str])
    return Letter(_FORM, urlencode(signed_notice(said, signer.private_key)).encode())


def is_acknowledged(answer: Answer) -> bool:
    """Tell whether a merchant took a notice: it says so in the body."""
    return answer.status == HTTPStatus.OK and answer.body.strip().lower() == b"success"


def seller_of(account: Account) -> str:
    """Give the number that a merchant is known to others by."""
    return _SELLER + account.app_id[-12:]


def app_id_of_seller(number: str) -> str:
    """Give the application of a merchant who is known by a number; of anything else it is nobody's."""
    return _APP + number.removeprefix(_SELLER) if number.startswith(_SELLER) else ""


def _parameters(account: Account, order: MerchantOrder, now: Moment, notice_id: UUID) -> dict[str, str]:
    assert order.paid_at is not None, "only what was paid is told of"
    amount = yuan_of(order.amount_minor)
    return {
        "notify_time": time_of(now.at),
        "notify_type": "trade_status_sync",
        "notify_id": notice_id.hex,
        "app_id": account.app_id,
        "charset": "utf-8",
        "version": "1.0",
        "trade_no": order.trade_no,
        "out_trade_no": order.out_trade_no,
        "trade_status": status_of(order),
        "total_amount": amount,
        "receipt_amount": amount,
        "buyer_pay_amount": amount,
        "subject": order.subject,
        "seller_id": seller_of(account),
        "gmt_create": time_of(order.made_at),
        "gmt_payment": time_of(order.paid_at),
        "fund_bill_list": f'[{{"fundChannel":"PCREDIT","amount":"{amount}"}}]',
        **({"passback_params": order.attach} if order.attach else {}),
    }


def _written(parameters: dict[str, str]) -> str:
    return msgspec.json.encode(parameters).decode()
