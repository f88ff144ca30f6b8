"""What a scenario may say, and what becomes of one that says something else."""

import json
from typing import Any

import pytest

from tiao.simulator.routing.scenario import read
from tiao.simulator.routing.wire import simulated

PLAIN: dict[str, Any] = {
    "id": "plain",
    "transactions": 40,
    "seeds": [3],
    "channels": [{"id": "a", "success": 0.9}, {"id": "b", "success": 0.5}],
}


def lived(policy: str = "round_robin", **changed: object) -> dict[str, Any]:
    text, _ = simulated(json.dumps({**PLAIN, **changed}).encode(), policy, has_trace=True)
    answer: dict[str, Any] = json.loads(text)
    return answer


def channel(**changed: object) -> list[dict[str, object]]:
    return [{"id": "a", "success": 0.9, **changed}]


BAD = [
    ("no transactions", {"transactions": 0}),
    ("no seeds", {"seeds": []}),
    ("no channels", {"channels": []}),
    ("37 channels", {"channels": [{"id": str(k), "success": 0.5} for k in range(37)]}),
    ("two of one name", {"channels": channel() * 2}),
    ("success above one", {"channels": channel(success=1.1)}),
    ("success as text", {"channels": channel(success="0.9")}),
    ("an event that ends before it begins", {"channels": channel(events=[{"from": 5, "to": 4, "success": 0.1}])}),
    ("half a line", {"channels": channel(events=[{"from": 5, "to": 9, "success_from": 0.1}])}),
    ("a line and a rate", {"channels": channel(events=[
        {"from": 5, "to": 9, "success": 0.1, "success_from": 0.1, "success_to": 0.2}
    ])}),
    ("neither", {"channels": channel(events=[{"from": 5, "to": 9}])}),
    ("closed backwards", {"channels": channel(unavailable=[{"from": 5, "to": 4}])}),
    ("no amounts", {"amounts_minor": []}),
    ("an amount of nothing", {"amounts_minor": [0]}),
    ("a negative delay", {"feedback": {"delay": -1}}),
    ("a window of nothing", {"window": 0}),
]  # fmt: skip


@pytest.mark.parametrize("changed", [row[1] for row in BAD], ids=[row[0] for row in BAD])
def test_a_scenario_that_makes_no_sense_is_refused(changed: dict[str, object]) -> None:
    assert lived(**changed)["error"]["code"] == "bad_scenario"


@pytest.mark.parametrize("document", [b"", b"{", b"[]", b"\xff", b'{"id": "x"}'])
def test_what_is_no_scenario_is_refused(document: bytes) -> None:
    text, was_lived = simulated(document, "default", has_trace=False)
    assert not was_lived
    assert json.loads(text)["error"]["code"] == "bad_scenario"


@pytest.mark.parametrize("policy", ["", "best", "fixed:", "fixed:c"])
def test_an_unknown_policy_is_refused(policy: str) -> None:
    assert lived(policy)["error"]["code"] == "unknown_policy"


def test_a_payment_that_no_channel_takes_is_counted_and_weighs_on_nothing() -> None:
    figures = lived(channels=channel(max_amount_minor=99), amounts_minor=[99, 100])["per_seed"][0]
    assert figures["unroutable"] == 20
    assert figures["choices"] == "0-" * 20
    assert figures["regret"] == 0


def test_without_any_route_rates_are_unknown_rather_than_nil() -> None:
    answer = lived(channels=channel(unavailable=[{"from": 0, "to": 99}]))
    assert answer["mean"]["success_rate"] is None
    assert answer["mean"]["latency_ms_mean"] is None


def test_of_overlapping_events_the_last_listed_wins_and_a_line_starts_at_its_beginning() -> None:
    events = [
        {"from": 10, "to": 30, "success": 0.2},
        {"from": 20, "to": 24, "success_from": 0.5, "success_to": 0.9},
    ]
    rates = read(json.dumps({**PLAIN, "channels": channel(events=events)}).encode()).channels[0].rates(40)
    assert [rates[t] for t in (9, 10, 19, 20, 22, 24, 29, 30)] == pytest.approx(
        [0.9, 0.2, 0.2, 0.5, 0.7, 0.2, 0.2, 0.9]
    )


def test_maintenance_closes_a_channel_from_its_first_to_before_its_last_payment() -> None:
    usable = read(
        json.dumps(
            {**PLAIN, "channels": [*channel(unavailable=[{"from": 3, "to": 5}]), {"id": "b", "success": 0.5}]}
        ).encode()
    ).usable()
    assert usable[2:6] == [(0, 1), (1,), (1,), (0, 1)]
