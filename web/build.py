"""Build the pages into the package, once for each state of their sources. Node may be on PATH or come as a wheel.

    python web/build.py               build when something changed
    python web/build.py --is-ready    tell by the exit code whether it needs no Node, or there is one
    python web/build.py --check       style, tests and sizes of what was built
    python web/build.py --budgets     sizes only

What it cannot do it says in one line; without pages the rest of tiao works, and their hosts answer 503.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).resolve().parent
ROOT = WEB.parent
STATIC = ROOT / "src" / "tiao" / "web" / "_static"
STAMP = STATIC / ".source-sha256"
#: The applications, and what a first visit may fetch. *Units*: bytes, packed.
APPS = {"ops": 230_000, "merchant": 230_000, "wallet": 45_000}
NODE_MIN = (20, 19)
#: Node's programs end a failure with pages of help.
LINES_SHOWN_MAX = 40
_SOURCES = ("package.json", "package-lock.json", "tsconfig.base.json", "vite.app.ts", "packages/**/*", "apps/**/*")
_NOT_SOURCES = ("node_modules", "schema.d.ts")


def digest_of_sources() -> str:
    """Digest everything a page is made from, the API document included."""
    digest = hashlib.sha256()
    paths = {path for pattern in _SOURCES for path in WEB.glob(pattern) if path.is_file()}
    for path in [ROOT / "docs" / "openapi.json", *sorted(paths)]:
        if not any(part in _NOT_SOURCES for part in path.parts):
            digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def is_fresh(digest: str) -> bool:
    """Tell whether the pages that stand there are made from these sources."""
    return (
        STAMP.is_file() and STAMP.read_text() == digest and all((STATIC / app / "index.html").is_file() for app in APPS)
    )


def path_with_node() -> str | None:
    """Give a PATH on which a Node that is new enough stands first; None when there is none."""
    beside = str(Path(sys.executable).parent)
    for path in (os.environ.get("PATH", ""), beside + os.pathsep + os.environ.get("PATH", "")):
        node = shutil.which("node", path=path)
        if node and shutil.which("npm", path=path):
            said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
            version = re.match(r"v(\d+)\.(\d+)", said)
            if version and tuple(int(each) for each in version.groups()) >= NODE_MIN:
                return path
    return None


def run(path: str, *command: str) -> None:
    """Run one of Node's programs here; what it said is shown when it fails."""
    done = subprocess.run(
        command, cwd=WEB, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).splitlines()
        raise SystemExit("\n".join([f"{' '.join(command)} failed:", *said[:LINES_SHOWN_MAX]]))


def build(path: str) -> None:
    """Install what the pages are built with, exactly as locked, and build every application."""
    run(path, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    run(path, "npm", "run", "client")
    # Every page is compiled before any is built, so that what an API's change breaks is said soon.
    for app in APPS:
        run(path, "npx", "tsc", "-p", f"apps/{app}")
    for app in APPS:
        run(path, "npx", "vite", "build", f"apps/{app}")


def first_load_bytes(app: str) -> int:
    """Count what a browser fetches before it can show anything, packed as it is served."""
    html = (STATIC / app / "index.html").read_bytes()
    names = re.findall(rb'(?:src|href)="/(assets/[^"]+)"', html)
    assert names, "a page that loads nothing is not what was built"
    sizes = [len(gzip.compress((STATIC / app / name.decode()).read_bytes(), 9)) for name in names]
    # The words of one language, where they are fetched apart: whoever speaks the longer one counts.
    words = [len(gzip.compress(path.read_bytes(), 9)) for path in (STATIC / app / "assets").glob("words.*.js")]
    return sum(sizes) + max(words, default=0)


def check(path: str) -> None:
    """Check style, run the tests, and hold each application against its budget."""
    if not (WEB / "node_modules").is_dir():
        run(path, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        run(path, "npm", "run", "client")
    run(path, "npm", "run", "lint")
    run(path, "npm", "run", "test")
    check_budgets()


def check_budgets() -> None:
    """Hold each application against what a first visit may fetch."""
    over = []
    for app, budget in APPS.items():
        size = first_load_bytes(app)
        print(f"{app:8} first load {size / 1000:6.1f} kB of {budget / 1000:.0f} kB")
        if size > budget:
            over.append(app)
    if over:
        raise SystemExit(f"past its budget: {', '.join(over)}")


def main() -> None:
    """Build, unless what stands there is made from these very sources; or check."""
    path = path_with_node()
    digest = digest_of_sources()
    is_built = is_fresh(digest)
    if "--is-ready" in sys.argv:
        raise SystemExit(0 if is_built or path is not None else 1)
    if path is None and not (is_built and "--check" not in sys.argv):
        raise SystemExit("pages not built: there is no Node 20.19 or later; `make web` brings one as a wheel")
    assert path is not None or is_built, "without Node there is nothing left to do"
    if not is_built and path is not None:
        print("building the pages ...", file=sys.stderr, flush=True)
        build(path)
        STAMP.write_text(digest)
    if "--check" in sys.argv and path is not None:
        check(path)
    if "--budgets" in sys.argv:
        check_budgets()


if __name__ == "__main__":
    main()
