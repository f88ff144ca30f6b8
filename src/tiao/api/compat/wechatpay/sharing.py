"""Profit sharing in this form: receivers, shares, what is let go, returns, what is left, a day's bill."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

import msgspec

from tiao.api.compat import sharing
from tiao.api.compat.refusals import WechatNotAllowed, WechatParameterInvalid
from tiao.api.compat.wechatpay.asked import Fen, Number, asked, check_merchant
from tiao.api.compat.wechatpay.asking import Asking, Reply
from tiao.api.compat.wechatpay.documents import Document
from tiao.api.compat.wechatpay.payments import found
from tiao.api.compat.wechatpay.sealing import opened
from tiao.api.compat.wechatpay.values import time_of
from tiao.checkout.orders.model import MerchantOrder, Surface
from tiao.payments.sharing import actions as pools
from tiao.payments.sharing.model import NewReturn, NewShare, Part, Return, ShareInFull
from tiao.payments.sharing.refusals import NothingToShare, ShareUnknown

#: The only kind of receiver: people have no account here to be paid to.
_MERCHANT = "MERCHANT_ID"
_FORM = Surface.WECHATPAY.value
_PARTS_MAX = 50
#: What the merchant's own part is called, when the rest is let go.
_RELEASED = "解冻给分账方"
Said = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class ReceiverAsked(msgspec.Struct, frozen=True):
    """Who may receive, or may no more."""

    type: str
    account: str
    appid: str | None = None
    relation_type: str | None = None
    custom_relation: str | None = None
    name: str | None = None


class PartAsked(msgspec.Struct, frozen=True):
    """What one receiver gets."""

    type: str
    account: str
    amount: Fen
    description: Said
    name: str | None = None


class ShareAsked(msgspec.Struct, frozen=True):
    """What is given of an order."""

    transaction_id: str
    out_order_no: Number
    receivers: Annotated[list[PartAsked], msgspec.Meta(min_length=1, max_length=_PARTS_MAX)]
    unfreeze_unsplit: bool
    appid: str | None = None


class ReleaseAsked(msgspec.Struct, frozen=True):
    """What is not shared after all."""

    transaction_id: str
    out_order_no: Number
    description: Said


class ReturnAsked(msgspec.Struct, frozen=True):
    """What a receiver gives back."""

    out_return_no: Number
    return_mchid: str
    amount: Fen
    description: Said
    order_id: str | None = None
    out_order_no: str | None = None


async def add_receiver(asking: Asking) -> Reply:
    """Name a receiver. *Refuses:* ReceiverUnknown, ReceiverIsGiver, WechatParameterInvalid."""
    what = asked(asking.call.body, ReceiverAsked)
    receiver = await _receiver(asking, what.type, what.account, what.name)
    if not what.relation_type:
        raise WechatParameterInvalid("relation_type is missing")
    till = asking.till
    async with till.home.db.begin() as tx:
        now = await till.home.moments(tx)
        await pools.name_receiver(tx, now, till.account.merchant_id, receiver, relation=what.relation_type)
    document: Document = {"type": what.type, "account": what.account, "relation_type": what.relation_type}
    if what.name:
        document["name"] = what.name
    if what.custom_relation:
        document["custom_relation"] = what.custom_relation
    return Reply(document)


async def delete_receiver(asking: Asking) -> Reply:
    """Name a receiver no more. *Refuses:* ReceiverUnknown, WechatParameterInvalid."""
    what = asked(asking.call.body, ReceiverAsked)
    receiver = await _receiver(asking, what.type, what.account, None)
    async with asking.till.home.db.begin() as tx:
        await pools.drop_receiver(tx, asking.till.account.merchant_id, receiver)
    return Reply({"type": what.type, "account": what.account})


async def make(asking: Asking) -> Reply:
    """Give parts of an order to receivers.

    *Refuses:* OrderUnknown, OrderNotPaid, NothingToShare, NotEnoughToShare, ShareNumberUsed, ReceiverUnknown.
    """
    what = asked(asking.call.body, ShareAsked)
    if what.appid is not None:
        check_merchant(asking.till.account, mchid=asking.call.mchid, appid=what.appid)
    order = await _shared(asking, what.transaction_id)
    parts = []
    for each in what.receivers:
        receiver = await _receiver(asking, each.type, each.account, each.name)
        parts.append(Part(receiver, each.account, each.amount, each.description))
    new = NewShare(_FORM, what.out_order_no, tuple(parts), is_final=what.unfreeze_unsplit)
    return Reply(_document(asking, order, await sharing.share(asking.till, order, new, is_known=True)))


async def release(asking: Asking) -> Reply:
    """Let what is left of an order go to its merchant. *Refuses:* as `make`."""
    what = asked(asking.call.body, ReleaseAsked)
    order = await _shared(asking, what.transaction_id)
    new = NewShare(_FORM, what.out_order_no, (), is_final=True)
    done = await sharing.share(asking.till, order, new, is_known=True)
    return Reply(_document(asking, order, done, said=what.description))


async def by_number(asking: Asking, number: str) -> Reply:
    """Tell what became of a share. *Refuses:* OrderUnknown, ShareUnknown."""
    order = await _shared(asking, asking.given("transaction_id"))
    done = await _share(asking, number)
    if done.share.source_id != order.id:
        raise ShareUnknown
    return Reply(_document(asking, order, done))


async def give_back(asking: Asking) -> Reply:
    """Take a part back from a receiver. *Refuses:* ShareUnknown, ReturnDiffers, ReturnExceedsShare, ReceiverUnknown."""
    what = asked(asking.call.body, ReturnAsked)
    share_id = await _share_id(asking, what)
    receiver = await sharing.merchant_of(asking.till, what.return_mchid)
    new = NewReturn(_FORM, what.out_return_no, receiver, what.amount, what.description)
    done = await sharing.give_back(asking.till, share_id, new)
    return Reply(await _return_document(asking, done, what.return_mchid))


async def return_by_number(asking: Asking, number: str) -> Reply:
    """Tell what became of a return. *Refuses:* ShareUnknown, ReturnUnknown."""
    share = await _share(asking, asking.given("out_order_no"))
    till = asking.till
    async with till.home.db.begin() as tx:
        done = await pools.return_of_number(tx, till.account.merchant_id, _FORM, number)
    named = {each.receiver_id: each.named for each in share.parts}
    if done.share_id != share.share.id:
        raise ShareUnknown
    return Reply(await _return_document(asking, done, named[done.receiver_id]))


async def left(asking: Asking, transaction_id: str) -> Reply:
    """Tell what of an order may still be shared. *Refuses:* OrderUnknown, NothingToShare."""
    order = await _shared(asking, transaction_id)
    pool = await sharing.pool_of(asking.till, order)
    return Reply({"transaction_id": order.trade_no, "unsplit_amount": pool.available_minor})


async def day_of(asking: Asking, day: date) -> tuple[list[ShareInFull], list[Return]]:
    """Read what a merchant shared on a day, and what came back."""
    till = asking.till
    programme = till.home.programme
    async with till.home.db.begin() as tx:
        return await pools.shares_between(
            tx,
            till.account.merchant_id,
            _FORM,
            since=programme.day_starts_at(day),
            until=programme.day_starts_at(day + timedelta(days=1)),
        )


async def _receiver(asking: Asking, kind: str, account: str, name: str | None) -> UUID:
    """Find who is meant, and read the encrypted name, which must be ours to read."""
    if kind != _MERCHANT:
        raise WechatNotAllowed(f"receivers are merchants ({_MERCHANT}): people have no account here to be paid to")
    if name:
        opened(name, asking.signer.private_key, "name")
    return await sharing.merchant_of(asking.till, account)


async def _shared(asking: Asking, transaction_id: str) -> MerchantOrder:
    """Find an order that is to be shared. *Refuses:* OrderUnknown, NothingToShare."""
    order = await found(asking, out_trade_no=None, transaction_id=transaction_id)
    if not order.is_shared:
        raise NothingToShare
    return order


async def _share(asking: Asking, number: str) -> ShareInFull:
    till = asking.till
    async with till.home.db.begin() as tx:
        return await pools.share_of_number(tx, till.account.merchant_id, _FORM, number)


async def _share_id(asking: Asking, what: ReturnAsked) -> UUID:
    if what.order_id:
        try:
            return UUID(hex=what.order_id)
        except ValueError as error:
            raise ShareUnknown from error
    if what.out_order_no:
        return (await _share(asking, what.out_order_no)).share.id
    raise WechatParameterInvalid("order_id or out_order_no must be given")


def _document(asking: Asking, order: MerchantOrder, done: ShareInFull, said: str = _RELEASED) -> Document:
    at = time_of(done.share.made_at)
    parts = [(each.named, each.amount_minor, each.description, each.place) for each in done.parts]
    if done.share.released_minor:
        parts.append((asking.till.account.mchid, done.share.released_minor, said, 0))
    return {
        "transaction_id": order.trade_no,
        "out_order_no": done.share.number,
        "order_id": done.share.id.hex,
        "state": "FINISHED",
        "receivers": [
            {
                "type": _MERCHANT,
                "account": account,
                "amount": amount,
                "description": description,
                "result": "SUCCESS",
                "detail_id": f"{done.share.id.hex}{place:02d}",
                "create_time": at,
                "finish_time": at,
            }
            for account, amount, description, place in parts
        ],
    }


async def _return_document(asking: Asking, done: Return, return_mchid: str) -> Document:
    till = asking.till
    async with till.home.db.begin() as tx:
        share = await pools.share_of_id(tx, till.account.merchant_id, done.share_id)
    return {
        "order_id": done.share_id.hex,
        "out_order_no": share.number,
        "out_return_no": done.number,
        "return_id": done.id.hex,
        "return_mchid": return_mchid,
        "amount": done.amount_minor,
        "description": done.description,
        "result": "SUCCESS",
        "create_time": time_of(done.made_at),
        "finish_time": time_of(done.made_at),
    }
