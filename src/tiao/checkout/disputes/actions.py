"""What can be done about disputes, inside the caller's transaction on the purchase's server."""

from __future__ import annotations

import base64
import hashlib
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from tiao.checkout import postings, refunding
from tiao.checkout.actions import locked_purchase
from tiao.checkout.disputes import rules, store
from tiao.checkout.disputes.model import Author, Dispute, DisputeState, File, NewFile, Reason, Statement
from tiao.checkout.disputes.refusals import (
    DisputeAlreadyOpen,
    DisputeUnknown,
    EvidenceTooMuch,
    EvidenceUnknown,
)
from tiao.checkout.offers import OfferBook
from tiao.ledger import actions as ledger
from tiao.lending import adjusting, archive
from tiao.lending.adjusting import Decision
from tiao.lending.replaying import PolicyOf
from tiao.risk.labels import actions as labels
from tiao.risk.labels.model import NewLabel, Source
from tiao.runtime.clock import business_date
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldCipher
from tiao.values.ids import bucket_of, derived_id
from tiao.values.moment import Moment

#: Who decides when a merchant says nothing in time.
CLOCK = "clock"
#: Who pauses penalties while it is not known what is owed.
DISPUTES = "disputes"


async def open_dispute(
    tx: Tx,
    now: Moment,
    book: OfferBook,
    vault: FieldCipher,
    purchase_id: UUID,
    *,
    amount_minor: int,
    reason: Reason,
    text: str,
) -> Dispute:
    """Take a customer's claim: the merchant is not paid it, and no penalty runs on the line, until it is decided.

    Refuses: PurchaseUnknown, DisputeAlreadyOpen, DisputeWindowClosed, DisputeExceedsPurchase.
    """
    purchase, _ = await locked_purchase(tx, purchase_id)
    disputable = purchase.captured_minor - purchase.refunded_minor
    rules.check_opening(amount_minor, disputable_minor=disputable, authorised_at=purchase.authorised_at, at=now.at)
    evidence_due_at = now.at + rules.EVIDENCE_TIME
    made = Dispute(
        bucket=bucket_of(purchase_id),
        id=now.new_id(bucket_of(purchase_id)),
        purchase_id=purchase_id,
        line_id=purchase.line_id,
        customer_id=purchase.customer_id,
        merchant_id=purchase.merchant_id,
        currency=purchase.currency,
        amount_minor=amount_minor,
        held_minor=amount_minor,
        refunded_before_minor=purchase.refunded_minor,
        awarded_minor=None,
        reason=reason,
        state=DisputeState.OPENED,
        opened_at=now.at,
        evidence_due_at=evidence_due_at,
        decide_due_at=evidence_due_at + rules.DECISION_TIME,
        closed_at=None,
        decided_by=None,
        note=None,
        refund_id=None,
    )
    if not await store.insert_dispute(tx, made):
        raise DisputeAlreadyOpen
    await ledger.post(tx, [postings.dispute_held(made, now.today)], booked_on=now.today, recorded_at=now.at)
    await _pause(tx, now, book, made, until=business_date(made.decide_due_at, book.zone))
    await say(tx, now, vault, made.id, Author.CONSUMER, text)
    if reason is Reason.UNAUTHORISED:
        await _label(tx, now, made, Source.CUSTOMER, is_fraud=True, actor=Author.CONSUMER.value)
    return made


async def _pause(tx: Tx, now: Moment, book: OfferBook, made: Dispute, *, until: date) -> None:
    """Charge no penalty on the line of an open dispute until it must be decided."""
    why = Decision(_pause_id(made), made.line_id, made.currency, DISPUTES, f"a dispute is open: {made.reason}")
    await adjusting.pause_penalties(tx, now, why, from_on=now.today, to_on=until, policy_of=_policy_of(book))


async def _end_pause(tx: Tx, now: Moment, book: OfferBook, closed: Dispute) -> None:
    """Let the pause have lasted just as long as its dispute: the day of the decision is the last without a penalty.

    Who took claims back and made them again would otherwise never pay one, and a decision that came late would cost the
    customer. A pause that people have undone stays so.
    """
    facts = await archive.facts_of_line(tx, closed.line_id)
    pause = next((one for one in facts.adjustments if one.id == _pause_id(closed)), None)
    if pause is None or pause.id in facts.reversed_ids:
        return
    assert pause.from_on is not None, "a pause begins"
    ends_on = min(now.today, pause.from_on + timedelta(days=adjusting.PAUSE_DAYS_MAX))
    if pause.to_on == ends_on:
        return
    line_id, currency, policy_of = closed.line_id, closed.currency, _policy_of(book)
    # First the one that holds, so that no day of the dispute is without a pause in between.
    lasted = Decision(now.new_id(closed.bucket), line_id, currency, DISPUTES, f"a dispute was open: {closed.reason}")
    await adjusting.pause_penalties(tx, now, lasted, from_on=pause.from_on, to_on=ends_on, policy_of=policy_of)
    undo = Decision(now.new_id(closed.bucket), line_id, currency, DISPUTES, "the dispute is over")
    await adjusting.reverse(tx, now, undo, pause.id, effective_on=now.today, policy_of=policy_of)


