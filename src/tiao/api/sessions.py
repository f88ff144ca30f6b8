"""A browser's session: a short-lived key that only the browser holds, in a cookie that no script can read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from uuid import UUID

from litestar.datastructures import Cookie

from tiao.api.refusals import ForeignRequest
from tiao.api.services import Services
from tiao.partners import actions as partners
from tiao.partners.model import IssuedKey, Role
from tiao.runtime.origin import is_same_origin

#: The prefix makes browsers demand Secure, the path / and no domain, so that no neighbouring host can plant one.
COOKIE = "__Host-tiao"
#: How long somebody stays signed in: a working day for those who see other people's affairs, a month for one's own.
LASTS = {Role.CONSUMER: timedelta(days=30), Role.MERCHANT: timedelta(hours=12), Role.OPERATOR: timedelta(hours=12)}

#: How the keys of browsers are labelled; what the browser says it is follows.
LABEL = "browser session"
#: What names itself first is meant: every browser also names those it is like.
_BROWSERS = (
    *(("MicroMessenger", "WeChat"), ("AlipayClient", "Alipay"), ("Edg", "Edge"), ("Firefox", "Firefox")),
    *(("Chrome", "Chrome"), ("Safari", "Safari")),
)
_SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows")),
    *(("Mac OS X", "macOS"), ("Linux", "Linux")),
)
_CHANGES_NOTHING = frozenset({"GET", "HEAD", "OPTIONS"})


def authorization_of(method: str, headers: Mapping[str, str]) -> str | None:
    """Read who asks: the Authorization header, or else the session's cookie as if it were one.

    A cookie comes along with whatever any page sends us, so a change must say that one of our own pages sent it.
    Refuses: ForeignRequest.
    """
    given = headers.get("authorization")
    if given is not None:
        return given
    token = _token(headers.get("cookie", ""))
    if token is None:
        return None
    if method not in _CHANGES_NOTHING and not is_same_origin(headers):
        raise ForeignRequest
    return f"Bearer {token}"


async def begin(services: Services, role: Role, subject_id: UUID, *, bucket: int | None, device: str = "") -> IssuedKey:
    """Begin a session of somebody who has proved who they are: a key for the browser, which ends by itself."""
    async with services.shards.platform(bucket).db.begin() as tx:
        now = await services.real_moment(tx)
        issued = await partners.issue_key(
            tx,
            now,
            role=role,
            subject_id=subject_id,
            label=_label(device),
            random_bytes=services.random_bytes,
            expires_at=now.at + LASTS[role],
        )
    await services.shards.spread()
    return issued


async def begin_with(
    services: Services, role: Role, key_id: UUID, *, bucket: int | None, device: str = ""
) -> IssuedKey:
    """Begin a session with the rights of a key; it ends with the key, or sooner. Refuses: KeyUnknown, TokenRevoked."""
    async with services.shards.platform(bucket).db.begin() as tx:
        now = await services.real_moment(tx)
        issued = await partners.open_session(
            tx, now, key_id, label=_label(device), until=now.at + LASTS[role], random_bytes=services.random_bytes
        )
    await services.shards.spread()
    return issued


def device_of(headers: Mapping[str, str]) -> str:
    """Name a browser and its system as people do, without version or anything else that would tell one from another."""
    said = headers.get("user-agent", "")
    browser = next((name for sign, name in _BROWSERS if sign in said), None)
    system = next((name for sign, name in _SYSTEMS if sign in said), None)
    return " · ".join(each for each in (browser, system) if each)


def _label(device: str) -> str:
    return f"{LABEL}: {device}" if device else LABEL


def device_in(label: str) -> str | None:
    """Read which browser a key is of from its label; None when it is no browser's."""
    return label.removeprefix(LABEL).removeprefix(": ") if label.startswith(LABEL) else None


def cookie_of(token: str, role: Role) -> Cookie:
    """Make the cookie of a new session."""
    return _cookie(token, int(LASTS[role].total_seconds()))


def no_cookie() -> Cookie:
    """Make the cookie that ends a session in the browser."""
    return _cookie("", 0)


def _cookie(value: str, seconds: int) -> Cookie:
    return Cookie(key=COOKIE, value=value, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")


def _token(header: str) -> str | None:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return found.value if found is not None and found.value else None
