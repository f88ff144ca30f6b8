"""What a life leaves for people to look into: purchases suspended, a customer's report, a merchant under suspicion."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tiao.checkout import reviewing, rules
from tiao.checkout.model import Context, Order, Purchase, PurchaseOutcome
from tiao.lending.model import FeePayer
from tiao.risk.cases import actions as cases
from tiao.risk.cases.model import Subject, Suspect
from tiao.risk.entities import EntityKind, digest_of
from tiao.risk.graph import actions as graph
from tiao.risk.lists import actions as lists
from tiao.risk.lists.model import ListKind, NewEntry
from tiao.simulator import store
from tiao.simulator.platform import Platform, desk_of, moment

_SEED = "leftovers"
#: What is bought from a watched device, of which a lender next door has told us. In minor units.
_AMOUNTS = (38_000, 126_000, 79_900)
_DEVICE = "a device that another lender told of"
_WATCHED = timedelta(days=90)
#: How likely staff think it that something is wrong with the merchant.
_SUSPECTED_PPM = 250_000


async def leave_cases(platform: Platform, *, staff: str) -> int:
    """Let some purchases be suspended, a payment be reported and a merchant be looked into; answers of cases opened."""
    db = platform.db
    async with db.begin() as tx:
        at = (await platform.moments(tx)).at
        now = moment(platform, _SEED, "list", at)
        entry = NewEntry(ListKind.WATCH, EntityKind.DEVICE, _DEVICE, "told by another lender", now.at + _WATCHED)
        await lists.add(tx, now, platform.vault, entry, actor=staff)
        buyers = await store.read_spenders(tx, len(_AMOUNTS), max(_AMOUNTS))
        merchants = await store.read_sellers(tx, len(_AMOUNTS))
    await platform.lists.look(db)
    device = digest_of(platform.vault, EntityKind.DEVICE, _DEVICE)
    orders = [
        _order(buyer, merchants[place % len(merchants)], amount, place, device, platform.programme.currency)
        for place, (buyer, amount) in enumerate(zip(buyers, _AMOUNTS, strict=False))
    ]
    answers = await desk_of(platform, _SEED, "desk", at).decide(orders)
    suspended = [each for each in answers if isinstance(each, Purchase) and each.outcome == PurchaseOutcome.IN_REVIEW]
    async with db.begin() as tx:
        now = moment(platform, _SEED, "cases", at)
        opened = await reviewing.open_due(tx, now, platform.programme.zone)
        await graph.see_decided(tx, now)
        reported = await store.read_reportable(tx, [each.customer_id for each in suspended])
        if reported is not None:
            await reviewing.report(tx, now, reported.purchase_id, customer_id=reported.customer_id)
        about = Suspect(
            Subject.MERCHANT,
            sum(_AMOUNTS),
            platform.programme.currency,
            _SUSPECTED_PPM,
            ["refunds", "structuring"],
            merchant_id=merchants[-1],
            maker=staff,
        )
        looked_into = await cases.open_cases(tx, now, [about])
    await graph.link_all(db, moment(platform, _SEED, "graph", at))
    return len(opened) + (reported is not None) + len(looked_into)


def _order(
    buyer: store.Spender, merchant_id: UUID, amount_minor: int, place: int, device: bytes, currency: str
) -> Order:
    return Order(
        idempotency_id=rules.idempotency_id(merchant_id, f"{_SEED}/{place}"),
        line_id=buyer.line_id,
        customer_id=buyer.customer_id,
        merchant_id=merchant_id,
        currency=currency,
        amount_minor=amount_minor,
        plan="pay_later",
        fee_payer=FeePayer.CONSUMER,
        reference=f"{_SEED}-{place}",
        is_captured=True,
        context=Context(device),
    )
