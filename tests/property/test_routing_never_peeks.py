"""Worlds that were alike so far get the same choices, whatever comes later; nothing forbidden is ever chosen."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tiao.simulator.routing.wire import simulated

LENGTH = 400
RATES = st.integers(0, 100).map(lambda percent: percent / 100)
PARTS = st.integers(0, LENGTH)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], int]:
    rates = draw(st.lists(RATES, min_size=2, max_size=4))
    parting = draw(PARTS)
    delay = draw(st.integers(0, 30))
    channels = [{"id": str(k), "success": rate} for k, rate in enumerate(rates)]
    later = [
        {**each, "events": [{"from": parting, "to": LENGTH, "success": draw(RATES)}] if parting < LENGTH else []}
        for each in channels
    ]
    one = {"id": "x", "transactions": LENGTH, "seeds": [draw(st.integers(0, 9))], "feedback": {"delay": delay}}
    margin = {"margin_bps": draw(st.one_of(st.none(), st.integers(-100, 500)))}
    return {**one, **margin, "channels": channels}, {**one, **margin, "channels": later}, parting


def choices(world: dict[str, Any]) -> dict[str, Any]:
    text, was_lived = simulated(json.dumps(world).encode(), "default", has_trace=True)
    assert was_lived, text
    figures: dict[str, Any] = json.loads(text)["per_seed"][0]
    return figures


@settings(max_examples=40, deadline=None)
@given(worlds())
def test_the_router_chooses_alike_until_worlds_part(pair: tuple[dict[str, Any], dict[str, Any], int]) -> None:
    one, other, parting = pair
    assert choices(one)["choices"][: parting + 1] == choices(other)["choices"][: parting + 1]


@settings(max_examples=40, deadline=None)
@given(worlds(), st.integers(1, 60), st.integers(0, LENGTH), st.integers(0, LENGTH))
def test_the_router_keeps_to_what_is_allowed(
    pair: tuple[dict[str, Any], dict[str, Any], int], limit: int, begin: int, end: int
) -> None:
    world = pair[1]
    world["channels"][0]["max_amount_minor"] = limit
    world["channels"][1]["unavailable"] = [{"from": min(begin, end), "to": max(begin, end)}]
    figures = choices({**world, "amounts_minor": [10, 30, 70]})
    assert figures["violations"] == 0
    assert figures["regret"] >= 0
