"""The demo as `make up` starts it, in a folder and on ports of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from support.buying import free_port, started
from support.sandbox import is_ready, wait_until

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "src" / "tiao" / "web" / "_static"
#: It lives three months before it answers.
LIVES_WITHIN_SECONDS = 240.0
STOPS_WITHIN_SECONDS = 60.0
SHOWS_WITHIN_SECONDS = 20.0
_NEEDS = (0, 100, 101, 102, 103)
_CODE = re.compile(r"\d{6}")


class Living(NamedTuple):
    """A demo that lives. *credentials*: what var/demo.json holds."""

    port: int
    credentials: dict[str, Any]
    environment: dict[str, str]

    def url(self, face: str = "") -> str:
        """Give the address of a face; browsers resolve *.localhost by themselves."""
        return f"http://{face}.localhost:{self.port}" if face else f"http://127.0.0.1:{self.port}"

    def client(self, role: str) -> httpx.Client:
        """Call the API as the demo's operator, merchant or consumer."""
        key = self.credentials[role]["key"]
        return httpx.Client(base_url=self.url(), headers={"Authorization": f"Bearer {key}"}, timeout=60)

    def texts(self, phone: str) -> int:
        """Count what a handset was sent."""
        return len(self._sent(phone))

    def _sent(self, phone: str) -> list[str]:
        found: list[str] = httpx.get(f"http://127.0.0.1:{self.port + 102}/handsets/{phone}").json()
        return found

    def code(self, phone: str, seen: int = 0) -> str:
        """Read the code that comes after *seen* texts."""
        end = time.monotonic() + SHOWS_WITHIN_SECONDS
        while time.monotonic() < end:
            texts = self._sent(phone)
            if len(texts) > seen:
                found = _CODE.search(texts[-1])
                assert found is not None, texts
                return found[0]
            time.sleep(0.1)
        msg = f"no text came to {phone}"
        raise AssertionError(msg)


@contextmanager
def living_demo(folder: Path, **more: str) -> Iterator[Living]:
    """Run a demo until the block ends."""
    port = _free_ports()
    environment = {**os.environ, "TIAO_VAR": str(folder), "TIAO_PORT": str(port), **more}
    process = started(environment, folder / "demo.log", "demo")
    try:
        wait_until(lambda: _lives(process, port, folder), LIVES_WITHIN_SECONDS, "demo")
        yield Living(port, json.loads((folder / "demo.json").read_bytes()), environment)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOPS_WITHIN_SECONDS)


def found_living(folder: Path) -> Living:
    """Find a demo that somebody else runs."""
    credentials = json.loads((folder / "demo.json").read_bytes())
    return Living(urlsplit(credentials["base_url"]).port or 80, credentials, {**os.environ, "TIAO_VAR": str(folder)})


def _lives(process: subprocess.Popen[bytes], port: int, folder: Path) -> bool:
    assert process.poll() is None, (folder / "demo.log").read_text()
    return is_ready(f"http://127.0.0.1:{port}")


def _free_ports() -> int:
    """Find a port that is free together with those that the demo's outside world takes."""
    for _ in range(50):
        port = free_port()
        if port + max(_NEEDS) < 65_536 and all(_is_free(port + each) for each in _NEEDS):
            return port
    msg = "no ports are free"
    raise AssertionError(msg)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
