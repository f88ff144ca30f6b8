"""What payments decide: what an answer does to a debit or payout, and when to ask again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from tiao.payments.model import (
    NEVER_SEEN,
    Answer,
    Contradiction,
    Debit,
    DebitState,
    Failed,
    LimitedRefund,
    NewDebit,
    NewPayout,
    NoticeSubject,
    Payout,
    PayoutKind,
    PayoutState,
    Succeeded,
    Unknown,
)
from tiao.payments.routing.capability import CLASS_LIMITS_MINOR
from tiao.payments.routing.decision import Taught
from tiao.payments.routing.tables import meaning_of
from tiao.values.ids import derived_id

#: How long an order may be on its way before its silence is taken for Unknown: longer than any time-out of an adapter.
LEASE = timedelta(seconds=120)
#: Questions asked every few seconds, then every few minutes, then every few hours; each phase is this long.
QUERIES_A_PHASE = 12
SECONDS_STEP = 5
MINUTES_STEP = 5
HOURS_MAX = 24
#: A failed refund is tried again on the next day; banks' daily limits and maintenance are over by then.
RETRY_AFTER = timedelta(days=1)
#: The counter is a smallint; spacing stopped growing long before.
QUERIES_MAX = 32_000


def query_spacing(queries: int) -> timedelta:
    """Say how long to wait before question number *queries* + 1.

    Rounds: nothing; 5 s, 10 s ... 60 s, then 5 min ... 60 min, then 1 h ... 24 h, and daily from there.
    Source: the custom of clearing channels to ask every few seconds for a minute, then spaced, then to take the file.
    """
    assert queries >= 1, "the first question follows an answer that was none"
    if queries <= QUERIES_A_PHASE:
        return timedelta(seconds=SECONDS_STEP * queries)
    if queries <= 2 * QUERIES_A_PHASE:
        return timedelta(minutes=MINUTES_STEP * (queries - QUERIES_A_PHASE))
    return timedelta(hours=min(queries - 2 * QUERIES_A_PHASE, HOURS_MAX))


def believed(answer: Answer, *, amount_minor: int, currency: str) -> Answer:
    """Believe a success only of the amount that was ordered; another amount is for people to look at, not to book."""
    if not isinstance(answer, Succeeded) or answer.amount_minor is None:
        return answer
    is_ordered = (answer.amount_minor, answer.currency) == (amount_minor, currency)
    return answer if is_ordered else Unknown("amount_differs")


def after_debit_answer(debit: Debit, answer: Answer, at: datetime) -> Debit | None:
    """Apply an answer to a debit; None when its state is final and stays what it is."""
    if debit.state in {DebitState.SUCCEEDED, DebitState.FAILED}:
        return None
    match answer:
        case Succeeded():
            return msgspec.structs.replace(
                debit, state=DebitState.SUCCEEDED, code=None, answered_at=at, query_after=None
            )
        case Failed(code=code):
            return msgspec.structs.replace(debit, state=DebitState.FAILED, code=code, answered_at=at, query_after=None)
        case Unknown(reason=reason):
            queries = min(debit.queries + 1, QUERIES_MAX)
            return msgspec.structs.replace(
                debit,
                state=DebitState.UNKNOWN,
                code=reason,
                queries=queries,
                query_after=at + query_spacing(queries),
            )


def after_payout_answer(payout: Payout, answer: Answer, at: datetime) -> Payout | None:
    """Apply an answer to a payout; None when its state is final and stays what it is.

    A number the bank has never seen is sent again: the bank executes it at most once. A refund that failed waits in
    *query_after* until it is retried.
    """
    if payout.state in {PayoutState.SUCCEEDED, PayoutState.FAILED}:
        return None
    match answer:
        case Succeeded():
            return msgspec.structs.replace(
                payout, state=PayoutState.SUCCEEDED, code=None, answered_at=at, query_after=None
            )
        case Failed(code=code) if code == NEVER_SEEN:
            return msgspec.structs.replace(payout, state=PayoutState.CREATED, code=code, query_after=None)
        case Failed(code=code):
            waits_since = at if payout.kind is PayoutKind.REFUND else None
            return msgspec.structs.replace(
                payout, state=PayoutState.FAILED, code=code, answered_at=at, query_after=waits_since
            )
        case Unknown(reason=reason):
            tries = min(payout.tries + 1, QUERIES_MAX)
            return msgspec.structs.replace(
                payout, state=PayoutState.UNKNOWN, code=reason, tries=tries, query_after=at + query_spacing(tries)
            )


def contradicts(state: DebitState | PayoutState, answer: Answer) -> bool:
    """Tell whether an answer says the opposite of a final state; a late Unknown says nothing."""
    if isinstance(answer, Succeeded):
        return state in {DebitState.FAILED, PayoutState.FAILED}
    return isinstance(answer, Failed) and state in {DebitState.SUCCEEDED, PayoutState.SUCCEEDED}


def contradiction(subject: NoticeSubject, known: Debit | Payout, answer: Answer, at: datetime) -> Contradiction:
    """Put down that a bank says the opposite of its own final word.

    A debit that failed and is now said to have succeeded is asked about at once: money that came is the customer's.
    """
    assert isinstance(answer, (Succeeded, Failed)), "a bank that does not know contradicts nothing"
    told = answer if isinstance(answer, Succeeded) else None
    return Contradiction(
        bucket=known.bucket,
        id=derived_id("contradiction", known.id, "succeeded" if told else "failed", bucket=known.bucket),
        subject=subject,
        subject_id=known.id,
        channel=known.channel,
        stood=known.state.value,
        told="succeeded" if told else "failed",
        channel_no=told.channel_no if told else None,
        amount_minor=told.amount_minor if told else None,
        currency=told.currency if told else None,
        code=answer.code if isinstance(answer, Failed) else None,
        first_seen_at=at,
        last_seen_at=at,
        times=1,
        query_after=at if told and subject is NoticeSubject.DEBIT else None,
        queries=0,
    )


def lesson(changed: Debit) -> Taught | None:
    """Tell what an answer teaches about its channel: its success, its own failure, its first silence."""
    match changed.state:
        case DebitState.SUCCEEDED:
            return Taught.SUCCESS
        case DebitState.FAILED:
            return Taught.FAILURE if meaning_of(changed.code or "").is_channels else None
        case _:
            return Taught.UNKNOWN if changed.queries == 1 else None


def following(failed: Debit) -> NewDebit:
    """Order what a failed attempt did not bring again; the id follows from the order, so that it is begun once."""
    return NewDebit(
        line_id=failed.line_id,
        customer_id=failed.customer_id,
        funding_source_id=failed.funding_source_id,
        amount_minor=failed.amount_minor,
        currency=failed.currency,
        purpose=failed.purpose,
        debit_id=derived_id("attempt", failed.order_id, str(failed.attempt + 1), bucket=failed.bucket),
    )


def is_same_debit(order: NewDebit, debit: Debit) -> bool:
    """Tell whether an order asks for what was begun under its id."""
    return order == NewDebit(
        line_id=debit.line_id,
        customer_id=debit.customer_id,
        funding_source_id=debit.funding_source_id,
        amount_minor=debit.amount_minor,
        currency=debit.currency,
        purpose=debit.purpose,
        debit_id=debit.id,
    )


def as_refund(payout: Payout) -> NewPayout:
    """Write a refund's payout as the order it came from."""
    assert payout.kind is PayoutKind.REFUND, "only refunds are ordered one by one"
    return NewPayout(
        payout_id=payout.id,
        customer_id=payout.beneficiary_id,
        source_id=payout.source_id,
        channel=payout.channel,
        agreement=payout.agreement,
        currency=payout.currency,
        amount_minor=payout.amount_minor,
        due_on=payout.due_on,
    )


def retried(payout: Payout, *, channel: str, agreement: str, due_on: date) -> NewPayout:
    """Order a failed refund again; its id follows from the failed one, so that it is retried once."""
    return as_refund(payout)._replace(
        payout_id=derived_id("payout retry", payout.id, bucket=payout.bucket),
        channel=channel,
        agreement=agreement,
        due_on=due_on,
    )


def over_class_limits(due: Sequence[Payout], limited: Mapping[UUID, LimitedRefund]) -> set[UUID]:
    """Tell which refunds must wait, for their accounts have had today what their class takes; in the order given.

    Source: docs/channels.md; class II takes 10,000 yuan a day, class III 2,000.
    """
    sent: dict[tuple[UUID, str, str], int] = {}
    waiting = set()
    for each in due:
        known = limited.get(each.id)
        if known is None:
            continue
        account = (each.beneficiary_id, each.channel, each.agreement)
        used = sent.setdefault(account, known.used_minor)
        if used and used + each.amount_minor > CLASS_LIMITS_MINOR[known.account_class]:
            waiting.add(each.id)
        else:
            sent[account] = used + each.amount_minor
    return waiting
