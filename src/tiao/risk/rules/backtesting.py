"""What a rule set would have done: asked of decisions as they were recorded, beside what was decided then; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from uuid import UUID

import msgspec
import numpy as np

from tiao.risk.live import from_bytes, rows_of, values_of
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.records import Decision
from tiao.risk.rules.ruleset import PARTS, Ruler


class RuleTested(msgspec.Struct, frozen=True):
    """What one rule would have done.

    *precision_ppm*: of the hits whose truth is known, the share that was fraud; None where none is known.
    *newly_stopped*: customers whose purchase passed then and would not now. *overlap*: hits shared with other rules.
    """

    code: str
    hits: int
    amount_minor: int
    share_ppm: int
    known: int
    frauds: int
    precision_ppm: int | None
    newly_stopped: int
    newly_stopped_minor: int
    is_above_cap: bool
    overlap: dict[str, int]


class Backtest(msgspec.Struct, frozen=True):
    """What a rule set would have done to the decisions of a time; *before* and *after* count outcomes."""

    version: str
    decisions: int
    before: dict[str, int]
    after: dict[str, int]
    customers_newly_stopped: int
    amount_newly_stopped_minor: int
    rules: list[RuleTested]

    def to_bytes(self) -> bytes:
        """Write it in its one form."""
        return msgspec.json.encode(self, order="sorted")


class Backtesting:
    """Takes decisions one by one and counts."""

    def __init__(self, ruler: Ruler) -> None:
        self._ruler = ruler
        self._decisions = 0
        self._before: Counter[str] = Counter()
        self._after: Counter[str] = Counter()
        self._hits: Counter[str] = Counter()
        self._amounts: Counter[str] = Counter()
        self._known: Counter[str] = Counter()
        self._frauds: Counter[str] = Counter()
        self._stopped: dict[str, set[UUID]] = defaultdict(set)
        self._stopped_minor: Counter[str] = Counter()
        self._overlaps: dict[str, Counter[str]] = defaultdict(Counter)
        self._customers: set[UUID] = set()
        self._amount = 0
        self._stops = {rule.code: rule.then is not RiskOutcome.APPROVE for rule in ruler.rule_set.rules}

    def take(self, decision: Decision, is_fraud: bool | None) -> None:  # noqa: FBT001  what is known of it, if anything
        """Ask the rules about a decision; *is_fraud* is None where nobody has said."""
        inputs = from_bytes(decision.inputs)
        [row] = rows_of(np.array([values_of(inputs)]), [inputs], self._ruler.places)
        ruled = self._ruler.ask(row, frozenset(inputs.listed))
        self._decisions += 1
        self._before[decision.outcome] += 1
        self._after[ruled.outcome] += 1
        has_passed = decision.outcome == RiskOutcome.APPROVE
        if has_passed and ruled.outcome is not RiskOutcome.APPROVE:
            self._customers.add(decision.customer_id)
            self._amount += decision.amount_minor
        for code in ruled.hits:
            self._hits[code] += 1
            self._amounts[code] += decision.amount_minor
            self._known[code] += is_fraud is not None
            self._frauds[code] += is_fraud is True
            self._overlaps[code].update(other for other in ruled.hits if other != code)
            if has_passed and self._stops[code] and not ruled.is_let_pass:
                self._stopped[code].add(decision.customer_id)
                self._stopped_minor[code] += decision.amount_minor

    def result(self) -> Backtest:
        """Say what came of it."""
        return Backtest(
            version=self._ruler.version,
            decisions=self._decisions,
            before=dict(sorted(self._before.items())),
            after=dict(sorted(self._after.items())),
            customers_newly_stopped=len(self._customers),
            amount_newly_stopped_minor=self._amount,
            rules=[self._tested(rule.code, rule.cap_ppm) for rule in self._ruler.rule_set.rules],
        )

    def _tested(self, code: str, cap_ppm: int | None) -> RuleTested:
        hits, known = self._hits[code], self._known[code]
        share = hits * PARTS // self._decisions if self._decisions else 0
        return RuleTested(
            code=code,
            hits=hits,
            amount_minor=self._amounts[code],
            share_ppm=share,
            known=known,
            frauds=self._frauds[code],
            precision_ppm=self._frauds[code] * PARTS // known if known else None,
            newly_stopped=len(self._stopped[code]),
            newly_stopped_minor=self._stopped_minor[code],
            is_above_cap=cap_ppm is not None and share > cap_ppm,
            overlap=dict(sorted(self._overlaps[code].items())),
        )
