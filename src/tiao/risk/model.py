"""What a fraud model is: the fold it reads, its trees, its thresholds. The file `model.json` alone decides a score."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from tiao.learning.forms import Reason, Trees
from tiao.learning.refusals import BundleUnreadable
from tiao.risk.features.definition import Definition

FORMAT_VERSION = 1

Decision = Literal["allow", "step_up", "review", "block"]
DECISIONS: tuple[Decision, ...] = ("allow", "step_up", "review", "block")


class Input(msgspec.Struct, frozen=True):
    """One value that the trees read: of the fold, or a column of the file as it is.

    Shape: *window* in units of the definition; *null* says what a missing value means.
    """

    name: str
    family: str
    kind: Literal["fold", "number", "category"]
    window: int | None = None
    null: str = ""


class Costs(msgspec.Struct, frozen=True):
    """What a decision costs. Units: shares of the payment's amount, or of a typical one where *_typical*.

    A challenged or reviewed fraud still succeeds at times; a genuine payer who is challenged or blocked may not return.
    """

    step_up_leak: float = 0.30
    review_leak: float = 0.10
    step_up_typical: float = 0.01
    review_typical: float = 0.08
    block_amount: float = 0.10
    block_typical: float = 0.40


class Budget(msgspec.Struct, frozen=True):
    """How many honest payments a model may challenge (ask for a code, have reviewed, block), and what holds it to that.

    Units: *challenged_max*, *challenged* (what came of it out of time) and *by_cost* (what costs alone would come to)
    are shares of the genuine payments. *friction* is what each genuine payer who is not let pass costs besides `Costs`,
    in typical amounts: the least that keeps to the budget, found on *genuine* payments.
    """

    challenged_max: float
    friction: float
    challenged: float
    by_cost: float
    genuine: int


class Band(msgspec.Struct, frozen=True):
    """The scores that lead to one decision, and what came of them out of time. Shape: pd_low <= score < pd_high."""

    grade: Decision
    pd_low: float
    pd_high: float
    rows: int
    bad_rate: float | None


class Seen(msgspec.Struct, frozen=True):
    """How training's payments fell into bins. Shape: bin i ends at edges[i]; then the ones above, then the missing."""

    name: str
    edges: tuple[float, ...]
    counts: tuple[float, ...]


class Stability(msgspec.Struct, frozen=True):
    """What training saw of the score, on payments after its fit, and of the features, each payment by its weight."""

    score: Seen
    features: tuple[Seen, ...]


class Model(msgspec.Struct, frozen=True):
    """The content of model.json. Units: *label_delay_us* in microseconds."""

    model_version: str
    format_version: int
    kind: str
    schema: dict[str, Any]
    definition: Definition
    features: tuple[Input, ...]
    families: tuple[str, ...]
    codes: tuple[str, ...]
    form: Trees
    grades: tuple[Band, ...]
    costs: Costs
    train_until: str
    label_delay_us: int
    window: dict[str, Any]
    metrics: dict[str, Any]
    #: What training saw: is the population still the same. Unset, it is not written, for old models have none.
    stability: Stability | msgspec.UnsetType = msgspec.UNSET
    #: Unset for models that were trained before there was one: costs alone decide.
    budget: Budget | msgspec.UnsetType = msgspec.UNSET

    @property
    def friction(self) -> float:
        """Give what challenging a genuine payer costs besides, in typical amounts."""
        return self.budget.friction if self.budget else 0.0


def content_digest(model: Model, reasons: Sequence[Reason]) -> str:
    """Name a model by its content: same content, same name."""
    body = msgspec.json.encode([msgspec.structs.replace(model, model_version=""), reasons], order="sorted")
    return hashlib.sha256(body).hexdigest()[:16]


def load_model(path: Path) -> tuple[Model, list[Reason]]:
    """Load a folder that training wrote. Refuses: BundleUnreadable, also when a file was altered after training."""
    try:
        model = msgspec.json.decode((path / "model.json").read_bytes(), type=Model)
        reasons = msgspec.json.decode((path / "reasons.json").read_bytes(), type=list[Reason])
    except (OSError, msgspec.DecodeError) as fault:
        raise BundleUnreadable(f"{path}: {fault}") from fault
    if model.format_version != FORMAT_VERSION or model.kind != "risk":
        raise BundleUnreadable(f"{path}: {model.kind} of format {model.format_version}, not risk of {FORMAT_VERSION}")
    if content_digest(model, reasons) != model.model_version:
        raise BundleUnreadable(f"{path}: the content is not that of version {model.model_version}")
    return model, reasons
