"""A running server with a provisioned sandbox, and a merchant's own server that is called back."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from support.buying import free_port, started

STARTS_WITHIN_SECONDS = 60.0
CALLED_WITHIN_SECONDS = 15.0


class Merchant(NamedTuple):
    """A merchant's own key, as it would make it."""

    private_key: str
    public_key: str
    certificate: str
    serial: str


class Received(NamedTuple):
    headers: dict[str, str]
    body: bytes


class Callbacks:
    """The merchant's server: it keeps what it is told and answers as told to."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[tuple[int, bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status, text = outer.answers.pop(0) if outer.answers else (200, b"success")
                self.send_response(status)
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
                outer.received.append(Received(dict(self.headers), body))

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/notify"
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()

    def wait_for(self, count: int, within: float = CALLED_WITHIN_SECONDS) -> list[Received]:
        wait_until(lambda: len(self.received) >= count, within, "callback")
        return self.received

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Sandbox(NamedTuple):
    """A provisioned sandbox on a running server."""

    url: str
    merchant: Merchant
    credentials: dict[str, Any]
    environment: dict[str, str]

    def helper(self, name: str, **body: object) -> Any:  # noqa: ANN401  JSON
        headers = {"Authorization": f"Bearer {self.credentials['test_token']}"}
        answer = httpx.post(f"{self.url}/v1/test_helpers/{name}", json=body, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def verify(self) -> None:
        """Run every invariant."""
        done = subprocess.run(
            [sys.executable, "-m", "tiao", "verify"], env=self.environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def new_merchant() -> Merchant:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a merchant")])
    at = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .sign(key, SHA256())
    )
    return Merchant(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        certificate.public_bytes(Encoding.PEM).decode(),
        f"{certificate.serial_number:X}",
    )


@contextmanager
def running_sandbox(database_url: str, folder: Path) -> Iterator[Sandbox]:
    """Provision a merchant and serve; what was started is stopped."""
    port = free_port()
    environment = {
        **os.environ,
        "TIAO_VAR": str(folder),
        "TIAO_DATABASE_URL": database_url,
        "TIAO_BANK_KEY": "0" * 64,
        "TIAO_BUREAU_SECRET": "1" * 64,
        "TIAO_PORT": str(port),
    }
    merchant = new_merchant()
    asked = {
        "merchant_public_key": merchant.public_key,
        "merchant_certificate": merchant.certificate,
        "notify_allow": ["127.0.0.1"],
    }
    done = subprocess.run(
        [sys.executable, "-m", "tiao", "sandbox", "provision", "--json"],
        input=json.dumps(asked).encode(),
        env=environment,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    url = f"http://127.0.0.1:{port}"
    log = folder / "serve.log"
    process = started(environment, log, "serve")
    try:
        wait_until(lambda: is_ready(url), STARTS_WITHIN_SECONDS, "server")
        yield Sandbox(url, merchant, json.loads(done.stdout), environment)
    finally:
        process.terminate()
        process.wait(30)


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=1).status_code == 200
    except httpx.HTTPError:
        return False


def wait_until(is_so: Callable[[], bool], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"no {what} within {seconds} s"
        time.sleep(0.05)
