"""What can be done with payment links: made and sent, opened, paid by, ended.

The token in the address is the link's id and a keyed digest of what the link is for: nobody without the key can
make one, and a link changed in the database fits no token any more.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.identity import actions as identity
from tiao.ledger import actions as ledger
from tiao.lending import daily
from tiao.lending.refusals import NothingOwed
from tiao.messages import actions as messages
from tiao.messages.model import NewMessage, Recipient
from tiao.payments import actions as payments
from tiao.payments.model import Debit, DebitState
from tiao.runtime.db import Database, Tx
from tiao.runtime.programme import MomentSource
from tiao.runtime.secrets import FieldCipher
from tiao.servicing.counter import RepaymentCounter
from tiao.servicing.linking import store
from tiao.servicing.linking.model import Made, PaymentLink, Shown
from tiao.servicing.linking.refusals import NoAccountBound, PaymentLinkEnded, PaymentLinkUnknown
from tiao.servicing.repaying import AskedFor, debit_id_of
from tiao.values.ids import bucket_of, derived_id
from tiao.values.moment import Moment

#: A link is good for so long: a bill is not settled by an old message.
VALID = timedelta(days=3)
#: After so many declined payments it ends: somebody else's guesswork is not served.
TRIES_MAX = 5
_PURPOSE = "payment_link"
_ID_BYTES, _DIGEST_BYTES = 16, 16


class Payer(NamedTuple):
    """What paying by a link works with."""

    db: Database
    moments: MomentSource
    vault: FieldCipher
    repayments: RepaymentCounter


async def make(tx: Tx, now: Moment, vault: FieldCipher, line_id: UUID, *, made_by: str) -> Made:
    """Make a link to pay what a line owes; those made before end. Refuses: LineUnknown."""
    line = await ledger.line(tx, line_id)
    bucket = bucket_of(line.customer_id)
    link = PaymentLink(
        bucket=bucket,
        id=now.new_id(bucket),
        line_id=line.id,
        customer_id=line.customer_id,
        made_by=made_by,
        made_at=now.at,
        expires_at=now.at + VALID,
        tries=0,
        order_id=None,
        ended_at=None,
    )
    await store.insert(tx, link)
    return Made(link, token_of(vault, link))


async def send(tx: Tx, now: Moment, vault: FieldCipher, link: PaymentLink, address: str) -> None:
    """Send a link to its customer; the address is kept sealed, and only until it has left."""
    values = {"hours": str(VALID // timedelta(hours=1))}
    await messages.say_secret(
        tx, now, vault, NewMessage("payment_link", Recipient.CUSTOMER, link.customer_id, values, link.id), address
    )


async def end(tx: Tx, now: Moment, line_id: UUID) -> None:
    """End a line's link; none open, nothing happens."""
    await store.end(tx, line_id, now.at)


async def shown(tx: Tx, now: Moment, vault: FieldCipher, token: str) -> Shown:
    """Tell what the page may show. Refuses: PaymentLinkUnknown, PaymentLinkEnded."""
    link = await _opened(tx, now, vault, token)
    who = identity.masked(vault, await identity.customer(tx, link.customer_id)).name
    line = await ledger.line(tx, link.line_id)
    parts = [each for each in await daily.open_instalments(tx, [link.line_id]) if each.is_billed]
    sources = await payments.sources_of(tx, link.customer_id)
    state = None if link.order_id is None else (await payments.latest_attempt(tx, link.order_id)).state
    return Shown(
        who=who,
        amount_minor=sum(each.open_minor for each in parts),
        currency=line.currency,
        due_on=min((each.due_on for each in parts), default=None),
        account=sources[0].display if sources else None,
        state=state,
    )


