"""The faces that are applications of their own: built files, served by the host's name, closed to what is foreign."""

from __future__ import annotations

import gzip
import mimetypes
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple, TypeAlias

from tiao.web.ahead import links

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]

#: The first label of the host's name: ops.example.com, ops.localhost.
FACES = frozenset({"ops", "merchant", "wallet"})
#: What every host answers as the one server does.
_SERVED_BELOW = ("/v1/", "/health/", "/cashier/", "/wallet/", "/s/", "/l/")
_NONCE = b"__NONCE__"
_FOR_EVER = b"public, max-age=31536000, immutable"
_SMALL_BYTES = 1_000


class Built(NamedTuple):
    """A built file, also packed where that pays."""

    body: bytes
    packed: bytes | None
    media_type: str


class Faces:
    """Answers requests to a face's host with its files; everything else goes on to *app*."""

    def __init__(self, app: AsgiApp, root: Traversable | None = None, *, session_cookie: str) -> None:
        """Serve what is built under *root*, by default in the package; it is read once.

        *session_cookie* is what a browser that is signed in sends.
        """
        self.app = app
        self._session_cookie = session_cookie
        self._built = {face: _files_of((root or files("tiao.web") / "_static") / face) for face in FACES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        face = _face_of(scope) if scope["type"] == "http" else None
        if face is None or scope["path"].startswith(_SERVED_BELOW):
            await self.app(scope, receive, send)
            return
        status, headers, body = answer(
            self._built[face],
            scope["method"],
            scope["path"],
            dict(scope["headers"]),
            face=face,
            session_cookie=self._session_cookie,
        )
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def answer(
    built: Mapping[str, Built],
    method: str,
    path: str,
    asked: Mapping[bytes, bytes],
    *,
    face: str,
    session_cookie: str,
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Give a file of a face. A path without a dot is a place within the application, which finds its own way."""
    if method not in {"GET", "HEAD"}:
        return _plain(405, "pages are only read\n")
    if "index.html" not in built:
        return _plain(503, "The pages are not built here; run `make web`.\n")
    name = path.lstrip("/")
    if name in built and name != "index.html":
        return _file(built[name], asked)
    if "." in name.rpartition("/")[2]:
        return _plain(404, "there is no such file\n")
    status, headers, body = _page(built["index.html"].body, face)
    ahead = links(face, path, asked, built, session_cookie=session_cookie)
    return status, [*headers, *((b"link", each.encode()) for each in ahead)], body


def _page(template: bytes, face: str) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    nonce = secrets.token_urlsafe(16)
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", b"no-cache"), *_closed(nonce, face)]
    return 200, headers, template.replace(_NONCE, nonce.encode())


def _file(found: Built, asked: Mapping[bytes, bytes]) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    # The bundler writes a digest of the content into each file's name.
    headers = [
        (b"content-type", found.media_type.encode()),
        (b"cache-control", _FOR_EVER),
        (b"vary", b"accept-encoding"),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]
    if found.packed is not None and b"gzip" in asked.get(b"accept-encoding", b""):
        return 200, [*headers, (b"content-encoding", b"gzip")], found.packed
    return 200, headers, found.body


def _closed(nonce: str, face: str) -> list[tuple[bytes, bytes]]:
    """Let in our own files, and the styles that the desks' components write with this answer's nonce; nothing else.

    The wallet's write none, and no markup either. It alone may ask for the camera: it scans.
    """
    is_wallet = face == "wallet"
    styles, types = ("'self'", "'none'") if is_wallet else (f"'self' 'nonce-{nonce}'", "default")
    camera = "(self)" if is_wallet else "()"
    policy = (
        f"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data:; "
        "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"require-trusted-types-for 'script'; trusted-types {types}"
    )
    return [
        (b"content-security-policy", policy.encode()),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", f"camera={camera}, geolocation=(), microphone=()".encode()),
    ]


def _plain(status: int, text: str) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    return status, [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")], text.encode()


def _face_of(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"host":
            label = str(value.decode("latin-1")).partition(".")[0].lower()
            return label if label in FACES else None
    return None


def _files_of(root: Traversable) -> dict[str, Built]:
    return {name: _read(name, body) for name, body in _walk(root, "")} if root.is_dir() else {}


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for each in folder.iterdir():
        if each.name.startswith("."):
            continue  # the bundler's own notes
        found += _walk(each, f"{prefix}{each.name}/") if each.is_dir() else [(prefix + each.name, each.read_bytes())]
    return found


def _read(name: str, body: bytes) -> Built:
    media_type, _ = mimetypes.guess_type(name)
    is_text = name.endswith((".js", ".css", ".svg", ".html", ".json"))
    packed = gzip.compress(body, 9, mtime=0) if is_text and len(body) > _SMALL_BYTES else None
    shown = "text/javascript" if name.endswith(".js") else media_type or "application/octet-stream"
    return Built(body, packed, shown)
