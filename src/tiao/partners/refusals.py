"""Every "no" of partners."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class MerchantUnknown(Refusal):
    """There is no such merchant."""

    kind = Kind.NOT_FOUND


class OperatorUnknown(Refusal):
    """No operator of this name has a key that still opens; `tiao programme key --label NAME` issues one."""

    kind = Kind.NOT_FOUND


class MerchantSuspended(Refusal):
    """The merchant is suspended: nothing new can be bought there."""

    kind = Kind.CONFLICT


class MerchantTerminated(Refusal):
    """The merchant's contract has ended: that is for good."""


class MerchantTermsInvalid(Refusal):
    """The merchant's terms cannot be taken over: the field named is at fault."""

    kind = Kind.INVALID


class ScopeUnknown(Refusal):
    """There is no such scope."""

    kind = Kind.INVALID


class ScopeNotForRole(Refusal):
    """Keys of this role cannot hold this scope."""

    kind = Kind.INVALID


class ScopeMissing(Refusal):
    """The key is not allowed to do this."""

    kind = Kind.FORBIDDEN


class KeyWaits(Refusal):
    """Another operator issued this key: until somebody else of the staff has confirmed it, it only reads."""

    kind = Kind.FORBIDDEN


class OwnIntroduction(Refusal):
    """Nobody confirms a key that they themselves issued: two people stand behind it."""

    kind = Kind.FORBIDDEN


class TokenUnknown(Refusal):
    """The token belongs to no key."""

    kind = Kind.UNAUTHENTICATED


class TokenExpired(Refusal):
    """The key has expired; use the one that replaced it."""

    kind = Kind.UNAUTHENTICATED


class TokenRevoked(Refusal):
    """The key was revoked."""

    kind = Kind.UNAUTHENTICATED


class KeyUnknown(Refusal):
    """There is no such key."""

    kind = Kind.NOT_FOUND


class KeyEnded(Refusal):
    """The key was revoked or has expired; issue a new one."""

    kind = Kind.CONFLICT
