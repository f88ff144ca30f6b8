from __future__ import annotations

import inspect
from importlib import import_module

import pytest

from tiao.policy.enforcement import ENFORCED, Enforcement, Standing, standing
from tiao.policy.pack import Pack
from tiao.values.refusal import refusal_of

RULES = sorted(ENFORCED.items())
IDS = [rule for rule, _ in RULES]


def resolve(path: str) -> object:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


@pytest.mark.parametrize(("rule", "place"), RULES, ids=IDS)
def test_every_place_exists_and_every_refusal_is_raised_there(rule: str, place: Enforcement) -> None:
    assert callable(resolve(place.decided_by))
    module = inspect.getsource(import_module(place.decided_by.rpartition(".")[0]))
    if place.refuses is not None:
        code = "".join(f"_{char.lower()}" if char.isupper() else char for char in place.refuses).lstrip("_")
        assert refusal_of(code) is not None
        assert f"raise {place.refuses}(" in module
    assert Pack.load("cn").rows_of(rule), f"{rule} is in no pack"


@pytest.mark.parametrize(("rule", "place"), RULES, ids=IDS)
def test_a_caller_named_does_call(rule: str, place: Enforcement) -> None:
    for path in place.called_from:
        source = inspect.getsource(resolve(path))  # type: ignore[arg-type]
        assert place.decided_by.rpartition(".")[2] in source, f"{path} does not ask {place.decided_by} for {rule}"


def test_a_rule_nobody_decides_is_pending() -> None:
    assert standing("kyc.face_optional") is Standing.PENDING
    assert standing("price.all_in_cap") in {Standing.DECIDABLE, Standing.ENFORCED}
