"""Purchases that risk control suspends, on the books of a real database."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from support.screens import screen_of
from support.spine import Spine
from tiao.checkout import actions as checkout
from tiao.checkout import challenges, suspended
from tiao.checkout.desk import Desk
from tiao.checkout.model import Purchase
from tiao.checkout.refusals import (
    AuthorisationExpired,
    NoCodeSent,
    PurchaseNotOpen,
    PurchaseNotSuspended,
    TooManyCodes,
)
from tiao.risk.outcomes import RiskOutcome
from tiao.runtime.db import Tx
from tiao.runtime.programme import move_clock
from tiao.runtime.secrets import FieldCipher
from tiao.values.moment import Moment

pytestmark = pytest.mark.anyio

VAULT = FieldCipher({1: bytes(32)})
BY_AMOUNT = {
    "amount == 100 CNY": RiskOutcome.STEP_UP,
    "amount == 200 CNY": RiskOutcome.REVIEW,
    "amount == 300 CNY": RiskOutcome.DECLINE,
}


class Inbox:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.codes: list[str] = []

    async def send(self, _tx: Tx, _now: Moment, _customer: UUID, code: str, _until: datetime) -> None:
        self.codes.append(code)


async def bought(spine: Spine, amount_minor: int, *, captured: bool = True) -> Purchase:
    spine.desk = Desk(spine.db, spine.moments, spine.book, screen=screen_of(BY_AMOUNT, spine.book.zone))
    return await spine.buy(await spine.line(100_000), amount_minor, captured=captured)


async def held_and_used(spine: Spine, purchase: Purchase) -> tuple[int, int]:
    async with spine.db.begin() as tx:
        _, line = await checkout.locked_purchase(tx, purchase.id)
    return line.held_minor, line.used_minor


async def send(spine: Spine, purchase: Purchase, inbox: Inbox) -> challenges.Sent:
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        return await challenges.send_code(
            tx, now, VAULT, purchase.id, random_bytes=lambda count: bytes(range(count)), send=inbox.send
        )


async def confirm(spine: Spine, purchase: Purchase, code: str) -> challenges.Tried:
    async with spine.db.begin() as tx:
        return await challenges.confirm(tx, await spine.moments(tx), VAULT, spine.book, purchase.id, code)


async def pass_time(spine: Spine, time: timedelta) -> None:
    async with spine.db.begin() as tx:
        await move_clock(tx, (await spine.moments(tx)).at + time)


async def test_a_purchase_in_review_holds_the_line_and_lends_nothing(spine: Spine) -> None:
    purchase = await bought(spine, 20_000)
    assert (purchase.outcome, purchase.captured_minor, purchase.closed_as) == ("in_review", 0, None)
    assert await held_and_used(spine, purchase) == (20_000, 0)
    async with spine.db.begin() as tx:
        with pytest.raises(PurchaseNotOpen):
            await checkout.capture(
                tx, await spine.moments(tx), spine.book, purchase.id, amount_minor=1, is_final=False, key="early"
            )
    await spine.assert_sound()


async def test_what_is_released_goes_on_as_if_it_had_been_authorised(spine: Spine) -> None:
    purchase = await bought(spine, 20_000)
    for _ in range(2):  # again changes nothing
        async with spine.db.begin() as tx:
            after = await suspended.release(tx, await spine.moments(tx), spine.book, purchase.id)
    assert (after.outcome, after.captured_minor, after.closed_as) == ("authorised", 20_000, "captured")
    assert await held_and_used(spine, purchase) == (0, 20_000)
    await spine.assert_sound()


async def test_what_is_released_without_capture_is_held_for_the_usual_time(spine: Spine) -> None:
    purchase = await bought(spine, 20_000, captured=False)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        after = await suspended.release(tx, now, spine.book, purchase.id)
    assert (after.outcome, after.captured_minor, after.expires_at) == ("authorised", 0, now.at + timedelta(days=28))
    assert await held_and_used(spine, purchase) == (20_000, 0)
    await spine.assert_sound()


async def test_what_is_refused_gives_its_hold_back_and_is_declined(spine: Spine) -> None:
    purchase = await bought(spine, 20_000)
    for _ in range(2):
        async with spine.db.begin() as tx:
            after = await suspended.refuse(tx, await spine.moments(tx), purchase.id)
    assert (after.outcome, after.decline_reasons) == ("declined", ["risk"])
    assert await held_and_used(spine, purchase) == (0, 0)
    async with spine.db.begin() as tx:
        with pytest.raises(PurchaseNotSuspended):
            await suspended.release(tx, await spine.moments(tx), spine.book, purchase.id)
    await spine.assert_sound()


async def test_what_is_declined_by_risk_holds_nothing(spine: Spine) -> None:
    purchase = await bought(spine, 30_000)
    assert (purchase.outcome, purchase.decline_reasons) == ("declined", ["risk"])
    assert await held_and_used(spine, purchase) == (0, 0)
    await spine.assert_sound()


async def test_nobody_decides_in_time_and_the_close_gives_the_hold_back(spine: Spine) -> None:
    purchase = await bought(spine, 20_000)
    await spine.live_until(date(2026, 3, 5))
    async with spine.db.begin() as tx:
        after = await checkout.purchase_of(tx, purchase.id)
        with pytest.raises(PurchaseNotSuspended):
            await suspended.release(tx, await spine.moments(tx), spine.book, purchase.id)
    assert (after.outcome, after.closed_as) == ("in_review", "expired")
    assert await held_and_used(spine, purchase) == (0, 0)
    await spine.assert_sound()


async def test_a_suspended_purchase_may_be_voided_by_its_merchant(spine: Spine) -> None:
    purchase = await bought(spine, 10_000)
    async with spine.db.begin() as tx:
        after = await checkout.void(tx, await spine.moments(tx), purchase.id)
    assert (after.closed_as, after.held_minor) == ("voided", 0)
    await spine.assert_sound()


async def test_the_right_code_releases_and_is_kept_only_as_a_hash(spine: Spine) -> None:
    purchase, inbox = await bought(spine, 10_000), Inbox()
    assert purchase.outcome == "step_up"
    with pytest.raises(NoCodeSent):
        await confirm(spine, purchase, "000000")
    sent = await send(spine, purchase, inbox)
    assert (sent.codes_left, sent.attempts_left) == (2, 5)
    wrong = await confirm(spine, purchase, "0" * 6)
    assert (wrong.confirmation, wrong.attempts_left) == ("wrong", 4)
    right = await confirm(spine, purchase, inbox.codes[-1])
    assert (right.confirmation, right.purchase.outcome, right.purchase.closed_as) == (
        "confirmed",
        "authorised",
        "captured",
    )
    async with spine.db.begin() as tx:
        _, rows = await tx.table("select code_hash from purchase_challenge")
    assert inbox.codes[-1].encode() not in rows[0][0]
    await spine.assert_sound()


async def test_the_last_wrong_code_declines_the_purchase(spine: Spine) -> None:
    purchase, inbox = await bought(spine, 10_000), Inbox()
    await send(spine, purchase, inbox)
    answers = [await confirm(spine, purchase, "0" * 6) for _ in range(4)]
    await send(spine, purchase, inbox)  # another code gives no further attempt
    answers.append(await confirm(spine, purchase, "0" * 6))
    assert [each.confirmation for each in answers] == ["wrong"] * 4 + ["exhausted"]
    assert answers[-1].purchase.decline_reasons == ["not_confirmed"]
    assert await held_and_used(spine, purchase) == (0, 0)
    await spine.assert_sound()


async def test_a_code_is_good_for_a_short_time_and_sent_three_times(spine: Spine) -> None:
    purchase, inbox = await bought(spine, 10_000), Inbox()
    await send(spine, purchase, inbox)
    await pass_time(spine, timedelta(minutes=5))
    with pytest.raises(NoCodeSent):
        await confirm(spine, purchase, inbox.codes[-1])
    await send(spine, purchase, inbox)
    await send(spine, purchase, inbox)
    with pytest.raises(TooManyCodes):
        await send(spine, purchase, inbox)
    await pass_time(spine, timedelta(minutes=10))
    with pytest.raises(AuthorisationExpired):
        await confirm(spine, purchase, inbox.codes[-1])
