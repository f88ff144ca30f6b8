"""What comes up about running loans day by day: who asks, who decides, and what of it is undone some days later."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from tiao.lending.payoff import PayoffQuote
from tiao.runtime.db import Tx
from tiao.simulator.admission import Member
from tiao.simulator.asking import Customers
from tiao.simulator.chance import draw, number
from tiao.simulator.deciding import SWITCHES, Staff
from tiao.simulator.platform import Platform, moment
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal

_DAY = timedelta(days=1)


class Case(StrEnum):
    """What comes up."""

    PAYOFF = "loan payoffs"
    PAYOFF_LINE = "line payoffs"
    BILL_PLAN = "bills in instalments"
    MINIMUM = "minimum payments"
    DEFERRAL = "deferrals"
    CREDIT_BACK = "credit balances sent back"
    TRANSFER = "transfers"
    GOODWILL = "goodwill"
    WAIVER = "waivers"
    CHARGE = "charges"
    PAUSE = "penalty pauses"
    HARDSHIP = "hardship plans"
    REAMORTISATION = "loans re-amortised"
    REAGE = "loans re-aged"


#: How often each comes up for a customer, in a million days; what nothing is owed for comes to nothing. Own choice:
#: enough that a year of 150 people sees each several times, and far more than staff would like.
DAILY_PPM = {
    Case.PAYOFF: 700,
    Case.PAYOFF_LINE: 250,
    Case.BILL_PLAN: 900,
    Case.MINIMUM: 1200,
    Case.DEFERRAL: 500,
    Case.CREDIT_BACK: 1500,
    Case.TRANSFER: 500,
    Case.GOODWILL: 300,
    Case.WAIVER: 600,
    Case.CHARGE: 250,
    Case.PAUSE: 250,
    Case.HARDSHIP: 900,
    Case.REAMORTISATION: 900,
    Case.REAGE: 600,
}
#: How often a decision, or money by hand, is undone, and after how many days at most. Own choice.
UNDONE_PPM, UNDONE_DAYS = 250_000, 20
_UNDOABLE = frozenset(Case) - {Case.PAYOFF, Case.PAYOFF_LINE, Case.BILL_PLAN, Case.CREDIT_BACK, Case.HARDSHIP}
#: Who takes a quote and does not pay, in a million.
_ONLY_QUOTED_PPM = 200_000
#: What is switched on is proposed so many days after the opening, and ended so many days later.
_SWITCHED_AFTER, _SWITCHED_FOR = 10, 300

_Act = Callable[[Tx, Moment, Member], Awaitable[UUID | None]]


class _Mistake(NamedTuple):
    case: Case
    member: Member
    fact_id: UUID


class Cases:
    """Handles a day's cases in the order of the members; *times* makes everything come up so many times as often."""

    def __init__(self, platform: Platform, seed: str, opened_on: date, *, times: int = 1) -> None:
        self._platform = platform
        self._seed = seed
        self._opened_on = opened_on
        self._customers = Customers(platform, seed)
        self._staff = Staff(platform, seed)
        self._mistakes: dict[date, list[_Mistake]] = defaultdict(list)
        #: Whoever transferred money asks the day after for what was too much.
        self._transferred: dict[date, list[Member]] = defaultdict(list)
        self._override_ids: list[UUID] = []
        bounds, total = [], 0
        for case, ppm in DAILY_PPM.items():
            total += ppm * times
            bounds.append((total, case))
        assert total <= 1_000_000, "what comes up is at most one thing a customer and day"  # noqa: PLR2004  a million
        self._bounds = bounds
        self._acts: dict[Case, _Act] = {
            Case.BILL_PLAN: self._customers.put_bill_into_instalments,
            Case.DEFERRAL: self._customers.defer,
            Case.CREDIT_BACK: self._customers.get_credit_back,
            Case.TRANSFER: self._staff.book_transfer,
            Case.GOODWILL: self._staff.give_goodwill,
            Case.WAIVER: self._staff.waive,
            Case.CHARGE: self._staff.charge,
            Case.PAUSE: self._staff.pause_penalties,
            Case.HARDSHIP: self._staff.help_out,
            Case.REAMORTISATION: self._staff.reamortise,
            Case.REAGE: self._staff.reage,
        }

    async def handle(self, day: date, at: datetime, members: Sequence[Member]) -> Counter[str]:
        """Do what comes up on a day; what is refused is counted under the refusal's code."""
        counts: Counter[str] = Counter()
        await self._try_switches(day, at, counts)
        for mistake in self._mistakes.pop(day, []):
            await self._undo(day, at, mistake, counts)
        too_much = self._transferred.pop(day, [])
        for member in too_much:
            await self._act(Case.CREDIT_BACK, day, at, member, counts)
        for member in members:
            case = self._case_of(member, day)
            if case is Case.CREDIT_BACK and member in too_much:
                continue
            if case in {Case.PAYOFF, Case.PAYOFF_LINE}:
                await self._pay_off(case, day, at, member, counts)
            elif case is Case.MINIMUM:
                await self._pay_minimum(day, at, member, counts)
            elif case is not None:
                await self._act(case, day, at, member, counts)
        return counts

    def _case_of(self, member: Member, day: date) -> Case | None:
        drawn = draw(self._seed, "comes up", member.key, day.isoformat())
        return next((case for bound, case in self._bounds if drawn < bound), None)

    async def _act(self, case: Case, day: date, at: datetime, member: Member, counts: Counter[str]) -> None:
        made = None
        now = moment(self._platform, self._seed, f"{case}/{day}/{member.key}", at)
        try:
            async with self._platform.db.begin() as tx:
                made = await self._acts[case](tx, now, member)
        except Refusal as refusal:
            counts[f"{case} refused: {refusal.code}"] += 1
        if made is not None:
            self._note(case, day, member, made, counts)

    def _note(self, case: Case, day: date, member: Member, made: UUID, counts: Counter[str]) -> None:
        """Count what was done, and let some of it turn out a mistake."""
        counts[case] += 1
        if case is Case.TRANSFER:
            self._transferred[day + _DAY].append(member)
        if case in _UNDOABLE and draw(self._seed, "undone", str(made)) < UNDONE_PPM:
            after = 1 + number(self._seed, "undone after", str(made)) % UNDONE_DAYS
            self._mistakes[day + after * _DAY].append(_Mistake(case, member, made))

    async def _undo(self, day: date, at: datetime, mistake: _Mistake, counts: Counter[str]) -> None:
        now = moment(self._platform, self._seed, f"undo/{day}/{mistake.fact_id}", at)
        try:
            async with self._platform.db.begin() as tx:
                await self._staff.undo(tx, now, mistake.member, mistake.fact_id)
            counts[f"{mistake.case} undone"] += 1
        except Refusal as refusal:
            counts[f"{mistake.case} not undone: {refusal.code}"] += 1

    async def _pay_off(self, case: Case, day: date, at: datetime, member: Member, counts: Counter[str]) -> None:
        now = moment(self._platform, self._seed, f"{case}/{day}/{member.key}", at)
        try:
            async with self._platform.db.begin() as tx:
                quote: PayoffQuote = await self._customers.quote(
                    tx, now, member, is_whole_line=case is Case.PAYOFF_LINE
                )
            counts["payoff quotes"] += 1
            if draw(self._seed, "only quoted", member.key, day.isoformat()) < _ONLY_QUOTED_PPM:
                return
            await self._customers.settle(member, quote)
            counts[case] += 1
        except Refusal as refusal:
            counts[f"{case} refused: {refusal.code}"] += 1

    async def _pay_minimum(self, day: date, at: datetime, member: Member, counts: Counter[str]) -> None:
        now = moment(self._platform, self._seed, f"{Case.MINIMUM}/{day}/{member.key}", at)
        try:
            async with self._platform.db.begin() as tx:
                agreed = await self._customers.agree_minimum(tx, now, member)
            self._note(Case.MINIMUM, day, member, agreed.id, counts)
            if agreed.still_to_pay_minor:
                await self._customers.pay_minimum(member, agreed, day)
        except Refusal as refusal:
            counts[f"{Case.MINIMUM} refused: {refusal.code}"] += 1

    async def _try_switches(self, day: date, at: datetime, counts: Counter[str]) -> None:
        """Let customers do for a while what is not offered: one proposes it, another approves it, one ends it."""
        step = (day - self._opened_on).days - _SWITCHED_AFTER
        if step not in {0, 1, _SWITCHED_FOR}:
            return
        now = moment(self._platform, self._seed, f"switches/{day}", at)
        async with self._platform.db.begin() as tx:
            if step == 0:
                until = day + 2 * _SWITCHED_FOR * _DAY
                self._override_ids = [await self._staff.propose(tx, now, rule, until=until) for rule in SWITCHES]
            act = self._staff.approve if step == 1 else self._staff.withdraw
            for override_id in self._override_ids if step else []:
                await act(tx, now, override_id)
        await self._platform.adopt_rules()
        done = "proposed" if step == 0 else "approved" if step == 1 else "withdrawn"
        counts[f"policy overrides {done}"] += len(SWITCHES)
