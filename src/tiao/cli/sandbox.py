"""`tiao sandbox`: a merchant that speaks other systems' forms, with a payer of its own, on a test clock."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
import typer
from cryptography import x509

from tiao.api.compat.alipay.notices import seller_of
from tiao.api.compat.keys import public_key
from tiao.api.compat.platform_key import new_key_pair, signer_of
from tiao.identity import actions as identity
from tiao.identity.model import Applicant
from tiao.identity.rules import check_sign
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.partners import actions as partners
from tiao.partners.accounts import actions as accounts
from tiao.partners.accounts.model import Account, NewAccount
from tiao.partners.model import NewMerchant
from tiao.runtime.clock import ProgrammeClock, business_date
from tiao.runtime.config import Config, field_key, read_config
from tiao.runtime.db import Database, Tx
from tiao.runtime.migrations import migrate
from tiao.runtime.programme import (
    MomentSource,
    NotATestClock,
    Programme,
    ProgrammeMissing,
    create_programme,
    read_programme,
)
from tiao.runtime.secrets import FieldCipher, new_token
from tiao.runtime.server import open_server
from tiao.values.ids import bucket_of, id_source
from tiao.values.moment import Moment
from tiao.values.refusal import Kind, Refusal

#: What the test payer may spend: as much as a consumer may be lent at all, so that tests do not run dry.
PAYER_LIMIT_MINOR = 20_000_000
LENDER, LENDER_TYPE, ZONE = "条 tiao 沙箱", "cfc", "Asia/Shanghai"
_WRONG_OPTION, _REFUSED = 2, 1

sandbox_app = typer.Typer(help="Provision merchants of a sandbox.", no_args_is_help=True)


class SandboxAskedWrongly(Refusal):
    """A sandbox is asked for with a merchant's public key and certificate."""

    kind = Kind.INVALID


class SandboxOnSeveralServers(Refusal):
    """A sandbox lives on one server."""


class SandboxAsked(msgspec.Struct, frozen=True):
    """The merchant's own key and certificate, and hosts its notices may go to although they are not public."""

    merchant_public_key: str
    merchant_certificate: str
    notify_allow: list[str] = []


@sandbox_app.callback()
def sandbox() -> None:
    """Provision merchants of a sandbox."""


@sandbox_app.command()
def provision(
    *,
    is_json: Annotated[bool, typer.Option("--json", help="The merchant's keys in, its credentials out.")] = False,
) -> None:
    """Make a merchant of both forms and a payer for it, in a programme on a test clock: JSON in, JSON out."""
    if not is_json:
        typer.echo("say --json: keys are read from standard input", err=True)
        raise typer.Exit(_WRONG_OPTION)
    try:
        asked = _asked(sys.stdin.buffer.read())
        made: dict[str, Any] = _provisioned(read_config(os.environ), asked)
    except Refusal as refusal:
        made = {"ok": False, "error": {"code": refusal.code, "detail": refusal.detail}}
        sys.stdout.buffer.write(msgspec.json.encode(made) + b"\n")
        raise typer.Exit(_REFUSED) from refusal
    sys.stdout.buffer.write(msgspec.json.encode(made) + b"\n")


def _asked(document: bytes) -> SandboxAsked:
    """Read the question. Refuses: SandboxAskedWrongly."""
    try:
        return msgspec.json.decode(document, type=SandboxAsked)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SandboxAskedWrongly(f"the document cannot be read: {error}") from error


def _provisioned(config: Config, asked: SandboxAsked) -> dict[str, Any]:
    """Make what is asked for. Refuses: PublicKeyInvalid, SandboxAskedWrongly, NotATestClock."""
    if config.bucket_map is not None:
        raise SandboxOnSeveralServers
    public_key(asked.merchant_public_key)
    try:
        certificate = x509.load_pem_x509_certificate(asked.merchant_certificate.encode())
    except ValueError as error:
        raise SandboxAskedWrongly(f"the certificate cannot be read: {error}") from error
    vault = FieldCipher({1: field_key(config)})
    serial = f"{certificate.serial_number:X}"
    with open_server(config) as server:
        return asyncio.run(_in_database(server.ensure_programme(), vault, asked, serial))