async def pay(payer: Payer, token: str) -> Debit:
    """Debit what is billed from the customer's first account; asked again while it is under way, nothing new begins.

    Refuses: PaymentLinkUnknown, PaymentLinkEnded, NoAccountBound, NothingOwed, and as repaying does.
    """

    async def begin(tx: Tx) -> AskedFor:
        return await _next_debit(tx, await payer.moments(tx), payer.vault, token)

    asked = await payer.db.retrying(begin)
    debit = await payer.repayments.repay(asked)

    async def record(tx: Tx) -> Debit:
        now = await payer.moments(tx)
        link = await store.lock(tx, _id_of(token))
        assert link is not None, "a link is never deleted"
        latest = await payments.latest_attempt(tx, debit.order_id)
        is_last = link.tries >= TRIES_MAX and debit.order_id == link.order_id
        is_over = latest.state is DebitState.SUCCEEDED or (latest.state is DebitState.FAILED and is_last)
        if is_over and link.ended_at is None:
            await store.update(tx, msgspec.structs.replace(link, ended_at=now.at))
        return latest

    return await payer.db.retrying(record)


async def _next_debit(tx: Tx, now: Moment, vault: FieldCipher, token: str) -> AskedFor:
    """Name the debit that is under way, or the next one, which the link remembers before the bank hears of it.

    What was refused has begun nothing and counts as no try: its number stands for what is begun next.
    """
    link = await _opened(tx, now, vault, token, is_locked=True)
    sources = await payments.sources_of(tx, link.customer_id)
    if not sources:
        raise NoAccountBound
    attempts = [] if link.order_id is None else await payments.attempts_of(tx, link.order_id)
    if attempts and attempts[-1].state is not DebitState.FAILED:
        first = attempts[0]
        return _asked(link, first.funding_source_id, first.amount_minor, first.currency)
    if attempts or link.order_id is None:
        link = msgspec.structs.replace(link, tries=link.tries + 1)
    if link.tries > TRIES_MAX:
        raise PaymentLinkEnded
    line = await ledger.line(tx, link.line_id)
    billed = [each for each in await daily.open_instalments(tx, [link.line_id]) if each.is_billed]
    amount_minor = sum(each.open_minor for each in billed)
    if amount_minor == 0:
        raise NothingOwed
    asked = _asked(link, sources[0].id, amount_minor, line.currency)
    await store.update(tx, msgspec.structs.replace(link, order_id=debit_id_of(asked)))
    return asked


def token_of(vault: FieldCipher, link: PaymentLink) -> str:
    """Write the token of a link. *Shape*: 43 signs of an address."""
    return base64.urlsafe_b64encode(link.id.bytes + _digest(vault, link)).rstrip(b"=").decode()


def bucket_of_token(token: str) -> int:
    """Tell where a token's link lies. Refuses: PaymentLinkUnknown."""
    return bucket_of(_id_of(token))


async def _opened(tx: Tx, now: Moment, vault: FieldCipher, token: str, *, is_locked: bool = False) -> PaymentLink:
    link_id = _id_of(token)
    link = await (store.lock if is_locked else store.read)(tx, link_id)
    if link is None or not hmac.compare_digest(token_of(vault, link), token):
        raise PaymentLinkUnknown
    if link.ended_at is not None or now.at >= link.expires_at:
        raise PaymentLinkEnded
    return link


def _asked(link: PaymentLink, source_id: UUID, amount_minor: int, currency: str) -> AskedFor:
    key = derived_id("payment link", link.id, str(link.tries)).hex
    return AskedFor(link.line_id, link.customer_id, source_id, amount_minor, currency, key)


def _digest(vault: FieldCipher, link: PaymentLink) -> bytes:
    said = f"{link.id.hex}/{link.line_id.hex}/{link.expires_at.timestamp():.6f}"
    return vault.lookup(said, purpose=_PURPOSE)[:_DIGEST_BYTES]


def _id_of(token: str) -> UUID:
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise PaymentLinkUnknown from error
    if len(raw) != _ID_BYTES + _DIGEST_BYTES:
        raise PaymentLinkUnknown
    return UUID(bytes=raw[:_ID_BYTES])
