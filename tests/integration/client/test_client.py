"""The client against a running server: typed answers, noes as exceptions, changes once, lists to their end."""

from collections.abc import Iterator

import httpx
import pytest

from support.applying import PAPERS, PDF, company, entry
from support.market import Market
from tiao_client import AsyncClient, Client, Conflict, Invalid, NotFound, Unauthenticated, Unreachable, calls
from tiao_client.client import Settings


@pytest.fixture
def tiao(market: Market) -> Iterator[Client]:
    with Client(market.url, market.merchant_key) as client:
        yield client


class Losing(httpx.BaseTransport):
    """A network that loses the first answers after the server has given them."""

    def __init__(self, lost: int) -> None:
        self.inner = httpx.HTTPTransport()
        self.lost = lost
        self.sent = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent += 1
        answer = self.inner.handle_request(request)
        if self.sent <= self.lost:
            answer.read()
            answer.close()
            msg = "lost on the way back"
            raise httpx.ReadError(msg)
        return answer

    def close(self) -> None:
        self.inner.close()


def test_a_session_is_made_read_and_ended(tiao: Client) -> None:
    made = tiao.send(calls.create_session(reference="c-1", amount_minor=50_000, description="a lamp"))
    assert (made.status, made.amount_minor, made.purchase) == ("open", 50_000, None)
    assert tiao.send(calls.read_session(made.id)) == made
    assert tiao.send(calls.expire_session(made.id)).status == "expired"


def test_an_answer_that_is_lost_is_asked_for_again_and_the_change_is_made_once(market: Market) -> None:
    transport = Losing(2)
    with Client(market.url, market.merchant_key, transport=transport) as tiao:
        before = {each.id for each in tiao.each(calls.list_sessions())}
        sent, transport.sent = transport.sent, 0
        assert sent >= 3
        call = calls.create_quote(customer=market.people[0].id, amount_minor=60_000)
        first = tiao.send(call._replace(key="lost-1"))
        assert transport.sent == 3
        assert tiao.send(call._replace(key="lost-1")) == first
        assert {each.id for each in tiao.each(calls.list_sessions())} == before


def test_when_nobody_answers_the_key_is_there_to_ask_again() -> None:
    with (
        Client("http://127.0.0.1:9", "none", settings=Settings(tries=2)) as tiao,
        pytest.raises(Unreachable) as refused,
    ):
        tiao.send(calls.create_session(reference="x", amount_minor=1, description="x", key="mine"))
    assert refused.value.key == "mine"


def test_a_no_is_an_exception_with_the_servers_code(tiao: Client, market: Market) -> None:
    tiao.send(calls.create_session(reference="c-2", amount_minor=50_000, description="a lamp"))
    with pytest.raises(Conflict) as used:
        tiao.send(calls.create_session(reference="c-2", amount_minor=1, description="a lamp"))
    assert used.value.code == "order_number_used"
    with pytest.raises(NotFound) as unknown:
        tiao.send(calls.read_purchase(f"pur_{1:032x}"))
    assert unknown.value.code == "purchase_unknown"
    with pytest.raises(Invalid) as malformed:
        tiao.send(calls.create_session(reference="c-3", amount_minor=-1, description="a lamp"))
    assert malformed.value.problem.errors[0]["pointer"] == "/amount_minor"
    with Client(market.url, "tiao_m_wrong") as stranger, pytest.raises(Unauthenticated):
        stranger.send(calls.list_purchases())


def test_a_list_is_gone_through_to_its_end(tiao: Client) -> None:
    for number in range(5):
        tiao.send(calls.create_session(reference=f"page-{number}", amount_minor=100, description="a pen"))
    found = [each.reference for each in tiao.each(calls.list_sessions(limit=2))]
    assert {f"page-{number}" for number in range(5)} <= set(found)
    assert len(found) == len(set(found))


def test_refunds_settlements_and_statements_are_read(tiao: Client) -> None:
    assert list(tiao.each(calls.list_refunds(limit=5))) == []
    assert list(tiao.each(calls.list_settlements())) == []
    [month, *_] = tiao.each(calls.list_statements(limit=1))
    found = tiao.send(calls.read_statement(month.month))
    assert (found.month, found.is_final) == (month.month, False)
    lines = found.statement
    assert lines.closing_minor - lines.opening_minor == lines.net_minor + lines.reserved_minor - lines.paid_minor
    with pytest.raises(NotFound) as unknown:
        tiao.send(calls.read_statement("1999-01"))
    assert unknown.value.code == "statement_unknown"


async def test_the_same_calls_are_sent_asynchronously(market: Market) -> None:
    async with AsyncClient(market.url, market.merchant_key) as tiao:
        placed = await tiao.send(calls.placement(120_000))
        quote = await tiao.send(calls.create_quote(customer=market.people[0].id, amount_minor=120_000))
        assert [each.total_minor for each in placed.plans] == [each.total_minor for each in quote.offers]
        month = (await tiao.send(calls.list_statements())).data[0].month
        assert (await tiao.send(calls.read_statement(month))).month == month
        assert [each async for each in tiao.each(calls.list_refunds(limit=3))] == []
        found = [each.id async for each in tiao.each(calls.list_sessions(limit=3))]
        assert len(found) == len(set(found))
        with pytest.raises(NotFound):
            await tiao.send(calls.read_session(f"ses_{1:032x}"))


def test_nothing_that_is_shown_holds_the_key(tiao: Client, market: Market) -> None:
    assert market.merchant_key not in repr(tiao)


def test_a_price_is_prequalified_and_quoted_alike(tiao: Client, market: Market) -> None:
    person = market.people[0]
    asked = tiao.send(calls.prequalify(60_000, customer=person.id))
    assert (asked.answer, asked.placement is not None) == ("yes", True)
    assert asked.placement is not None
    quote = tiao.send(calls.create_quote(customer=person.id, amount_minor=60_000))
    offer = next(each for each in quote.offers if each.plan == asked.placement.plan)
    assert (offer.total_minor, offer.annual_rate) == (asked.placement.total_minor, asked.placement.annual_rate)
    assert tiao.send(calls.prequalify(60_000)).answer == "likely"


def test_what_is_owed_adds_up(tiao: Client) -> None:
    owed = tiao.send(calls.list_receivables())
    assert owed.total_minor == sum(each.amount_minor for each in owed.data)
    balance = tiao.send(calls.read_balance())
    kept = tiao.send(calls.list_prepaid())
    assert (balance.prepaid_minor, kept.left_minor) == (0, 0)


def test_a_company_goes_on_with_its_application(market: Market) -> None:
    known = entry("client")
    opened = httpx.post(
        f"{market.url}/v1/merchant_applications",
        json=company(known),
        headers={"Authorization": f"Bearer {market.operator_key}", "Idempotency-Key": "client-1"},
    ).json()
    with Client(market.url, opened["token"]) as tiao:
        found = tiao.send(calls.read_application()).application
        assert (found.state, found.credit_code) == ("draft", known.code)
        for kind in PAPERS:
            kept = tiao.send(
                calls.show_paper(found.id, kind=kind, name="a.pdf", media_type="application/pdf", content=PDF)
            )
        assert kept.number == len(PAPERS)
        assert tiao.send(calls.submit_application(found.id)).state == "submitted"
        with pytest.raises(Conflict):
            tiao.send(calls.activate(found.id))
        assert [each.scene for each in tiao.send(calls.list_signatures(found.id)).unsigned] == ["electronics"]
