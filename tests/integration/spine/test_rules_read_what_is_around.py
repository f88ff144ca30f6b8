"""Rules read the ring of a customer, lists of what it was seen with, alarms of merchants, and the last minutes."""

from datetime import timedelta

import pytest

from support.spine import Spine
from tiao.checkout.desk import Desk
from tiao.checkout.model import Context, Purchase
from tiao.checkout.screening import Screen
from tiao.ledger.model import CreditLine
from tiao.risk import actions as risk
from tiao.risk.deciding import Setup, again
from tiao.risk.entities import EntityKind
from tiao.risk.graph import actions as graph
from tiao.risk.graph.model import Sighting
from tiao.risk.lists import actions as lists
from tiao.risk.lists.model import ListKind, NewEntry
from tiao.risk.live import catalogue, from_bytes
from tiao.risk.merchants.board import Board
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.records import Decision
from tiao.risk.rules.parsing import parse
from tiao.risk.rules.refusals import RuleTextRefused
from tiao.risk.rules.ruleset import Level, Rule, Ruler, RuleSet
from tiao.risk.rules.tree import cost_of
from tiao.runtime.programme import move_clock
from tiao.runtime.secrets import FieldCipher

pytestmark = pytest.mark.anyio
VAULT = FieldCipher({1: bytes(32)})
KNOWN = catalogue("CNY")
PHONE = bytes(range(32))
CONDITIONS = {
    "young_ring": "is_in_ring and ring.size >= 4 and ring.new_share > 0.5",
    "bad_company": "ring.bad_share > 0.2",
    "blocked_phone": "phone in block_list",
    "watched_card": "card in watch_list",
    "draining_shop": "merchant_alarm.cash_out",
    "returns": "merchant.refund_share_28 > 0.3",
    "uncounted_shop": "merchant.days_28 is missing",
    "tested": "device.payments_5m >= 3 and device.others_15m >= 3",
    "dear_minutes": "customer.amount_15m > 500 CNY",
}
RULES = RuleSet(
    "around",
    tuple(Rule(code, code, when, RiskOutcome.STEP_UP, Level.NETWORK) for code, when in CONDITIONS.items()),
)


async def bought(
    spine: Spine, line: CreditLine, amount_minor: int = 1_000, device: bytes | None = None, board: Board | None = None
) -> Decision:
    setup = Setup(Ruler(RULES, KNOWN), merchants=(board or Board()).of)
    spine.desk = Desk(spine.db, spine.moments, spine.book, screen=Screen(lambda: setup, spine.book.zone))
    order = spine.order(line, amount_minor)._replace(context=Context(device=device))
    [purchase] = await spine.desk.decide([order])
    assert isinstance(purchase, Purchase), purchase
    async with spine.db.begin() as tx:
        found = await risk.decision_of(tx, purchase.id)
    judged = again(setup, found.inputs)
    assert (judged.hits, judged.inputs) == (found.hits, found.inputs), "it comes out the same from the record alone"
    return found


async def pass_time(spine: Spine, time: timedelta) -> None:
    async with spine.db.begin() as tx:
        await move_clock(tx, (await spine.moments(tx)).at + time)


async def test_who_hangs_together_is_known_to_rules(spine: Spine) -> None:
    lines = [await spine.line(1_000_000, bucket=bucket) for bucket in range(5)]
    assert (await bought(spine, lines[0])).hits == ["uncounted_shop"]
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        seen = [Sighting(line.customer_id, EntityKind.DEVICE, PHONE) for line in lines[:4]]
        await graph.see_all(tx, now, seen)
        await graph.link(tx, now)
    assert (await bought(spine, lines[0])).hits == ["young_ring", "uncounted_shop"]
    assert (await bought(spine, lines[4])).hits == ["uncounted_shop"]
    await pass_time(spine, timedelta(days=8))
    assert (await bought(spine, lines[0])).hits == ["uncounted_shop"], "a family is no longer new"
    async with spine.db.begin() as tx:
        await graph.mark_bad(tx, {lines[1].customer_id: (await spine.moments(tx)).at})
    assert (await bought(spine, lines[0])).hits == ["bad_company", "uncounted_shop"]
    assert (await bought(spine, lines[1])).hits == ["uncounted_shop"], "one's own record is not one's company's"


