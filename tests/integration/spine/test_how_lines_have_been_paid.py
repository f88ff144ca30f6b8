"""The history that a review reads in one statement is what counting a line's bills one by one gives."""

from datetime import date, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

import pytest

from support.spine import Spine
from tiao.credit.model import LineHistory
from tiao.lending import daily

pytestmark = pytest.mark.anyio
DAY = date(2026, 9, 15)
BILL = """insert into bill (bucket, id, line_id, customer_id, currency, statement_on, due_on, principal_minor,
                            fee_minor, carried_minor, settled_on)
          values (%(bucket)s, %(id)s, %(line)s, %(line)s, 'CNY', %(statement)s, %(due)s, 100, 0, 0, %(settled)s)"""
LOAN = """insert into loan (bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, plan_code, mode,
                            principal_minor, fee_minor, subsidy_minor, discount_minor, penalty_ppm, product_version,
                            cost_kind, taken_on, stage, status, recorded_at)
          values (%(bucket)s, %(id)s, %(id)s, %(line)s, %(line)s, %(id)s, 'CNY', 'next_month', 'statement', 100, 0, 0,
                  0, 0, 1, 'fee', '2026-03-01', %(stage)s, %(status)s, '2026-03-01')"""


class Bill(NamedTuple):
    """A bill and when it was paid, if it was."""

    statement_on: date
    due_on: date
    settled_on: date | None

    @property
    def is_on_time(self) -> bool:
        return self.settled_on is not None and self.settled_on <= self.due_on


def counted(line: UUID, bills: list[Bill], since: date, stages: list[tuple[int, str]]) -> LineHistory:
    """Count, the latest bill first."""
    past = sorted((bill for bill in bills if bill.due_on <= DAY), reverse=True)
    recent = [bill for bill in past if bill.due_on > since]
    late_at = [place for place, bill in enumerate(recent) if not bill.is_on_time]
    return LineHistory(
        line_id=line,
        bills_on_time_in_a_row=late_at[0] if late_at else len(recent),
        worst_stage=max([stage for stage, status in stages if status == "active"], default=0),
        bills_since_change=len(recent),
        late_bills=sum(not bill.is_on_time for bill in past[:6]),
    )


def billed(chance: Random) -> list[Bill]:
    first = date(2026, 9, 1) - timedelta(days=chance.randrange(400))
    bills = []
    for number in range(chance.randrange(15)):
        statement = first + timedelta(days=30 * number)
        due = statement + timedelta(days=10)
        paid = chance.choice([None, due - timedelta(days=3), due, due, due + timedelta(days=1)])
        bills.append(Bill(statement, due, paid))
    return bills


async def test_one_statement_counts_as_one_by_one(spine: Spine) -> None:
    chance = Random(7)
    asked, expected = [], []
    async with spine.db.begin() as tx:
        for _ in range(80):
            line = UUID(int=chance.getrandbits(128))
            bucket = line.int & 255
            bills, since = billed(chance), chance.choice([date.min, DAY - timedelta(days=chance.randrange(300))])
            stages = [
                (chance.randrange(5), chance.choice(["active", "active", "settled", "written_off"]))
                for _ in range(chance.randrange(4))
            ]
            for bill in bills:
                made = UUID(int=chance.getrandbits(128))
                values = {"statement": bill.statement_on, "due": bill.due_on, "settled": bill.settled_on}
                await tx.execute(BILL, bucket=bucket, id=made, line=line, **values)
            for stage, status in stages:
                made = UUID(int=chance.getrandbits(128))
                await tx.execute(LOAN, bucket=bucket, id=made, line=line, stage=stage, status=status)
            asked.append((line, since))
            expected.append(counted(line, bills, since, stages))
        found = await daily.line_histories(tx, asked, DAY)
    assert found == sorted(expected, key=lambda history: history.line_id)
    assert {each.late_bills for each in found} > {0, 1, 2}, "the lines differ"