async def _in_database(url: str, vault: FieldCipher, asked: SandboxAsked, serial: str) -> dict[str, Any]:
    db = await Database.open(url, pool_max=1)
    try:
        await migrate(db)
        async with db.begin() as tx:
            return await provisioned(tx, vault, asked, serial, real_at=datetime.now(UTC))
    finally:
        await db.close()


async def provisioned(
    tx: Tx, vault: FieldCipher, asked: SandboxAsked, serial: str, *, real_at: datetime
) -> dict[str, Any]:
    """Make merchant, payer and keys, and the programme if there is none. Refuses: NotATestClock."""
    programme = await _programme(tx, real_at)
    now = await MomentSource(ProgrammeClock(), programme.zone, id_source(secrets.token_bytes))(tx)
    merchant = await partners.create_merchant(
        tx, now, NewMerchant("沙箱商户", "sandbox", programme.currency, Decimal("0.006"), "6222000000000001")
    )
    test_token = new_token("tiao_t")
    opened = await accounts.open_account(
        tx,
        now,
        vault,
        NewAccount(
            merchant_id=merchant.id,
            public_key=asked.merchant_public_key,
            certificate_serial=serial,
            notify_allow=tuple(asked.notify_allow),
            test_payer_id=(await _payer(tx, now, vault, programme)).customer_id,
            test_token=test_token,
        ),
        random_bytes=secrets.token_bytes,
    )
    receiver = await _receiver(tx, now, vault, asked, serial, programme)
    pair = await accounts.ensure_platform_key(tx, lambda: new_key_pair(now, vault, real_at=real_at))
    signer = signer_of(pair, vault)
    return {
        "app_id": opened.account.app_id,
        "mchid": opened.account.mchid,
        "appid": opened.account.appid,
        "apiv3_key": opened.secret_key,
        "platform_public_key": signer.public_key,
        "platform_public_key_id": signer.public_key_id,
        "platform_certificate": signer.certificate,
        "platform_certificate_serial": signer.certificate_serial,
        "split_receivers": {"alipay": seller_of(receiver), "wechat": receiver.mchid},
        "test_token": test_token,
    }


async def _receiver(
    tx: Tx, now: Moment, vault: FieldCipher, asked: SandboxAsked, serial: str, programme: Programme
) -> Account:
    """Take on another merchant, to share with; it signs with the same key, so that both sides can be tried."""
    merchant = await partners.create_merchant(
        tx, now, NewMerchant("沙箱分账方", "sandbox", programme.currency, Decimal("0.006"), "6222000000000002")
    )
    new = NewAccount(merchant.id, public_key=asked.merchant_public_key, certificate_serial=serial)
    return (await accounts.open_account(tx, now, vault, new, random_bytes=secrets.token_bytes)).account


async def _programme(tx: Tx, at: datetime) -> Programme:
    """Find the sandbox's programme, or open it. Refuses: NotATestClock."""
    try:
        found = await read_programme(tx)
    except ProgrammeMissing:
        today = business_date(at, ZoneInfo(ZONE))
        before = today - timedelta(days=1)
        found = Programme(LENDER, "CNY", ZONE, "CN", LENDER_TYPE, True, at, before, before, today)
        await create_programme(tx, found)
    if not found.is_test_clock:
        raise NotATestClock
    return found


async def _payer(tx: Tx, now: Moment, vault: FieldCipher, programme: Programme) -> CreditLine:
    """Register a made-up person and open a line: a payer of tests is not assessed, for nobody is lent anything."""
    digits = f"110101{1960 + secrets.randbelow(40)}{1 + secrets.randbelow(12):02d}{1 + secrets.randbelow(28):02d}"
    digits += f"{secrets.randbelow(1000):03d}"
    person = Applicant(
        name="测试买家", identity_number=digits + check_sign(digits), phone=f"139{secrets.randbelow(10**8):08d}"
    )
    [customer] = await identity.register_customers(tx, now, vault, [person])
    bucket = bucket_of(customer.id)
    line = CreditLine(
        bucket=bucket,
        id=now.new_id(bucket),
        customer_id=customer.id,
        currency=programme.currency,
        limit_minor=PAYER_LIMIT_MINOR,
        limit_target_minor=PAYER_LIMIT_MINOR,
        held_minor=0,
        used_minor=0,
        statement_day=1,
        status="active",
        opened_on=now.today,
    )
    await ledger.open_lines(tx, [line])
    return line
