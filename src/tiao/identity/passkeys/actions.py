"""What can be done with passkeys, inside the caller's transaction. Time is the real clock's, not a test clock's."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from tiao.identity.passkeys import rules, store
from tiao.identity.passkeys.model import (
    About,
    Assertion,
    Attestation,
    Challenge,
    EndedAs,
    Passkey,
    Purpose,
    Site,
    Used,
    Verdict,
)
from tiao.identity.passkeys.refusals import PasskeyChallengeOver, PasskeyUnknown, TooManyPasskeys
from tiao.runtime.db import Tx
from tiao.values.ids import bucket_of
from tiao.values.moment import Moment


async def ask(
    tx: Tx, now: Moment, customer_id: UUID, about: About, *, random_bytes: Callable[[int], bytes]
) -> Challenge:
    """Write down what a device is to sign."""
    bucket = bucket_of(customer_id)
    made = Challenge(
        bucket=bucket,
        id=now.new_id(bucket),
        customer_id=customer_id,
        purpose=about.purpose,
        nonce=random_bytes(rules.NONCE_BYTES),
        about_id=about.about_id,
        amount_minor=about.amount_minor,
        currency=about.currency,
        expires_at=now.at + rules.SIGN_TIME,
    )
    await store.insert_challenge(tx, made, now.at)
    return made


async def take(tx: Tx, now: Moment, customer_id: UUID, challenge_id: UUID, about: About) -> Challenge:
    """Take what a device was asked to sign, once: commit, whatever comes of the signature.

    Asked for something else, or for another amount, it is worth nothing. Refuses: PasskeyChallengeOver.
    """
    found = await store.take_challenge(tx, customer_id, challenge_id, now.at)
    if found is None or rules.about_of(found) != about:
        raise PasskeyChallengeOver
    return found


async def add(tx: Tx, now: Moment, site: Site, challenge: Challenge, given: Attestation, *, name: str) -> Passkey:
    """Keep a new passkey. Refuses: PasskeyRefused, TooManyPasskeys, PasskeyAlreadyAdded."""
    assert challenge.purpose is Purpose.ADD, "a key is added by what was asked for that"
    found = rules.new_key(site, rules.challenge_of(challenge.nonce, rules.about_of(challenge)), given)
    await check_may_add(tx, challenge.customer_id)
    made = Passkey(
        bucket=challenge.bucket,
        id=now.new_id(challenge.bucket),
        customer_id=challenge.customer_id,
        rp_id=site.rp_id,
        credential_id=given.credential_id,
        public_key=found.public_key,
        sign_count=found.sign_count,
        name=name,
        is_synced=found.is_synced,
        added_at=now.at,
        used_at=None,
        ended_at=None,
        ended_as=None,
    )
    await store.insert_passkey(tx, made)
    return made


async def check_may_add(tx: Tx, customer_id: UUID) -> None:
    """Refuse one more than a customer may have. Refuses: TooManyPasskeys."""
    if len(await passkeys_of(tx, customer_id)) >= rules.PASSKEYS_MAX:
        raise TooManyPasskeys(limit=rules.PASSKEYS_MAX)


async def use(tx: Tx, now: Moment, site: Site, customer_id: UUID, *, challenge: bytes, given: Assertion) -> Used:
    """Judge a signature by one of a customer's passkeys, and count it; one that was cloned ends. Commit either way."""
    passkey = await store.lock_passkey(tx, customer_id, given.credential_id)
    if passkey is None or passkey.rp_id != site.rp_id:
        return Used(Verdict.REFUSED, None)
    verdict, counted = rules.judged(site, challenge, passkey, given)
    if verdict is Verdict.ACCEPTED:
        await store.note_use(tx, passkey, counted, now.at)
    if verdict is Verdict.CLONED:
        await store.end_passkey(tx, customer_id, passkey.id, EndedAs.CLONED, now.at)
    return Used(verdict, passkey)


async def passkeys_of(tx: Tx, customer_id: UUID) -> list[Passkey]:
    """Read a customer's passkeys that are in use."""
    return [each for each in await store.read_passkeys_of(tx, customer_id) if each.ended_at is None]


async def rename(tx: Tx, customer_id: UUID, passkey_id: UUID, name: str) -> Passkey:
    """Give a passkey another name. Refuses: PasskeyUnknown."""
    if not await store.update_name(tx, customer_id, passkey_id, name):
        raise PasskeyUnknown
    return next(each for each in await passkeys_of(tx, customer_id) if each.id == passkey_id)


async def remove(tx: Tx, now: Moment, customer_id: UUID, passkey_id: UUID) -> Passkey:
    """Let a passkey open nothing any more. Removed already: nothing happens. Refuses: PasskeyUnknown."""
    await store.end_passkey(tx, customer_id, passkey_id, EndedAs.REMOVED, now.at)
    for each in await store.read_passkeys_of(tx, customer_id):
        if each.id == passkey_id:
            return each
    raise PasskeyUnknown
