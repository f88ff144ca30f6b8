"""A "no" that a caller can react to. It is not a bug: bugs are asserts."""

from __future__ import annotations

import re
from enum import Enum
from typing import ClassVar


class Kind(Enum):
    """What sort of "no" it is; the API alone turns it into an HTTP status."""

    INVALID = "invalid"  # the request itself is wrong
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"  # right in form, but not in the present state
    GONE = "gone"
    BUSY = "busy"  # try again later; nothing was changed


_REGISTRY: dict[str, type[Refusal]] = {}


class Refusal(Exception):  # noqa: N818  a refusal is an answer, not an error
    """Base of every refusal.

    The class name in snake case is its code, the first line of its docstring its title. *pointer* names the field at
    fault as a JSON pointer, *facts* are the figures a caller may show.
    """

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "refusal"

    def __init__(self, detail: str = "", *, pointer: str | None = None, **facts: str | int | bool | None) -> None:
        super().__init__(detail or self.title())
        self.detail = detail or self.title()
        self.pointer = pointer
        self.facts = facts

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Derive the code from the class name and register it: one code, one class."""
        super().__init_subclass__(**kwargs)
        cls.code = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        known = _REGISTRY.get(cls.code)
        assert known is None or known.__module__ == cls.__module__, f"two refusals share the code {cls.code}"
        _REGISTRY[cls.code] = cls

    @classmethod
    def title(cls) -> str:
        """Give the first line of the docstring: what happened, for a person."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]


def refusal_of(code: str) -> type[Refusal] | None:
    """Find the refusal that a constraint or an outcome of the same name stands for."""
    return _REGISTRY.get(code)


def known_refusals() -> dict[str, type[Refusal]]:
    """Every refusal class that is loaded, by code; the API document and the docs are made from it."""
    return dict(sorted(_REGISTRY.items()))
