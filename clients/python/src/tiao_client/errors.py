"""What a server says no with (RFC 9457), as exceptions: one for each kind, the code within."""

from __future__ import annotations

from typing import Any

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """A problem document. *code* is what a program reacts to, *detail* what a person reads."""

    status: int
    code: str
    title: str = ""
    detail: str = ""
    instance: str = ""
    errors: list[dict[str, Any]] = []


class ProblemError(Exception):
    """The server said no. Nothing was changed."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.code}: {problem.detail}")
        self.problem = problem

    @property
    def code(self) -> str:
        """What to react to."""
        return self.problem.code


class Invalid(ProblemError):  # noqa: N818  a no is an answer
    """The request itself is wrong (400, 413, 415, 422)."""


class Unauthenticated(ProblemError):  # noqa: N818  a no is an answer
    """The key is missing, unknown, expired or revoked (401)."""


class Forbidden(ProblemError):  # noqa: N818  a no is an answer
    """The key may not do this (403)."""


class NotFound(ProblemError):  # noqa: N818  a no is an answer
    """There is no such thing, or it is somebody else's (404)."""


class Conflict(ProblemError):  # noqa: N818  a no is an answer
    """Right in form, but not in the present state (409)."""


class Gone(ProblemError):  # noqa: N818  a no is an answer
    """Its time is over (410)."""


class Busy(ProblemError):  # noqa: N818  a no is an answer
    """The server was busy, also when asked again (429, 503)."""


class Unreachable(Exception):  # noqa: N818  as its neighbours
    """No answer came, also when asked again: what was asked may have been done; ask again with the same key."""

    def __init__(self, detail: str, key: str | None) -> None:
        super().__init__(detail)
        self.key = key


_KINDS: dict[int, type[ProblemError]] = {
    400: Invalid,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    429: Busy,
    503: Busy,
}


def error_of(status: int, body: bytes) -> ProblemError:
    """Read an answer that is no success."""
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except msgspec.DecodeError:
        problem = Problem(status, "no_problem_document", detail=body[:200].decode(errors="replace"))
    return _KINDS.get(status, ProblemError)(problem)
