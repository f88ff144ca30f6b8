"""The bureau: what the adapter makes of its answers, and what the simulator gives."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest

from tiao.credit.model import BureauReport, NoReport
from tiao.credit.providers.bureau import PATH, SIGNATURE_HEADER, is_signed, reports, sign, sign_answer
from tiao.credit.providers.http_bureau import HttpBureau
from tiao.simulator.bureau import Behaviour, BureauSimulator, sample_rows

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 1, 4, tzinfo=UTC)
SECRET = b"s" * 32
SUBJECT = hashlib.sha256(b"somebody").digest()
ROW = BureauReport((0,) * 6, (1000,) * 6, (100,) * 6, 50_000)

Answer = Callable[[httpx.Request], httpx.Response]


@asynccontextmanager
async def _asking(
    transport: httpx.AsyncBaseTransport, *, secret: bytes = SECRET, deadline_seconds: float = 2.0
) -> AsyncIterator[HttpBureau]:
    async with httpx.AsyncClient(transport=transport, base_url="https://bureau.test") as client:
        yield HttpBureau(client, secret, deadline_seconds=deadline_seconds)


def _simulated(behaviour: Behaviour | None = None, *, seed: int = 1) -> httpx.ASGITransport:
    return httpx.ASGITransport(BureauSimulator(SECRET, seed=seed, now=lambda: AT, behaviour=behaviour))


def _signed(status: int, body: bytes) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        signature = sign_answer(SECRET, query_signature=request.headers[SIGNATURE_HEADER], body=body)
        return httpx.Response(status, content=body, headers={SIGNATURE_HEADER: signature})

    return answer


def _unsigned(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=msgspec.json.encode(ROW))


def _refused(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route", request=request)


@pytest.mark.parametrize(
    ("answer", "report"),
    [
        (_signed(200, msgspec.json.encode(ROW)), ROW),
        (_signed(404, b"{}"), NoReport.THIN_FILE),
        (_signed(500, b"{}"), NoReport.UNAVAILABLE),
        (_signed(200, b"{}"), NoReport.UNAVAILABLE),
        (_signed(200, b'{"statuses":[],"bills":[],"payments":[],"limit":1}'), NoReport.UNAVAILABLE),
        (_unsigned, NoReport.UNAVAILABLE),
        (lambda _: httpx.Response(404), NoReport.UNAVAILABLE),
        (_refused, NoReport.UNAVAILABLE),
    ],
)
async def test_every_answer_is_an_outcome(answer: Answer, report: BureauReport | NoReport) -> None:
    async with _asking(httpx.MockTransport(answer)) as bureau:
        assert await bureau.report(SUBJECT, at=AT) == report


async def test_an_answer_given_to_another_query_is_not_believed() -> None:
    stale = sign_answer(SECRET, query_signature=sign(SECRET, timestamp=1, body=b"other"), body=msgspec.json.encode(ROW))

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=msgspec.json.encode(ROW), headers={SIGNATURE_HEADER: stale})

    async with _asking(httpx.MockTransport(answer)) as bureau:
        assert await bureau.report(SUBJECT, at=AT) == NoReport.UNAVAILABLE


async def test_the_simulator_says_the_same_of_a_person_every_time_and_another_seed_something_else() -> None:
    async with _asking(_simulated()) as bureau, _asking(_simulated(seed=2)) as other:
        first = await bureau.report(SUBJECT, at=AT)
        assert isinstance(first, BureauReport)
        assert first in sample_rows()
        assert await bureau.report(SUBJECT, at=AT + timedelta(seconds=100)) == first
        assert await other.report(SUBJECT, at=AT) != first


async def test_the_simulator_is_thin_and_unavailable_as_often_as_it_is_told() -> None:
    subjects = [hashlib.sha256(b"%d" % number).digest() for number in range(400)]
    async with _asking(_simulated(Behaviour(thin_share=0.25, unavailable_share=0.25))) as bureau:
        answers = await reports(bureau, subjects, at=AT)
    assert 70 <= answers.count(NoReport.UNAVAILABLE) <= 130
    assert 45 <= answers.count(NoReport.THIN_FILE) <= 105


async def test_a_late_answer_is_none() -> None:
    async with _asking(_simulated(Behaviour(slow_share=1.0, slow_seconds=30.0)), deadline_seconds=0.05) as bureau:
        assert await bureau.report(SUBJECT, at=AT) == NoReport.UNAVAILABLE


async def test_a_slow_answer_within_the_deadline_counts() -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)
        await asyncio.sleep(0)

    slow = BureauSimulator(SECRET, seed=1, behaviour=Behaviour(slow_share=1.0, slow_seconds=1.5), wait=wait)
    async with _asking(httpx.ASGITransport(slow)) as bureau:
        assert isinstance(await bureau.report(SUBJECT, at=AT), BureauReport)
    assert waited == [1.5]


async def test_a_query_signed_with_another_secret_or_long_ago_is_turned_away() -> None:
    async with _asking(_simulated(), secret=b"x" * 32) as stranger:
        assert await stranger.report(SUBJECT, at=AT) == NoReport.UNAVAILABLE
    async with _asking(_simulated()) as bureau:
        assert await bureau.report(SUBJECT, at=AT - timedelta(minutes=6)) == NoReport.UNAVAILABLE


@pytest.mark.parametrize(
    ("path", "body", "status"), [(PATH, b"{}", 400), (PATH, b'{"subject":"zz","purpose":"p"}', 400), ("/", b"", 400)]
)
async def test_the_simulator_turns_bad_requests_away(path: str, body: bytes, status: int) -> None:
    headers = {SIGNATURE_HEADER: sign(SECRET, timestamp=int(AT.timestamp()), body=body)}
    async with httpx.AsyncClient(transport=_simulated(), base_url="https://bureau.test") as client:
        assert (await client.post(path, content=body, headers=headers)).status_code == status
        assert (await client.post(PATH, content=b"{}", headers={SIGNATURE_HEADER: "nonsense"})).status_code == 401


@pytest.mark.parametrize("header", ["", "t=,v1=", "t=1e9,v1=0", f"t={int(AT.timestamp())}", "t=١٢٣,v1=x"])
def test_a_mangled_signature_is_no_signature(header: str) -> None:
    assert not is_signed(SECRET, header, body=b"{}", at=AT)
    assert is_signed(SECRET, sign(SECRET, timestamp=int(AT.timestamp()), body=b"{}"), body=b"{}", at=AT)
