"""Rows to applications and decisions and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from tiao.credit.model import Decision, RecordedApplication
from tiao.credit.screening import Standing
from tiao.runtime.arrays import Bigints, Blobs, Smallints, Texts, Uuids
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.credit")


class Applicant(NamedTuple):
    """What is known of a customer who applies, besides a report and a profile."""

    customer_id: UUID
    identity_hmac: bytes
    born_on: date
    has_line: bool
    is_under_way: bool
    declined_at: datetime | None


class _Graded(NamedTuple):
    customer_id: UUID
    grade: str


class _Changed(NamedTuple):
    line_id: UUID
    outcome: str
    inputs: bytes


class _Income(NamedTuple):
    customer_id: UUID
    income_minor: int


async def read_applications(tx: Tx, customer_id: UUID) -> list[RecordedApplication]:
    """Read a customer's applications."""
    return await tx.rows(
        _QUERIES.applications_of_customer, RecordedApplication, bucket=bucket_of(customer_id), customer=customer_id
    )


async def insert_decisions(
    tx: Tx, decisions: Sequence[Decision], applications: Sequence[RecordedApplication] = ()
) -> set[UUID]:
    """Write decisions, and the applications received just now that they are about.

    The answer names those decisions that were not there before.
    """
    assert not any("," in reason for decision in decisions for reason in decision.reasons), "a code has no comma"
    new = await tx.column(
        _QUERIES.record_decisions,
        applied_bucket=Smallints(each.bucket for each in applications),
        applied_id=Uuids(each.id for each in applications),
        applied_customer=Uuids(each.customer_id for each in applications),
        applied_currency=Texts(each.currency for each in applications),
        applied_income=Bigints(each.income_minor for each in applications),
        received_at=applications[0].received_at if applications else None,
        bucket=Smallints(decision.bucket for decision in decisions),
        id=Uuids(decision.id for decision in decisions),
        customer=Uuids(decision.customer_id for decision in decisions),
        application=Uuids(decision.application_id for decision in decisions),
        line=Uuids(decision.line_id for decision in decisions),
        kind=Texts(decision.kind.value for decision in decisions),
        outcome=Texts(decision.outcome.value for decision in decisions),
        inputs=Blobs(decision.inputs for decision in decisions),
        inputs_digest=Blobs(decision.inputs_digest for decision in decisions),
        model_version=Texts(decision.model_version for decision in decisions),
        policy_version=Texts(decision.policy_version for decision in decisions),
        probability=[decision.probability for decision in decisions],
        score=[decision.score for decision in decisions],
        grade=Texts(decision.grade for decision in decisions),
        threshold=[decision.threshold for decision in decisions],
        reasons=Texts(",".join(decision.reasons) for decision in decisions),
        limit_before=Bigints(decision.limit_before_minor for decision in decisions),
        limit_after=Bigints(decision.limit_after_minor for decision in decisions),
        actor=Texts(decision.actor for decision in decisions),
        decided_at=[decision.decided_at for decision in decisions],
    )
    return set(new)


async def read_decision(tx: Tx, decision_id: UUID) -> Decision | None:
    """Read one decision."""
    found = await tx.maybe(_QUERIES.decision, Decision, bucket=bucket_of(decision_id), id=decision_id)
    return None if found is None else _frozen(found)


async def read_decisions(tx: Tx, customer_id: UUID) -> list[Decision]:
    """Read a customer's decisions."""
    found = await tx.rows(_QUERIES.decisions_of_customer, Decision, bucket=bucket_of(customer_id), customer=customer_id)
    return [_frozen(decision) for decision in found]


async def read_application_decisions(tx: Tx, *, since: datetime, until: datetime) -> list[Decision]:
    """Read decisions on applications over all customers, oldest first."""
    found = await tx.rows(_QUERIES.application_decisions, Decision, since=since, until=until)
    return [_frozen(decision) for decision in found]


async def read_applicants(tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, Applicant]:
    """Read what is known of customers who apply; unknown ones are left out."""
    found = await tx.rows(
        _QUERIES.applicants,
        Applicant,
        bucket=Smallints(map(bucket_of, customer_ids)),
        customer=Uuids(customer_ids),
    )
    return {row.customer_id: row for row in found}


async def read_last_grades(tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Read the grades that customers were last given."""
    found = await tx.rows(_QUERIES.last_grades, _Graded, customers=list(customer_ids), buckets=_buckets(customer_ids))
    return {row.customer_id: row.grade for row in found}


async def read_last_changes(tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, tuple[str, bytes]]:
    """Read how reviews last raised or cut customers' lines, and what they saw, by line."""
    found = await tx.rows(
        _QUERIES.last_changes, _Changed, customers=Uuids(customer_ids), buckets=_buckets(customer_ids)
    )
    return {row.line_id: (row.outcome, row.inputs) for row in found}


async def read_incomes(tx: Tx, customer_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Read the incomes that customers last declared."""
    found = await tx.rows(_QUERIES.last_incomes, _Income, customers=list(customer_ids), buckets=_buckets(customer_ids))
    return {row.customer_id: row.income_minor for row in found}


async def read_standings(tx: Tx, line_ids: Sequence[UUID]) -> list[Standing]:
    """Read how lines stand, in the order given; every one of them exists."""
    found = await tx.rows(
        _QUERIES.standings, Standing, buckets=Smallints(map(bucket_of, line_ids)), lines=Uuids(line_ids)
    )
    assert len(found) == len(line_ids), "a line that is reviewed exists"
    return found


async def write_warnings(tx: Tx, warnings: Sequence[tuple[UUID, Sequence[str]]], *, behaviour: str, on: date) -> None:
    """Write which warnings are on; *behaviour* is the code of the one that is an early warning too."""
    await tx.execute(
        _QUERIES.write_warnings,
        behaviour=behaviour,
        on=on,
        bucket=[bucket_of(line) for line, _ in warnings],
        line=[line for line, _ in warnings],
        flags=[",".join(codes) for _, codes in warnings],
    )


async def read_decisions_in_bucket(tx: Tx, bucket: int) -> list[UUID]:
    """Name every decision of a bucket."""
    return await tx.column(_QUERIES.decisions_in_bucket, bucket=bucket)


def _buckets(identifiers: Sequence[UUID]) -> list[int]:
    return sorted({bucket_of(identifier) for identifier in identifiers})


def _frozen(decision: Decision) -> Decision:
    """Make the list that the driver gives into the tuple that the type says."""
    return msgspec.structs.replace(decision, reasons=tuple(decision.reasons))
