"""Routing policies whose every figure is fixed by the rules of the simulation; each scenario names its reference."""

import json
from pathlib import Path
from typing import Any

import pytest

from tiao.simulator.routing.wire import simulated

VECTORS = Path(__file__).parents[3] / "shared" / "reference" / "routing_scenarios_sample.json"
DOCUMENT: dict[str, Any] = json.loads(VECTORS.read_text()) if VECTORS.exists() else {}
ABSENT = pytest.mark.skipif(not DOCUMENT, reason=f"needs ../shared/reference/{VECTORS.name}")
SCENARIOS = {each["id"]: each for each in DOCUMENT.get("scenarios", [])}
REFERENCES = [(name, policy) for name, policies in DOCUMENT.get("reference", {}).items() for policy in policies]
TOLERANCE = 1e-6
#: The sliding-window sampler without a detector that does best over the whole suite, as its source lists it.
BEST_WINDOW = "Thompson sampling, sliding window of 2000"


def answered(scenario: dict[str, Any], policy: str) -> dict[str, Any]:
    text, was_lived = simulated(json.dumps(scenario).encode(), policy, has_trace=True)
    assert was_lived, text
    answer: dict[str, Any] = json.loads(text)
    return answer


def same(got: object, expected: object, where: str) -> None:
    if isinstance(expected, dict):
        assert isinstance(got, dict), where
        for name, value in expected.items():
            same(got[name], value, f"{where}/{name}")
    elif isinstance(expected, list):
        assert isinstance(got, list), where
        assert len(got) == len(expected), where
        for number, value in enumerate(expected):
            same(got[number], value, f"{where}/{number}")
    elif isinstance(expected, float):
        assert got == pytest.approx(expected, abs=TOLERANCE, rel=TOLERANCE), where
    else:
        assert got == expected, where


@ABSENT
@pytest.mark.parametrize(("name", "policy"), REFERENCES)
def test_an_exact_policy_gives_the_reference_figures(name: str, policy: str) -> None:
    same(answered(SCENARIOS[name], policy), DOCUMENT["reference"][name][policy], name)


@ABSENT
def test_the_production_router_beats_the_best_sliding_window_over_the_published_scenarios() -> None:
    yardstick = DOCUMENT["yardsticks"][BEST_WINDOW]
    means = {name: answered(SCENARIOS[name], "default")["mean"] for name in yardstick}
    assert sum(each["regret"] for each in means.values()) < sum(each["regret"] for each in yardstick.values())
    assert sum(each["dead_transactions"] for each in means.values()) <= 80
