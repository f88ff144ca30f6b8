"""A wheel that is installed where no checkout is serves the pages that were packed into it."""

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import httpx
import psycopg
import pytest

from support.buying import free_port
from support.sandbox import STARTS_WITHIN_SECONDS, wait_until

ROOT = Path(__file__).parents[3]
STATIC = ROOT / "src" / "tiao" / "web" / "_static"
FACES = ("ops", "merchant", "wallet")
ENDS_WITHIN_SECONDS = 30.0


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Build the wheel and install it into an environment of its own; what it needs is lent from this one."""
    if not all((STATIC / face / "index.html").is_file() for face in FACES):
        pytest.skip("NO PAGES: `make web` builds them")
    wheels, own = tmp_path / "wheels", tmp_path / "venv"
    script = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    # A copy, so that a build that goes on meanwhile is not disturbed; its stamp says that the pages need not be built.
    sources = tmp_path / "sources"
    for name in ("src", "web", "docs"):
        shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns("node_modules", "pictures"))
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    done(sources, sys.executable, "-c", script, str(wheels))
    venv.create(own, with_pip=False)
    (wheel,) = wheels.glob("*.whl")
    packages = own / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    pip = ("-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", str(packages), str(wheel))
    done(tmp_path, sys.executable, *pip)
    # No path of an editable install comes along: those are read in the folder they lie in only.
    (packages / "lent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return own / "bin" / "python"


def test_a_wheel_outside_the_checkout_serves_its_pages(installed: Path, database_url: str, tmp_path: Path) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "insert into programme (name, currency, time_zone, market, lender_type, is_test_clock, now_at, cut_off_on,"
            " closed_through, opened_on) values ('packed', 'CNY', 'UTC', 'CN', 'cfc', false, null, current_date - 1,"
            " current_date - 1, current_date - 1)"
        )
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "TIAO_DATABASE_URL": database_url,
        "TIAO_VAR": str(tmp_path / "var"),
        "TIAO_PORT": str(port),
        "TIAO_BANK_KEY": "ab" * 32,
        "TIAO_BUREAU_SECRET": "cd" * 32,
    }
    (tmp_path / "var").mkdir()
    where = done(tmp_path, str(installed), "-c", "import tiao; print(tiao.__file__)")
    assert Path(where.strip()).is_relative_to(installed.parents[1]), "it is the packed one that serves"
    with (tmp_path / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [str(installed), "-m", "tiao", "serve"], cwd=tmp_path, env=environment, stdout=log, stderr=log
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
            wait_until(lambda: is_up(http), STARTS_WITHIN_SECONDS, "serve")
            for face in FACES:
                host = {"Host": f"{face}.localhost"}
                page = http.get("/", headers=host)
                assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8"), face
                (script,) = re.findall(r'<script[^>]* src="(/assets/[^"]+)"', page.text)
                code = http.get(script, headers=host)
                assert code.status_code == 200, script
                assert code.text == (STATIC / face / script.removeprefix("/")).read_text()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(ENDS_WITHIN_SECONDS)
    assert "Traceback" not in (tmp_path / "serve.log").read_text()


def is_up(http: httpx.Client) -> bool:
    try:
        return http.get("/health/live").is_success
    except httpx.TransportError:
        return False


def done(where: Path, *command: str) -> str:
    """Run a program where no checkout is on the path; give what it says."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
