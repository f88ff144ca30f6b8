"""Ten thousand random offers, as the API writes them, are what the ledger books when they are bought: to the fen."""

import json
from collections import defaultdict
from datetime import date
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from support.spine import Spine
from tiao.checkout.model import Order, Purchase
from tiao.ledger.model import Account, CreditLine
from tiao.lending.model import BillingMode, FeePayer

QUOTES, SET = 10_000, 250
LIMIT_MINOR = 9_000_000_000
MERCHANTS_RATE_PER_MILLE = 6


class Promised(NamedTuple):
    """An offer as it stands on the wire, and the order made from it."""

    offer: dict[str, Any]
    order: Order


class Row(NamedTuple):
    loan_id: UUID
    number: int
    due_on: str
    principal_minor: int
    fee_minor: int


class Booked(NamedTuple):
    loan_id: UUID
    account: int
    minor: int


async def test_what_was_promised_is_what_was_booked(spine: Spine) -> None:
    draw = Random(20_260_101)
    lines = [await spine.line(LIMIT_MINOR, statement_day=1 + bucket % 28, bucket=bucket) for bucket in range(SET)]
    bought: dict[UUID, Promised] = {}
    async with spine.db.begin() as tx:
        today = (await spine.moments(tx)).today
    for _ in range(QUOTES // SET):
        promised = [_promised(spine, line, draw, today) for line in lines]
        for each, answer in zip(promised, await spine.desk.decide([one.order for one in promised]), strict=True):
            assert isinstance(answer, Purchase), answer
            bought[answer.id] = each
    assert len(bought) == QUOTES
    await _assert_rows(spine, bought)
    await _assert_books(spine, bought)
    plans = {each.order.plan for each in bought.values()}
    assert len(plans) >= 12, "every kind of plan was drawn"


def _promised(spine: Spine, line: CreditLine, draw: Random, today: date) -> Promised:
    amount = draw.choice([draw.randrange(1, 500), draw.randrange(10_000, 2_000_000), draw.randrange(10_000, 90_000)])
    fee_payer = draw.choice(list(FeePayer))
    offers = spine.book.offers(
        amount,
        currency="CNY",
        on=today,
        statement_day=line.statement_day,
        mode=draw.choice(list(BillingMode)),
        fee_payer=fee_payer,
    )
    offer = json.loads(msgspec.json.encode(draw.choice(offers)))
    order = spine.order(line, amount, offer["plan"])._replace(fee_payer=fee_payer)
    return Promised(offer, order)


async def _assert_rows(spine: Spine, bought: dict[UUID, Promised]) -> None:
    async with spine.db.begin() as tx:
        rows = await tx.rows(
            "select loan_id, number, due_on::text, principal_minor, fee_minor from loan_instalment order by 1, 2", Row
        )
    found: dict[UUID, list[tuple[int, str, int, int]]] = defaultdict(list)
    for row in rows:
        found[row.loan_id].append(row[1:])
    for loan_id, (offer, _) in bought.items():
        told = [
            (part["number"], part["due_on"], part["principal_minor"], part["fee_minor"] + part["interest_minor"])
            for part in offer["instalments"]
        ]
        assert found[loan_id] == told, offer
        assert sum(part["total_minor"] for part in offer["instalments"]) == offer["total_minor"]
        assert offer["fee_minor"] + offer["interest_minor"] == sum(each[3] for each in told)


async def _assert_books(spine: Spine, bought: dict[UUID, Promised]) -> None:
    async with spine.db.begin() as tx:
        booked = await tx.rows(
            "select posting_id as loan_id, account, sum(amount_minor)::bigint as minor"
            "  from ledger_entry group by 1, 2",
            Booked,
        )
    accounts: dict[UUID, dict[int, int]] = defaultdict(dict)
    for each in booked:
        accounts[each.loan_id][each.account] = each.minor
    for loan_id, (offer, order) in bought.items():
        entries = accounts[loan_id]
        discount = (2 * order.amount_minor * MERCHANTS_RATE_PER_MILLE + 1000) // 2000
        assert entries[Account.RECEIVABLE_PRINCIPAL] == offer["principal_minor"] == order.amount_minor
        subsidy = -entries.get(Account.SUBSIDY_UNEARNED, 0)
        assert -entries[Account.MERCHANT_PAYABLE] == order.amount_minor - discount - subsidy
        assert (subsidy > 0) <= (order.fee_payer is FeePayer.MERCHANT)
