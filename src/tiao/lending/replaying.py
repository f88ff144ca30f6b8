"""Put a late or withdrawn fact where it belongs: live the line again, write what changed, book the difference.

Nothing in the books is changed. One posting, linked to its cause, carries what every account of the line's loans
differs by; its outside leg is the money that came late or was taken back. The same cause books once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from operator import sub
from typing import NamedTuple
from uuid import UUID

from tiao.ledger import actions as ledger
from tiao.ledger.model import HOUSE, Account, Entry, Posting
from tiao.lending import archive, rewriting
from tiao.lending.archive import LineFacts
from tiao.lending.life import Life, Part, fold
from tiao.lending.postings import INCOME, RECEIVABLE
from tiao.lending.records import LoanInstalment
from tiao.lending.refunds import RefundPolicy, refund_policy
from tiao.runtime import overrides
from tiao.runtime.db import Tx
from tiao.runtime.programme import read_programme
from tiao.values.ids import bucket_of, derived_id
from tiao.values.moment import Moment

PolicyOf = Callable[[date], RefundPolicy]


class Replayed(NamedTuple):
    """What living a line again came to."""

    life: Life
    instalments_changed: int


async def policy_in_force(tx: Tx) -> PolicyOf:
    """Find the rules of refunds of the programme, for living its lines again."""
    lender_type = (await read_programme(tx)).lender_type
    pack = await overrides.rules_of(tx)
    return lambda taken_on: refund_policy(pack, on=taken_on, lender_type=lender_type)


async def catch_up(tx: Tx, now: Moment, overtaken: Sequence[tuple[UUID, UUID, str]]) -> None:
    """Live lines again on which something was booked for a day that was over there already.

    Shape: *overtaken* holds (line, cause, currency); what caused it is written and booked as if the day were still on.
    """
    if not overtaken:
        return
    policy_of = await policy_in_force(tx)
    for line_id, cause, currency in overtaken:
        await replay(tx, now, line_id, cause=cause, currency=currency, policy_of=policy_of, outside=[])


async def replay(
    tx: Tx, now: Moment, line_id: UUID, *, cause: UUID, currency: str, policy_of: PolicyOf, outside: Iterable[Entry]
) -> Replayed:
    """Live a line again after a fact was added or withdrawn.

    The caller has locked the line, brought it up to date and written the fact. *outside* is the fact's own leg: cash
    that came or went, an expense. A line that stands on a later day than *now* is lived up to that day.
    """
    today = max(now.today, await archive.day_reached(tx, line_id))
    facts = await archive.facts_of_line(tx, line_id)
    lived = fold(archive.events(facts, policy_of), through=today - timedelta(days=1))
    entries = [*outside, *_difference(facts, lived, today)]
    changed = await rewriting.write_lived(tx, facts, lived, today=today)
    if any(entry.amount_minor for entry in entries):
        posting = Posting(
            bucket=bucket_of(line_id),
            id=derived_id("line_replayed", line_id, cause),
            kind="line_replayed",
            source_id=cause,
            currency=currency,
            effective_on=now.today,
            line_id=line_id,
            entries=tuple(entries),
        )
        await ledger.post(tx, [posting], booked_on=now.today, recorded_at=now.at)
    return Replayed(lived, changed)


class _Standing(NamedTuple):
    """What an instalment amounts to in the books. *Units*: minor units, debit positive for what is owed."""

    principal: int
    fee: int
    penalty: int
    unearned: int
    fee_income: int
    subsidy_income: int
    penalty_income: int
    loss: int


def _difference(facts: LineFacts, lived: Life, today: date) -> list[Entry]:
    """Find what the accounts of a line differ by; credit balances are what repayments and refunds left over.

    Dr/Cr  consumer receivable: principal, fees or interest, penalties (loan); merchant subsidy, unearned (loan)
    Dr/Cr  customer credit balance (line)
    Dr/Cr  instalment fee or interest, merchant subsidy, penalty, recovery income; credit losses
    """
    rows = {row.key: row for row in facts.instalments}
    entries: list[Entry] = []
    house = dict.fromkeys((*INCOME.values(), Account.SUBSIDY_INCOME, Account.PENALTY_INCOME, Account.CREDIT_LOSS), 0)
    kinds = {loan.id: loan.cost_kind for loan in facts.loans}
    for loan_id, parts in sorted(lived.parts.items()):
        before = _total(_of_row(rows[part.key]) for part in parts)
        after = _total(_of_part(part, today) for part in parts)
        moved = _Standing(*map(sub, after, before))
        entries += [
            Entry(Account.RECEIVABLE_PRINCIPAL, loan_id, moved.principal),
            Entry(RECEIVABLE[kinds[loan_id]], loan_id, moved.fee),
            Entry(Account.RECEIVABLE_PENALTY, loan_id, moved.penalty),
            Entry(Account.SUBSIDY_UNEARNED, loan_id, -moved.unearned),
        ]
        house[INCOME[kinds[loan_id]]] -= moved.fee_income
        house[Account.SUBSIDY_INCOME] -= moved.subsidy_income
        house[Account.PENALTY_INCOME] -= moved.penalty_income
        house[Account.CREDIT_LOSS] += moved.loss
    house[Account.RECOVERY_INCOME] = _recovered_stored(facts) - _recovered_lived(facts, lived)
    entries += [Entry(account, HOUSE, amount) for account, amount in house.items()]
    entries.append(Entry(Account.CREDIT_BALANCE, facts.line_id, _credit_stored(facts) - _credit_lived(facts, lived)))
    return entries


def _total(standings: Iterable[_Standing]) -> _Standing:
    return _Standing(*map(sum, zip(*standings, strict=True)))


def _of_row(row: LoanInstalment) -> _Standing:
    written_off = row.principal_written_off_minor > 0 or row.fee_written_off_minor > 0
    return _Standing(
        principal=row.principal_open_minor,
        fee=row.fee_open_minor if row.is_billed else 0,
        penalty=row.penalty_open_minor,
        unearned=0 if row.is_billed else row.subsidy_minor - row.subsidy_cancelled_minor,
        fee_income=row.fee_minor - row.fee_cancelled_minor if row.is_billed else 0,
        subsidy_income=row.subsidy_minor - row.subsidy_cancelled_minor if row.is_billed else 0,
        penalty_income=row.penalty_minor - (0 if written_off else row.penalty_waived_minor),
        loss=row.principal_written_off_minor
        + row.fee_written_off_minor
        + (row.penalty_waived_minor if written_off else 0),
    )


def _of_part(part: Part, today: date) -> _Standing:
    is_billed = part.is_billed(today)
    written_off = part.principal_written_off > 0 or part.fee_written_off > 0
    return _Standing(
        principal=part.principal_open,
        fee=part.fee_open if is_billed else 0,
        penalty=part.penalty_open,
        unearned=0 if is_billed else part.subsidy - part.subsidy_cancelled,
        fee_income=part.fee - part.fee_cancelled if is_billed else 0,
        subsidy_income=part.subsidy - part.subsidy_cancelled if is_billed else 0,
        penalty_income=part.penalty - (0 if written_off else part.penalty_waived),
        loss=part.principal_written_off + part.fee_written_off + (part.penalty_waived if written_off else 0),
    )


def _credit_stored(facts: LineFacts) -> int:
    """Add up what repayments left over and refunds could not take off, less what was used, as stored."""
    left = sum(one.overpaid_minor for one in facts.repayments if one.reversed_on is None)
    used = sum(one.amount_minor for one in facts.repayments if one.kind == "credit_balance" and one.reversed_on is None)
    return left - used + sum(refund.shortfall_minor for refund in facts.refunds) - _paid_out(facts)


def _credit_lived(facts: LineFacts, lived: Life) -> int:
    """Add up the same as living the line again says."""
    undone = facts.reversed_ids
    standing = [one for one in facts.repayments if one.id not in undone]
    left = sum(lived.bookings[one.id].overpaid for one in standing)
    used = sum(one.amount_minor for one in standing if one.kind == "credit_balance")
    return left - used + sum(lived.bookings[refund.id].shortfall for refund in facts.refunds) - _paid_out(facts)


def _recovered_stored(facts: LineFacts) -> int:
    """Add up what made losses good, as stored."""
    paid = sum(one.recovered_minor for one in facts.repayments if one.reversed_on is None)
    return paid + sum(refund.recovered_minor for refund in facts.refunds)


def _recovered_lived(facts: LineFacts, lived: Life) -> int:
    undone = facts.reversed_ids
    paid = sum(lived.bookings[one.id].recovered for one in facts.repayments if one.id not in undone)
    return paid + sum(lived.bookings[refund.id].recovered for refund in facts.refunds)


def _paid_out(facts: LineFacts) -> int:
    return sum(one.amount_minor for one in facts.credit_payouts)
