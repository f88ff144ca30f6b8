"""A budget for challenged honest payments, in cases small enough to count by hand: at promotion, and watched after."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import numpy as np
import pytest

from tiao.risk.budget import CHALLENGED_MAX, budget_of, decided, gains
from tiao.risk.drift import OVER_BUDGET, drift
from tiao.risk.live import LIVE, Asked, inputs_of, kept_values, to_bytes
from tiao.risk.model import Budget, Costs, Model, Seen, Stability
from tiao.risk.models import evidence
from tiao.risk.records import Decision
from tiao.risk.training.train import Trained

AT = datetime(2026, 3, 1, 2, tzinfo=UTC)
#: Dear ones that it takes for fraud, honest ones that it takes for it, honest ones that it does not.
FRAUDS, DOUBTED, PLAIN = 40, 10, 90


def asked(amount_minor: int) -> Asked:
    return Asked(
        at=AT,
        hour=10,
        weekday=6,
        entities=("a" * 32, "b" * 32, None, None, None),
        amount_minor=amount_minor,
        limit_minor=1_000_000,
        held_minor=0,
        used_minor=0,
        plan="pay_later",
        scene="books",
        is_captured=True,
        is_quoted=True,
    )


def decision(number: int, score: float) -> Decision:
    one = asked(20_000)
    [kept] = kept_values([one], None)
    return Decision(
        bucket=0,
        purchase_id=UUID(int=number),
        fold_number=number,
        customer_id=UUID(int=1),
        merchant_id=UUID(int=2),
        device=None,
        ip=None,
        terminal=None,
        amount_minor=one.amount_minor,
        outcome="approve",
        reasons=[],
        hits=[],
        score=None,
        shadow_outcome=None,
        shadow_hits=[],
        challenger_score=score,
        challenger_outcome="approve",
        fallback="",
        versions="",
        inputs=to_bytes(inputs_of(one, kept, [], "")),
        sha256=b"",
        decided_at=AT,
    )


@pytest.fixture
def model(trained: Trained) -> Model:
    seen = Stability(Seen("score", (0.5,), (90.0, 10.0, 0.0)), ())
    return msgspec.structs.replace(trained.model, definition=LIVE, stability=seen, budget=msgspec.UNSET)


@pytest.fixture
def shadow() -> tuple[list[Decision], dict[UUID, bool]]:
    """What was scored: frauds .9, honest ones that are doubted .30 to .39, the others .001."""
    scores = [0.9] * FRAUDS + [0.3 + place / 100 for place in range(DOUBTED)] + [0.001] * PLAIN
    made = [decision(number, score) for number, score in enumerate(scores)]
    return made, {each.purchase_id: number < FRAUDS for number, each in enumerate(made)}


def test_a_promotion_finds_the_friction_in_what_was_scored_in_shadow(
    model: Model, shadow: tuple[list[Decision], dict[UUID, bool]]
) -> None:
    made, truth = shadow
    said = {share: evidence(model, made, truth, share).budget for share in (None, 0.0, 0.05, 0.1, 1.0)}
    for share, budget in said.items():
        assert isinstance(budget, Budget)
        most = CHALLENGED_MAX if share is None else share
        assert (budget.challenged_max, budget.genuine, budget.by_cost) == (most, DOUBTED + PLAIN, 0.1)
        # Of a hundred honest ones as many of the ten that are doubted as the share allows.
        assert budget.challenged == min(0.1, int(most * 100) / 100)
        score = np.array([each.challenger_score for each in made])
        places = decided(score, np.full(len(made), 20_000.0), Costs(), typical=20_000.0, friction=budget.friction)
        assert (places[:FRAUDS] > 0).all(), "what is surely fraud is stopped all the same"
    assert said[0.1] == msgspec.structs.replace(said[1.0], challenged_max=0.1)


def test_what_nobody_spoke_of_counts_as_honest(model: Model, shadow: tuple[list[Decision], dict[UUID, bool]]) -> None:
    made, truth = shadow
    told = {purchase: is_fraud for purchase, is_fraud in truth.items() if is_fraud or purchase.int % 2}
    assert evidence(model, made, told, 0.02).budget == evidence(model, made, truth, 0.02).budget


def test_a_promotion_without_a_word_is_never_harder_than_the_shadow_was(
    model: Model, shadow: tuple[list[Decision], dict[UUID, bool]]
) -> None:
    made, truth = shadow
    own = Budget(challenged_max=0.5, friction=0.25, challenged=0.0, by_cost=0.0, genuine=9)
    kept = evidence(msgspec.structs.replace(model, budget=own), made, truth).budget
    assert isinstance(kept, Budget)
    assert (kept.challenged_max, kept.friction) == (0.5, 0.25)
    stated = evidence(msgspec.structs.replace(model, budget=own), made, truth, 0.5).budget
    assert isinstance(stated, Budget)
    assert stated.friction == 0.0


def test_more_honest_payers_challenged_than_allowed_are_an_alert(
    model: Model, shadow: tuple[list[Decision], dict[UUID, bool]]
) -> None:
    made, truth = shadow
    scores = [each.challenger_score or 0.0 for each in made]
    for friction, challenged_ppm, alerts in ((0.0, 100_000, True), (1e6, 0, False)):
        promoted = Budget(challenged_max=0.015, friction=friction, challenged=0.0, by_cost=0.0, genuine=9)
        seen = drift(model, made, scores, truth, promoted)
        assert (seen.challenged_ppm, seen.challenged_max_ppm) == (challenged_ppm, 15_000)
        assert (OVER_BUDGET in seen.alerts) == alerts
    assert drift(model, made, scores, truth).challenged_max_ppm is None
    # Two of a hundred where one and a half are allowed: chance alone does as much.
    honest = np.array([float(not is_fraud) for is_fraud in truth.values()])
    gained = gains(np.array(scores), np.full(len(made), 20_000.0), Costs(), typical=20_000.0)
    two = msgspec.structs.replace(budget_of(gained, honest, 0.02), challenged_max=0.015)
    assert OVER_BUDGET not in drift(model, made, scores, truth, two).alerts
