"""Why no rate can be given."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class RateInputMalformed(Refusal):
    """The document does not have the agreed form."""

    kind = Kind.INVALID


class RateFieldUnknown(Refusal):
    """The document has a field that nobody reads."""

    kind = Kind.INVALID


class RateFieldMissing(Refusal):
    """The convention needs a field that the document lacks."""

    kind = Kind.INVALID


class RateFieldUnwanted(Refusal):
    """The convention has no use for a field that the document has."""

    kind = Kind.INVALID


class RateNumberInvalid(Refusal):
    """A number is not a decimal string, or out of range."""

    kind = Kind.INVALID


class RateNotFound(Refusal):
    """No rate solves the equation."""

    kind = Kind.INVALID