def _pause_id(dispute: Dispute) -> UUID:
    return derived_id("dispute_pause", dispute.id, bucket=dispute.bucket)


def _policy_of(book: OfferBook) -> PolicyOf:
    return lambda day: book.conditions(day).refund


async def dispute(tx: Tx, dispute_id: UUID) -> Dispute:
    """Read a dispute and keep it from changing. Refuses: DisputeUnknown."""
    found = await store.lock_dispute(tx, dispute_id)
    if found is None:
        raise DisputeUnknown
    return found


async def disputes(
    tx: Tx,
    *,
    merchant_id: UUID | None = None,
    customer_id: UUID | None = None,
    is_open: bool,
    before_at: datetime,
    before_id: UUID,
    limit: int,
) -> list[Dispute]:
    """Read disputes of a merchant, a customer or everybody, latest first."""
    return await store.read_disputes(
        tx,
        merchant_id=merchant_id,
        customer_id=customer_id,
        is_open=is_open,
        before_at=before_at,
        before_id=before_id,
        limit=limit,
    )


async def disputes_of_purchase(tx: Tx, purchase_id: UUID) -> list[Dispute]:
    """Read the disputes about a purchase, in their order."""
    return await store.read_of_purchase(tx, purchase_id)


async def say(tx: Tx, now: Moment, vault: FieldCipher, dispute_id: UUID, author: Author, text: str) -> Dispute:
    """Write down what somebody says; a merchant's first word answers the claim.

    Refuses: DisputeUnknown, DisputeClosed, EvidenceTooLate, EvidenceTooMuch.
    """
    found = await dispute(tx, dispute_id)
    rules.check_evidence(found, author, now.at)
    number = len(await store.read_statements(tx, found)) + 1
    if number > rules.STATEMENTS_MAX:
        raise EvidenceTooMuch
    sealed = vault.encrypt(text, context=_context("statement", dispute_id, number))
    await store.insert_statement(tx, found, Statement(number, author, sealed, now.at))
    return await _answered(tx, found, author, now.at)


async def show(
    tx: Tx, now: Moment, vault: FieldCipher, dispute_id: UUID, author: Author, new: NewFile
) -> tuple[Dispute, File]:
    """Keep a piece of evidence and its digest; a merchant's first answers the claim.

    Refuses: DisputeUnknown, DisputeClosed, EvidenceTooLate, EvidenceFileInvalid, EvidenceTooMuch.
    """
    found = await dispute(tx, dispute_id)
    rules.check_evidence(found, author, now.at)
    rules.check_file(new)
    number = len(await store.read_files(tx, found)) + 1
    if number > rules.FILES_MAX:
        raise EvidenceTooMuch
    sealed = vault.encrypt(base64.b64encode(new.content).decode(), context=_context("file", dispute_id, number))
    digest = hashlib.sha256(new.content).digest()
    await store.insert_file(tx, found, new, number=number, author=author, digest=digest, sealed=sealed, at=now.at)
    made = File(number, author, new.name, new.media_type, len(new.content), digest, now.at)
    return await _answered(tx, found, author, now.at), made


async def statements_of(tx: Tx, vault: FieldCipher, found: Dispute) -> list[tuple[Statement, str]]:
    """Read what was said, in order. Refuses: FieldUnreadable."""
    said = await store.read_statements(tx, found)
    return [
        (each, vault.decrypt(each.text_sealed, context=_context("statement", found.id, each.number))) for each in said
    ]


async def files_of(tx: Tx, found: Dispute) -> list[File]:
    """Read what was shown, in order, without its content."""
    return await store.read_files(tx, found)


async def content_of(tx: Tx, vault: FieldCipher, found: Dispute, number: int) -> bytes:
    """Read a piece of evidence. Refuses: EvidenceUnknown, FieldUnreadable."""
    sealed = await store.read_content(tx, found, number)
    if sealed is None:
        raise EvidenceUnknown
    return base64.b64decode(vault.decrypt(sealed, context=_context("file", found.id, number)))


async def withdraw(tx: Tx, now: Moment, book: OfferBook, dispute_id: UUID) -> Dispute:
    """Let the customer take a claim back. Refuses: DisputeUnknown, DisputeClosed."""
    return await _close(tx, now, book, dispute_id, DisputeState.WITHDRAWN, 0, by=Author.CONSUMER.value, note="")


