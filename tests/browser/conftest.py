"""A platform and the example shop as they run, and Debian's chromium to walk through them."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from support.buying import free_port
from support.living import PAGES, Living, found_living, living_demo
from support.market import Market, prepared, running_market
from support.sandbox import STARTS_WITHIN_SECONDS, wait_until
from tiao.runtime.embedded import Embedded

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium")
GRANIAN = (sys.executable, "-m", "granian", "--interface", "asgi", "--factory")
#: Set to a folder to look at what a person would see.
SHOTS = os.environ.get("TIAO_SHOTS")
#: The var folder of a demo that runs already, for whoever works on a page.
LIVING = os.environ.get("TIAO_LIVING")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM is None:
        for item in items:
            if item.path.is_relative_to(Path(__file__).parent):
                item.add_marker(pytest.mark.skip(reason="NO CHROMIUM: `make browser` installs it"))


class Shop(NamedTuple):
    """The example shop at its platform."""

    url: str
    market: Market


@pytest.fixture(scope="module")
def shop(server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    name = f"browser_{os.getpid()}"
    server.drop_database(name)
    server.ensure_database(name, template="tiao_template")
    folder = tmp_path_factory.mktemp("browser")
    made = asyncio.run(prepared(server.url(name), 7, 2_000_000))
    with (
        running_market(server.url(name), folder, made, TIAO_WEBHOOK_ALLOW="127.0.0.1") as market,
        running_shop(market.url, market.merchant_key, folder) as url,
    ):
        yield Shop(url, market)
    server.drop_database(name)


@contextmanager
def running_shop(platform_url: str, key: str, folder: Path) -> Iterator[str]:
    """Run the example shop at a platform; give its address."""
    port = free_port()
    url = f"http://localhost:{port}"
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "clients" / "python" / "src"), str(ROOT / "examples" / "shop")]),
        "TIAO_URL": platform_url,
        "TIAO_KEY": key,
        "SHOP_URL": url,
        "SHOP_TOLD_AT": f"http://127.0.0.1:{port}",
    }
    with (folder / "shop.log").open("wb") as log:
        process = subprocess.Popen(
            [*GRANIAN, "--port", str(port), "shop:create_app"], env=environment, stdout=log, stderr=log
        )
    try:
        wait_until(lambda: _answers(url), STARTS_WITHIN_SECONDS, "shop")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def living() -> Iterator[Living]:
    """The demo, with its pages."""
    if not (PAGES / "ops" / "index.html").is_file():
        pytest.skip("NO PAGES: `make web` builds them")
    if LIVING:
        yield found_living(Path(LIVING))
        return
    # Not below pytest's folder: every run that begins shuts that to other users, and so to PostgreSQL's under root.
    with TemporaryDirectory(prefix="tiao-living-") as folder, living_demo(Path(folder)) as demo:
        yield demo


@pytest.fixture(scope="module")
def chromium(living: Living) -> Iterator[Browser]:
    """Start chromium beside the demo."""
    assert living.port
    with _started() as started:
        yield started


@contextmanager
def _started() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--font-render-hinting=none"]
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def browser(shop: Shop) -> Iterator[Browser]:
    """Start chromium after everything else: Playwright's loop runs from here on, and no other may begin beside it."""
    assert shop.url
    with _started() as started:
        yield started


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
        viewport={"width": 390, "height": 844},
    )
    yield made
    made.close()


@pytest.fixture
def seen(context: BrowserContext, shop: Shop) -> Iterator[list[str]]:
    """Everything that a page may not do: errors, refused content, requests to anybody else, answers that are broken."""
    faults: list[str] = []
    hosts = {urlsplit(each).netloc for each in (shop.url, shop.market.url)}

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
        # A "no" that the shop shows its keeper is no fault.
        page.on(
            "console",
            lambda said: (
                faults.append(f"console: {said.text}")
                if said.type == "error" and "status of 409" not in said.text
                else None
            ),
        )
        page.on(
            "request",
            lambda asked: (
                faults.append(f"foreign: {asked.url}")
                if not asked.url.startswith("data:") and urlsplit(asked.url).netloc not in hosts
                else None
            ),
        )
        page.on("response", lambda got: faults.append(f"{got.status}: {got.url}") if got.status >= 500 else None)

    context.on("page", watch)
    yield faults
    assert faults == []


def shot(page: Page, name: str) -> None:
    """Keep a picture where somebody asked for one."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
