"""The journey of a case: what people decide about it is done at once, said to those it concerns, and learned."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from tiao.checkout import actions as checkout
from tiao.checkout import suspended
from tiao.checkout.model import Purchase
from tiao.checkout.offers import OfferBook
from tiao.credit import actions as credit
from tiao.credit.refusals import LineNotActive
from tiao.ledger import actions as ledger
from tiao.messages import actions as messages
from tiao.messages.model import NewMessage, Recipient
from tiao.partners import actions as partners
from tiao.payments import actions as payments
from tiao.risk.cases import actions as cases
from tiao.risk.cases.model import RISK, CaseState, RiskCase, Subject, Suspect
from tiao.risk.graph import actions as graph
from tiao.risk.labels import actions as labels
from tiao.risk.labels.model import NewLabel, Source
from tiao.risk.refusals import PaymentNotReportable
from tiao.runtime.db import Tx
from tiao.values.moment import Moment
from tiao.values.money import Money

#: A customer may say so long after a payment that it was not theirs. Source: the time card schemes give for it.
REPORTABLE = timedelta(days=120)
#: Most who say so are right; some forgot. Our own choice, in parts of a million.
REPORTED_PPM = 800_000
#: So many of a ring are counted, and so likely is a ring that is merely new one in truth. Our own choices.
RING_MEMBERS, RING_CHANCE = 100, 0.3


class Verdict(NamedTuple):
    """What a person says about a case."""

    actor: str
    releases: bool
    reason: str


class Answered(NamedTuple):
    """A case after somebody spoke, and the purchase where that decided it."""

    case: RiskCase
    purchase: Purchase | None


async def answer(tx: Tx, now: Moment, book: OfferBook, case_id: UUID, said: Verdict) -> Answered:
    """Say yes or no to a case; when that decides it, the purchase goes on or ends at once, and both sides are told.

    Refuses: CaseUnknown, CaseClosed, CaseNotClaimed, MakerIsChecker, CheckedBefore, AuthorisationExpired,
    PurchaseNotSuspended, MerchantUnknown.
    """
    case = await cases.vote(tx, now, case_id, releases=said.releases, actor=said.actor, reason=said.reason)
    if not case.is_open and case.subject is Subject.MERCHANT:
        await _end_suspicion(tx, now, case, actor=said.actor)
    if case.is_open or case.subject is not Subject.PURCHASE:
        return Answered(case, None)
    assert case.purchase_id is not None, "a case about a purchase names it"
    is_released = case.state is CaseState.RELEASED
    if is_released:
        purchase = await suspended.release(tx, now, book, case.purchase_id)
    else:
        purchase = await suspended.refuse(tx, now, case.purchase_id)
    verdict = NewLabel(purchase.id, purchase.customer_id, Source.REVIEW, not is_released, said.actor)
    await labels.tell(tx, now, [verdict])
    await _tell(tx, now, purchase, is_released=is_released)
    return Answered(case, purchase)


async def _end_suspicion(tx: Tx, now: Moment, case: RiskCase, *, actor: str) -> None:
    """Pay a merchant again that nothing is wrong with; let nothing new be bought at one that something is."""
    assert case.merchant_id is not None, "a case about a merchant names it"
    if case.state is CaseState.REFUSED:
        await partners.suspend_merchant(tx, case.merchant_id)
    elif await payments.free_settlements(tx, now, case.merchant_id, actor=actor):
        await messages.say(tx, now, [NewMessage("settlement_freed", Recipient.MERCHANT, case.merchant_id, {})])


async def open_due(tx: Tx, now: Moment, zone: ZoneInfo) -> list[RiskCase]:
    """Open cases about purchases that wait for a person, and tell their customers so."""
    opened = await cases.follow(tx, now)
    for case in opened:
        if case.purchase_id is not None and case.expires_at is not None:
            purchase = await checkout.purchase_of(tx, case.purchase_id)
            until = case.expires_at.astimezone(zone)
            values = await _values(tx, purchase) | {"until": f"{until:%Y-%m-%d %H:%M}"}
            new = NewMessage("purchase_in_review", Recipient.CUSTOMER, purchase.customer_id, values, purchase.id)
            await messages.say(tx, now, [new])
    return opened


async def open_rings(tx: Tx, now: Moment, currency: str) -> list[RiskCase]:
    """Open a case about each ring that grew within the week: what its customers may still spend is at stake."""
    found = await graph.rings(tx, now)
    known = await cases.looked_into(tx, now, list(found)) if found else set()
    found = {customer: seen for customer, seen in found.items() if customer not in known}
    if not found:
        return []
    links = await graph.links_of(tx, list(found), now.at)
    about = []
    for customer, seen in found.items():
        people = await graph.members(tx, links[customer].component_id, RING_MEMBERS)
        lines = await ledger.lines_of_customers(tx, people)
        open_minor = sum(max(0, each.limit_minor - each.used_minor) for each in lines.values())
        ppm = round(1_000_000 * max(seen.ring_bad_share, RING_CHANCE))
        about.append(Suspect(Subject.CUSTOMER, open_minor, currency, ppm, ["ring"], customer_id=customer))
    return await cases.open_cases(tx, now, about)


async def report(tx: Tx, now: Moment, purchase_id: UUID, *, customer_id: UUID) -> Purchase:
    """Take it down that a customer did not make a payment: it ends if it can, the line is frozen, people look at it.

    Refuses: PaymentNotReportable.
    """
    purchase = await checkout.purchase_of(tx, purchase_id)
    if purchase.customer_id != customer_id or now.at > purchase.authorised_at + REPORTABLE:
        raise PaymentNotReportable
    if purchase.is_suspended:
        purchase = await suspended.refuse(tx, now, purchase_id)
    known = [each for each in await labels.labels_of(tx, [purchase_id]) if each.source is Source.CUSTOMER]
    if not known or not known[-1].is_fraud:
        told = NewLabel(purchase_id, customer_id, Source.CUSTOMER, is_fraud=True, actor="customer")
        await labels.tell(tx, now, [told])
        with suppress(LineNotActive):
            await credit.freeze_line(tx, now, purchase.line_id, actor=RISK, reason="the customer reported a payment")
        await cases.open_cases(tx, now, [_suspect(purchase)])
        values = await _values(tx, purchase)
        await messages.say(
            tx, now, [NewMessage("payment_reported", Recipient.CUSTOMER, customer_id, values, purchase_id)]
        )
    return purchase


def _suspect(purchase: Purchase) -> Suspect:
    """Say what people are to look into after a customer's report: what was lent is lost, if it is true."""
    return Suspect(
        Subject.CUSTOMER,
        purchase.captured_minor,
        purchase.currency,
        REPORTED_PPM,
        ["not_me"],
        customer_id=purchase.customer_id,
        merchant_id=purchase.merchant_id,
    )


async def _tell(tx: Tx, now: Moment, purchase: Purchase, *, is_released: bool) -> None:
    """Tell customer and merchant what became of a purchase; the merchant is not told why."""
    values = await _values(tx, purchase)
    order = {"reference": purchase.reference, "amount": values["amount"]}
    end = "released" if is_released else "refused"
    await messages.say(
        tx,
        now,
        [
            NewMessage(f"purchase_{end}", Recipient.CUSTOMER, purchase.customer_id, values, purchase.id),
            NewMessage(f"order_{end}", Recipient.MERCHANT, purchase.merchant_id, order, purchase.id),
        ],
    )


async def _values(tx: Tx, purchase: Purchase) -> dict[str, str]:
    merchant = await partners.merchant(tx, purchase.merchant_id)
    return {"merchant": merchant.name, "amount": str(Money(purchase.amount_minor, purchase.currency))}
