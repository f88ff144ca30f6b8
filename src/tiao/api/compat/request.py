"""A request as it came over the wire, before anybody has understood it."""

from __future__ import annotations

import msgspec


class Request(msgspec.Struct, frozen=True):
    """Method, target as received (absolute or not), headers in any case, body as text.

    *is_whole*: the body was read; one that is too long is not, and the request is refused in its form's own words.
    """

    method: str
    target: str
    headers: dict[str, str] = {}
    body: str = ""
    is_whole: bool = True

    def header(self, name: str) -> str:
        """Give a header, or nothing; names are compared without case."""
        return next((value for each, value in self.headers.items() if each.lower() == name.lower()), "")

    @property
    def path(self) -> str:
        """Give the path as received; some libraries send the whole address as target."""
        return self._split()[0]

    @property
    def query(self) -> str:
        """Give the query as received, without the question mark."""
        return self._split()[1]

    @property
    def origin_form(self) -> str:
        """Give path and query as received, without scheme and host."""
        scheme, _, rest = self.target.partition("://")
        if not rest or "/" in scheme or "?" in scheme:
            return self.target
        begin = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
        return rest[begin:]

    def _split(self) -> tuple[str, str]:
        path, _, query = self.origin_form.partition("?")
        return path, query
