"""Take a picture of every screen of the three faces beside a demo, and write docs/screens.md around them.

    make screens

Whoever changed a page runs it and looks at what it made.
"""

import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from browser.test_faces import WIDTHS, known  # noqa: E402  tests are no package
from browser.walking import FACES, Place, signed_in, walked, wanted, went  # noqa: E402
from support.living import Living, found_living, living_demo  # noqa: E402

PICTURES = ROOT / "docs" / "pictures" / "screens"
PAGE = ROOT / "docs" / "screens.md"
HEIGHTS = {"ops": 800, "merchant": 800, "wallet": 844}
SHOWN_WIDE = {"ops": 720, "merchant": 720, "wallet": 260}
TITLES = {"ops": "The operations console", "merchant": "The merchants' portal", "wallet": "The wallet"}
COLOURS = 64
#: One picture of each face the other way: English, in the dark.
ALSO_IN_THE_DARK = {"ops": "/risk", "merchant": "/orders", "wallet": "/"}


def main() -> None:
    """Take them all."""
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    running = os.environ.get("TIAO_LIVING")
    if running:
        write(taken(found_living(Path(running))))
        return
    with TemporaryDirectory(prefix="tiao-living-") as folder, living_demo(Path(folder)) as living:
        write(taken(living))


def taken(living: Living) -> dict[str, list[tuple[str, Place]]]:
    """Take a picture of each route; give the headings beside the places."""
    found = {}
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--font-render-hinting=none"]
        )
        for face in FACES:
            found[face] = face_taken(chromium, living, face)
            print(f"{face}: {len(found[face])} screens", flush=True)
        chromium.close()
    return found


def face_taken(chromium: Browser, living: Living, face: str) -> list[tuple[str, Place]]:
    context = chromium.new_context(
        locale="zh-CN", viewport={"width": WIDTHS[face], "height": HEIGHTS[face]}, reduced_motion="reduce"
    )
    wanted(context, "zh-CN", "light", 1)
    page = context.new_page()
    signed_in(page, living, face)
    places = sorted(walked(page, living, face, known(living, face)))
    shown = []
    for place in places:
        went(page, living, face, place.path)
        shown.append((page.locator("h1").first.inner_text(), place))
        keep(page.screenshot(animations="disabled"), name_of(face, place.route))
    context.close()
    dark = chromium.new_context(
        locale="en", viewport={"width": WIDTHS[face], "height": HEIGHTS[face]}, reduced_motion="reduce"
    )
    wanted(dark, "en", "dark", 1)
    page = dark.new_page()
    signed_in(page, living, face)
    went(page, living, face, ALSO_IN_THE_DARK[face])
    keep(page.screenshot(animations="disabled"), f"{face}-dark")
    dark.close()
    return shown


def keep(png: bytes, name: str) -> None:
    """Keep a picture with few colours: it is for reading, and for the repository to hold."""
    path = PICTURES / f"{name}.png"
    path.write_bytes(png)
    with Image.open(path) as whole:
        whole.convert("RGB").quantize(COLOURS).save(path, optimize=True)


def name_of(face: str, route: str) -> str:
    """Name a route's picture."""
    return f"{face}-{route.strip('/').replace('/:', '-').replace('/', '-') or 'home'}"


def write(found: dict[str, list[tuple[str, Place]]]) -> None:
    """Write the page."""
    lines = [
        "# Screens",
        "",
        "Every screen beside a demo, as `make screens` takes them, in Chinese; the last of",
        "each face in English and in the dark. What each is for: [the console, the portal](console.md).",
    ]
    for face, shown in found.items():
        lines += ["", f"## {TITLES[face]}", ""]
        for heading, place in shown:
            picture = f"pictures/screens/{name_of(face, place.route)}.png"
            lines += [
                f"### `{place.route}` {heading}",
                "",
                f'<img src="{picture}" width="{SHOWN_WIDE[face]}" alt="{heading}">',
                "",
            ]
        lines += [
            "### In English, in the dark",
            "",
            f'<img src="pictures/screens/{face}-dark.png" width="{SHOWN_WIDE[face]}" alt="in the dark">',
        ]
    PAGE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
