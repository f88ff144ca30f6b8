"""What staff decide about running loans: money by hand, waivers, charges, pauses, hardship, and undoing any of it."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from uuid import UUID

from tiao.ledger import actions as ledger
from tiao.lending import adjusting, daily, refinancing, rescheduling
from tiao.lending.adjusting import Decision
from tiao.lending.life import Component
from tiao.lending.model import FeePayer
from tiao.lending.product import Scene
from tiao.lending.records import LoanInstalment, Receipt, ReceiptKind
from tiao.lending.refinancing import Refinancing
from tiao.lending.refunds import RefundPolicy
from tiao.lending.rescheduling import NewRows
from tiao.runtime import overrides
from tiao.runtime.db import Tx
from tiao.runtime.overrides import OverrideKind, Proposal, Who
from tiao.simulator.admission import Member
from tiao.simulator.asking import line_of
from tiao.simulator.chance import number
from tiao.simulator.platform import Platform
from tiao.values.moment import Moment

ACTOR = "simulator"
#: Money by hand is booked for a day so far back at most. Own choice.
_BACKDATED_DAYS = 12
#: Shares of all that is owed that a transfer brings, in percent; more than all becomes a credit balance. Own choice.
_TRANSFERRED_PERCENT = (20, 50, 100, 100, 115)
#: What goodwill and a charge come to at most. *Units*: minor units. Own choice.
_GOODWILL_MAX_MINOR, _CHARGE_MAX_MINOR = 5_000, 2_000
_PAUSE_BEFORE_DAYS, _PAUSE_AFTER_DAYS = 10, 30
_HARDSHIP_PLANS = ("instalments_6", "instalments_12", "annuity_12")
#: How many rows a loan gets that is re-aged. Own choice.
_NEW_ROWS = (3, 6, 12)
#: What customers may not do until it is switched on: defer bills, pay the minimum. *Source*: the policy pack, whose
#: rows have this source.
SWITCHES = ("deferral.max_days", "min_payment.ratio", "min_payment.carry_daily_rate")
_SOURCE = "baitiao"


class Staff:
    """Decides, each time in the caller's transaction; answers the fact that was made, or None where nothing was due."""

    def __init__(self, platform: Platform, seed: str) -> None:
        self._platform = platform
        self._seed = seed

    async def book_transfer(self, tx: Tx, now: Moment, member: Member) -> UUID | None:
        """Book a bank transfer as of the day it came in; it also makes good what was given up."""
        drawn = self._pick("transferred", member, now.today)
        owed = await self._owed(tx, member)
        amount = sum(part.open_minor for part in owed) * _TRANSFERRED_PERCENT[drawn % len(_TRANSFERRED_PERCENT)] // 100
        return await self._receive(tx, now, member, ReceiptKind.TRANSFER, amount, days_back=drawn % _BACKDATED_DAYS)

    async def give_goodwill(self, tx: Tx, now: Moment, member: Member) -> UUID | None:
        """Pay a little of what is owed for the customer."""
        drawn = self._pick("goodwill", member, now.today)
        owed = await self._owed(tx, member)
        amount = 1 + drawn % _GOODWILL_MAX_MINOR if owed else 0
        return await self._receive(tx, now, member, ReceiptKind.GOODWILL, amount, days_back=drawn % _BACKDATED_DAYS)

    async def waive(self, tx: Tx, now: Moment, member: Member) -> UUID | None:
        """Let half of a loan's penalties go, or all of a fee where no penalty is owed."""
        penalties: dict[UUID, int] = defaultdict(int)
        fees: dict[UUID, int] = defaultdict(int)
        for part in await self._owed(tx, member):
            penalties[part.loan_id] += part.penalty_open_minor
            fees[part.loan_id] += part.fee_open_minor
        for component, owed in ((Component.PENALTY, penalties), (Component.FEE, fees)):
            loan_id = max(sorted(owed), key=lambda each: owed[each], default=None)
            if loan_id is not None and owed[loan_id]:
                amount = (owed[loan_id] + 1) // 2 if component is Component.PENALTY else owed[loan_id]
                return await self._waive(tx, now, member, loan_id, component, amount)
        return None

    async def charge(self, tx: Tx, now: Moment, member: Member) -> UUID | None:
        """Add a penalty by hand to what is oldest."""
        owed = await self._owed(tx, member)
        if not owed:
            return None
        decision = await self._decision(tx, now, member)
        await adjusting.charge(
            tx,
            now,
            decision,
            key=min(owed, key=lambda part: (part.due_on, part.key)).key,
            component=Component.PENALTY,
            amount_minor=1 + self._pick("charged", member, now.today) % _CHARGE_MAX_MINOR,
            policy_of=self._policy_of,
        )
        return decision.id

    async def pause_penalties(self, tx: Tx, now: Moment, member: Member) -> UUID | None:
        """Charge no penalty for some days, those gone by included; only somebody who owes is in need of it."""
        owed = await self._owed(tx, member)
        if not owed:
            return None
        decision = await self._decision(tx, now, member)
        await adjusting.pause_penalties(
            tx,
            now,
            decision,
            from_on=now.today - timedelta(days=_PAUSE_BEFORE_DAYS),
            to_on=now.today + timedelta(days=_PAUSE_AFTER_DAYS),
            policy_of=self._policy_of,
        )
        return decision.id

    async def help_out(self, tx: Tx, now: Moment, member: Member) -> UUID | None:
        """Put an overdue loan into a hardship plan, what stands in the way waived before; None where none is overdue.

        Refuses: LoanNotActive, PenaltiesOpen, NothingToRefinance.
        """
        loan_id = await self._most_overdue(tx, now, member)
        if loan_id is None:
            return None
        owed = [part for part in await self._owed(tx, member) if part.loan_id == loan_id]
        for component, amount in (
            (Component.PENALTY, sum(part.penalty_open_minor for part in owed)),
            (Component.FEE, sum(part.fee_open_minor for part in owed)),
        ):
            if amount:
                await self._waive(tx, now, member, loan_id, component, amount)
        line, book = await ledger.line(tx, line_of(member)), self._platform.book
        code = _HARDSHIP_PLANS[self._pick("hardship", member, now.today) % len(_HARDSHIP_PLANS)]
        asked = Refinancing(
            id=now.new_id(line.bucket),
            line_id=line.id,
            customer_id=line.customer_id,
            currency=line.currency,
            terms=book.terms(code, FeePayer.CONSUMER, now.today, Scene.HARDSHIP),
            statement_day=line.statement_day,
            penalty_ppm=book.conditions(now.today).penalty_ppm,
            actor=ACTOR,
            reason="out of work",
        )
        policy = book.conditions(now.today).billing
        return await refinancing.refinance_loan(tx, now, asked, loan_id=loan_id, policy=policy)

    async def undo(self, tx: Tx, now: Moment, member: Member, fact_id: UUID) -> UUID:
        """Take a decision, or money booked by mistake, back. Refuses: NotReversible, FactAlreadyReversed."""
        decision = await self._decision(tx, now, member)
        await adjusting.reverse(tx, now, decision, fact_id, effective_on=now.today, policy_of=self._policy_of)
        return decision.id

    async def reamortise(self, tx: Tx, now: Moment, member: Member) -> UUID | None:
        """Spread what is overdue of a loan over the rows that are left; None where nothing is, or none are.

        Refuses: NothingToReschedule, LoanNotReschedulable, RescheduledToday.
        """
        loan_id = await self._most_overdue(tx, now, member, has_rows_left=True)
        if loan_id is None:
            return None
        decision = await self._decision(tx, now, member)
        await rescheduling.reamortise(tx, now, decision, loan_id=loan_id, policy_of=self._policy_of)
        return decision.id

    async def reage(self, tx: Tx, now: Moment, member: Member) -> UUID | None:
        """Give what is open of an overdue loan new rows; None where nothing is overdue.

        Refuses: NothingToReschedule, LoanNotReschedulable, RescheduledToday.
        """
        loan_id = await self._most_overdue(tx, now, member)
        if loan_id is None:
            return None
        line, drawn = await ledger.line(tx, line_of(member)), self._pick("re-aged", member, now.today)
        wanted = NewRows(
            rows=_NEW_ROWS[drawn % len(_NEW_ROWS)],
            from_on=now.today + timedelta(days=drawn // 10 % 10),
            is_fee_spread=drawn // 100 % 2 == 0,
            statement_day=line.statement_day,
            billing=self._platform.book.conditions(now.today).billing,
        )
        decision = await self._decision(tx, now, member)
        await rescheduling.reage(tx, now, decision, loan_id=loan_id, wanted=wanted, policy_of=self._policy_of)
        return decision.id

    async def propose(self, tx: Tx, now: Moment, rule: str, *, until: date) -> UUID:
        """Propose to switch a rule on. Refuses: PolicyOverrideRefused."""
        programme = self._platform.programme
        proposal = Proposal(
            rule=rule,
            applies_to=programme.lender_type,
            kind=OverrideKind.SWITCH,
            value=_SOURCE,
            reason="customers ask for it",
            from_on=now.today,
            review_on=until,
            expires_on=until,
        )
        made, _ = await overrides.propose(tx, now, programme.zone, proposal, Who("first person", ACTOR))
        return made

    async def approve(self, tx: Tx, now: Moment, override_id: UUID) -> None:
        """Approve what a colleague proposed. Refuses: PolicyOverrideDecided, PolicyOverrideRefused."""
        who = Who("second person", ACTOR)
        await overrides.approve(tx, now, self._platform.programme.zone, override_id, who, "it is time")

    async def withdraw(self, tx: Tx, now: Moment, override_id: UUID) -> None:
        """End an override. Refuses: PolicyOverrideDecided."""
        who = Who("first person", ACTOR)
        await overrides.withdraw(tx, now, self._platform.programme.zone, override_id, who, "it was tried")

    async def _receive(
        self, tx: Tx, now: Moment, member: Member, kind: ReceiptKind, amount_minor: int, *, days_back: int
    ) -> UUID | None:
        if amount_minor == 0:
            return None
        line = await ledger.line(tx, line_of(member))
        receipt = Receipt(
            id=now.new_id(line.bucket),
            line_id=line.id,
            customer_id=line.customer_id,
            kind=kind,
            currency=line.currency,
            amount_minor=amount_minor,
            effective_on=max(line.opened_on, now.today - timedelta(days=days_back)),
            actor=ACTOR,
            reason=f"{kind.value} by hand",
        )
        await adjusting.receive(tx, now, receipt, policy_of=self._policy_of)
        return receipt.id

    async def _waive(
        self, tx: Tx, now: Moment, member: Member, loan_id: UUID, component: Component, amount_minor: int
    ) -> UUID:
        decision = await self._decision(tx, now, member)
        await adjusting.waive(
            tx,
            now,
            decision,
            loan_id=loan_id,
            component=component,
            amount_minor=amount_minor,
            policy_of=self._policy_of,
        )
        return decision.id

    async def _most_overdue(self, tx: Tx, now: Moment, member: Member, *, has_rows_left: bool = False) -> UUID | None:
        owed = await self._owed(tx, member)
        going_on = {part.loan_id for part in owed if part.due_on >= now.today or not has_rows_left}
        late = [part for part in owed if part.due_on < now.today and part.loan_id in going_on]
        return min(late, key=lambda part: (part.due_on, part.key)).loan_id if late else None

    async def _owed(self, tx: Tx, member: Member) -> list[LoanInstalment]:
        return await daily.open_instalments(tx, [line_of(member)])

    async def _decision(self, tx: Tx, now: Moment, member: Member) -> Decision:
        line = await ledger.line(tx, line_of(member))
        return Decision(now.new_id(line.bucket), line.id, line.currency, ACTOR, "as told by the seed")

    def _policy_of(self, taken_on: date) -> RefundPolicy:
        return self._platform.book.conditions(taken_on).refund

    def _pick(self, what: str, member: Member, day: date) -> int:
        return number(self._seed, what, member.key, day.isoformat())
