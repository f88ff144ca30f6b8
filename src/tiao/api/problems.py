"""How a "no" looks on the wire: RFC 9457 problems. The one place where a kind becomes an HTTP status."""

from __future__ import annotations

import re
from collections.abc import Sequence
from http import HTTPStatus

import msgspec

from tiao.api.edge import Facts
from tiao.api.refusals import (
    BodyTooLarge,
    IdempotencyKeyInvalid,
    InternalError,
    MediaTypeUnsupported,
    MethodNotAllowed,
    RequestMalformed,
    TokenMissing,
    TooManyRequests,
)
from tiao.values.refusal import Kind, Refusal

MEDIA_TYPE = "application/problem+json"

STATUS_OF_KIND = {
    Kind.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Kind.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.GONE: HTTPStatus.GONE,
    Kind.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
}
#: What HTTP itself has a status for.
_STATUS_OF: dict[type[Refusal], HTTPStatus] = {
    RequestMalformed: HTTPStatus.BAD_REQUEST,
    IdempotencyKeyInvalid: HTTPStatus.BAD_REQUEST,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    MediaTypeUnsupported: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    InternalError: HTTPStatus.INTERNAL_SERVER_ERROR,
    TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
}
RETRY_AFTER_SECONDS = 1

_AT = re.compile(r" - at `(?:key in )?\$?(?P<path>[^`]*)`$")
_FIELD = re.compile(r"field `(?P<field>[^`]*)`")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


class ProblemError(msgspec.Struct, frozen=True):
    """One thing at fault. *pointer* is a JSON pointer into the body, or names a parameter."""

    pointer: str
    code: str


class Problem(msgspec.Struct, frozen=True):
    """A refusal (RFC 9457). *code* is what programs react to; *facts* are the figures that belong to it."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[ProblemError]
    facts: dict[str, str | int | bool | None]


def status_of(refusal: type[Refusal]) -> HTTPStatus:
    """Give the HTTP status of a refusal."""
    return _STATUS_OF.get(refusal) or STATUS_OF_KIND[refusal.kind]


def problem_of(refusal: Refusal, *, request_id: str) -> Problem:
    """Write a refusal as a problem."""
    return Problem(
        type=f"urn:tiao:refusal:{refusal.code}",
        title=refusal.title(),
        status=int(status_of(type(refusal))),
        detail=refusal.detail,
        instance=f"urn:tiao:request:{request_id}",
        code=refusal.code,
        errors=[ProblemError(refusal.pointer, refusal.code)] if refusal.pointer else [],
        facts=refusal.facts,
    )


def told(facts: Facts, refusal: Refusal) -> Problem:
    """Write a refusal as the problem that a request is answered with, and note it for the log line."""
    facts.code = refusal.code
    return problem_of(refusal, request_id=facts.request_id)


def headers_of(refusal: Refusal) -> dict[str, str]:
    """Give the headers that go with a refusal: how to authenticate, when to come back."""
    status = status_of(type(refusal))
    if status is HTTPStatus.UNAUTHORIZED:
        error = "" if isinstance(refusal, TokenMissing) else ', error="invalid_token"'
        return {"WWW-Authenticate": f'Bearer realm="tiao"{error}'}
    if status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}:
        return {"Retry-After": str(refusal.facts.get("retry_after") or RETRY_AFTER_SECONDS)}
    return {}


def malformed(error: msgspec.DecodeError) -> RequestMalformed:
    """Say what is wrong with a body, and where, as a JSON pointer."""
    message = str(error)
    at = _AT.search(message)
    steps = _STEP.findall(at["path"]) if at else []
    if (field := _FIELD.search(message)) is not None:
        steps.append((field["field"], ""))
    pointer = "".join(f"/{name or number}" for name, number in steps)
    return RequestMalformed(_AT.sub("", message), pointer=pointer or None)


def described(refusals: Sequence[type[Refusal]]) -> dict[int, str]:
    """Describe the refusals an endpoint may give, by status, for the API document."""
    by_status: dict[int, list[type[Refusal]]] = {}
    for refusal in sorted(set(refusals), key=lambda each: each.code):
        by_status.setdefault(int(status_of(refusal)), []).append(refusal)
    return {
        status: "\n".join(f"- `{each.code}`: {each.title()}" for each in group)
        for status, group in sorted(by_status.items())
    }
