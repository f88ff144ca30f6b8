"""Scroll through a million entries of the ledger as people do, and measure what it costs; print a table.

make scrolling
"""

import asyncio
import os
import secrets
import shutil
import sys
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import NamedTuple

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from browser.walking import signed_in, went  # noqa: E402  tests are no package
from support.living import Living, found_living, living_demo  # noqa: E402
from tiao.ledger import actions as ledger  # noqa: E402
from tiao.payments.postings import owner_funding  # noqa: E402
from tiao.runtime.checks import run_checks  # noqa: E402
from tiao.runtime.db import Database  # noqa: E402
from tiao.runtime.embedded import Embedded  # noqa: E402
from tiao.runtime.programme import read_programme  # noqa: E402
from tiao.values.ids import BUCKETS, derived_id  # noqa: E402
from tiao.values.money import Money  # noqa: E402

ENTRIES = 1_000_000
POSTINGS_AT_ONCE = 5_000
VIEW = {"width": 1280, "height": 900}
LATE_MS = 50
WAITS_MS = 10_000
#: What keeps the page from answering for as long is a long task. *Source*: W3C Long Tasks API.
_RECORD = """() => {
    window.tasks ??= new PerformanceObserver(seen => window.long.push(...seen.getEntries().map(each => each.duration)));
    window.long = []; window.tasks.observe({type: "longtask"});
    window.gaps = []; let last = performance.now(); window.isRecorded = true;
    const next = now => {
        window.gaps.push(now - last); last = now;
        if (window.isRecorded) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
}"""
_GAPS = """() => {
    window.isRecorded = false; window.tasks.disconnect();
    return [window.gaps.slice(1), window.long];
}"""
_NODES = "() => document.querySelectorAll('*').length"
_IS_FILLED = """() => [...document.querySelectorAll(".entries-sight .entry")].length > 5
    && [...document.querySelectorAll(".entries-sight .entry")].every(row => row.children[3].textContent !== "")"""
_ROWS = "() => [...document.querySelectorAll('.entries-sight .entry')].map(row => Number(row.ariaRowIndex) - 1)"


class Scrolled(NamedTuple):
    """One way of scrolling. *gaps*: milliseconds between frames; *fills*: until rows stood there after each rest.

    *tasks*: milliseconds of work that kept the page from answering, each of 50 and more.
    """

    way: str
    gaps: list[float]
    tasks: list[float]
    fills: list[float]
    heap_bytes: int
    nodes: int


def main() -> None:
    """Fill a demo's ledger, scroll, print."""
    running = os.environ.get("TIAO_LIVING")
    if running:
        measured(found_living(Path(running)))
        return
    with TemporaryDirectory(prefix="tiao-living-") as folder, living_demo(Path(folder)) as living:
        measured(living)


