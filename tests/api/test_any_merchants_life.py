"""Whatever happens to a merchant, in whatever order: files, statements, payouts, disputes and the ledger agree.

Each example is a merchant of its own in one town, whose days go on from example to example.
"""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import csv
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.consenting import application

from api.conftest import merchant_body
from api.test_disputes import CLAIM
from api.test_refunds_and_statements import gone_through
from tiao.payments.settling import actions as settling
from tiao.payments.settling.model import NewTerms, People, Schedule
from tiao.values.ids import read_id

PLANS = ("pay_later", "instalments_3")
#: What may happen; numbers say to what, or how much of it.
STEPS = st.one_of(
    st.tuples(st.just("sell"), st.integers(10_000, 60_000)),
    st.tuples(st.just("refund"), st.integers(1, 100)),
    st.tuples(st.just("reserve"), st.integers(0, 30)),
    st.tuples(st.just("on_demand"), st.integers(0, 1)),
    st.tuples(st.just("withdraw"), st.integers(1, 100)),
    st.tuples(st.just("hold"), st.integers(0, 1)),
    st.tuples(st.just("claim"), st.integers(1, 100)),
    st.tuples(st.just("answer"), st.just(0)),
    st.tuples(st.just("decide"), st.integers(0, 100)),
    st.tuples(st.just("give_in"), st.just(0)),
    st.tuples(st.just("take_back"), st.just(0)),
    st.tuples(st.just("days"), st.integers(1, 9)),
)
FEW = settings(
    max_examples=12,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


class Claim(NamedTuple):
    id: str
    purchase: str
    amount_minor: int
    made_at: datetime


class Life:
    """One merchant's, and what its customer knows."""

    def __init__(self, town: Any, merchant: Any, merchant_id: str, consumer: Any, customer: str) -> None:
        self.town, self.merchant, self.merchant_id = town, merchant, merchant_id
        self.consumer, self.customer = consumer, customer
        self.sold: dict[str, int] = {}
        self.claims: list[Claim] = []
        self.done: list[str] = []

    async def step(self, what: str, number: int) -> None:
        self.done.append(f"{what} {number}")
        await getattr(self, what)(number)

    async def now(self) -> datetime:
        async with self.town.db.begin() as tx:
            at: datetime = (await self.town.services.platform.moments(tx)).at
        return at

    async def sell(self, amount: int) -> None:
        asked = {"customer": self.customer, "amount_minor": amount, "currency": "CNY"}
        quote = (await self.merchant.made("/v1/quotes", asked))["id"]
        plan = PLANS[amount % 2]
        sheet = await self.consumer.got(f"/v1/quotes/{quote}/cost_sheets/{plan}")
        at = await self.now()
        ack = {
            "digest": sheet["digest"],
            "shown_at": (at - timedelta(seconds=30)).isoformat(),
            "confirmed_at": at.isoformat(),
        }
        await self.consumer.made(f"/v1/quotes/{quote}/acceptance", {"plan": plan, "cost_sheet": ack})
        body = {"quote": quote, "plan": plan, "capture": True, "reference": f"o-{len(self.sold)}"}
        bought = await self.merchant.made("/v1/purchases", body)
        if bought["outcome"] == "authorised":
            self.sold[bought["id"]] = amount

    async def refund(self, percent: int) -> None:
        purchase = self._latest()
        if purchase is not None:
            amount = max(1, self.sold[purchase] * percent // 100)
            # What is more than is left is refused, and changes nothing.
            await self.merchant.post(f"/v1/purchases/{purchase}/refunds", {"amount_minor": amount, "reference": "r"})

    async def reserve(self, percent: int) -> None:
        await self._terms(Schedule.DAILY, percent)

    async def on_demand(self, _: int) -> None:
        await self._terms(Schedule.ON_DEMAND, 0)

    async def withdraw(self, percent: int) -> None:
        available = (await self.merchant.got("/v1/balance"))["available_minor"]
        if available > 0:
            answer = await self.merchant.post("/v1/withdrawals", {"amount_minor": max(1, available * percent // 100)})
            assert answer.status_code in {200, 201, 409}, answer.text

    async def hold(self, waits: int) -> None:
        body = {"waits": bool(waits), "reason": "looked at"}
        await self.town.operator.made(f"/v1/merchants/{self.merchant_id}/settlement_hold", body)

    async def claim(self, percent: int) -> None:
        purchase = self._latest()
        if purchase is None:
            return
        amount = max(1, self.sold[purchase] * percent // 100)
        answer = await self.consumer.post(f"/v1/purchases/{purchase}/disputes", CLAIM | {"amount_minor": amount})
        if answer.status_code == 201:
            self.claims.append(Claim(answer.json()["id"], purchase, amount, await self.now()))

    async def answer(self, _: int) -> None:
        await self._about_the_latest("merchant", "statements", {"text": "it was sent"})

    async def decide(self, percent: int) -> None:
        if self.claims:
            awarded = self.claims[-1].amount_minor * percent // 100
            await self._about_the_latest("operator", "decision", {"awarded_minor": awarded, "note": "seen"})

    async def give_in(self, _: int) -> None:
        await self._about_the_latest("merchant", "acceptance", None)

    async def take_back(self, _: int) -> None:
        await self._about_the_latest("consumer", "withdrawal", None)

    async def days(self, count: int) -> None:
        to = (await self.now() + timedelta(days=count)).replace(hour=4, minute=0)
        await self.town.advance(to.isoformat())

    async def _terms(self, schedule: Schedule, percent: int) -> None:
        async with self.town.db.begin() as tx:
            now = await self.town.services.platform.moments(tx)
            new = NewTerms(schedule, Decimal(percent) / 100, 5 if percent else 0)
            merchant = read_id("mer", self.merchant_id)
            await settling.agree_terms(tx, now, merchant, new, from_on=now.today, people=People("one", "another"))

    async def _about_the_latest(self, who: str, what: str, body: object) -> None:
        if self.claims:
            by = self.town.operator if who == "operator" else getattr(self, who)
            answer = await by.post(f"/v1/disputes/{self.claims[-1].id}/{what}", body)
            assert answer.status_code < 500, answer.text

    def _latest(self) -> str | None:
        return list(self.sold)[-1] if self.sold else None


async def lived(town: Any, steps: list[tuple[str, int]]) -> Life:
    made = await town.operator.made("/v1/merchants", merchant_body())
    merchant = town.client(await town.issued("merchant", made["id"]))
    while True:
        consumer, customer = await town.customer(with_line=False)
        applied = await consumer.made("/v1/applications", application(5_000_000))
        if applied["decision"]["outcome"] == "approved":
            break
    life = Life(town, merchant, made["id"], consumer, customer)
    await life.sell(40_000)
    for what, number in steps:
        await life.step(what, number)
    await life.days(1)
    return life


async def check_settlements(life: Life) -> None:
    """Lines add up to each settlement's net; what is not paid is carried; what is paid is what payouts bring."""
    settled = list(reversed(await gone_through(life.merchant, "/v1/settlements", limit=100)))
    unpaid = withdrawn = 0
    for each in settled:
        day = each["business_date"]
        file = await life.merchant.get(f"/v1/settlements/{day}/file")
        rows = list(csv.DictReader(StringIO(file.text)))
        *lines, net, paid = [(row["line"], int(row["amount_minor"])) for row in rows]
        assert sum(amount for _, amount in lines) == net[1] == each["net_minor"], (day, life.done)
        assert paid[1] == each["paid_minor"], (day, life.done)
        carried = next(amount for name, amount in lines if name == "carried_from_before")
        assert carried == unpaid - each["withdrawn_minor"], (day, life.done)
        unpaid = each["net_minor"] - each["paid_minor"]
        withdrawn += each["withdrawn_minor"]
        payouts = (await life.merchant.got(f"/v1/settlements/{day}"))["payouts"]
        assert sum(each["amount_minor"] for each in payouts) == paid[1], (day, life.done)
        assert paid[1] >= 0
    taken = await gone_through(life.merchant, "/v1/withdrawals", limit=100)
    assert sum(each["amount_minor"] for each in taken) >= withdrawn


async def check_statements(life: Life) -> None:
    """Months follow on one another, and the last ends with what the books owe."""
    months = list(reversed(await gone_through(life.merchant, "/v1/statements", limit=100)))
    before, refunded = 0, 0
    for month in months:
        said = (await life.merchant.got(f"/v1/statements/{month['month']}"))["statement"]
        assert said["opening_minor"] == before, life.done
        before, refunded = said["closing_minor"], refunded + said["refunded_minor"]
    balance = await life.merchant.got("/v1/balance")
    assert balance["balance_minor"] == before, life.done
    given = await gone_through(life.merchant, "/v1/refunds", limit=100)
    assert sum(each["amount_minor"] for each in given) == refunded, life.done


async def check_disputes(life: Life) -> None:
    """What is awarded is given back once and within the claim, nothing stays held, and deadlines are kept."""
    at, held = await life.now(), 0
    given = {each["id"]: each for each in await gone_through(life.merchant, "/v1/refunds", limit=100)}
    for claim in life.claims:
        found = (await life.merchant.got(f"/v1/disputes/{claim.id}"))["dispute"]
        awarded = found["awarded_minor"] or 0
        assert 0 <= awarded <= claim.amount_minor, life.done
        assert (found["refund"] is not None) == (awarded > 0), life.done
        if awarded:
            assert given[found["refund"]]["amount_minor"] == awarded, life.done
        is_open = found["state"] in {"opened", "answered"}
        assert is_open == (found["held_minor"] > 0), life.done
        held += found["held_minor"]
        if found["state"] == "opened":
            assert at < claim.made_at + timedelta(days=8), "who says nothing for a week has lost"
        if found["state"] == "undefended":
            assert at >= claim.made_at + timedelta(days=7), life.done
    assert (await life.merchant.got("/v1/balance"))["held_minor"] == held, life.done
    by_purchase: dict[str, int] = {}
    for each in given.values():
        by_purchase[each["purchase"]] = by_purchase.get(each["purchase"], 0) + each["amount_minor"]
    for purchase, amount in by_purchase.items():
        assert amount <= life.sold[purchase], "nothing is given back twice"


@FEW
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
def test_whatever_happens_to_a_merchant_everything_agrees(running_town: Any, steps: list[tuple[str, int]]) -> None:
    async def check() -> None:
        life = await lived(running_town.town, steps)
        await check_settlements(life)
        await check_statements(life)
        await check_disputes(life)
        await running_town.town.assert_sound()

    running_town.run(check())
