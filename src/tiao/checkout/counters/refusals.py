"""Every "no" at a counter."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class StoreUnknown(Refusal):
    """The merchant has no such store."""

    kind = Kind.NOT_FOUND


class TerminalUnknown(Refusal):
    """The merchant has no such terminal."""

    kind = Kind.NOT_FOUND


class TerminalLocked(Refusal):
    """Too many codes that were none were read at this terminal; it rests for some minutes."""

    kind = Kind.BUSY


class TerminalHasNoPrintedCode(Refusal):
    """This terminal was made without a printed code."""


class CodeLimitReached(Refusal):
    """More may not be paid by such codes on one day."""


class SaleForAnother(Refusal):
    """Somebody else's code was read for this sale: only that payer can confirm it."""

    kind = Kind.FORBIDDEN


class SaleUnknown(Refusal):
    """There is no such sale of this merchant."""

    kind = Kind.NOT_FOUND


class CodeNotOurs(Refusal):
    """This code cannot be paid here: it is another's, damaged, or of a terminal or sale that is not there."""

    kind = Kind.INVALID


class DeviceUnknown(Refusal):
    """The customer has no such device."""

    kind = Kind.NOT_FOUND


class NotAgreedTo(Refusal):
    """Paying by code alone was agreed to for less, or for other terms; confirm on the phone."""
