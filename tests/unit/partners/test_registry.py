"""The register of companies on its wire: what is read, and every way in which an answer is none."""

from datetime import UTC, date, datetime, timedelta

import anyio
import httpx
import msgspec
import pytest

from tiao.partners.onboarding.model import NoRecord, Standing
from tiao.partners.onboarding.providers.http_registry import HttpRegistry
from tiao.partners.onboarding.providers.registry import Entry, record_of
from tiao.simulator.registry import RegistryBehaviour, RegistrySimulator, credit_code

SECRET = b"s" * 32
AT = datetime(2026, 3, 1, tzinfo=UTC)
CODE = credit_code("tests", "1")
ENTRY = Entry(
    code=CODE,
    company="青石数码有限公司",
    representative="王明",
    standing="存续",
    registered_on=date(2015, 6, 1),
    capital="500.5万人民币",
    scope="电子产品销售",
)


async def asked(behaviour: RegistryBehaviour, *, secret: bytes = SECRET, times: int = 1, **other: object) -> object:
    simulator = RegistrySimulator(SECRET, seed=1, entries={CODE: ENTRY}, behaviour=behaviour, wait=anyio.sleep, **other)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(simulator)
    async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
        registry = HttpRegistry(client, secret, deadline_seconds=0.5)
        answers = [await registry.look_up(CODE, at=AT) for _ in range(times)]
    return answers[-1]


async def test_a_record_is_read() -> None:
    record = await asked(RegistryBehaviour())
    assert not isinstance(record, NoRecord)
    assert (record.company, record.standing, record.capital_minor) == (ENTRY.company, Standing.OPERATING, 500_500_000)  # type: ignore[attr-defined]


@pytest.mark.parametrize("way", ["unavailable_share", "maintenance_share", "unsigned_share", "slow_share"])
async def test_what_is_late_failed_unsigned_or_no_answer_is_unavailable(way: str) -> None:
    assert await asked(RegistryBehaviour(**{way: 1.0}, slow_seconds=5.0)) is NoRecord.UNAVAILABLE


async def test_an_unknown_company_is_not_registered() -> None:
    assert await asked(RegistryBehaviour(unknown_share=1.0)) is NoRecord.NOT_REGISTERED


async def test_a_register_that_fails_once_is_asked_again() -> None:
    flaky = RegistryBehaviour(flaky_share=1.0)
    assert await asked(flaky) is NoRecord.UNAVAILABLE
    assert not isinstance(await asked(flaky, times=2), NoRecord)


async def test_a_question_with_another_secret_or_of_another_time_is_not_answered() -> None:
    assert await asked(RegistryBehaviour(), secret=b"x" * 32) is NoRecord.UNAVAILABLE
    late = AT + timedelta(minutes=6)
    assert await asked(RegistryBehaviour(), now=lambda: late) is NoRecord.UNAVAILABLE


@pytest.mark.parametrize(
    "change",
    [{"code": credit_code("tests", "2")}, {"capital": "很多"}, {"capital": "5万美元"}],
)
def test_a_record_of_another_company_or_in_another_form_is_none(change: dict[str, str]) -> None:
    body = msgspec.json.encode(msgspec.structs.replace(ENTRY, **change))
    assert record_of(body, CODE) is None
    assert record_of(b"<html>", CODE) is None


@pytest.mark.parametrize(
    ("said", "means"), [("吊销", Standing.REVOKED), ("注销", Standing.CANCELLED), ("清算", Standing.ABNORMAL)]
)
def test_a_standing_that_nobody_knows_is_not_operating(said: str, means: Standing) -> None:
    record = record_of(msgspec.json.encode(msgspec.structs.replace(ENTRY, standing=said)), CODE)
    assert record is not None
    assert record.standing is means
