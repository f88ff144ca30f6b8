"""A rule set: rules, what happens when a part of risk control fails, and both made ready to be asked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, NamedTuple

import msgspec

from tiao.risk.outcomes import RiskOutcome, hardest
from tiao.risk.rules.compiling import compiled
from tiao.risk.rules.parsing import parse
from tiao.risk.rules.refusals import RuleSetRefused, RuleTextRefused
from tiao.risk.rules.tree import NO_PLACE, Catalogue, Condition, Listings, Row, cost_of, terms_of

RULES_MAX = 200
#: What all rules of a set may cost together: a few tens of microseconds.
SET_COST_MAX = 3_000
PARTS = 1_000_000
#: A capped rule may stop five purchases at once from the first on, and saves up its share of the last 5,000.
CAP_BEGINS, CAP_WINDOW = 5, 5_000
#: Far above what a set takes: who waits longer waits for something that hangs.
PATIENCE_MS = 3_000

Code = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,63}$")]


class Level(StrEnum):
    """What a reason speaks of."""

    TRANSACTION = "transaction"
    CUSTOMER = "customer"
    DEVICE = "device"
    MERCHANT = "merchant"
    NETWORK = "network"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule. *then* `approve` lets pass whatever the model and softer rules say, but never past a `decline`.

    Units: *cap_ppm* is the share of purchases that it may stop, in millionths; None: no bound.
    """

    code: Code
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    when: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
    then: RiskOutcome
    level: Level
    cap_ppm: Annotated[int, msgspec.Meta(ge=1, le=PARTS)] | None = None


class Fallback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happens where a part fails or is too slow: nothing above *approve_max_minor* passes unseen.

    Units: *budget_ms* is the time for one set of purchases; *patience_ms* how long it waits for another set that holds
    what it needs to read.
    """

    approve_max_minor: Annotated[int, msgspec.Meta(ge=0)] = 50_000
    above: RiskOutcome = RiskOutcome.REVIEW
    budget_ms: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 500
    #: Unset, it is not written: a set that does not say it keeps the version it had.
    patience_ms: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | msgspec.UnsetType = msgspec.UNSET

    @property
    def patience(self) -> int:
        """How long a set waits. Units: milliseconds."""
        return self.patience_ms or PATIENCE_MS


class RuleSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is drafted, backtested, approved and put to work as a whole."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    rules: Annotated[tuple[Rule, ...], msgspec.Meta(max_length=RULES_MAX)]
    fallback: Fallback = Fallback()

    @property
    def version(self) -> str:
        """A digest of the content: the same rules have the same version."""
        return hashlib.sha256(self.to_bytes()).hexdigest()[:16]

    def to_bytes(self) -> bytes:
        """Write it in its one form."""
        return msgspec.json.encode(self, order="sorted")


class Ruled(NamedTuple):
    """What the rules say of one payment: the codes of those that hold, the outcome, and what speaks against it.

    *capped*: those of them that stop the payment and may stop only so many.
    """

    hits: list[str]
    outcome: RiskOutcome
    is_let_pass: bool
    reasons: list[str]
    capped: Sequence[str] = ()


class Ruler:
    """A rule set made ready to be asked. Refuses: RuleTextRefused, RuleSetRefused."""

    def __init__(self, rule_set: RuleSet, catalogue: Catalogue) -> None:
        self.rule_set = rule_set
        self.version = rule_set.version
        self.conditions = _conditions(rule_set, catalogue)
        self._rules = rule_set.rules
        #: What `ask` reads, by its place in the catalogue.
        self.places = tuple(sorted({catalogue.terms[name].place for name in reads(self)} - {NO_PLACE}))
        self._run = compiled(self.conditions, self.places)
        self._places = {rule.code: place for place, rule in enumerate(rule_set.rules)}
        self._capped = frozenset(rule.code for rule in rule_set.rules if rule.cap_ppm is not None)
        self._reasons = [f"{rule.level}:{rule.code}" for rule in self._rules]

    def ask(self, row: Row, listed: Listings) -> Ruled:
        """Ask every rule. Shape: the row holds what stands at *places* of the catalogue, in their order."""
        hits = self._run(row, listed)
        return self._ruled(hits, frozenset()) if hits else _NOTHING

    def softened(self, ruled: Ruled, short: frozenset[str], *, declined: RiskOutcome = RiskOutcome.STEP_UP) -> Ruled:
        """Say what the rules come to where some have used their share up.

        What they *declined* asks for a code, which whoever pays honestly can give; anything else is only noted.
        """
        return self._ruled([self._places[code] for code in ruled.hits], short, declined)

    @property
    def caps(self) -> dict[str, int]:
        """Tell the capped rules, each with its cap, in millionths."""
        return {rule.code: rule.cap_ppm for rule in self._rules if rule.cap_ppm is not None}

    def _ruled(
        self, hits: Sequence[int], softened: frozenset[str], declined: RiskOutcome = RiskOutcome.STEP_UP
    ) -> Ruled:
        outcomes: list[RiskOutcome] = []
        reasons: list[str] = []
        is_allowed = False
        for place in hits:
            rule = self._rules[place]
            if rule.then is RiskOutcome.APPROVE:
                is_allowed = True
            elif rule.code not in softened:
                outcomes.append(rule.then)
                reasons.append(self._reasons[place])
            elif rule.then is RiskOutcome.DECLINE:
                outcomes.append(declined)
                reasons.append(self._reasons[place])
        outcome = hardest(outcomes)
        codes = [self._rules[place].code for place in hits]
        if is_allowed and outcome is not RiskOutcome.DECLINE:
            return Ruled(codes, RiskOutcome.APPROVE, is_let_pass=True, reasons=[])
        capped = [code for code in codes if code in self._capped]
        return Ruled(codes, outcome, is_let_pass=False, reasons=reasons, capped=capped)


_NOTHING = Ruled([], RiskOutcome.APPROVE, is_let_pass=False, reasons=[])


def read_rule_set(content: bytes) -> RuleSet:
    """Read a rule set as it was kept or sent. Refuses: RuleSetRefused."""
    try:
        return msgspec.json.decode(content, type=RuleSet)
    except msgspec.DecodeError as error:
        raise RuleSetRefused(str(error)) from error


def _conditions(rule_set: RuleSet, catalogue: Catalogue) -> list[Condition]:
    codes = [rule.code for rule in rule_set.rules]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise RuleSetRefused(f"{', '.join(twice)}: a code stands for one rule", pointer="/rules")
    if rule_set.fallback.above is RiskOutcome.APPROVE:
        raise RuleSetRefused("above its amount a fallback approves nothing", pointer="/fallback/above")
    found = []
    for place, rule in enumerate(rule_set.rules):
        if rule.then is RiskOutcome.APPROVE and rule.cap_ppm is not None:
            raise RuleSetRefused(f"{rule.code}: what stops nothing has no cap", pointer=f"/rules/{place}/cap_ppm")
        try:
            found.append(parse(rule.when, catalogue))
        except RuleTextRefused as refusal:
            named = RuleTextRefused(refusal.reason, refusal.position, rule=rule.code)
            named.pointer = f"/rules/{place}/when"
            raise named from refusal
    cost = sum(map(cost_of, found))
    if cost > SET_COST_MAX:
        raise RuleSetRefused(f"together the rules cost {cost}, they may cost {SET_COST_MAX}", pointer="/rules")
    return found


def reads(ruler: Ruler) -> frozenset[str]:
    """Name the values that the rules of a set read."""
    return frozenset().union(*(terms_of(each) for each in ruler.conditions))
