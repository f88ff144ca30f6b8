"""A typed client of a tiao server: the same calls with `Client` and `AsyncClient`.

Every call is a value, made by a function of `calls` and sent by a client; so there is one definition of each.
"""

from tiao_client import calls
from tiao_client.client import AsyncClient, Client
from tiao_client.errors import (
    Busy,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    Problem,
    ProblemError,
    Unauthenticated,
    Unreachable,
)
from tiao_client.webhooks import Event, SignatureInvalid, event_of

__all__ = [
    "AsyncClient",
    "Busy",
    "Client",
    "Conflict",
    "Event",
    "Forbidden",
    "Gone",
    "Invalid",
    "NotFound",
    "Problem",
    "ProblemError",
    "SignatureInvalid",
    "Unauthenticated",
    "Unreachable",
    "calls",
    "event_of",
]
