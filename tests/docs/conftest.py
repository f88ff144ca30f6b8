"""A served programme on a test clock, with everybody the tutorial needs: what `make up` leaves, but small."""

import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.support.consenting import application

from docs.pages import ROOT
from tiao.identity.rules import check_sign
from tiao.partners import actions as partners
from tiao.partners.model import Role
from tiao.runtime.db import Database
from tiao.runtime.embedded import Embedded
from tiao.runtime.migrations import migrate
from tiao.runtime.programme import read_programme
from tiao.simulator.programmes import open_programme
from tiao.values.ids import seeded_ids
from tiao.values.moment import Moment

HOST = "127.0.0.1"
READY_SECONDS = 30
STOP_SECONDS = 20
OPENED = date(2026, 11, 20)


@pytest.fixture(scope="module")
def demo(server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Serve a programme; give a directory with `var/demo.json` in it, shaped as `tiao demo` shapes it."""
    tmp_path, name = tmp_path_factory.mktemp("demo"), f"docs_{os.getpid()}"
    server.ensure_database(name)
    database_url = server.url(name)
    key, [bank, bureau, registry, port] = secrets.token_hex(32), free_ports(4)
    environment = os.environ | {
        "TIAO_DATABASE_URL": database_url,
        "TIAO_VAR": str(tmp_path / "var"),
        "TIAO_BANK_URL": f"http://{HOST}:{bank}",
        "TIAO_BUREAU_URL": f"http://{HOST}:{bureau}",
        "TIAO_REGISTRY_URL": f"http://{HOST}:{registry}",
        "TIAO_REGISTRY_SECRET": key,
        "TIAO_BANK_KEY": key,
        "TIAO_BUREAU_SECRET": key,
        "PYTHONPATH": str(ROOT / "src"),
    }
    operator, second = asyncio.run(open_with_operators(database_url))
    journal = str(tmp_path / "bank.sqlite")
    with ExitStack() as stack:
        stack.enter_context(running(environment, "bank", "--port", str(bank), "--journal", journal))
        stack.enter_context(running(environment, "bureau", "--port", str(bureau)))
        stack.enter_context(running(environment, "registry", "--port", str(registry)))
        stack.enter_context(running(environment, "serve", "--port", str(port)))
        http = stack.enter_context(httpx.Client(base_url=f"http://{HOST}:{port}"))
        await_ready(http)
        (tmp_path / "var").mkdir(exist_ok=True)
        (tmp_path / "var" / "demo.json").write_text(json.dumps(settled_in(http, operator, second)))
        yield tmp_path
    server.drop_database(name)


def free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]


@contextmanager
def running(environment: dict[str, str], *arguments: str) -> Iterator[None]:
    """Run a tiao command for as long as the block runs."""
    command = [sys.executable, "-c", "from tiao.cli import main; main()", *arguments]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=STOP_SECONDS)


def await_ready(http: httpx.Client) -> None:
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            if http.get("/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < until, "the server is not ready"
        time.sleep(0.1)


async def open_with_operators(url: str) -> list[str]:
    """Open the programme and issue its two operators' keys, which nobody over HTTP can."""
    db = await Database.open(url, pool_max=1)
    try:
        await migrate(db)
        await open_programme(db, name="docs", currency="CNY", opened_on=OPENED, funding_minor=10**9)
        async with db.begin() as tx:
            programme = await read_programme(tx)
            assert programme.now_at is not None
            now = Moment(programme.now_at, OPENED, seeded_ids("docs"))
            issued = [
                await partners.issue_key(
                    tx,
                    now,
                    role=Role.OPERATOR,
                    subject_id=UUID(int=number),
                    label=f"docs {number}",
                    random_bytes=secrets.token_bytes,
                )
                for number in (1, 2)
            ]
        return [each.token for each in issued]
    finally:
        await db.close()


def settled_in(http: httpx.Client, operator: str, second: str) -> dict[str, Any]:
    """Take on a merchant, and the first customer whom the bureau speaks well enough of."""
    serial = count(1)

    def made(token: str, path: str, body: dict[str, object]) -> Any:  # noqa: ANN401  JSON
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"settle-{next(serial)}"}
        answer = http.post(path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    terms = {"category": "books", "currency": "CNY", "discount_rate": "0.006", "payout_account": "6222000000000001"}
    merchant = made(operator, "/v1/merchants", {"name": "山脚书店", **terms})
    till = made(operator, "/v1/api_keys", {"role": "merchant", "subject": merchant["id"], "label": "till"})
    for number in range(1, 50):
        digits = f"11010119900101{number:03}"
        person = {"name": "张三丰", "identity_number": digits + check_sign(digits), "phone": f"138{number:08}"}
        registered = made(operator, "/v1/customers", person)
        token = registered["key"]["token"]
        applied = made(token, "/v1/applications", application())
        if applied["decision"]["limit_after_minor"] >= 200_000:
            return {
                "base_url": str(http.base_url).rstrip("/"),
                "operator": {"key": operator, "second_key": second},
                "merchant": {"id": merchant["id"], "key": till["token"]},
                "consumer": {"id": registered["customer"]["id"], "key": token},
            }
    pytest.fail("nobody got a line")
