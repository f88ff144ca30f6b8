"""What a page's program is going to ask for first, named with the page: it comes while the program still does.

A browser that does not know such links asks a little later, as before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tiao.web.words import EN, language_of

_SESSION = "/v1/session"
#: Which answers the first page of a face is made of; they stand here as the page asks for them, letter by letter.
_FIRST = {
    "wallet": (
        "/v1/line",
        "/v1/bills?limit=6",
        "/v1/purchases?limit=5",
        "/v1/calculations?amount_minor=100000",
    )
}
_WORDS = {"wallet": {True: "assets/words.en-", False: "assets/words.zh-"}}


def links(
    face: str, path: str, asked: Mapping[bytes, bytes], built: Iterable[str], *, session_cookie: str
) -> list[str]:
    """List the Link headers of a page; the answers only for whoever is signed in, for others get none."""
    found = []
    words = _WORDS.get(face)
    if words is not None:
        spoken = language_of(None, None, asked.get(b"accept-language", b"").decode("latin-1"))
        start = words[spoken == EN]
        found += [f"</{name}>; rel=modulepreload" for name in built if name.startswith(start)]
    if f"{session_cookie}=".encode() in asked.get(b"cookie", b""):
        answers = (_SESSION, *(_FIRST.get(face, ()) if path == "/" else ()))
        found += [f"<{each}>; rel=preload; as=fetch; crossorigin" for each in answers]
    return found
