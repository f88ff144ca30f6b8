"""What a scene decides, pure: which sales, which plans, how much comes back, when the merchant gets its money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files

import msgspec
import yaml

from tiao.partners.scenes.model import RefundAfter, Scene
from tiao.partners.scenes.refusals import (
    DiscountBelowScene,
    RefundBeyondService,
    SceneAmountOutside,
    SceneOffersNoSuchPlan,
    ScenesInvalid,
    SceneUnknown,
)

#: More steps than days of a reserve make no sense.
STEPS_MAX, STEP_DAYS_MAX = 60, 366


@cache
def shipped_scenes() -> tuple[Scene, ...]:
    """Read the scenes that come with the platform (scenes.yaml)."""
    return read_scenes((files("tiao.partners.scenes") / "scenes.yaml").read_text(encoding="utf-8"))


def read_scenes(text: str) -> tuple[Scene, ...]:
    """Read scenes from YAML. Refuses: ScenesInvalid, naming every fault."""
    try:
        found = msgspec.convert(yaml.safe_load(text)["scenes"], tuple[Scene, ...], strict=False)
    except (yaml.YAMLError, msgspec.ValidationError, KeyError, TypeError) as error:
        raise ScenesInvalid(str(error)) from error
    faults = [fault for each in found for fault in _faults(each)]
    keys = [(each.scene, each.effective_from) for each in found]
    faults += [f"{name} has two rows from {day}" for name, day in sorted({key for key in keys if keys.count(key) > 1})]
    if faults:
        raise ScenesInvalid("; ".join(faults))
    return found


def scene_on(scenes: Sequence[Scene], name: str, on: date) -> Scene | None:
    """Find what holds in a scene on a day; nothing for a category that is no scene."""
    rows = [each for each in scenes if each.scene == name and each.effective_from <= on]
    return max(rows, key=lambda each: each.effective_from, default=None)


def scenes_on(scenes: Sequence[Scene], on: date) -> list[Scene]:
    """List what holds in every scene on a day."""
    names = dict.fromkeys(each.scene for each in scenes)
    return [found for name in names if (found := scene_on(scenes, name, on)) is not None]


def known_scene(scenes: Sequence[Scene], name: str, on: date) -> Scene:
    """Find a scene that must be there. Refuses: SceneUnknown."""
    found = scene_on(scenes, name, on)
    if found is None:
        raise SceneUnknown(f"there is no scene {name!r}", pointer="/scenes", scene=name)
    return found


def check_sale(scene: Scene | None, amount_minor: int, plan: str | None = None) -> None:
    """Decide whether a sale may be made in a scene. Refuses: SceneAmountOutside, SceneOffersNoSuchPlan."""
    if scene is None:
        return
    if not scene.amount_min_minor <= amount_minor <= scene.amount_max_minor:
        raise SceneAmountOutside(
            f"in the scene {scene.scene} a purchase is {scene.amount_min_minor} to {scene.amount_max_minor}",
            pointer="/amount_minor",
            smallest_minor=scene.amount_min_minor,
            largest_minor=scene.amount_max_minor,
        )
    if plan is not None and plan not in scene.plans:
        raise SceneOffersNoSuchPlan(f"the scene {scene.scene} does not offer {plan}", pointer="/plan", plan=plan)


def check_discount(scene: Scene | None, rate: Decimal) -> None:
    """Demand the least that a scene's merchants pay. Refuses: DiscountBelowScene."""
    if scene is not None and rate < scene.discount_rate_min:
        detail = f"at least {scene.discount_rate_min} in the scene {scene.scene}"
        raise DiscountBelowScene(detail, pointer="/discount_rate", scene=scene.scene)


def delivered_share(scene: Scene, *, captured_on: date, today: date) -> Fraction:
    """Tell which share of a service counts as given: by the day, evenly over its steps; all of it without steps."""
    if scene.prepaid is None:
        return Fraction(1)
    whole = scene.prepaid.steps * scene.prepaid.step_days
    return min(Fraction(max((today - captured_on).days, 0), whole), Fraction(1))


def refundable_minor(scene: Scene | None, *, captured_minor: int, captured_on: date, today: date) -> int:
    """Find how much of a purchase may be refunded in all on a day.

    Rounds: up, to the customer's good.
    """
    if scene is None or scene.refund_after is RefundAfter.AS_AGREED:
        return captured_minor
    if today <= captured_on + timedelta(days=scene.refund_full_days):
        return captured_minor
    left = captured_minor * (1 - delivered_share(scene, captured_on=captured_on, today=today))
    return -(-left.numerator // left.denominator)


def check_refund(
    scene: Scene | None,
    amount_minor: int,
    *,
    captured_minor: int,
    refunded_minor: int,
    captured_on: date,
    today: date,
) -> None:
    """Decide whether a merchant may refund so much under its scene's rule. Refuses: RefundBeyondService."""
    whole = refundable_minor(scene, captured_minor=captured_minor, captured_on=captured_on, today=today)
    left = max(whole - refunded_minor, 0)
    if whole < captured_minor and amount_minor > left:
        raise RefundBeyondService(pointer="/amount_minor", refundable_minor=left)


def _faults(scene: Scene) -> list[str]:
    """Name what is wrong with a row."""
    faults = []
    if not 0 < scene.amount_min_minor <= scene.amount_max_minor:
        faults.append(f"{scene.scene}: amounts from {scene.amount_min_minor} to {scene.amount_max_minor}")
    if not 0 <= scene.discount_rate_min <= scene.discount_rate < 1:
        faults.append(f"{scene.scene}: discount rates {scene.discount_rate_min} to {scene.discount_rate}")
    if not scene.plans:
        faults.append(f"{scene.scene}: no plan is offered")
    if scene.refund_full_days < 0:
        faults.append(f"{scene.scene}: {scene.refund_full_days} days for a full refund")
    steps = scene.prepaid
    if steps is not None and not (
        0 <= steps.first_share < 1 and 1 <= steps.steps <= STEPS_MAX and 1 <= steps.step_days <= STEP_DAYS_MAX
    ):
        faults.append(f"{scene.scene}: prepaid steps")
    return faults
