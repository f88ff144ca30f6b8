"""What is decided about passkeys, pure: where they work, what is signed, and whether a signature is good."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import bytes_to_base64url, parse_authenticator_data
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    CredentialDeviceType,
    RegistrationCredential,
)

from tiao.identity.passkeys.model import (
    About,
    Assertion,
    Attestation,
    Challenge,
    NewKey,
    Passkey,
    Site,
    Verdict,
)
from tiao.identity.passkeys.refusals import PasskeyNeedsOwnHost, PasskeyRefused

#: How long a device may take to sign: people look for their phone, and for the finger.
SIGN_TIME = timedelta(minutes=3)
#: Phones, tablets and computers of one person; each is listed, so that a stranger's would be seen.
PASSKEYS_MAX = 10
NONCE_BYTES = 32
NAME_MAX = 40
#: ES256, EdDSA, RS256 (COSE): what every authenticator speaks at least one of.
ALGORITHMS = (-7, -8, -257)

_HOST = re.compile(r"(?P<name>[a-z0-9-]+(?:\.[a-z0-9-]+)*)(?P<port>:[0-9]{1,5})?")
_NUMBERS = re.compile(r"[0-9.]+")
_FORM = b"tiao passkey 1\0"


def site_of(host: str) -> Site:
    """Say where a page stands, from the Host it was asked for. The key's realm is the host's own name, no wider one.

    Refuses: PasskeyNeedsOwnHost.
    Source:  WebAuthn Level 3, 5.1.3 and 7: RP id and origin; plain HTTP is secure on localhost alone.
    """
    found = _HOST.fullmatch(host.lower())
    if found is None or _NUMBERS.fullmatch(found["name"]):
        raise PasskeyNeedsOwnHost
    name, port = found["name"], found["port"] or ""
    origins = [f"https://{name}{port}"]
    if name.rpartition(".")[2] == "localhost":
        origins.append(f"http://{name}{port}")
    return Site(name, tuple(origins))


def challenge_of(nonce: bytes, about: About) -> bytes:
    """Write what is signed: chance, and what it is for, so that a signature covers the amount and the order."""
    parts = (
        about.purpose.value,
        "" if about.about_id is None else about.about_id.hex,
        "" if about.amount_minor is None else str(about.amount_minor),
        about.currency or "",
    )
    return hashlib.sha256(_FORM + nonce + "\0".join(parts).encode()).digest()


def about_of(challenge: Challenge) -> About:
    """Say what a challenge was for."""
    return About(challenge.purpose, challenge.about_id, challenge.amount_minor, challenge.currency)


def new_key(site: Site, challenge: bytes, given: Attestation) -> NewKey:
    """Check a new key: made here, for what was asked, by a device that checked who holds it.

    Refuses: PasskeyRefused.
    """
    credential = RegistrationCredential(
        id=bytes_to_base64url(given.credential_id),
        raw_id=given.credential_id,
        response=AuthenticatorAttestationResponse(
            client_data_json=given.client_data, attestation_object=given.attestation
        ),
    )
    try:
        found = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=list(site.origins),
            require_user_verification=True,
        )
    except _BROKEN as error:
        raise PasskeyRefused from error
    is_synced = found.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    return NewKey(found.credential_public_key, found.sign_count, is_synced)


def judged(site: Site, challenge: bytes, passkey: Passkey, given: Assertion) -> tuple[Verdict, int]:
    """Judge a signature, and give what the device has counted now.

    The count is ours to judge, not the library's: who counts backwards is told apart from who signs wrongly. Synced
    passkeys do not count: theirs stays at nought.
    """
    credential = AuthenticationCredential(
        id=bytes_to_base64url(given.credential_id),
        raw_id=given.credential_id,
        response=AuthenticatorAssertionResponse(
            client_data_json=given.client_data,
            authenticator_data=given.authenticator_data,
            signature=given.signature,
        ),
    )
    try:
        verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=list(site.origins),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        counted = parse_authenticator_data(given.authenticator_data).sign_count
    except _BROKEN:
        return Verdict.REFUSED, passkey.sign_count
    if (counted or passkey.sign_count) and counted <= passkey.sign_count:
        return Verdict.CLONED, counted
    return Verdict.ACCEPTED, counted


#: What the library raises over bytes from outside: its own, and those of the CBOR and the keys that it reads.
_BROKEN = (WebAuthnException, ValueError, KeyError, TypeError, IndexError, AttributeError)
