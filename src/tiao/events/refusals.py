"""Every "no" about events and where they are told."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class EventUnknown(Refusal):
    """There is no such event."""

    kind = Kind.NOT_FOUND


class EndpointUnknown(Refusal):
    """There is no such endpoint."""

    kind = Kind.NOT_FOUND


class EndpointAddressInvalid(Refusal):
    """Messages are sent to public HTTPS addresses only."""

    kind = Kind.INVALID


class EndpointsTooMany(Refusal):
    """The merchant has as many endpoints as it may have."""


class EndpointDisabled(Refusal):
    """The endpoint is disabled; enable it first."""


class SecretsTooMany(Refusal):
    """Earlier secrets of the endpoint are still in use; wait until they have ended."""
