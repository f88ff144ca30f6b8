"""Whether a browser's request comes from a page of the same origin."""

from __future__ import annotations

from collections.abc import Mapping


def is_same_origin(headers: Mapping[str, str]) -> bool:
    """Believe the browser, which sets both headers itself; no page can. A request that says neither is not believed."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    _, _, host = headers.get("origin", "").partition("://")
    return bool(host) and host == headers.get("host")