async def test_what_a_customer_was_seen_with_is_looked_up_on_lists(spine: Spine) -> None:
    line, other = await spine.line(1_000_000), await spine.line(1_000_000, bucket=8)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        seen = {EntityKind.PHONE: "13800000001", EntityKind.CARD: "6222020200112233"}
        await graph.see(tx, now, VAULT, line.customer_id, seen)
        until = now.at + timedelta(days=2)
        for kind, entity, value in (
            (ListKind.BLOCK, EntityKind.PHONE, "13800000001"),
            (ListKind.WATCH, EntityKind.CARD, "6222020200112233"),
            (ListKind.ALLOW, EntityKind.CARD, "6222020200112233"),
        ):
            await lists.add(tx, now, VAULT, NewEntry(kind, entity, value, "told by the police", until), actor="opr_1")
    found = await bought(spine, line)
    assert found.hits == ["blocked_phone", "watched_card", "uncounted_shop"]
    assert from_bytes(found.inputs).listed == [("card", "watch_list"), ("phone", "block_list")], (
        "nobody agreed to allow"
    )
    assert (await bought(spine, other)).hits == ["uncounted_shop"]
    await pass_time(spine, timedelta(days=2))
    assert (await bought(spine, line)).hits == ["uncounted_shop"], "every entry ends"


async def test_what_speaks_against_a_merchant_is_known_to_rules(spine: Spine) -> None:
    for bucket in range(6):
        line = await spine.line(300_000, bucket=bucket)
        await bought(spine, line, 290_000)
    board = Board()
    async with spine.db.begin() as tx:
        await board.look(tx, await spine.moments(tx))
    found = await bought(spine, await spine.line(300_000, bucket=7), 1_000, board=board)
    assert found.hits == ["draining_shop"], "its hour alarms before its day is counted"
    async with spine.db.begin() as tx:
        day = (await spine.moments(tx)).today
        await tx.execute(
            "insert into risk_merchant_day (merchant_id, day_on, purchases, amount_minor, refunds, refunded_minor, "
            "just_below, draining, draining_minor, linked, customers) values (%(of)s, %(day)s - 1, 10, 10000, 4, 4000, "
            "0, 0, 0, 5, 9)",
            of=spine.merchant.id,
            day=day,
        )
        await board.look(tx, await spine.moments(tx))
    await pass_time(spine, timedelta(hours=2))
    found = await bought(spine, await spine.line(300_000, bucket=9), 1_000, board=board)
    assert found.hits == ["draining_shop", "returns"]
    async with spine.db.begin() as tx:
        await board.look(tx, await spine.moments(tx))
    assert (await bought(spine, await spine.line(300_000, bucket=3), board=board)).hits == ["returns"]


async def test_cards_tested_from_one_device_are_noticed_within_minutes(spine: Spine) -> None:
    lines = [await spine.line(1_000_000, bucket=bucket) for bucket in range(4)]
    for line in lines[:3]:
        assert (await bought(spine, line, device=PHONE)).hits == ["uncounted_shop"]
        await pass_time(spine, timedelta(seconds=20))
    assert (await bought(spine, lines[3], device=PHONE)).hits == ["uncounted_shop", "tested"]
    await pass_time(spine, timedelta(minutes=5))
    assert (await bought(spine, lines[3], 60_000, device=PHONE)).hits == ["uncounted_shop"]
    assert (await bought(spine, lines[3], device=PHONE)).hits == ["uncounted_shop", "dear_minutes"]


@pytest.mark.parametrize(
    ("text", "reason", "position"),
    [
        ("phone is known", "phone is looked up on lists: phone in block_list", 0),
        ("ring.size > 100 CNY", "number cannot be compared with money", 10),
        ("merchant_alarm.cashout", "there is no merchant_alarm.cashout; did you mean merchant_alarm.cash_out?", 0),
        ("customer.amount_15m > 3", "money cannot be compared with number", 20),
    ],
)
def test_they_are_typed_like_all_others(text: str, reason: str, position: int) -> None:
    with pytest.raises(RuleTextRefused) as refused:
        parse(text, KNOWN)
    assert (refused.value.reason, refused.value.position) == (reason, position)


def test_they_are_costed_by_what_they_take() -> None:
    costs = {text: cost_of(parse(text, KNOWN)) for text in ("is_in_ring", "device in block_list", "card in block_list")}
    assert costs == {"is_in_ring": 1, "device in block_list": 2, "card in block_list": 4}
