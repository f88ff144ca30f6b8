"""Measure how soon each face shows what it is for, over a slow network on a slow processor; print medians of five.

make loading
"""

import os
import shutil
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from browser.walking import signed_in  # noqa: E402  tests are no package
from support.living import Living, found_living, living_demo  # noqa: E402

TIMES = 5
QUIET_MS = 2_500
_LAST_PAINT = """() => new Promise(done => new PerformanceObserver(seen =>
    done(seen.getEntries().at(-1).startTime)).observe({type: "largest-contentful-paint", buffered: true}))"""


class Network(NamedTuple):
    """What lies between a person and the server. *slower*: how many times the processor is slowed."""

    bits_per_second: int
    latency_ms: int
    slower: int
    width: int


PHONE = Network(1_600_000, 150, 4, 390)
DESK = Network(10_000_000, 40, 1, 1280)
PAGES = (("wallet", "/", PHONE), ("merchant", "/orders", DESK), ("ops", "/risk", DESK), ("ops", "/ledger", DESK))


class Load(NamedTuple):
    """One first visit."""

    shown_ms: float
    bytes_moved: int
    requests: int


def main() -> None:
    """Measure each page, and print a table for docs/performance.md."""
    running = os.environ.get("TIAO_LIVING")
    if running:
        measure(found_living(Path(running)))
        return
    with TemporaryDirectory(prefix="tiao-living-") as folder, living_demo(Path(folder)) as living:
        measure(living)


def measure(living: Living) -> None:
    print("| page | largest paint, s | kB moved | requests |\n|---|---:|---:|---:|")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for face, path, network in PAGES:
            loads = [loaded(chromium, living, face, path, network) for _ in range(TIMES)]
            seconds = sorted(each.shown_ms / 1_000 for each in loads)
            print(
                f"| {face} {path} | {median(seconds):.2f} ({seconds[0]:.2f} to {seconds[-1]:.2f}) "
                f"| {median(each.bytes_moved for each in loads) / 1_000:.0f} "
                f"| {median(each.requests for each in loads):.0f} |",
                flush=True,
            )
        chromium.close()


def loaded(chromium: Browser, living: Living, face: str, path: str, network: Network) -> Load:
    """Visit for the first time: nothing is in the browser's cache but the session."""
    context = chromium.new_context(viewport={"width": network.width, "height": 844}, locale="zh-CN")
    page = context.new_page()
    signed_in(page, living, face)
    moved = slowed(page, network)
    page.goto(living.url(face) + path)
    page.wait_for_timeout(QUIET_MS)
    shown_ms = float(page.evaluate(_LAST_PAINT))
    context.close()
    return Load(shown_ms, sum(moved), len(moved))


def slowed(page: Page, network: Network) -> list[int]:
    """Slow network and processor down, forget the cache; give a list that grows by each answer's bytes."""
    moved: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    throughput = network.bits_per_second / 8
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": network.latency_ms,
            "downloadThroughput": throughput,
            "uploadThroughput": throughput,
        },
    )
    session.send("Emulation.setCPUThrottlingRate", {"rate": network.slower})
    session.on("Network.loadingFinished", lambda got: moved.append(int(got["encodedDataLength"])))
    return moved


if __name__ == "__main__":
    main()
