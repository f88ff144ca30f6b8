"""A verdict, a code, "not me", a chargeback, a debt nobody paid: each is a label at once, and the features know it."""

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

import pytest

from support.screens import screen_of
from support.spine import Spine
from tiao.checkout import challenges, reviewing
from tiao.checkout.desk import Desk
from tiao.checkout.disputes import actions as disputes
from tiao.checkout.disputes.model import Reason
from tiao.checkout.model import Purchase
from tiao.checkout.reviewing import Verdict
from tiao.ledger.model import CreditLine
from tiao.risk import actions as risk
from tiao.risk.cases import actions as cases
from tiao.risk.features.stored import entity_from_bytes
from tiao.risk.labels import actions as labels
from tiao.risk.labels.model import Source
from tiao.risk.labels.rules import standing
from tiao.risk.live import MERCHANT
from tiao.risk.outcomes import RiskOutcome
from tiao.runtime.secrets import FieldCipher

pytestmark = pytest.mark.anyio
VAULT = FieldCipher({1: bytes(32)})
RULES = {"amount == 100 CNY": RiskOutcome.STEP_UP, "amount == 200 CNY": RiskOutcome.REVIEW}


class Known(NamedTuple):
    """What the features know of the merchant, and of whom the word is."""

    frauds: int
    genuine: int
    source: Source | None


async def bought(spine: Spine, amount_minor: int, line: CreditLine | None = None) -> Purchase:
    spine.desk = Desk(spine.db, spine.moments, spine.book, screen=screen_of(RULES, spine.book.zone))
    return await spine.buy(line or await spine.line(1_000_000), amount_minor)


async def known(spine: Spine, purchase: Purchase) -> Known:
    """Learn what is due, as every process does each second, and look at the features and the record."""
    async with spine.db.begin() as tx:
        looked_at = (await spine.moments(tx)).at
    await labels.learn_due(spine.db, spine.moments, risk.learn)
    async with spine.db.begin() as tx:
        said = await labels.labels_of(tx, [purchase.id])
        remembered = await risk.look(tx, [(purchase.customer_id.hex, purchase.merchant_id.hex, None, None, None)])
        now = await spine.moments(tx)
    for each in said:
        assert each.known_at <= each.told_at <= now.at
        assert each.learned_at is not None, "whatever was told by now is learned at the next look"
        assert each.learned_at <= max(each.told_at, looked_at) + timedelta(minutes=1)
    [content] = [row.content for row in remembered.all_rows() if row[:2] == (MERCHANT, purchase.merchant_id.hex)]
    totals = entity_from_bytes(content).totals
    return Known(totals[3], totals[5], standing(said).source if said else None)


async def test_a_reviewers_word(spine: Spine) -> None:
    purchase = await bought(spine, 20_000)
    async with spine.db.begin() as tx:
        [case] = await reviewing.open_due(tx, await spine.moments(tx), spine.book.zone)
        await cases.claim(tx, await spine.moments(tx), case.id, actor="opr_1")
        await reviewing.answer(
            tx, await spine.moments(tx), spine.book, case.id, Verdict("opr_1", False, "a stolen phone")
        )
    assert await known(spine, purchase) == (1, 0, Source.REVIEW)


@pytest.mark.parametrize(("is_right", "expected"), [(True, (0, 1)), (False, (1, 0))])
async def test_a_code_that_came_back_or_never_did_once_each(
    spine: Spine,
    is_right: bool,  # noqa: FBT001  a parameter of the test
    expected: tuple[int, int],
) -> None:
    purchase, codes = await bought(spine, 10_000), list[str]()

    async def keep(_tx: object, _now: object, _customer: UUID, code: str, _until: object) -> None:
        codes.append(code)

    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await challenges.send_code(
            tx, now, VAULT, purchase.id, random_bytes=lambda count: bytes(range(count)), send=keep
        )
    for _ in range(1 if is_right else challenges.ATTEMPTS):
        tried = codes[0] if is_right else f"{(int(codes[0]) + 1) % 1_000_000:06}"
        async with spine.db.begin() as tx:
            await challenges.confirm(tx, await spine.moments(tx), VAULT, spine.book, purchase.id, tried)
    assert await known(spine, purchase) == (*expected, Source.STEP_UP)
    async with spine.db.begin() as tx:
        assert len(await labels.labels_of(tx, [purchase.id])) == 1


async def test_a_customers_report(spine: Spine) -> None:
    purchase = await bought(spine, 30_000)
    async with spine.db.begin() as tx:
        await reviewing.report(tx, await spine.moments(tx), purchase.id, customer_id=purchase.customer_id)
    assert await known(spine, purchase) == (1, 0, Source.CUSTOMER)


@pytest.mark.parametrize(("awarded", "expected"), [(30_000, (1, 0)), (0, (0, 1))])
async def test_a_dispute_that_was_decided(spine: Spine, awarded: int, expected: tuple[int, int]) -> None:
    purchase = await bought(spine, 30_000)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        opened = await disputes.open_dispute(
            tx,
            now,
            spine.book,
            VAULT,
            purchase.id,
            amount_minor=30_000,
            reason=Reason.UNAUTHORISED,
            text="I never bought this",
        )
    first = await known(spine, purchase)
    assert first.source in {Source.CUSTOMER, None}
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        await disputes.decide(tx, now, spine.book, opened.id, awarded_minor=awarded, actor="opr_1", note="looked at it")
    assert await known(spine, purchase) == (*expected, Source.CHARGEBACK)


async def test_a_debt_that_was_never_paid_until_somebody_pays(spine: Spine) -> None:
    line, honest = await spine.line(1_000_000), await spine.line(1_000_000, bucket=9)
    purchase, other = await bought(spine, 30_000, line), await bought(spine, 40_000, honest)
    await spine.live_until(date(2026, 4, 12))
    await spine.pay(honest, 1_000)
    assert await known(spine, purchase) == (0, 0, None)
    day = date(2026, 4, 13)
    while (found := await known(spine, purchase)).source is None and day < date(2026, 6, 1):
        await spine.live_until(day)
        day += timedelta(days=1)
    assert found == (1, 0, Source.COLLECTIONS), "and nothing is said of who paid a little"
    async with spine.db.begin() as tx:
        assert await labels.labels_of(tx, [other.id]) == []
    await spine.live_until(day + timedelta(days=1))
    async with spine.db.begin() as tx:
        assert len(await labels.labels_of(tx, [purchase.id])) == 1, "it is said once"
    await spine.pay(line, 30_000)
    await spine.live_until(day + timedelta(days=2))
    assert await known(spine, purchase) == (0, 1, Source.COLLECTIONS)
    await spine.assert_sound()
