"""Every "no" of identity."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class NameInvalid(Refusal):
    """The name is empty, too long, or holds signs that no name has."""

    kind = Kind.INVALID


class IdentityNumberMalformed(Refusal):
    """An identity number has 17 digits and then a digit or X."""

    kind = Kind.INVALID


class IdentityRegionUnknown(Refusal):
    """The identity number does not begin with a province that issues them."""

    kind = Kind.INVALID


class IdentityBirthDateInvalid(Refusal):
    """The birth date in the identity number is no day, or lies in the future."""

    kind = Kind.INVALID


class IdentityChecksumWrong(Refusal):
    """The last sign of the identity number does not fit the others; it was mistyped."""

    kind = Kind.INVALID


class PhoneInvalid(Refusal):
    """The phone number is not a mainland mobile number."""

    kind = Kind.INVALID


class CustomerAlreadyRegistered(Refusal):
    """A customer with this identity number is registered."""

    kind = Kind.CONFLICT


class CustomerUnknown(Refusal):
    """There is no such customer."""

    kind = Kind.NOT_FOUND