def measured(living: Living) -> None:
    embedded = Embedded.start(Path(living.environment["TIAO_VAR"]) / "postgres")
    try:
        day, entries = asyncio.run(filled(embedded.url("tiao")))
    finally:
        embedded.leave()
    print(f"{entries:,} entries on {day}; every invariant holds\n", flush=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--enable-precise-memory-info"],
            # A bar that is hidden cannot be dragged.
            ignore_default_args=["--hide-scrollbars"],
        )
        ways = scrolled(chromium, living, day, entries)
        chromium.close()
    print(
        "| way | frames | p50, p99, longest, ms | over 50 ms | long tasks, longest, ms "
        "| rows after a rest, ms: median, longest | heap, MB | elements |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for each in ways:
        print(line_of(each))


def line_of(way: Scrolled) -> str:
    gaps, fills = sorted(way.gaps), sorted(way.fills)
    waits = f"{fills[len(fills) // 2]:.0f}, {fills[-1]:.0f}" if fills else "–"
    kept = f"{way.heap_bytes / 1e6:.1f} | {way.nodes:,} |"
    if not gaps:
        return f"| {way.way} | – | – | – | – | {waits} | {kept}"
    late = sum(gap > LATE_MS for gap in gaps) / len(gaps)
    frames = f"{gaps[len(gaps) // 2]:.0f}, {gaps[int(len(gaps) * 0.99)]:.0f}, {gaps[-1]:.0f}"
    tasks = f"{len(way.tasks)}, {max(way.tasks):.0f}" if way.tasks else "0"
    return f"| {way.way} | {len(gaps):,} | {frames} | {late:.2%} | {tasks} | {waits} | {kept}"


async def filled(url: str) -> tuple[date, int]:
    """Book until the day has a million entries, through the ledger's one way in; let every invariant be run."""
    database = await Database.open(url)
    try:
        async with database.begin() as tx:
            programme = await read_programme(tx)
            assert programme.now_at is not None, "a demo has a test clock"
            day, at = programme.now_at.astimezone(programme.zone).date(), programme.now_at
            entries = sum(each.entries for each in await ledger.entry_blocks(tx, day, account=None, size=500))
        began = monotonic()
        while entries < ENTRIES:
            await _post(database, day, at)
            entries += 2 * POSTINGS_AT_ONCE
            if entries % 100_000 < 2 * POSTINGS_AT_ONCE:
                print(f"{entries:,} entries, {monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        async with database.begin() as tx:
            faults = await run_checks(tx)
            assert not faults, faults
            blocks = await ledger.entry_blocks(tx, day, account=None, size=500)
        return day, sum(each.entries for each in blocks)
    finally:
        await database.close()


async def _post(database: Database, day: date, at: datetime) -> None:
    salt = secrets.token_hex(8)
    postings = [
        owner_funding(
            derived_id(f"{salt}/{place}", bucket=place % BUCKETS), Money(1 + secrets.randbelow(10_000_000), "CNY"), day
        )._replace(bucket=place % BUCKETS)
        for place in range(POSTINGS_AT_ONCE)
    ]
    async with database.begin() as tx:
        await ledger.post(tx, postings, booked_on=day, recorded_at=at)


def scrolled(chromium: Browser, living: Living, day: date, entries: int) -> list[Scrolled]:
    context = chromium.new_context(viewport=VIEW, locale="zh-CN")  # type: ignore[arg-type]
    page = context.new_page()
    session = context.new_cdp_session(page)
    signed_in(page, living, "ops")
    began = monotonic()
    went(page, living, "ops", f"/ledger/entries?on={day}")
    page.wait_for_function(_IS_FILLED, timeout=WAITS_MS)
    print(f"first rows {monotonic() - began:.1f} s after the address was given\n", flush=True)
    box = page.locator(".entries-box").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    found = [Scrolled("before", [], [], [], heap_of(session), page.evaluate(_NODES))]
    for way, work in (
        ("wheel, read on: 100 px a notch", read_on),
        ("wheel, first to last entry", lambda one: wheeled_through(one, entries)),
        ("keys: Home, End, 200 pages", lambda one: keyed(one, entries)),
        ("bar dragged, first to last and back", lambda one: dragged(one, entries)),
    ):
        page.evaluate(_RECORD)
        fills = work(page)
        gaps, tasks = page.evaluate(_GAPS)
        found.append(Scrolled(way, gaps, tasks, fills, heap_of(session), page.evaluate(_NODES)))
        print(line_of(found[-1]), file=sys.stderr, flush=True)
    context.close()
    return found


def read_on(page: Page) -> list[float]:
    """Turn the wheel as somebody who reads; every row there is passes through the window, in order."""
    last, unfilled = max(page.evaluate(_ROWS)), 0
    for _ in range(400):
        page.mouse.wheel(0, 100)
        page.wait_for_timeout(30)
        rows = page.evaluate(_ROWS)
        assert min(rows) <= last + 1, f"rows {last + 1} to {min(rows) - 1} were passed over"
        last = max(rows)
        unfilled += not page.evaluate(_IS_FILLED)
    assert unfilled == 0, f"{unfilled} times rows were not there yet"
    return []


def wheeled_through(page: Page, entries: int) -> list[float]:
    """Turn it hard, until the last entry stands there."""
    fills = []
    for turn in range(4_000):
        page.mouse.wheel(0, 28_000)
        if turn % 50 == 0:
            fills.append(rested(page))
        if turn % 20 == 0 and entries in page.evaluate(_ROWS):
            return fills
    msg = "the last entry was not reached"
    raise AssertionError(msg)


def keyed(page: Page, entries: int) -> list[float]:
    page.locator(".entries-box").focus()
    fills = []
    for _ in range(10):
        page.keyboard.press("Home")
        fills.append(rested(page))
        assert 1 in page.evaluate(_ROWS)
        page.keyboard.press("End")
        fills.append(rested(page))
        assert entries in page.evaluate(_ROWS)
    for _ in range(200):
        before = min(page.evaluate(_ROWS))
        page.keyboard.press("PageUp")
        page.wait_for_timeout(30)
        assert max(page.evaluate(_ROWS)) >= before, "a page up passes rows over"
    return fills


def dragged(page: Page, entries: int) -> list[float]:
    """Take hold of the bar's thumb and draw it from one end to the other, resting now and then."""
    page.keyboard.press("Home")
    rested(page)  # the thumb is taken hold of at the top
    box = page.locator(".entries-box").bounding_box()
    assert box is not None
    # An arrow as tall as the bar is wide stands at either end; the thumb begins after it.
    bar = page.evaluate(
        "() => { const box = document.querySelector('.entries-box'); return box.offsetWidth - box.clientWidth; }"
    )
    x, top, bottom = box["x"] + box["width"] - bar / 2, box["y"] + bar + 6, box["y"] + box["height"] - 4
    fills = []
    page.mouse.move(x, top)
    page.mouse.down()
    steps = 600
    for step in [*range(steps + 1), *range(steps, -1, -1)]:
        page.mouse.move(x, top + (bottom - top) * step / steps)
        if step % 60 == 0:
            fills.append(rested(page))
        if step == steps:
            page.wait_for_function(f"() => ({_ROWS})().includes({entries})", timeout=WAITS_MS)
    page.mouse.up()
    page.wait_for_function(f"() => ({_ROWS})().includes(1)", timeout=WAITS_MS)
    return fills


def rested(page: Page) -> float:
    """Give how long it takes until every row in the window is there."""
    began = monotonic()
    page.wait_for_timeout(20)
    page.wait_for_function(_IS_FILLED, timeout=WAITS_MS)
    return (monotonic() - began) * 1_000


def heap_of(session: CDPSession) -> int:
    """Give what scripts hold once what is not held any more is swept out."""
    session.send("HeapProfiler.collectGarbage")
    return int(session.send("Runtime.getHeapUsage")["usedSize"])


if __name__ == "__main__":
    main()
