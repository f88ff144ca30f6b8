"""Links to pay what is due: made for a customer who then pays without signing in."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import IdempotencyKey, LineInPath
from tiao.api.operation import C, O, makes
from tiao.api.routes.gateway import base_url
from tiao.api.services import Call
from tiao.ledger import actions as ledger
from tiao.ledger.refusals import LineUnknown
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.servicing.linking import actions as linking
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment


class PaymentLinkAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the link is sent to the customer's phone; otherwise whoever asked gives it on."""

    is_sent: bool = True


class PaymentLinkShown(msgspec.Struct, frozen=True):
    """A link. *address* is shown this once; it serves one payment, and ends when a newer one is made."""

    address: str
    expires_at: datetime
    is_sent: bool


@makes("/v1/lines/{line_id:str}/payment_links", by=[C, O], scope=Scope.REPAYMENTS_WRITE, refuses=[LineUnknown])
async def make_payment_link(
    call: Call,
    request: Request[object, object, State],
    line_id: LineInPath,
    data: JSONBody[PaymentLinkAsked],
    key: IdempotencyKey,
) -> Response[PaymentLinkShown]:
    """Make a link by which what the line owes is paid from the customer's first account, without signing in."""
    wanted = read_id(ids.LINE, line_id)
    base = base_url(request)
    made_by = show_id(ids.KEY, call.caller.key_id)

    async def work(tx: Tx, now: Moment) -> PaymentLinkShown:
        line = await ledger.line(tx, wanted)
        call.require_own(LineUnknown, customer_id=line.customer_id)
        made = await linking.make(tx, now, call.platform.vault, wanted, made_by=made_by)
        address = f"{base}/l/{made.token}"
        if data.is_sent:
            await linking.send(tx, now, call.platform.vault, made.link, address)
        return PaymentLinkShown(address, made.link.expires_at, data.is_sent)

    return await once(call, key, data, work)


ROUTES = [make_payment_link]
