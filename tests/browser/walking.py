"""Every page of a face, found by following its links; what a page may not do; whom it shuts out."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import axe_playwright_python
from playwright.sync_api import BrowserContext, Page, TimeoutError  # noqa: A004  Playwright's own is no OSError

from support.living import ROOT, Living

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: What another theme, text size or language can break where the page was sound before.
LOOKS = ["color-contrast", "html-lang-valid", "link-in-text-block", "scrollable-region-focusable", "target-size"]
FACES = ("ops", "merchant", "wallet")
_ROLES = {"ops": "operator", "merchant": "merchant", "wallet": "consumer"}
_ROUTE = re.compile(r"<Route\s+path=\"(/[^\"]*)\"")
_COMPUTED = re.compile(r"<Route\s+path=\{[^}]*\}")
_SETTLES_WITHIN_MS = 30_000
_TRIED_MAX = 3
_SETTLED = """() => document.querySelector("h1")
    && !document.querySelector(".ant-spin-spinning, .ant-skeleton-active, [role=progressbar].waiting")"""
_SHOWN_AS = """chosen => {
    const root = document.documentElement;
    return root.lang === chosen.language && root.dataset.theme === chosen.theme
        && root.dataset.scale === String(chosen.scale);
}"""
#: Colours that change little by little have done so when two frames were drawn: motion is reduced.
_DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
#: What antd's inner style tag is refused, harmlessly; nothing else may be.
_HARMLESS = ("Refused to apply inline style", "Applying inline style violates")


class Watch:
    """What the pages of a context did that none may do."""

    def __init__(self, context: BrowserContext, hosts: set[str]) -> None:
        self.faults: list[str] = []
        self.expected: set[int] = set()
        self._hosts = hosts
        context.on("page", self._page)

    def _page(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"page error at {page.url}: {error}"))
        page.on("console", lambda said: self._said(page, said.type, said.text))
        page.on("request", lambda asked: self._asked(asked.url))
        page.on("response", lambda got: self._answered(got.status, got.url))

    def _said(self, page: Page, kind: str, text: str) -> None:
        if kind == "error" and not text.startswith(("Failed to load resource", *_HARMLESS)):
            self.faults.append(f"console at {page.url}: {text}")

    def _asked(self, url: str) -> None:
        if not url.startswith(("data:", "blob:")) and urlsplit(url).netloc not in self._hosts:
            self.faults.append(f"foreign: {url}")

    def _answered(self, status: int, url: str) -> None:
        if status >= 400 and status not in self.expected:
            self.faults.append(f"{status}: {url}")


class Place(NamedTuple):
    """A page: the route it belongs to, and an address that leads there."""

    route: str
    path: str


def routes_of(face: str) -> set[str]:
    """Read from a face's sources which routes it has."""
    sources = [path.read_text() for path in (ROOT / "web" / "apps" / face / "src").rglob("*.tsx")]
    found = {route for source in sources for route in _ROUTE.findall(source)}
    assert found, f"{face} has no routes"
    hidden = [route for source in sources for route in _COMPUTED.findall(source)]
    assert not hidden, f"{face} has routes that nobody can read here: {hidden}"
    # A last part that may be left out makes two pages.
    return {each.rstrip("?") for each in found} | {each.rpartition("/")[0] for each in found if each.endswith("?")}


def signed_in(page: Page, living: Living, face: str, token: str | None = None) -> None:
    """Begin a session as the pages do, from a key."""
    with_session(page, living.url(face), token or living.credentials[_ROLES[face]]["key"])


def with_session(page: Page, url: str, token: str) -> None:
    """Begin a session at an address of a face."""
    page.goto(url)
    status = page.evaluate(
        """async token => {
            const headers = {"content-type": "application/json"};
            const got = await fetch("/v1/session", {method: "POST", headers, body: JSON.stringify({token})});
            localStorage.setItem("tiao.signed-in", "1");
            return got.status;
        }""",
        token,
    )
    assert status == 201, status


def settled(page: Page) -> None:
    """Wait until a page has what it asked for and says so."""
    page.wait_for_load_state("networkidle", timeout=_SETTLES_WITHIN_MS)
    try:
        page.wait_for_function(_SETTLED, timeout=_SETTLES_WITHIN_MS)
    except TimeoutError as error:
        msg = f"{page.url} does not settle"
        raise AssertionError(msg) from error


def went(page: Page, living: Living, face: str, path: str) -> None:
    page.goto(living.url(face) + path)
    settled(page)


def walked(page: Page, living: Living, face: str, seeds: tuple[str, ...] = ()) -> list[Place]:
    """Follow links from the first page until every route was seen once; say which cannot be reached."""
    routes = routes_of(face)
    missing = set(routes)
    found: list[Place] = []
    ahead, known = ["/", *seeds], {"/", *seeds}
    tried: Counter[str] = Counter()
    while ahead and missing:
        path = ahead.pop(0)
        went(page, living, face, path)
        at = urlsplit(page.url).path
        for route in sorted(route for route in missing if matches(route, at)):
            missing.remove(route)
            found.append(Place(route, at))
        for link in page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))"):
            bare = urlsplit(link).path
            route = next((each for each in sorted(missing) if matches(each, bare)), None)
            # Three of a kind are enough to find what only some of them lead to.
            if route is not None and bare not in known and tried[route] < _TRIED_MAX:
                tried[route] += 1
                known.add(bare)
                ahead.append(bare)
    assert not missing, f"{face}: no link leads to {sorted(missing)}"
    return found


def matches(route: str, path: str) -> bool:
    """Tell whether a path belongs to a route as wouter reads it."""
    return re.fullmatch(re.sub(r"/:\w+", r"/[^/]+", route), path) is not None


def wanted(context: BrowserContext, language: str, theme: str, scale: float) -> None:
    """Let every page of a context be as somebody wants it who has chosen before."""
    chosen = json.dumps(json.dumps({"language": language, "theme": theme, "scale": scale}))
    context.add_init_script(f"localStorage.setItem('tiao.settings', {chosen})")


def wished(page: Page, language: str, theme: str, scale: float) -> None:
    """Change how a page that is open is shown, as a choice in another tab does."""
    chosen = {"language": language, "theme": theme, "scale": scale}
    page.evaluate(
        """async chosen => {
            localStorage.setItem("tiao.settings", JSON.stringify(chosen));
            dispatchEvent(new StorageEvent("storage", {key: "tiao.settings"}));
        }""",
        chosen,
    )
    try:
        page.wait_for_function(_SHOWN_AS, arg=chosen)
    except TimeoutError as error:
        root = page.evaluate("document.documentElement.outerHTML.slice(0, 200)")
        msg = f"{page.url} is not shown as {chosen}: {root}"
        raise AssertionError(msg) from error
    page.evaluate(_DRAWN)


def shut_out(page: Page, *, is_in_full: bool = True) -> list[str]:
    """Say what keeps people out of a page, by axe: each rule with the elements that break it.

    Otherwise than in full, only what the way it is shown can break.
    """
    # Trusted Types refuse a script tag; evaluating goes past the page's policy.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate(
        "runOnly => axe.run(document, {runOnly, resultTypes: ['violations']})",
        {"type": "tag", "values": RULES} if is_in_full else {"type": "rule", "values": LOOKS},
    )
    return [
        f"{each['id']}: {node['html'][:160]} ({'; '.join(any_of['message'] for any_of in node['any'][:1])})"
        for each in found["violations"]
        for node in each["nodes"][:5]
    ]
