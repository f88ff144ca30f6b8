"""What part a version takes, and how it came to it. The same for models and for rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class StepKind(StrEnum):
    """What can happen to a version."""

    DRAFTED = "drafted"  # written down, and nothing more
    PROPOSED = "proposed"  # looked at beside what decides, for every case
    WITHDRAWN = "withdrawn"
    PROMOTED = "promoted"  # decides from now on
    PUT_BACK = "put_back"  # what decided before decides again


class Step(NamedTuple):
    """One thing that happened to a version, who did it and why; *before* is what decided until then."""

    number: int
    step: StepKind
    version: str
    before: str | None
    maker: str
    actor: str
    reason: str
    evidence: bytes | None
    taken_at: datetime


class Roles(NamedTuple):
    """Which versions take part: what decides (None: the shipped one), what is in shadow, what a step back leads to."""

    champion: str | None
    challenger: Step | None
    back_to: str | None


def roles_of(steps: Sequence[Step]) -> Roles:
    """Fold the steps, in the order in which they were taken."""
    champion: str | None = None
    back_to: str | None = None
    challenger: Step | None = None
    for step in steps:
        match step.step:
            case StepKind.DRAFTED:
                pass
            case StepKind.PROPOSED:
                challenger = step
            case StepKind.WITHDRAWN:
                challenger = None
            case StepKind.PROMOTED:
                champion, back_to, challenger = step.version, step.before, None
            case StepKind.PUT_BACK:
                champion, back_to = step.version, None
    return Roles(champion, challenger, back_to)


def state_of(steps: Sequence[Step], version: str, *, shipped: str) -> str:
    """Say what a version is now: draft, shadow, live or retired. *shipped* is live until another was promoted."""
    known = roles_of(steps)
    if version == (known.champion or shipped):
        return "live"
    if known.challenger is not None and known.challenger.version == version:
        return "shadow"
    taken = {each.step for each in steps if each.version == version}
    return "draft" if taken <= {StepKind.DRAFTED} and taken else "retired"
