"""Every "no" of passkeys."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class PasskeyUnknown(Refusal):
    """The customer has no such passkey."""

    kind = Kind.NOT_FOUND


class PasskeyAlreadyAdded(Refusal):
    """This passkey is known already."""

    kind = Kind.CONFLICT


class TooManyPasskeys(Refusal):
    """So many passkeys are kept that no further one may be; remove one first."""

    kind = Kind.CONFLICT


class PasskeyChallengeOver(Refusal):
    """What the device was asked to sign is not known, was used, or has expired; ask again."""

    kind = Kind.CONFLICT


class PasskeyRefused(Refusal):
    """The device did not sign what it was asked to, did not check who holds it, or its key is not one of ours."""

    kind = Kind.FORBIDDEN


class PasskeyCloned(Refusal):
    """The passkey counted backwards, so there may be two of it: it opens nothing any more."""

    kind = Kind.FORBIDDEN


class PasskeyNeedsOwnHost(Refusal):
    """Passkeys need a page with a name of its own, over TLS; an address of numbers has none."""

    kind = Kind.CONFLICT
