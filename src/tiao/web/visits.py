"""Visits of payers: a cookie that nobody can guess, signed in by a one-time code; and what they were shown.

Everything here is the real clock's and lies at home, inside the caller's transaction.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.identity.passkeys.rules import NONCE_BYTES, SIGN_TIME
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.runtime.secrets import FieldCipher, is_same_secret, new_token, token_hash
from tiao.values.refusal import Kind, Refusal

QUERIES = load_queries("tiao.web")

#: How long a browser stays signed in at the cashier; as long as an offer stands.
VISIT_TIME = timedelta(minutes=30)
#: A code is good for so long, tried so often, and sent so often in an hour with a pause between.
CODE_TIME = timedelta(minutes=5)
CODE_TRIES_MAX = 5
CODES_AN_HOUR_MAX = 5
CODE_PAUSE = timedelta(seconds=60)
_HOUR = timedelta(hours=1)
_DIGITS = 6
_DIGEST = re.compile("[0-9a-f]{64}")


class PayerCodeTooOften(Refusal):
    """Too many codes were asked for this phone; wait a little."""

    kind = Kind.BUSY


class Visit(msgspec.Struct, frozen=True):
    """A browser at the cashier. *phone_hmac* is whose code is awaited, *customer_id* who has signed in."""

    id: bytes
    phone_hmac: bytes | None
    customer_id: UUID | None
    began_at: datetime
    expires_at: datetime


class Proof(NamedTuple):
    """A phone's code came back: whoever has the phone is there; *customer_id* is to whom it was sent, if to anybody."""

    customer_id: UUID | None


class _KeptCode(msgspec.Struct, frozen=True):
    code_digest: bytes
    customer_id: UUID | None


class Confirmed(msgspec.Struct, frozen=True):
    """When a sheet was shown, and when it was confirmed."""

    shown_at: datetime
    confirmed_at: datetime


async def begin(
    tx: Tx, at: datetime, *, random_bytes: Callable[[int], bytes], customer_id: UUID | None = None
) -> tuple[str, Visit]:
    """Begin a visit; the token goes into the cookie and is kept nowhere."""
    token = new_token("tiao_v", random_bytes=random_bytes)
    visit = Visit(token_hash(token), None, customer_id, at, at + VISIT_TIME)
    await tx.execute(QUERIES.begin_visit, id=visit.id, customer=visit.customer_id, at=at, expires_at=visit.expires_at)
    return token, visit


async def of_token(tx: Tx, token: str, at: datetime) -> Visit | None:
    """Find the visit of a cookie; None when there is none, or it is over."""
    return await tx.maybe(QUERIES.visit, Visit, id=token_hash(token), at=at)


async def end(tx: Tx, visit: Visit) -> None:
    """End a visit."""
    await tx.execute(QUERIES.end_visit, id=visit.id)


async def forget_over(tx: Tx, at: datetime) -> None:
    """Forget visits and codes whose time is over."""
    await tx.execute(QUERIES.forget_visits, at=at, before=at - _HOUR)


async def ask_code(
    tx: Tx, at: datetime, vault: FieldCipher, visit: Visit, phone_hmac: bytes, *, random_bytes: Callable[[int], bytes]
) -> str:
    """Make a phone's new code, which the visit will be asked for. Refuses: PayerCodeTooOften.

    It is made whether or not anybody has the phone: who is a customer does not show.
    """
    code = f"{int.from_bytes(random_bytes(8), 'big') % 10**_DIGITS:0{_DIGITS}d}"
    await tx.execute(QUERIES.expect_phone, id=visit.id, phone_hmac=phone_hmac)
    written = await tx.execute(
        QUERIES.new_code,
        phone_hmac=phone_hmac,
        code=_code_digest(vault, phone_hmac, code),
        at=at,
        expires_at=at + CODE_TIME,
        pause=at - CODE_PAUSE,
        window=at - _HOUR,
        sent_max=CODES_AN_HOUR_MAX,
    )
    if not written:
        raise PayerCodeTooOften
    return code


