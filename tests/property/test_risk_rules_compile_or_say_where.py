"""Any text becomes a condition or is refused with its place; a condition never fails, however it is looked at."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from tiao.risk.rules.compiling import compiled
from tiao.risk.rules.interpreting import holds
from tiao.risk.rules.parsing import COST_MAX, parse
from tiao.risk.rules.refusals import RuleTextRefused
from tiao.risk.rules.tree import Catalogue, Condition, Kind, Listings, ListName, Term, cost_of

_TERMS = (
    Term("amount", Kind.MONEY, 0, "transaction"),
    Term("line.limit", Kind.MONEY, 1, "customer"),
    Term("customer.payments_1", Kind.NUMBER, 2, "customer"),
    Term("customer.since", Kind.DURATION, 3, "customer"),
    Term("is_captured", Kind.BOOLEAN, 4, "transaction"),
    Term("scene", Kind.CATEGORY, 5, "merchant"),
    Term("plan", Kind.CATEGORY, 6, "transaction", values=("pay_later", "instalments_3")),
    Term("device", Kind.ENTITY, 7, "device"),
)
CATALOGUE = Catalogue({term.name: term for term in _TERMS}, "CNY")

_PIECES = st.sampled_from(
    [
        *(term.name for term in _TERMS),
        *("(", "(", ")", ")", ",", "+", "-", "*", "<", "<=", "==", "!=", ">=", ">"),
        *("and", "or", "not", "in", "is", "known", "missing", "true", "false"),
        *(each.value for each in ListName),
        *('"books"', '"pay_later"', "0", "3", "2.5", "500 CNY", "1.05 CNY", "10m", "7d", "5 EUR", "nobody", "=", "§"),
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=14).map(" ".join))

_QUANTITIES = {
    Kind.MONEY: ["amount", "line.limit", "500 CNY", "0.01 CNY"],
    Kind.NUMBER: ["customer.payments_1", "3", "-2.5"],
    Kind.DURATION: ["customer.since", "10m", "2h"],
}


@st.composite
def quantities(draw: st.DrawFn, kind: Kind, depth: int) -> str:
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(_QUANTITIES[kind]))
    if draw(st.booleans()):
        left, right = draw(quantities(kind, depth - 1)), draw(quantities(kind, depth - 1))
        return f"({left} {draw(st.sampled_from('+-'))} {right})"
    return f"({draw(quantities(kind, depth - 1))} * {draw(quantities(Kind.NUMBER, depth - 1))})"


@st.composite
def conditions(draw: st.DrawFn, depth: int = 3) -> str:
    """Texts that are conditions."""
    if depth and draw(st.booleans()):
        form = draw(st.sampled_from(["({} and {})", "({} or {})", "not {}"]))
        return form.format(*(draw(conditions(depth - 1)) for _ in range(form.count("{}"))))
    if draw(st.booleans()):
        kind = draw(st.sampled_from(list(_QUANTITIES)))
        sign = draw(st.sampled_from(["<", "<=", "==", "!=", ">=", ">"]))
        return f"{draw(quantities(kind, 2))} {sign} {draw(quantities(kind, 2))}"
    return draw(
        st.sampled_from(
            [
                "true",
                "is_captured",
                'scene == "books"',
                'scene != "books"',
                'scene not in ("books", "phones")',
                'plan in ("pay_later")',
                "device in block_list",
                "device not in watch_list",
                "device is missing",
                "customer.since is known",
                "scene is missing",
            ]
        )
    )


_NUMBERS = st.one_of(st.floats(), st.sampled_from([0.0, 3.0, 50_000.0, math.nan, math.inf, 1e300]))
ROWS = st.tuples(
    *([_NUMBERS] * 4),
    st.sampled_from([True, False, None]),
    st.sampled_from(["books", "phones", "", None]),
    st.sampled_from(["pay_later", "instalments_3", None]),
    st.sampled_from(["a", "b", None]),
)
LISTED = st.frozensets(st.tuples(st.just("device"), st.sampled_from([each.value for each in ListName])))


def read(text: str) -> Condition | RuleTextRefused:
    try:
        return parse(text, CATALOGUE)
    except RuleTextRefused as refusal:
        return refusal


def condition_of(text: str) -> Condition | None:
    found = read(text)
    if isinstance(found, RuleTextRefused):
        assert 0 <= found.position <= len(text)
        assert found.reason
        return None
    assert cost_of(found) <= COST_MAX
    return found


@settings(max_examples=400, deadline=None)
@given(text=TEXTS, row=ROWS, listed=LISTED)
def test_any_text_compiles_or_is_refused_with_its_place(text: str, row: tuple[object, ...], listed: Listings) -> None:
    condition = condition_of(text)
    if condition is not None:
        assert compiled([condition])(row, listed) == ([0] if holds(condition, row, listed) else [])


@settings(max_examples=300, deadline=None)
@given(texts=st.lists(conditions(), min_size=1, max_size=5), row=ROWS, listed=LISTED)
def test_what_is_compiled_says_the_same_as_the_plain_reading(
    texts: list[str], row: tuple[object, ...], listed: Listings
) -> None:
    found = [condition for condition in map(condition_of, texts) if condition is not None]
    expected = [place for place, condition in enumerate(found) if holds(condition, row, listed)]
    assert compiled(found)(row, listed) == expected


@settings(max_examples=200, deadline=None)
@given(text=conditions())
def test_what_follows_the_grammar_is_refused_for_its_cost_alone(text: str) -> None:
    found = read(text)
    assert not isinstance(found, RuleTextRefused) or "cost" in found.reason, found
