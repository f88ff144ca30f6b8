"""What a merchant of this form is told: kept as it is, encrypted and signed each time it is sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec

from tiao.api.compat.platform_key import Signer
from tiao.api.compat.wechatpay import documents
from tiao.api.compat.wechatpay.sealing import sealed
from tiao.api.compat.wechatpay.signing import signed_headers
from tiao.api.compat.wechatpay.values import refund_state_of, time_of
from tiao.checkout.orders.model import MerchantOrder, Notice, OrderRefund
from tiao.events.sending import Answer, Letter
from tiao.partners.accounts.model import Account

_S, _M, _H = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
#: After which pauses a merchant is told again. Source: the form's own document.
PLAN = (
    *(15 * _S, 15 * _S, 30 * _S, 3 * _M, 10 * _M, 20 * _M, 30 * _M, 30 * _M, 30 * _M, _H),
    *(3 * _H, 3 * _H, 3 * _H, 6 * _H, 6 * _H),
)
_TAKEN = frozenset({200, 204})
_SUMMARIES = {"SUCCESS": "退款成功", "CLOSED": "退款关闭"}


class _Content(msgspec.Struct, frozen=True):
    event_type: str
    summary: str
    original_type: str
    resource: dict[str, Any]
    is_by_key_id: bool


def paid(account: Account, order: MerchantOrder) -> str:
    """Tell that an order was paid."""
    resource = documents.transaction(account, order)
    return _written(_Content("TRANSACTION.SUCCESS", "支付成功", "transaction", resource, order.is_by_key_id))


def refunded(account: Account, order: MerchantOrder, refund: OrderRefund) -> str:
    """Tell what became of a refund."""
    state = refund_state_of(refund)
    resource = documents.refund_told(account, order, refund)
    return _written(_Content(f"REFUND.{state}", _SUMMARIES[state], "refund", resource, order.is_by_key_id))


def letter(notice: Notice, signer: Signer, *, secret: str, at: datetime, random: bytes) -> Letter:
    """Encrypt and sign a notice, as it is sent once. *Shape*: sixteen random bytes or more."""
    said = msgspec.json.decode(notice.content, type=_Content)
    text = msgspec.json.encode(said.resource).decode()
    resource = sealed(text, key=secret, associated_data=said.original_type, random=random)
    body = msgspec.json.encode(
        {
            "id": str(notice.id),
            "create_time": time_of(notice.made_at),
            "resource_type": "encrypt-resource",
            "event_type": said.event_type,
            "summary": said.summary,
            "resource": {"original_type": said.original_type, **resource},
        }
    )
    headers = signed_headers(
        body.decode(), signer, at=int(at.timestamp()), nonce=random.hex(), is_by_key_id=said.is_by_key_id
    )
    return Letter({"content-type": "application/json", **headers}, body)


def is_acknowledged(answer: Answer) -> bool:
    """Tell whether a merchant took a notice: its status says so."""
    return answer.status in _TAKEN


def _written(content: _Content) -> str:
    return msgspec.json.encode(content).decode()
