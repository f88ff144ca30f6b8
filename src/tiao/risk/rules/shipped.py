"""The rule set that comes with the platform."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec
import yaml

from tiao.risk.rules.ruleset import RuleSet


@cache
def starter() -> RuleSet:
    """Load the rules a programme begins with."""
    text = (files("tiao.risk") / "data" / "starter.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), RuleSet)
