"""People repay: on each due day a draw by last month's status says whether all, part or nothing is paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import zip_longest
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.lending.billing import due_on
from tiao.lending.model import BillingPolicy
from tiao.payments import jobs
from tiao.payments.jobs import DebitRun
from tiao.payments.model import DebitPurpose, NewDebit
from tiao.servicing.repaying import book_debits
from tiao.simulator import store
from tiao.simulator.admission import Member
from tiao.simulator.behaviour import BehaviourTable, Payment, Status, after, is_late
from tiao.simulator.chance import draw, number
from tiao.simulator.platform import Platform
from tiao.simulator.store import Owing
from tiao.simulator.straining import Need
from tiao.values.calendar import add_months, day_in_month
from tiao.values.ids import bucket_of, derived_id

#: A product without revolving credit has no minimum payment: who was not late and pays in part pays the rest so many
#: days after the due date, drawn within these bounds. Own choice; it is before the next due date.
REST_DAYS = (5, 25)


class Payer(msgspec.Struct):
    """How one line is repaid: the status of its last month, when a rest will be paid, and what strains it."""

    line_id: UUID
    customer_id: UUID
    source_id: UUID
    statement_day: int
    status: Status
    rest_on: date | None = None
    need: Need | None = None


class Intent(NamedTuple):
    """What a customer means to pay today. *Units*: minor units."""

    payer: Payer
    amount_minor: int


class Payers:
    """Everybody who owes, and what they do about it. Its state follows from the seed and what was owed on which day.

    *sees_settled*: what was settled earlier on a day counts as owed on it, as a life that may be resumed needs; where
    autopay comes first, it must not.
    """

    def __init__(self, table: BehaviourTable, seed: str, billing: BillingPolicy, *, sees_settled: bool = True) -> None:
        self._table = table
        self._seed = seed
        self._billing = billing
        self._sees_settled = sees_settled
        self._by_line: dict[UUID, Payer] = {}

    def join(self, members: Sequence[Member], needs: Sequence[Need | None] = ()) -> None:
        """Let members with a line take part; *needs* says of each what strains them, if something does."""
        for member, need in zip_longest(members, needs):
            if member.line_id is not None and member.source_id is not None and member.statement_day is not None:
                self._by_line[member.line_id] = Payer(
                    line_id=member.line_id,
                    customer_id=member.customer_id,
                    source_id=member.source_id,
                    statement_day=member.statement_day,
                    status=member.status,
                    need=need,
                )

    def intents(self, day: date, owing: Sequence[Owing]) -> list[Intent]:
        """Decide who pays what on a day; to be asked once a day, for every day in turn."""
        found = []
        for owed in owing:
            payer = self._by_line.get(owed.line_id)
            if payer is None or (owed.open_minor == 0 and not self._sees_settled):
                continue
            amount = self._amount(payer, day, owed)
            if amount:
                found.append(Intent(payer, amount))
        return found

    async def recall(self, platform: Platform, first: date, until: date) -> None:
        """Bring every status to the morning of *until*, after a restart, from what was owed on each day before."""
        day = first
        while day < until:
            async with platform.db.begin() as tx:
                owing = await store.read_owing(tx, day)
            self.intents(day, owing)
            day += timedelta(days=1)

    async def pay(self, platform: Platform, day: date) -> DebitRun:
        """Have everybody pay today what they mean to; a debit that has its answer is not asked for again."""
        async with platform.db.begin() as tx:
            intents = self.intents(day, await store.read_owing(tx, day))
            orders = [self._order(platform, intent, day) for intent in intents]
            answered = await store.read_answered(tx, [order.debit_id for order in orders]) if orders else set()
        orders = [order for order in orders if order.debit_id not in answered]
        return await jobs.run_debits(platform.db, platform.channels, platform.moments, orders, book_debits)

    def _amount(self, payer: Payer, day: date, owed: Owing) -> int:
        if payer.rest_on == day:
            payer.rest_on = None
            return owed.open_minor
        if not owed.is_due_today and not self._is_due_day(payer.statement_day, day):
            return 0
        status = payer.status
        table = (payer.need and payer.need.repayments(day)) or self._table
        payment = table.payment(status, draw(self._seed, "pays", str(payer.line_id), day.isoformat()))
        payer.status = after(status, payment)
        match payment:
            case Payment.FULL:
                payer.rest_on = None
                return owed.open_minor
            case Payment.PART:
                if not is_late(status):
                    payer.rest_on = self._rest_on(payer, day)
                return min(owed.open_minor, table.part_of(status, owed.open_minor))
            case Payment.NONE:
                return 0

    def _rest_on(self, payer: Payer, day: date) -> date:
        first, last = REST_DAYS
        days = first + number(self._seed, "rest", str(payer.line_id), day.isoformat()) % (last - first + 1)
        return day + timedelta(days=days)

    def _is_due_day(self, statement_day: int, day: date) -> bool:
        """Tell whether a statement of this line would fall due today, were there one."""
        months = (add_months(date(day.year, day.month, 1), -back) for back in (0, 1))
        statements = (day_in_month(month.year, month.month, statement_day) for month in months)
        return any(due_on(statement, self._billing) == day for statement in statements)

    def _order(self, platform: Platform, intent: Intent, day: date) -> NewDebit:
        payer = intent.payer
        return NewDebit(
            line_id=payer.line_id,
            customer_id=payer.customer_id,
            funding_source_id=payer.source_id,
            amount_minor=intent.amount_minor,
            currency=platform.programme.currency,
            purpose=DebitPurpose.REPAYMENT,
            debit_id=derived_id(
                "repayment", payer.customer_id, f"simulated/{day.isoformat()}", bucket=bucket_of(payer.customer_id)
            ),
        )
