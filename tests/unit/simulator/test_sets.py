"""A set has at most one purchase of a customer, and nobody's purchases change their order."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from tiao.simulator.admission import Member
from tiao.simulator.behaviour import Status
from tiao.simulator.replay.selling import SET, Offered, in_sets
from tiao.simulator.replay.transactions import Transaction

START = datetime(2026, 3, 1, tzinfo=UTC)


def offered(count: int, customers: int) -> list[Offered]:
    chance = Random("sets")
    found = []
    for place in range(count):
        customer = min(chance.randrange(customers), chance.randrange(customers))
        member = Member(str(customer), UUID(int=customer), UUID(int=customer), 1, None, Status.NONE)
        transaction = Transaction(str(place), START + timedelta(seconds=place), str(customer), "m", 100)
        found.append(Offered(transaction, member, UUID(int=1)))
    return found


def test_sets_hold_everything_once_and_each_customer_once() -> None:
    asked = offered(3_000, 300)
    sets = in_sets(asked)
    assert sorted(int(one.transaction.transaction_id) for each in sets for one in each) == list(range(3_000))
    for each in sets:
        assert len({one.member.customer_id for one in each}) == len(each) <= SET


def test_nobodys_order_changes() -> None:
    order = defaultdict(list)
    for each in in_sets(offered(3_000, 300)):
        for one in each:
            order[one.member.customer_id].append(one.transaction.occurred_at)
    assert all(instants == sorted(instants) for instants in order.values())
