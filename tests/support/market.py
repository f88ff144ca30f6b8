"""A platform as it runs: server and message gateway as programs, a merchant with a key, customers with lines."""

import base64
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import httpx

from support.buying import free_port, started
from support.sandbox import STARTS_WITHIN_SECONDS, is_ready, wait_until
from tiao.identity import actions as identity
from tiao.identity.model import Applicant
from tiao.identity.rules import check_sign
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.partners import actions as partners
from tiao.partners.model import NewMerchant, Role
from tiao.runtime.clock import ProgrammeClock, business_date
from tiao.runtime.db import Database
from tiao.runtime.migrations import migrate
from tiao.runtime.programme import MomentSource, Programme, create_programme
from tiao.runtime.secrets import FieldCipher
from tiao.values.ids import bucket_of, id_source, show_id

LENDER = "条科技"
ZONE = ZoneInfo("Asia/Shanghai")
FIELD_KEY = b"k" * 32
CODE = re.compile(r"\d{6}")
SHOWS_WITHIN_SECONDS = 10.0


class Person(NamedTuple):
    """A customer with a line."""

    id: str
    phone: str
    limit_minor: int
    key: str


class Market(NamedTuple):
    """A running platform. *url* names localhost: browsers keep its secure cookies without TLS."""

    url: str
    sms_url: str
    merchant_id: str
    merchant_key: str
    operator_key: str
    people: list[Person]
    environment: dict[str, str]

    def code(self, phone: str, seen: int = 0) -> str:
        """Read the code that a handset shows after *seen* texts."""
        end = time.monotonic() + SHOWS_WITHIN_SECONDS
        while time.monotonic() < end:
            texts = httpx.get(f"{self.sms_url}/handsets/{phone}").json()
            if len(texts) > seen:
                found = CODE.search(texts[-1])
                assert found is not None, texts
                return found[0]
            time.sleep(0.1)
        msg = f"no text came to {phone}"
        raise AssertionError(msg)

    def shown_codes(self, person: Person) -> list[str]:
        """Let a person's phone show codes, as its wallet would."""
        with httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {person.key}"}) as wallet:
            sheet = wallet.get("/v1/pay_devices/agreement").json()
            at = datetime.now(UTC)
            ack = {
                "digest": sheet["digest"],
                "shown_at": (at - timedelta(seconds=sheet["read_seconds_min"])).isoformat(),
                "confirmed_at": at.isoformat(),
            }
            named = {"Idempotency-Key": secrets.token_hex(8)}
            device = wallet.post("/v1/pay_devices", json={"label": "phone", "cost_sheet": ack}, headers=named).json()
            return [each["code"] for each in wallet.post(f"/v1/pay_devices/{device['id']}/codes").json()["data"]]

    def texts(self, phone: str) -> int:
        return len(httpx.get(f"{self.sms_url}/handsets/{phone}").json())


async def prepared(database_url: str, people: int, limit_minor: int) -> tuple[str, str, str, list[Person]]:
    """Make a programme on the real clock with one merchant and customers."""
    db = await Database.open(database_url)
    try:
        await migrate(db)
        async with db.begin() as tx:
            at = datetime.now(UTC)
            programme_moments = MomentSource(ProgrammeClock(), ZONE, id_source(secrets.token_bytes))
            today = business_date(at, ZONE)
            before = today - timedelta(days=1)
            await create_programme(
                tx, Programme(LENDER, "CNY", "Asia/Shanghai", "CN", "cfc", False, None, before, before, today)
            )
            now = await programme_moments(tx)
            merchant = await partners.create_merchant(
                tx, now, NewMerchant("山脚书店", "books", "CNY", Decimal("0.006"), "6222000000000001")
            )
            keys = [
                await partners.issue_key(
                    tx, now, role=role, subject_id=subject, label="test", random_bytes=secrets.token_bytes
                )
                for role, subject in ((Role.MERCHANT, merchant.id), (Role.OPERATOR, now.new_id()))
            ]
            vault = FieldCipher({1: FIELD_KEY})
            made = []
            for number in range(people):
                digits = f"11010119900101{number:03d}"
                phone = f"138{number:08d}"
                [customer] = await identity.register_customers(
                    tx, now, vault, [Applicant("王小明", digits + check_sign(digits), phone)]
                )
                bucket = bucket_of(customer.id)
                line = CreditLine(
                    bucket,
                    now.new_id(bucket),
                    customer.id,
                    "CNY",
                    limit_minor,
                    limit_minor,
                    0,
                    0,
                    1,
                    "active",
                    now.today,
                )
                await ledger.open_lines(tx, [line])
                issued = await partners.issue_key(
                    tx,
                    now,
                    role=Role.CONSUMER,
                    subject_id=customer.id,
                    label="wallet",
                    random_bytes=secrets.token_bytes,
                )
                made.append(Person(show_id("cus", customer.id), phone, limit_minor, issued.token))
        return show_id("mer", merchant.id), keys[0].token, keys[1].token, made
    finally:
        await db.close()


@contextmanager
def running_market(
    database_url: str, folder: Path, prepared_as: tuple[str, str, str, list[Person]], **more: str
) -> Iterator[Market]:
    """Serve what was prepared; what was started is stopped."""
    port, sms_port = free_port(), free_port()
    merchant_id, merchant_key, operator_key, people = prepared_as
    environment = {
        **os.environ,
        "TIAO_VAR": str(folder),
        "TIAO_DATABASE_URL": database_url,
        "TIAO_BANK_KEY": "0" * 64,
        "TIAO_BUREAU_SECRET": "1" * 64,
        "TIAO_SMS_KEY": "2" * 64,
        "TIAO_SMS_URL": f"http://127.0.0.1:{sms_port}",
        "TIAO_FIELD_KEY": base64.b64encode(FIELD_KEY).decode(),
        "TIAO_PORT": str(port),
        **more,
    }
    with ExitStack() as stack:
        for command in (["sms", "--port", str(sms_port)], ["serve"]):
            process = started(environment, folder / f"{command[0]}.log", *command)
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
        url = f"http://localhost:{port}"
        wait_until(lambda: is_ready(f"http://127.0.0.1:{port}"), STARTS_WITHIN_SECONDS, "server")
        yield Market(url, f"http://127.0.0.1:{sms_port}", merchant_id, merchant_key, operator_key, people, environment)
