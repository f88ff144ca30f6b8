"""Debits that may take several channels: one is chosen and explained, failures go elsewhere, silence goes nowhere."""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import httpx
import msgspec
import pytest

from tiao.payments import actions, jobs
from tiao.payments.model import DebitState, FundingSource, NewDebit, SourceAgreement, Succeeded
from tiao.payments.providers.channel import BindOrder, Bound
from tiao.payments.providers.http_bank import HttpBank
from tiao.payments.refusals import NoChannelUsable
from tiao.payments.routing.capability import Capability, Excluded, FileFormat, StatementForm, Window, WireFormat
from tiao.payments.routing.chooser import Chooser
from tiao.payments.routing.tables import Policies, Policy
from tiao.runtime.checks import run_checks
from tiao.simulator.bank.books import BankAccount, Books
from tiao.simulator.bank.faults import CERTAIN_PPM, FaultRates
from tiao.simulator.bank.server import BankServer

#: The fixture of conftest.py, which a test cannot import.
World: TypeAlias = Any
ZONE = ZoneInfo("Asia/Shanghai")


def channel(name: str, **changes: object) -> Capability:
    plain = Capability(name, name, WireFormat.TIAO, FileFormat.TIAO, StatementForm.EACH)
    return msgspec.structs.replace(plain, **changes)


def chooser(*capabilities: Capability, policy: Policy | None = None) -> Chooser:
    return Chooser(capabilities, Policies("live", {"live": policy or Policy(), "dear": Policy(10)}, ("dear",)), ZONE)


class Two(NamedTuple):
    """A world with a second way to the same customers' banks."""

    world: World
    second: Books
    channels: dict[str, HttpBank]

    async def customer(self, number: int) -> FundingSource:
        source: FundingSource = await self.world.customer(number)
        account = f"6222{number:012}"
        self.second.set_account(BankAccount(account))
        self.second.deposit(account, 100_000, "CNY", self.world.at)
        bound = await self.channels["second"].bind(BindOrder(f"again{number}", account, "", self.world.at))
        assert isinstance(bound, Bound)
        async with self.world.db.begin() as tx:
            await actions.keep_agreement(
                tx, self.world.now, SourceAgreement(source.id, "second", bound.agreement + "-2")
            )
            await actions.keep_agreement(tx, self.world.now, SourceAgreement(source.id, "second", bound.agreement))
        return source

    async def run(self, asked: Chooser, *orders: NewDebit) -> jobs.DebitRun:
        routed = jobs.RoutedChannels(self.channels, asked)
        return await jobs.run_debits(self.world.db, routed, self.world.moment, orders, self.world.repay)

    async def resolve(self, asked: Chooser) -> jobs.DebitRun:
        routed = jobs.RoutedChannels(self.channels, asked)
        return await jobs.resolve_unknown(self.world.db, routed, self.world.moment, self.world.repay)

    async def sound(self) -> None:
        taken = self.world.books.balances["house"] + self.second.balances["house"]
        assert taken == await self.booked()
        async with self.world.db.snapshot() as tx:
            assert await run_checks(tx) == []

    async def booked(self) -> int:
        async with self.world.db.begin() as tx:
            return int(await tx.value("select coalesce(sum(amount_minor), 0) from repayment"))


@pytest.fixture
async def two(world: World) -> AsyncIterator[Two]:
    second = Books(seed=8)
    server = BankServer(second, key=b"s" * 32)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url="http://second") as client:
        yield Two(world, second, {"bank": world.bank, "second": HttpBank(client, key=b"s" * 32)})


async def test_a_failure_of_the_channel_goes_elsewhere_once_and_is_one_repayment_of_the_order(two: Two) -> None:
    order = two.world.order(await two.customer(1), 700)
    asked = chooser(channel("bank", latency_ms=0), channel("second", latency_ms=60_000), policy=Policy(400, 5000))
    two.world.books.set_faults(FaultRates(maintenance_ppm=CERTAIN_PPM))
    done = await two.run(asked, order)
    assert [each.debit.channel for each in done.succeeded] == ["second"]
    assert done.failed == [], "what went elsewhere has not failed"
    async with two.world.db.begin() as tx:
        attempts = await actions.attempts_of(tx, order.debit_id)
        decisions = await actions.decisions_of(tx, order.debit_id)
    assert [(each.channel, each.state, each.code) for each in attempts] == [
        ("bank", DebitState.FAILED, "maintenance"),
        ("second", DebitState.SUCCEEDED, None),
    ]
    assert attempts[0].next_id == attempts[1].id
    assert [(each.chosen, each.because) for each in decisions] == [("bank", "best"), ("second", "only")]
    assert decisions[1].excluded[0].reasons == (Excluded.TRIED_BEFORE,)
    assert set(decisions[0].shadows) == {"dear"}
    assert sum(each.propensity for each in decisions[0].candidates) == pytest.approx(1)
    await two.sound()