async def note_recipient(tx: Tx, vault: FieldCipher, phone_hmac: bytes, code: str, customer_id: UUID) -> None:
    """Note to whom a code is sent, before it is."""
    digest = _code_digest(vault, phone_hmac, code)
    await tx.execute(QUERIES.note_recipient, phone_hmac=phone_hmac, code=digest, customer=customer_id)


async def try_code(tx: Tx, at: datetime, vault: FieldCipher, visit: Visit, code: str) -> Proof | None:
    """Try a code, and use it up when it is right; None when it is wrong. Every try counts: commit."""
    if visit.phone_hmac is None:
        return None
    kept = await tx.maybe(QUERIES.try_code, _KeptCode, phone_hmac=visit.phone_hmac, at=at, tries_max=CODE_TRIES_MAX)
    if kept is None or not is_same_secret(kept.code_digest, _code_digest(vault, visit.phone_hmac, code)):
        return None
    await tx.execute(QUERIES.burn_code, phone_hmac=visit.phone_hmac, at=at)
    return Proof(kept.customer_id)


async def keep_registration(tx: Tx, visit: Visit, sealed: bytes) -> None:
    """Keep what somebody new gave, until the phone's code has come back."""
    await tx.execute(QUERIES.keep_registration, id=visit.id, sealed=sealed)


async def registration(tx: Tx, visit: Visit) -> bytes | None:
    """Read what somebody new gave."""
    found: bytes | None = await tx.value(QUERIES.registration, id=visit.id)
    return found


async def ask_passkey(tx: Tx, at: datetime, visit: Visit, *, random_bytes: Callable[[int], bytes]) -> bytes:
    """Write what a passkey is to sign so that the visit is signed in."""
    challenge = random_bytes(NONCE_BYTES)
    await tx.execute(QUERIES.expect_passkey, id=visit.id, challenge=challenge, until=at + SIGN_TIME)
    return challenge


async def take_passkey(tx: Tx, at: datetime, visit: Visit) -> bytes | None:
    """Take what a passkey was to sign, once: commit; None when nothing was asked, or it is too late."""
    found: bytes | None = await tx.value(QUERIES.take_passkey, id=visit.id, at=at)
    return found


async def quote_seen(tx: Tx, visit: Visit, order_id: UUID) -> UUID | None:
    """Name the quote whose plans a visit sees."""
    found: UUID | None = await tx.value(QUERIES.quote_seen, visit=visit.id, order=order_id)
    return found


async def note_quote(tx: Tx, visit: Visit, order_id: UUID, quote_id: UUID | None) -> None:
    """Note the quote whose plans a visit sees, or that there is none any more."""
    await tx.execute(QUERIES.note_quote, visit=visit.id, order=order_id, quote=quote_id)


async def show_sheet(tx: Tx, at: datetime, quote_id: UUID, plan: str, digest: str) -> None:
    """Note that a cost sheet is shown; shown again, the first time counts."""
    await tx.execute(QUERIES.show_sheet, quote=quote_id, plan=plan, digest=bytes.fromhex(digest), at=at)


async def confirm_sheet(
    tx: Tx, at: datetime, quote_id: UUID, plan: str, digest: bytes, *, read_seconds: int
) -> Confirmed | None:
    """Note that a sheet is confirmed; None when it was not shown, or not for long enough."""
    return await tx.maybe(
        QUERIES.confirm_sheet,
        Confirmed,
        quote=quote_id,
        plan=plan,
        digest=digest,
        at=at,
        read=at - timedelta(seconds=read_seconds),
    )


async def is_sheet_shown(tx: Tx, quote_id: UUID, plan: str, digest: bytes) -> bool:
    """Tell whether exactly this sheet was shown."""
    return await tx.value(QUERIES.shown_sheet, quote=quote_id, plan=plan, digest=digest) is not None


def is_digest(text: str) -> bool:
    """Tell whether a text can be the digest of a sheet."""
    return _DIGEST.fullmatch(text) is not None


def _code_digest(vault: FieldCipher, phone_hmac: bytes, code: str) -> bytes:
    return vault.lookup(f"{phone_hmac.hex()}:{code}", purpose="payer_code")
