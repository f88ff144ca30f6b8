"""Every "no" that concerns the request as such. What the business refuses is declared where it is decided."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class RequestMalformed(Refusal):
    """The request cannot be read: JSON is broken, or a field is missing, unknown, of the wrong type or out of range."""

    kind = Kind.INVALID


class BodyTooLarge(Refusal):
    """The body is larger than any request needs."""

    kind = Kind.INVALID


class MediaTypeUnsupported(Refusal):
    """Bodies are application/json."""

    kind = Kind.INVALID


class MethodNotAllowed(Refusal):
    """This address exists, but not for this method."""

    kind = Kind.INVALID


class RouteUnknown(Refusal):
    """There is nothing at this address."""

    kind = Kind.NOT_FOUND


class CursorInvalid(Refusal):
    """The cursor was not given out by this list; begin without one."""

    kind = Kind.INVALID


class IdempotencyKeyInvalid(Refusal):
    """The request needs an Idempotency-Key of 1 to 255 visible ASCII signs."""

    kind = Kind.INVALID


class IdempotencyKeyReused(Refusal):
    """This Idempotency-Key came before with another request."""

    kind = Kind.INVALID


class TokenMissing(Refusal):
    """The request needs a key: Authorization: Bearer tiao_..."""

    kind = Kind.UNAUTHENTICATED


class ForeignRequest(Refusal):
    """The browser is signed in, but this change was not sent by one of our own pages."""

    kind = Kind.FORBIDDEN


class NoBrowserSession(Refusal):
    """The caller came with a key, not with a browser's session."""


class SignInAgain(Refusal):
    """This is only for who has just signed in: sign out, and in again with the phone and its code."""

    kind = Kind.FORBIDDEN


class RoleNotAllowed(Refusal):
    """Keys of this role have no business here."""

    kind = Kind.FORBIDDEN


class SubjectMissing(Refusal):
    """An operator says whose records are meant: give the query parameter the detail names."""

    kind = Kind.INVALID


class ChannelUnknown(Refusal):
    """There is no such channel."""

    kind = Kind.NOT_FOUND


class BankUnavailable(Refusal):
    """The bank did not answer; ask again with the same key."""

    kind = Kind.BUSY


class AdvanceTooLong(Refusal):
    """A test clock moves at most 366 days in one request."""

    kind = Kind.INVALID


class ClockIsMoving(Refusal):
    """The clock is being moved by another request; ask again when that has ended."""

    kind = Kind.BUSY


class InternalError(Refusal):
    """Something is wrong on our side; it was logged under the request's id."""

    kind = Kind.BUSY


class StatementUnknown(Refusal):
    """There is no statement of this month: the merchant was not there yet, or the month has not begun."""

    kind = Kind.NOT_FOUND


class TooManyRequests(Refusal):
    """The merchant asks more than it may; ask again after the seconds that Retry-After names."""

    kind = Kind.BUSY