async def accept(tx: Tx, now: Moment, book: OfferBook, dispute_id: UUID) -> Dispute:
    """Let the merchant give in: everything disputed goes back. Refuses: as `decide`."""
    found = await dispute(tx, dispute_id)
    return await _close(
        tx, now, book, dispute_id, DisputeState.ACCEPTED, found.amount_minor, by=Author.MERCHANT.value, note=""
    )


async def decide(
    tx: Tx, now: Moment, book: OfferBook, dispute_id: UUID, *, awarded_minor: int, actor: str, note: str
) -> Dispute:
    """Decide: *awarded_minor* goes back to the customer, from nothing to all that is disputed.

    About a large claim one person proposes and the dispute stays open until another decides the same; who would award
    something else proposes that instead.
    Refuses: DisputeUnknown, DisputeClosed, AwardInvalid, MakerIsChecker, and what a refund refuses.
    Source: policy `decision.two_people_from`.
    """
    found = await dispute(tx, dispute_id)
    rules.check_award(found, awarded_minor)
    from_minor = book.pack.integer("decision.two_people_from", on=now.today, lender_type=book.lender_type)
    if not rules.is_seconded(found, awarded_minor, actor=actor, from_minor=from_minor):
        proposed = msgspec.structs.replace(found, proposed_minor=awarded_minor, proposed_by=actor, proposed_at=now.at)
        await store.update_proposed(tx, proposed)
        return proposed
    return await _close(tx, now, book, dispute_id, DisputeState.DECIDED, awarded_minor, by=actor, note=note)


async def undefended(tx: Tx, now: Moment) -> list[UUID]:
    """Name disputes whose merchant has said nothing in its time."""
    return await store.read_undefended(tx, now.at)


async def lapse(tx: Tx, now: Moment, book: OfferBook, dispute_id: UUID) -> Dispute | None:
    """Decide for the customer because the merchant has said nothing in its time; None when that is not so any more.

    Refuses: what a refund refuses.
    """
    found = await dispute(tx, dispute_id)
    if not rules.is_undefended(found, now.at):
        return None
    return await _close(tx, now, book, dispute_id, DisputeState.UNDEFENDED, found.amount_minor, by=CLOCK, note="")


async def _close(
    tx: Tx,
    now: Moment,
    book: OfferBook,
    dispute_id: UUID,
    state: DisputeState,
    awarded_minor: int,
    *,
    by: str,
    note: str,
) -> Dispute:
    """End a dispute: the merchant has its money again, and the customer gets what is awarded as a refund.

    What was given back meanwhile is part of the award and not given back twice; that it was awarded is what a label
    says of it.
    """
    found = await dispute(tx, dispute_id)
    rules.check_award(found, awarded_minor)
    purchase, _ = await locked_purchase(tx, found.purchase_id)
    await ledger.post(tx, [postings.dispute_released(found, now.today)], booked_on=now.today, recorded_at=now.at)
    awarded = rules.still_to_give(
        awarded_minor,
        given_meanwhile_minor=purchase.refunded_minor - found.refunded_before_minor,
        refundable_minor=purchase.captured_minor - purchase.refunded_minor,
    )
    refund_id = None
    if awarded > 0:
        done = await refunding.refund(
            tx,
            now,
            book,
            purchase.id,
            amount_minor=awarded,
            reference=f"dispute {found.reason}",
            key=found.id.hex,
            is_decided=True,
        )
        refund_id = done.refund.id
    closed = msgspec.structs.replace(
        found,
        state=state,
        awarded_minor=awarded,
        closed_at=now.at,
        decided_by=by,
        note=note or None,
        refund_id=refund_id,
    )
    await store.update_dispute(tx, closed)
    await _end_pause(tx, now, book, closed)
    if found.reason is Reason.UNAUTHORISED and state is not DisputeState.WITHDRAWN:
        await _label(tx, now, found, Source.CHARGEBACK, is_fraud=awarded_minor > 0, actor=by)
    elif found.reason is Reason.UNAUTHORISED:
        await _label(tx, now, found, Source.CUSTOMER, is_fraud=False, actor=by)
    return closed


async def _answered(tx: Tx, found: Dispute, author: Author, at: datetime) -> Dispute:
    if author is not Author.MERCHANT or found.state is not DisputeState.OPENED:
        return found
    answered = msgspec.structs.replace(
        found, state=DisputeState.ANSWERED, decide_due_at=min(found.decide_due_at, at + rules.DECISION_TIME)
    )
    await store.update_dispute(tx, answered)
    return answered


async def _label(tx: Tx, now: Moment, found: Dispute, source: Source, *, is_fraud: bool, actor: str) -> None:
    said = NewLabel(found.purchase_id, found.customer_id, source, is_fraud=is_fraud, actor=actor)
    await labels.tell(tx, now, [said])


def _context(what: str, dispute_id: UUID, number: int) -> str:
    return f"dispute_{what}:{dispute_id.hex}:{number}"
