"""A page: template, words and style in one answer, and headers that let nothing else in."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response

from tiao.web.words import bare, catalogue, other_of, percent

_MEDIA_TYPE = "text/html;charset=utf-8"
#: A page that waits looks again after so long.
REFRESH_SECONDS = 3


class Style(NamedTuple):
    """The one style sheet, as it stands in a page, and what lets exactly that through."""

    text: str
    hash: str


@cache
def style(seconds: int) -> Style:
    """Write the style; a confirming button shows itself after *seconds*, without a script."""
    text = (files("tiao.web") / "style.css").read_text("utf-8").replace("SECONDS", str(seconds))
    text = "".join(line.strip() for line in text.splitlines())
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Style(text, f"sha256-{digest}")


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("tiao.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(  # noqa: PLR0913  each is one thing that a page shows
    template: str, language: str, *, status: int = 200, notice: str | None = None, seconds: int = 0,
    refresh_seconds: int = 0, **shown: Any,  # noqa: ANN401  templates take anything
) -> Response[str]:  # fmt: skip
    """Write a page; *notice* names a text of the catalogue."""
    words = catalogue(language)
    look = style(seconds)
    text = _templates().get_template(template).render(
        t=words,
        language=language,
        other_language=other_of(language),
        style=look.text,
        notice=words.get(f"notice_{notice}") if notice else None,
        refresh_seconds=refresh_seconds,
        seconds=seconds,
        bare=bare,
        percent=percent,
        **({"order": None, "merchant": ""} | shown),
    )
    return Response(text, status_code=status, media_type=_MEDIA_TYPE, headers=headers_of(look))


def headers_of(look: Style) -> dict[str, str]:
    """Let in our own style and forms, and nothing else; keep pages out of frames, caches and other sites' logs."""
    policy = (
        f"default-src 'none'; style-src '{look.hash}'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
        "cache-control": "no-store",
    }
