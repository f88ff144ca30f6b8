"""What a decision does to lines: it opens them, moves their limits, freezes and releases them, through the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from tiao.credit import rules
from tiao.credit.limits import actions as sublimits
from tiao.credit.model import Decision, DecisionOutcome, StatementDays
from tiao.ledger import actions as ledger
from tiao.ledger.model import CreditLine, LineStatus
from tiao.ledger.refusals import LineUnknown
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


async def carry_out(tx: Tx, decisions: Sequence[Decision], extras: Mapping[UUID, int]) -> None:
    """Do to existing lines what was decided about them; *extras* is what sublimits add to their fixed limits."""
    limits: list[tuple[UUID, int]] = []
    for made in decisions:
        assert made.line_id is not None, "a decision about a line names it"
        match made.outcome:
            case DecisionOutcome.RAISED | DecisionOutcome.CUT:
                limits.append((made.line_id, made.limit_after_minor + extras.get(made.line_id, 0)))
            case DecisionOutcome.FROZEN:
                await ledger.set_line_status(tx, made.line_id, LineStatus.FROZEN)
            case DecisionOutcome.UNFROZEN:
                await ledger.set_line_status(tx, made.line_id, LineStatus.ACTIVE)
            case _:
                raise AssertionError(f"{made.outcome} changes no line")
    await ledger.set_limits(tx, limits)


async def fixed_limit(tx: Tx, line: CreditLine) -> int:
    """Give a line's own limit, without what sublimits add."""
    return line.limit_target_minor - (await sublimits.extras_of(tx, [line])).get(line.id, 0)


async def locked_line(tx: Tx, line_id: UUID) -> CreditLine:
    """Lock a line. Refuses: LineUnknown."""
    lines = await ledger.lock_lines(tx, [line_id])
    if line_id not in lines:
        raise LineUnknown
    return lines[line_id]


def new_line(now: Moment, made: Decision, *, currency: str, statement_days: StatementDays) -> CreditLine:
    """Make the line of an approved application."""
    assert made.line_id is not None, "an approved application has its line"
    return CreditLine(
        bucket=made.bucket,
        id=made.line_id,
        customer_id=made.customer_id,
        currency=currency,
        limit_minor=made.limit_after_minor,
        limit_target_minor=made.limit_after_minor,
        held_minor=0,
        used_minor=0,
        statement_day=rules.statement_day(statement_days, made.customer_id, today=now.today),
        status=LineStatus.ACTIVE,
        opened_on=now.today,
    )
