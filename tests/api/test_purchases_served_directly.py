"""Purchases served past the framework are answered as the framework answers them, byte for byte."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import io
import json
from typing import Any

import httpx
import pytest
import structlog

from tiao.api.edge import Edge
from tiao.runtime.log import configure_log

pytestmark = pytest.mark.anyio

PATH = "/v1/purchases"
NOBODY = f"quo_{'0' * 32}"


class Watched:
    """The framework, and which requests came to it."""

    def __init__(self, framework: Any) -> None:
        self.framework = framework
        self.state = framework.state
        self.seen = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen += 1
        await self.framework(scope, receive, send)


class Two:
    """One town, reached directly and through the framework."""

    def __init__(self, town: Any) -> None:
        self.town = town
        direct = town.app.app.app
        self.watched = direct.framework = Watched(direct.framework)
        through = Edge(self.watched.framework, town.services.metrics)
        self.direct = httpx.AsyncClient(transport=httpx.ASGITransport(town.app), base_url="http://tiao")
        self.through = httpx.AsyncClient(transport=httpx.ASGITransport(through), base_url="http://tiao")

    async def both(self, body: bytes, headers: dict[str, str]) -> tuple[Any, Any]:
        """Ask one and then the other; give what came back, headers in order of their names."""
        answers = []
        for way in (self.direct, self.through):
            answer = await way.post(PATH, content=body, headers={"X-Request-Id": "same", **headers})
            answers.append((answer.status_code, sorted(answer.headers.raw), answer.content))
        return answers[0], answers[1]


def headers(token: str | None, key: str | None = "key-1", **more: str) -> dict[str, str]:
    sent = {"Content-Type": "application/json", **more}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    if key is not None:
        sent["Idempotency-Key"] = key
    return sent


def body(quote: str, plan: str = "pay_later", **more: object) -> bytes:
    return json.dumps({"quote": quote, "plan": plan, "reference": "订单 1", **more}, ensure_ascii=False).encode()


async def test_a_purchase_is_made_on_either_way_and_repeated_on_the_other(town: Any) -> None:
    two = Two(town)
    consumer, customer = await town.customer()
    ways: list[dict[str, object]] = [
        {},
        {"capture": True},
        {"capture": False},
        {"context": {"device": "手机 1", "ip": "192.0.2.1"}},
        {"capture": True, "context": None},
    ]
    for number, more in enumerate(ways):
        quote = await town.accepted(consumer, customer, 1_000)
        said = body(quote, **more)
        seen = two.watched.seen
        direct, through = await two.both(said, headers(town.merchant.token, f"first-{number}"))
        assert two.watched.seen == seen, "a usual purchase is served directly"
        assert direct[0] == 201
        assert direct == through
        quote = await town.accepted(consumer, customer, 1_000)
        said = said.replace(json.loads(said)["quote"].encode(), quote.encode())
        key = headers(town.merchant.token, f"second-{number}", **{"X-Request-Id": "same"})
        made = await two.through.post(PATH, content=said, headers=key)
        again = await two.direct.post(PATH, content=said, headers=key)
        assert (made.status_code, sorted(made.headers.raw), made.content) == (
            again.status_code,
            sorted(again.headers.raw),
            again.content,
        )
    await town.assert_sound()


async def test_every_no_is_the_same_no(town: Any) -> None:
    two = Two(town)
    consumer, customer = await town.customer()
    quote = await town.accepted(consumer, customer, 7_000)
    used = await town.accepted(consumer, customer, 8_000)
    asked = {"customer": customer, "amount_minor": 9_000, "currency": "CNY"}
    waiting = (await town.merchant.made("/v1/quotes", asked))["id"]
    other = await town.operator.made("/v1/merchants", {**MERCHANT, "name": "河边茶馆"})
    theirs = await town.issued("merchant", other["id"])
    reader = await town.issued("merchant", town.merchant_id, scopes=["purchases:read"])
    token = town.merchant.token
    bought = await town.merchant.post(PATH, json.loads(body(used)), key="used")
    assert bought.status_code == 201
    before = await town.state()
    good = body(quote)
    cases: list[tuple[bytes, dict[str, str], int]] = [
        (body(NOBODY), headers(token), 404),
        (body(quote), headers(theirs), 404),
        (body(waiting), headers(token), 409),
        (body(used), headers(token, "another"), 409),
        (body(used), headers(token, "used"), 201),
        (body(used, capture=False), headers(token, "used"), 422),
        (body(quote, "instalments_6"), headers(token), 422),
    ]
    left: list[tuple[bytes, dict[str, str], int]] = [
        (good, headers(None), 401),
        (good, headers("nonsense"), 401),
        (good, headers(consumer.token), 403),
        (good, headers(reader), 403),
        (good, headers(token, None), 400),
        (good, headers(token, "x" * 256), 400),
        (good, headers(token, "a b"), 400),
        (good, headers(token) | {"Content-Type": "text/plain"}, 415),
        (b"", headers(token), 400),
        (b"[]", headers(token), 400),
        (b"\xff", headers(token), 400),
        (good[:-1], headers(token), 400),
        (body(quote, more=1), headers(token), 400),
        (body(quote, capture=1), headers(token), 400),
        (good[:-1] + b',"plan":"pay_later"}', headers(token), 400),
        (good[:-1] + b',"capture":true,"capture":true}', headers(token), 400),
        (good[:-1] + b',"context":{"ip":"192.0.2.1","ip":"192.0.2.2"}}', headers(token), 400),
        (body("quo_1"), headers(token), 400),
        (body(quote, "A"), headers(token), 400),
        (body(quote).replace(b"pay_later", b"p" * 2_000), headers(token), 400),
        (b" " * 70_000, headers(token), 413),
    ]
    for said, sent, status in [*cases, *left]:
        seen = two.watched.seen
        direct, through = await two.both(said, sent)
        assert direct == through
        assert direct[0] == status, direct
        is_left = two.watched.seen != seen
        assert is_left == ((said, sent, status) in left), (
            "the desk's answers are given directly, others by the framework"
        )
    assert await town.state() == before


async def test_the_log_and_the_figures_do_not_tell_the_ways_apart(town: Any) -> None:
    two = Two(town)
    consumer, customer = await town.customer()
    quote = await town.accepted(consumer, customer, 7_000)
    stream = io.BytesIO()
    configure_log(stream=stream)
    try:
        await two.both(body(quote), headers(town.merchant.token))
        await two.both(body(NOBODY), headers(town.merchant.token))
    finally:
        structlog.reset_defaults()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    lines = [{key: line[key] for key in line if key not in {"at", "duration_ms"}} for line in lines]
    assert lines[0] == lines[1]
    assert lines[2] == lines[3]
    assert (lines[0]["route"], lines[2]["code"]) == (PATH, "quote_unknown")
    page = (await town.http.get("/metrics")).text
    assert f'tiao_requests_total{{method="POST",route="{PATH}",status="201"}} 2.0' in page
    assert f'tiao_requests_total{{method="POST",route="{PATH}",status="404"}} 2.0' in page


async def test_a_bug_is_answered_alike_and_without_its_words(town: Any) -> None:
    two = Two(town)
    consumer, customer = await town.customer()
    quote = await town.accepted(consumer, customer, 7_000)
    async with town.db.begin() as tx:
        await tx.execute("alter table purchase rename to purchase_gone")
    direct, through = await two.both(body(quote, capture=True), headers(town.merchant.token))
    assert direct == through
    assert direct[0] == 500
    assert b"purchase_gone" not in direct[2]


MERCHANT = {
    "name": "山脚书店",
    "category": "books",
    "currency": "CNY",
    "discount_rate": "0.006",
    "payout_account": "6222000000000001",
}
