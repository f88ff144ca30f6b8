"""What holds in scenes: sales, refunds and discounts, as tables."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tiao.lending.products import offered, shipped_products
from tiao.partners.scenes.refusals import (
    DiscountBelowScene,
    RefundBeyondService,
    SceneAmountOutside,
    SceneOffersNoSuchPlan,
    ScenesInvalid,
)
from tiao.partners.scenes.rules import (
    check_discount,
    check_refund,
    check_sale,
    known_scene,
    read_scenes,
    refundable_minor,
    scene_on,
    shipped_scenes,
)

SOLD = date(2026, 3, 1)
EDUCATION = known_scene(shipped_scenes(), "education", SOLD)
ELECTRONICS = known_scene(shipped_scenes(), "electronics", SOLD)

REFUNDABLE = [
    # scene, days after the sale, of 1,800.00 may be refunded in all
    (EDUCATION, 0, 180_000),
    (EDUCATION, 7, 180_000),
    (EDUCATION, 8, 172_000),
    (EDUCATION, 90, 90_000),
    (EDUCATION, 179, 1_000),
    (EDUCATION, 180, 0),
    (EDUCATION, 300, 0),
    (ELECTRONICS, 300, 180_000),
    (None, 300, 180_000),
]


@pytest.mark.parametrize(("scene", "days", "refundable"), REFUNDABLE)
def test_a_refund_falls_with_the_service_given_once_the_days_are_over(scene, days: int, refundable: int) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001  a scene or none
    today = SOLD + timedelta(days=days)
    assert refundable_minor(scene, captured_minor=180_000, captured_on=SOLD, today=today) == refundable
    stands = {"captured_minor": 180_000, "refunded_minor": 500, "captured_on": SOLD, "today": today}
    if refundable > 500:
        check_refund(scene, refundable - 500, **stands)
    if refundable < 180_000:
        with pytest.raises(RefundBeyondService):
            check_refund(scene, max(refundable - 500, 0) + 1, **stands)


def test_rounding_is_to_the_customers_good() -> None:
    today = SOLD + timedelta(days=60)
    assert refundable_minor(EDUCATION, captured_minor=100, captured_on=SOLD, today=today) == 67


def test_a_sale_keeps_to_its_scene_and_a_shop_without_one_to_none() -> None:
    check_sale(EDUCATION, 3_000_000, "instalments_12")
    with pytest.raises(SceneAmountOutside):
        check_sale(EDUCATION, 3_000_001)
    with pytest.raises(SceneOffersNoSuchPlan):
        check_sale(EDUCATION, 100_000, "instalments_24")
    check_sale(None, 10**9, "anything")
    assert scene_on(shipped_scenes(), "books", SOLD) is None


def test_no_merchant_pays_less_than_its_scene_asks_for() -> None:
    check_discount(EDUCATION, Decimal("0.006"))
    with pytest.raises(DiscountBelowScene):
        check_discount(EDUCATION, Decimal("0.0059"))
    check_discount(None, Decimal(0))


def test_shipped_scenes_offer_plans_that_are_on_the_shelf() -> None:
    known = {plan.code for plan in offered(shipped_products(), SOLD)}
    for scene in shipped_scenes():
        assert scene.plans <= known, scene.scene


def test_the_latest_row_that_counts_by_a_day_holds() -> None:
    row = """
  - {scene: tea, name_zh: 茶, effective_from: 2026-01-01, plans: [pay_later], amount_min_minor: 1,
     amount_max_minor: 100, discount_rate: "0.01", discount_rate_min: "0.01", refund_full_days: 7,
     refund_after: as_agreed, papers: []}
"""
    later = row.replace("2026-01-01", "2026-06-01").replace("amount_max_minor: 100", "amount_max_minor: 50")
    found = read_scenes("scenes:" + row + later)
    limits = [scene_on(found, "tea", day) for day in (date(2025, 12, 31), date(2026, 5, 31), date(2026, 6, 1))]
    assert [each.amount_max_minor if each else None for each in limits] == [None, 100, 50]


@pytest.mark.parametrize("text", ["", "scenes: 1", "scenes: [{scene: x}]", "scenes: [a: b: c]"])
def test_a_file_that_is_no_list_of_scenes_is_refused(text: str) -> None:
    with pytest.raises(ScenesInvalid):
        read_scenes(text)
