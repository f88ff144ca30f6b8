"""What people decide about limits: more for a while or for one place, a bound for a scene, a freeze, a second look."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from tiao.credit import actions as credit
from tiao.credit import answering
from tiao.credit.answering import Said
from tiao.credit.cases import actions as cases
from tiao.credit.cases.model import Case
from tiao.credit.granting import Proposal
from tiao.credit.limits.model import LimitKind, Place
from tiao.credit.rules import whole_steps
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine
from tiao.policy.pack import Pack
from tiao.runtime.db import Tx
from tiao.simulator.admission import Member
from tiao.simulator.chance import number
from tiao.simulator.platform import Platform, moment
from tiao.simulator.shopping import Shop
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal

#: One day in so many something is decided about somebody's limit by hand. Own choice: a small world should see it all.
DAYS_BETWEEN = 4
#: A line that staff froze is looked at again after so many days.
FROZEN_DAYS = 10
#: More for a while lasts so many days, more for one place so many.
TEMPORARY_DAYS, EXCLUSIVE_DAYS = 20, 45
#: What is asked for, as a share of the line's limit, in percent. Own choice.
_TEMPORARY_PERCENT, _EXCLUSIVE_PERCENT, _SCENE_PERCENT, _OTHER_PERCENT, _LOWERED_PERCENT = 25, 20, 50, 110, 80
_MAKER, _CHECKER = "simulated staff, first", "simulated staff, second"
_WHY = "as the customer asked"


class Limiting(StrEnum):
    """What people do about limits; each is counted under its name."""

    TEMPORARY = "temporary limits"
    EXCLUSIVE = "exclusive limits"
    SCENE = "limits of a scene"
    OTHER = "limits changed by people"
    LOWERED = "limits lowered on request"
    FROZEN = "lines frozen by staff"
    OBJECTION = "decisions contested"


class _Turn(NamedTuple):
    """What is drawn for a day: what is done, for whom."""

    what: Limiting
    member: Member


class LimitStaff:
    """Decides about limits: one person proposes, another agrees or, one time in four, does not."""

    def __init__(self, platform: Platform, seed: str) -> None:
        self._platform = platform
        self._seed = seed
        self._frozen: dict[date, list[UUID]] = defaultdict(list)

    async def live(self, day: date, at: datetime, members: Sequence[Member], shops: Sequence[Shop]) -> Counter[str]:
        """Release what was frozen for a while, and do what comes up today; refusals are counted by their codes."""
        counts: Counter[str] = Counter()
        for line_id in self._frozen.pop(day, []):
            await self._release(day, at, line_id, counts)
        drawn = number(self._seed, "limiting", day.isoformat())
        if not members or drawn % DAYS_BETWEEN:
            return counts
        kinds = tuple(Limiting)
        chosen = number(self._seed, "limiting who", day.isoformat())
        turn = _Turn(kinds[chosen % len(kinds)], members[chosen // len(kinds) % len(members)])
        shop = shops[chosen // len(kinds) % len(shops)]
        now = moment(self._platform, self._seed, f"limiting/{day}", at)
        try:
            async with self._platform.db.begin() as tx:
                done = await self._do(tx, now, turn, shop)
            counts[turn.what if done else f"{turn.what} refused by the second person"] += 1
        except Refusal as refusal:
            counts[f"{turn.what} refused: {refusal.code}"] += 1
        return counts

    async def _do(self, tx: Tx, now: Moment, turn: _Turn, shop: Shop) -> bool:
        assert turn.member.line_id is not None, "only who has a line buys"
        line = await ledger.line(tx, turn.member.line_id)
        engine = self._platform.engine
        match turn.what:
            case Limiting.FROZEN:
                await credit.freeze_line(tx, now, line.id, actor=_MAKER, reason="something looked odd")
                self._frozen[now.today + timedelta(days=FROZEN_DAYS)].append(line.id)
                return True
            case Limiting.LOWERED:
                lower = self._steps(line, _LOWERED_PERCENT)
                await credit.cut_limit(tx, now, engine, line.id, lower, actor=str(line.customer_id), reason=_WHY)
                return True
            case Limiting.OBJECTION:
                return await self._contest(tx, now, turn.member)
            case _:
                wanted = self._wanted(turn.what, line, shop, now.today)
                made = await answering.propose_limit(
                    tx, now, engine, line.id, wanted, actor=_MAKER, reason="the customer asked"
                )
                return await self._second(tx, now, made, agrees=number(self._seed, "agrees", str(made.id)) % 4 > 0)

    def _wanted(self, what: Limiting, line: CreditLine, shop: Shop, today: date) -> Proposal:
        match what:
            case Limiting.TEMPORARY:
                ends_on = today + timedelta(days=TEMPORARY_DAYS)
                return Proposal(self._steps(line, _TEMPORARY_PERCENT), LimitKind.TEMPORARY, Place(), ends_on)
            case Limiting.EXCLUSIVE:
                ends_on = today + timedelta(days=EXCLUSIVE_DAYS)
                place = Place(merchant_id=shop.merchant_id)
                return Proposal(self._steps(line, _EXCLUSIVE_PERCENT), LimitKind.EXCLUSIVE, place, ends_on)
            case Limiting.SCENE:
                return Proposal(self._steps(line, _SCENE_PERCENT), LimitKind.SCENE, Place(shop.trade.category))
            case _:
                return Proposal(self._steps(line, _OTHER_PERCENT))

    async def _contest(self, tx: Tx, now: Moment, member: Member) -> bool:
        """Have a person look again at the last decision, who lets it stand."""
        about = (await credit.decisions_of(tx, member.customer_id))[0]
        pack: Pack = self._platform.book.pack
        days = pack.integer(
            "decision.human_review_sla_days", on=now.today, lender_type=self._platform.programme.lender_type
        )
        made = await answering.contest(
            tx, now, self._platform.engine, about.id, customer_id=member.customer_id, reason=_WHY, answer_days=days
        )
        return await self._second(tx, now, made, agrees=False)

    async def _second(self, tx: Tx, now: Moment, case: Case, *, agrees: bool) -> bool:
        """Let somebody else answer, and one more where two are asked for."""
        for checker in (_CHECKER, "simulated staff, third"):
            await cases.claim(tx, now, case.id, actor=checker)
            reason = "looked at it" if agrees else "as before"
            said = Said(checker, agrees, reason)
            answered = await answering.answer(tx, now, self._platform.engine, case.id, said)
            if answered.decision is not None or not agrees:
                return agrees or answered.decision is not None
        return True

    async def _release(self, day: date, at: datetime, line_id: UUID, counts: Counter[str]) -> None:
        now = moment(self._platform, self._seed, f"release/{day}/{line_id}", at)
        try:
            async with self._platform.db.begin() as tx:
                await credit.unfreeze_line(tx, now, line_id, actor=_CHECKER, reason="nothing was wrong")
            counts["lines released by staff"] += 1
        except Refusal as refusal:
            counts[f"lines not released: {refusal.code}"] += 1

    def _steps(self, line: CreditLine, percent: int) -> int:
        """Take a share of the limit. Rounds: down to a whole step, one at least."""
        policy = self._platform.engine.policy
        return max(policy.limit_step_minor, whole_steps(policy, line.limit_target_minor * percent // 100))
