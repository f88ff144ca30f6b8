"""Conditions of a whole rule set as one Python function.

The function's tree is built node by node from the closed grammar; no text of a user is ever part of it. A row's place
becomes ``v[place]``.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, cast

from tiao.risk.rules.tree import (
    All,
    Always,
    Among,
    Any,
    Arithmetic,
    Comparison,
    Condition,
    Flag,
    Known,
    Listed,
    Listings,
    Literal,
    Not,
    Quantity,
    Row,
    Term,
)

#: Gives the places of the conditions that hold for a row.
Compiled: TypeAlias = Callable[[Row, Listings], list[int]]

_COMPARED: dict[str, type[ast.cmpop]] = {"<": ast.Lt, "<=": ast.LtE, "==": ast.Eq, ">=": ast.GtE, ">": ast.Gt}
_RECKONED: dict[str, type[ast.operator]] = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult}


def compiled(conditions: Sequence[Condition], places: Sequence[int] | None = None) -> Compiled:
    """Compile conditions: the function answers the places of those that hold.

    Shape: rows are whole, or hold what stands at *places*, in their order.
    """
    module = ast.parse("def rules(v, listed):\n    hits = []\n    return hits")
    function = module.body[0]
    assert isinstance(function, ast.FunctionDef), "the frame is a function"
    tests: list[ast.stmt] = []
    for place, condition in enumerate(conditions):
        noted = ast.Call(ast.Attribute(_name("hits"), "append", ast.Load()), [ast.Constant(place)], [])
        tests.append(ast.If(_condition(condition), [ast.Expr(noted)], []))
    if places is not None:
        _renumber(tests, {place: at for at, place in enumerate(places)})
    function.body[1:1] = tests
    ast.fix_missing_locations(module)
    names: dict[str, object] = {}
    exec(compile(module, "<rules>", "exec"), names)  # noqa: S102  the tree was built above, no text is in it
    return cast("Compiled", names["rules"])


def _renumber(tests: Sequence[ast.stmt], order: Mapping[int, int]) -> None:
    for test in tests:
        for node in ast.walk(test):
            if isinstance(node, ast.Subscript):
                assert isinstance(node.slice, ast.Constant), "a row is read by place"
                assert isinstance(node.slice.value, int), "which is a number"
                node.slice = ast.Constant(order[node.slice.value])


def _condition(node: Condition) -> ast.expr:  # noqa: C901, PLR0911  one form for each node
    match node:
        case Comparison(operator="!=", left=left, right=right):
            # Not ast.NotEq: a missing value differs from everything, itself included.
            return ast.BoolOp(ast.Or(), [_compared("<", left, right), _compared(">", left, right)])
        case Comparison(operator=sign, left=left, right=right):
            return _compared(sign, left, right)
        case Flag(term=term):
            return ast.Compare(_value(term), [ast.Is()], [ast.Constant(value=True)])
        case Always(value=value):
            return ast.Constant(value)
        case Among(term=term, values=values, is_negated=is_negated):
            return _among(term, values, is_negated=is_negated)
        case Listed(term=term, list_name=list_name):
            pair = ast.Tuple([ast.Constant(term.name), ast.Constant(list_name.value)], ast.Load())
            return ast.Compare(pair, [ast.In()], [_name("listed")])
        case Known(term=term, is_missing=is_missing):
            return _known(term, is_missing=is_missing)
        case Not(part=part):
            return ast.UnaryOp(ast.Not(), _condition(part))
        case All(parts=parts):
            return ast.BoolOp(ast.And(), [_condition(part) for part in parts])
        case Any(parts=parts):
            return ast.BoolOp(ast.Or(), [_condition(part) for part in parts])


def _among(term: Term, values: Sequence[str], *, is_negated: bool) -> ast.expr:
    known = ast.Compare(_value(term), [ast.IsNot()], [ast.Constant(None)])
    named = ast.Tuple([ast.Constant(value) for value in values], ast.Load())
    found = ast.Compare(_value(term), [ast.NotIn() if is_negated else ast.In()], [named])
    return ast.BoolOp(ast.And(), [known, found])


def _known(term: Term, *, is_missing: bool) -> ast.expr:
    none = ast.Compare(_value(term), [ast.Is()], [ast.Constant(None)])
    odd = ast.Compare(_value(term), [ast.NotEq()], [_value(term)])
    missing = ast.BoolOp(ast.Or(), [none, odd])
    return missing if is_missing else ast.UnaryOp(ast.Not(), missing)


def _compared(sign: str, left: Quantity, right: Quantity) -> ast.expr:
    return ast.Compare(_quantity(left), [_COMPARED[sign]()], [_quantity(right)])


def _quantity(node: Quantity) -> ast.expr:
    match node:
        case Term():
            return _value(node)
        case Literal(value=value):
            return ast.Constant(value)
        case Arithmetic(operator=sign, left=left, right=right):
            return ast.BinOp(_quantity(left), _RECKONED[sign](), _quantity(right))


def _value(term: Term) -> ast.expr:
    return ast.Subscript(_name("v"), ast.Constant(term.place), ast.Load())


@functools.cache
def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())