async def test_what_the_payer_lacks_is_not_asked_of_another_channel(two: Two) -> None:
    order = two.world.order(await two.customer(1), 700)
    for books in (two.world.books, two.second):
        books.set_faults(FaultRates(insufficient_funds_ppm=CERTAIN_PPM))
    done = await two.run(chooser(channel("bank"), channel("second")), order)
    assert len(done.failed) == 1
    async with two.world.db.begin() as tx:
        assert len(await actions.attempts_of(tx, order.debit_id)) == 1
        assert await tx.value("select count(*) from channel_outcome") == 0, "and it teaches nothing about the channel"


async def test_an_unknown_outcome_is_never_taken_to_another_channel(two: Two) -> None:
    order = two.world.order(await two.customer(1), 700)
    for books in (two.world.books, two.second):
        books.set_faults(FaultRates(time_out_after_ppm=CERTAIN_PPM, query_time_out_ppm=CERTAIN_PPM))
    asked = chooser(channel("bank"), channel("second"))
    assert len((await two.run(asked, order)).unknown) == 1
    for _ in range(4):
        two.world.later(hours=6)
        await two.resolve(asked)
    taken = sorted([two.world.books.balances["house"], two.second.balances["house"]])
    assert taken == [0, 700], "one bank took it, and the other was never asked"
    for books in (two.world.books, two.second):
        books.set_faults(FaultRates())
    two.world.later(hours=24)
    assert len((await two.resolve(asked)).succeeded) == 1
    await two.sound()


async def test_an_order_that_provably_never_arrived_goes_elsewhere(two: Two) -> None:
    order = two.world.order(await two.customer(1), 700)
    asked = chooser(channel("bank", latency_ms=0), channel("second", latency_ms=60_000), policy=Policy(400, 5000))
    two.world.books.set_faults(FaultRates(time_out_before_ppm=CERTAIN_PPM))
    assert len((await two.run(asked, order)).unknown) == 1
    two.world.books.set_faults(FaultRates())
    two.world.later(seconds=5)
    assert [each.debit.channel for each in (await two.resolve(asked)).succeeded] == ["second"]
    assert (two.world.books.balances["house"], two.second.balances["house"]) == (0, 700)
    await two.sound()


async def test_late_money_of_an_attempt_given_up_is_a_repayment_of_its_own(two: Two) -> None:
    """The bank says failed, we go elsewhere, and then it says that it took the money: nothing of it is lost."""
    order = two.world.order(await two.customer(1), 700)
    asked = chooser(channel("bank", latency_ms=0), channel("second", latency_ms=60_000), policy=Policy(400, 5000))
    two.world.books.set_faults(FaultRates(maintenance_ppm=CERTAIN_PPM))
    await two.run(asked, order)
    said = Succeeded("LATE", two.world.at, 700, "CNY")
    async with two.world.db.begin() as tx:
        recorded = await actions.record_debit_answers(tx, two.world.now, [(order.debit_id, said)])
        [(contradiction, _)] = await actions.due_contradictions(tx, two.world.now, 10)
        await actions.settle_contradiction(tx, two.world.now, contradiction, said, two.world.repay)
    assert [each.is_contradiction for each in recorded.ignored] == [True]
    assert await two.booked() == 1400
    async with two.world.db.snapshot() as tx:
        assert await run_checks(tx) == []


async def test_an_amount_above_every_limit_is_refused_with_the_reason_of_each_channel(two: Two) -> None:
    order = two.world.order(await two.customer(1), 700)
    small = chooser(channel("bank", single_max_minor=699), channel("second", maintenance=(Window("00:00", "23:59"),)))
    [refused] = (await two.run(small, order)).refused
    assert isinstance(refused.refusal, NoChannelUsable)
    assert str(refused.refusal) == "bank: above_single_limit; second: maintenance"


async def test_a_channel_that_fails_is_left_and_learned_by_a_process_that_starts_anew(two: Two) -> None:
    sources = [await two.customer(number) for number in range(12)]
    asked = chooser(channel("bank"), channel("second"))
    two.world.books.set_faults(FaultRates(maintenance_ppm=CERTAIN_PPM))
    for number in range(20):
        await two.run(asked, *(two.world.order(each, 10, number=number) for each in sources))
    fresh = chooser(channel("bank"), channel("second"))
    await two.run(fresh, *(two.world.order(each, 10, number=99) for each in sources))
    async with two.world.db.begin() as tx:
        last = [await actions.decisions_of(tx, two.world.order(each, 10, number=99).debit_id) for each in sources]
    assert {decisions[0].chosen for decisions in last} == {"second"}
    await two.sound()
