"""A page: template, words and style in one answer, and headers that let nothing else in."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response
from markupsafe import Markup

from tiao.web.words import bare, catalogue, other_of, percent, whole

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


def page(template: str, language: str, *, status: int = 200, **shown: object) -> Response[str]:
    """Write a page.

    *notice* names a text of the catalogue; *seconds* is how long a sheet must be read, *refresh_seconds* when the page
    looks again by itself.
    """
    words = catalogue(language)
    given = {
        "is_in_wallet": False,
        "notice": None,
        "seconds": 0,
        "refresh_seconds": 0,
        "order": None,
        "merchant": "",
        "wallet": "",
        "purchase": "",
        "state": "",
    } | shown
    seconds = given["seconds"]
    assert isinstance(seconds, int), "whole seconds"
    look = style(seconds)
    text = (
        _templates()
        .get_template(template)
        .render(
            {
                **given,
                "t": words,
                "language": language,
                "other_language": other_of(language),
                "style": Markup(look.text),  # noqa: S704  our own file; escaped, it would not be what was hashed
                "notice": words[f"notice_{given['notice']}"] if given["notice"] else None,
                "bare": bare,
                "percent": percent,
                "whole": whole,
            }
        )
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
