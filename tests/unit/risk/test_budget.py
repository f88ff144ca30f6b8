"""A budget for challenged honest payments, in cases small enough to count by hand: at promotion, and watched after."""

from __future__ import annotations

from uuid import UUID

import msgspec
import numpy as np
import pytest

from support.payments_asked import AT, asked
from tiao.risk.budget import CHALLENGED_MAX, budget_of, decided, gains
from tiao.risk.drift import OVER_BUDGET, drift
from tiao.risk.live import LIVE, inputs_of, kept_values, to_bytes
from tiao.risk.model import Budget, Costs, Model, Seen, Stability
from tiao.risk.models import evidence
from tiao.risk.records import Decision, is_honest
from tiao.risk.refusals import ModelRanksWorse, ModelUnproven
from tiao.risk.training.train import Trained

#: Dear ones that it takes for fraud, honest ones that it takes for it, honest ones that it does not.
FRAUDS, DOUBTED, PLAIN = 40, 100, 900


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
    """What was scored: frauds .9, honest ones that are doubted .300 to .399, the others .001."""
    scores = [0.9] * FRAUDS + [0.3 + place / 1_000 for place in range(DOUBTED)] + [0.001] * PLAIN
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
        # Of a thousand honest ones as many of the hundred that are doubted as the share allows.
        assert budget.challenged == min(0.1, int(most * 1_000) / 1_000)
        score = np.array([each.challenger_score for each in made])
        places = decided(score, np.full(len(made), 20_000.0), Costs(), typical=20_000.0, friction=budget.friction)
        assert (places[:FRAUDS] > 0).all(), "what is surely fraud is stopped all the same"
    assert said[0.1] == msgspec.structs.replace(said[1.0], challenged_max=0.1)


def test_what_was_approved_and_nobody_spoke_of_counts_as_honest(
    model: Model, shadow: tuple[list[Decision], dict[UUID, bool]]
) -> None:
    made, truth = shadow
    stopped = msgspec.structs.replace(made[-1], outcome="review")
    assert [is_honest(made[-1], {}), is_honest(stopped, {}), is_honest(stopped, truth)] == [True, False, True]
    assert not is_honest(made[0], truth)
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
    # Twenty of a thousand where fifteen are allowed: chance alone does as much.
    honest = np.array([float(not is_fraud) for is_fraud in truth.values()])
    gained = gains(np.array(scores), np.full(len(made), 20_000.0), Costs(), typical=20_000.0)
    two = msgspec.structs.replace(budget_of(gained, honest, 0.02), challenged_max=0.015)
    assert OVER_BUDGET not in drift(model, made, scores, truth, two).alerts
    # One purchase, and it was challenged: once in 67 times that is chance.
    one = [each for each in made if not truth[each.purchase_id]][:1]
    assert OVER_BUDGET not in drift(model, one, [0.39], truth, two).alerts
    none_at_all = msgspec.structs.replace(two, challenged_max=0.0)
    assert OVER_BUDGET in drift(model, one, [0.39], truth, msgspec.structs.replace(none_at_all, friction=0.0)).alerts


def test_a_promotion_says_whether_too_little_is_known_or_the_model_ranks_worse(
    model: Model, shadow: tuple[list[Decision], dict[UUID, bool]]
) -> None:
    made, truth = shadow
    with pytest.raises(ModelUnproven) as unproven:
        evidence(model, made, dict(list(truth.items())[:20]))
    assert str(unproven.value) == "20 frauds and 0 others are known among the 1040 that it scored; 30 frauds are needed"
    few = {each.purchase_id: truth[each.purchase_id] for each in made[: FRAUDS + 50]}
    with pytest.raises(ModelUnproven, match="50 honest purchases are among what it scored; 334 are needed"):
        evidence(model, made[: FRAUDS + 50], few)
    assert evidence(model, made[: FRAUDS + 50], few, 1.0).known == FRAUDS + 50
    upside_down = [msgspec.structs.replace(each, score=1 - (each.challenger_score or 0.0)) for each in made]
    turned = [
        msgspec.structs.replace(each, score=each.challenger_score, challenger_score=each.score) for each in upside_down
    ]
    with pytest.raises(ModelRanksWorse) as worse:
        evidence(model, turned, truth)
    assert worse.value.facts["before_ppm"] == 1_000_000
    assert str(worse.value) == f"average precision {_shown(worse.value)}, of what decided 1.000"


def _shown(refusal: ModelRanksWorse) -> str:
    share = refusal.facts["average_precision_ppm"]
    assert isinstance(share, int)
    assert share < 1_000_000
    return f"{share / 1_000_000:.3f}"
