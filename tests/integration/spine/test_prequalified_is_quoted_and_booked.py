"""What a prequalification shows, the quote of the same day gives, and the ledger books when it is bought: to the fen.

Over random shelves, prices, amounts, statement days and days; the shelf is an operator's own, so its rates are drawn.
"""

from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import NamedTuple
from uuid import UUID

from support.spine import OPENED, Spine
from tiao.api.routes.prequalifications import PlacementShown, placement
from tiao.checkout import actions as checkout
from tiao.checkout import rules
from tiao.checkout.desk import Desk
from tiao.checkout.model import Offer, Order, Purchase, Quote
from tiao.checkout.offers import OfferBook
from tiao.checkout.prequalifying import Answer, prequalify
from tiao.ledger.model import Account, CreditLine
from tiao.lending.disclosure import CostSheetAck
from tiao.lending.model import BillingMode, FeePayer
from tiao.lending.products import read_products
from tiao.policy.pack import Pack

SHELVES, ASKED_OF_EACH = 20, 25
SHELF = """products:
  - {{name: pay_later, effective_from: 2014-02-01, pricing: interest_free, plans: {{pay_later: 1}}, mode: statement,
     early_payoff: nothing_to_save}}
  - {{name: instalments, effective_from: 2014-02-01, pricing: flat_fee, fee_rate_per_term: "{fee}", plans: {plans},
     mode: statement, early_payoff: unbilled_fees_fall}}
"""
TERMS = (3, 6, 12, 24)
#: Rates are shown with six decimals.
ROUNDED = 1e-6


class Row(NamedTuple):
    number: int
    due_on: date
    principal_minor: int
    fee_minor: int


async def test_what_was_shown_is_quoted_and_booked(spine: Spine) -> None:
    draw, plans = Random(20_261_122), set()
    for shelf in range(SHELVES):
        await spine.live_until(OPENED + timedelta(days=shelf))
        spine.book = _book(draw)
        spine.desk = Desk(spine.db, spine.moments, spine.book)
        for _ in range(ASKED_OF_EACH):
            amount = draw.choice([draw.randrange(1, 20_000), draw.randrange(10_000, 3_000_000)])
            line = await spine.line(9_000_000, statement_day=draw.randrange(1, 29), bucket=draw.randrange(256))
            plans.add(await _bought(spine, line, amount, draw.choice(list(FeePayer))))
    assert plans == {"pay_later", *(f"instalments_{each}" for each in TERMS)}, "each plan was the least once"
    async with spine.db.begin() as tx:
        assert await tx.value("select count(*)::int from loan") == SHELVES * ASKED_OF_EACH


def _book(draw: Random) -> OfferBook:
    terms = draw.sample(TERMS, draw.randrange(1, 5))
    text = SHELF.format(
        fee=draw.choice(["0.0001", "0.001", f"{draw.randrange(1, 66) / 10_000:.4f}"]),
        plans="{" + ", ".join(f"instalments_{each}: {each}" for each in terms) + "}",
    )
    return OfferBook(products=read_products(text), pack=Pack.load("cn"), lender="条科技", lender_type="cfc")


async def _bought(spine: Spine, line: CreditLine, amount: int, fee_payer: FeePayer) -> str:
    """Ask, quote, accept, buy; give the plan that was shown."""
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        shown = await prequalify(
            tx,
            now,
            spine.book,
            merchant_id=spine.merchant.id,
            customer_id=line.customer_id,
            currency="CNY",
            amount_minor=amount,
            fee_payer=fee_payer,
        )
        assert (shown.answer, shown.offer is None) == (Answer.YES, False)
        assert shown.offer is not None
        quote = await checkout.quote(
            tx,
            now,
            spine.book,
            merchant_id=spine.merchant.id,
            customer_id=line.customer_id,
            currency="CNY",
            amount_minor=amount,
            mode=BillingMode.STATEMENT,
            fee_payer=fee_payer,
        )
        [quoted] = [each for each in quote.offers if each.plan == shown.offer.plan]
        assert quoted == shown.offer, "every instalment, the fee, both yearly rates, the cost sheet"
        ack = CostSheetAck(quoted.cost_sheet_digest, shown_at=now.at - timedelta(minutes=1), confirmed_at=now.at)
        await checkout.accept(tx, now, spine.book, quote.id, customer_id=line.customer_id, plan=quoted.plan, ack=ack)
        nobody = await prequalify(
            tx,
            now,
            spine.book,
            merchant_id=spine.merchant.id,
            customer_id=None,
            currency="CNY",
            amount_minor=amount,
            fee_payer=fee_payer,
        )
    assert nobody.offer is not None
    assert placement(nobody.offer, "x") == placement(quoted, "x"), "a page that knows nobody says the same"
    [purchase] = await spine.desk.decide([_order(spine, line, quote, quoted)])
    assert isinstance(purchase, Purchase), purchase
    await _assert_booked(spine, purchase.id, placement(quoted, "x"), quoted)
    return quoted.plan


def _order(spine: Spine, line: CreditLine, quote: Quote, offer: Offer) -> Order:
    return Order(
        idempotency_id=rules.idempotency_id(spine.merchant.id, str(quote.id)),
        line_id=line.id,
        customer_id=line.customer_id,
        merchant_id=spine.merchant.id,
        currency="CNY",
        amount_minor=quote.amount_minor,
        plan=offer.plan,
        fee_payer=offer.fee_payer,
        reference=str(quote.id),
        is_captured=True,
        quote_id=quote.id,
    )


async def _assert_booked(spine: Spine, loan_id: UUID, shown: PlacementShown, offer: Offer) -> None:
    async with spine.db.begin() as tx:
        rows = await tx.rows(
            "select number::int, due_on, principal_minor, fee_minor from loan_instalment"
            " where loan_id = %(id)s order by 1",
            Row,
            id=loan_id,
        )
        owed = await tx.value(
            "select coalesce(sum(amount_minor), 0)::bigint from ledger_entry"
            " where posting_id = %(id)s and account = any(%(accounts)s::smallint[])",
            id=loan_id,
            accounts=[Account.RECEIVABLE_PRINCIPAL.value],
        )
    parts = [row.principal_minor + row.fee_minor for row in rows]
    assert (max(parts), parts[0], parts[-1]) == (shown.per_period_minor, shown.first_minor, shown.last_minor)
    assert (len(parts), sum(parts), sum(row.fee_minor for row in rows)) == (
        shown.count,
        shown.total_minor,
        shown.fee_minor,
    )
    assert [row.due_on for row in rows] == [part.due_on for part in offer.instalments]
    assert owed == sum(row.principal_minor for row in rows) == offer.principal_minor
    if offer.fee_payer is FeePayer.MERCHANT:
        assert shown.annual_rate == "0.000000"
        return
    booked_rate = _simple_rate(offer.principal_minor, parts)
    less_than_a_fen = 24 / offer.principal_minor
    assert -ROUNDED <= float(shown.annual_rate_simple) - booked_rate <= less_than_a_fen + ROUNDED, (
        "the rate of the terms, which is what is booked but for the fen by which its fee is rounded down, never less"
    )


def _simple_rate(principal: int, parts: list[int]) -> float:
    """Twelve times the monthly rate at which what is booked is worth what was lent, found by halving."""
    low, high = Fraction(0), Fraction(1)
    for _ in range(40):
        rate = (low + high) / 2
        worth = sum(part / (1 + float(rate)) ** number for number, part in enumerate(parts, start=1))
        low, high = (rate, high) if worth > principal else (low, rate)
    return 12 * float(low)
