"""Conditions of rules while they are being written: where one is wrong, and what it costs."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar.params import JSONBody

from tiao.api.operation import O, makes
from tiao.api.services import Call
from tiao.partners.scopes import Scope
from tiao.risk.rules.parsing import COST_MAX, parse
from tiao.risk.rules.refusals import RuleTextRefused
from tiao.risk.rules.ruleset import RULES_MAX, SET_COST_MAX
from tiao.risk.rules.tree import Catalogue, cost_of, terms_of


class ConditionsGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Conditions as they stand in an editor, in their order; they need not be finished."""

    conditions: Annotated[
        list[Annotated[str, msgspec.Meta(max_length=2_000)]], msgspec.Meta(min_length=1, max_length=RULES_MAX)
    ]


class ConditionFault(msgspec.Struct, frozen=True):
    """What is wrong with a condition; *position* is counted in signs from 0."""

    position: int
    reason: str


class ConditionChecked(msgspec.Struct, frozen=True):
    """What a condition costs and reads; one with a *fault* costs nothing yet."""

    cost: int
    reads: list[str]
    fault: ConditionFault | None


class ConditionsChecked(msgspec.Struct, frozen=True):
    """Each condition in its order, what they cost together, and what one and all of them may cost."""

    conditions: list[ConditionChecked]
    cost: int
    rule_cost_max: int
    set_cost_max: int


@makes("/v1/risk/conditions", by=[O], scope=Scope.RISK_WRITE, status=200, is_keyed=False, is_change=False)
async def check_conditions(call: Call, data: JSONBody[ConditionsGiven]) -> ConditionsChecked:
    """Say of conditions where they are wrong and what they cost. Nothing is written down."""
    checked = [_checked(each, call.platform.control.catalogue) for each in data.conditions]
    return ConditionsChecked(checked, sum(each.cost for each in checked), COST_MAX, SET_COST_MAX)


def _checked(text: str, known: Catalogue) -> ConditionChecked:
    try:
        condition = parse(text, known)
    except RuleTextRefused as refused:
        return ConditionChecked(0, [], ConditionFault(refused.position, refused.reason))
    return ConditionChecked(cost_of(condition), sorted(terms_of(condition)), None)


ROUTES = [check_conditions]
