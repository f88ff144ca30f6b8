from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from tiao.payments import rules
from tiao.payments.model import (
    Answer,
    Debit,
    DebitPurpose,
    DebitState,
    Failed,
    Payout,
    PayoutKind,
    PayoutState,
    Succeeded,
    Unknown,
)

AT = datetime(2026, 3, 2, 4, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
A_DEBIT = Debit(
    bucket=7,
    id=UUID(int=7),
    line_id=UUID(int=0x107),
    customer_id=UUID(int=0x207),
    funding_source_id=UUID(int=0x307),
    channel="bank",
    agreement="AG1",
    purpose=DebitPurpose.REPAYMENT,
    currency="CNY",
    amount_minor=100,
    state=DebitState.CREATED,
    code=None,
    created_at=AT,
    answered_at=None,
    query_after=AT + rules.LEASE,
    queries=0,
    order_id=UUID(int=7),
    attempt=1,
    next_id=None,
)
A_PAYOUT = Payout(
    bucket=7,
    id=UUID(int=7),
    kind=PayoutKind.REFUND,
    beneficiary_id=UUID(int=0x207),
    source_id=UUID(int=0x407),
    channel="bank",
    agreement="AG1",
    currency="CNY",
    amount_minor=100,
    state=PayoutState.SENT,
    code=None,
    due_on=date(2026, 3, 2),
    created_at=AT,
    answered_at=None,
    query_after=AT + rules.LEASE,
    tries=0,
)
ANSWERS: dict[str, Answer] = {
    "yes": Succeeded("SB1", AT),
    "no": Failed("account_frozen", is_retryable=False),
    "never": Failed("never_seen", is_retryable=True),
    "?": Unknown("timed_out"),
}

SPACING = """
# queries  wait
  1        0:00:05
  2        0:00:10
  12       0:01:00
  13       0:05:00
  24       1:00:00
  25       1:00:00
  26       2:00:00
  48       1 day, 0:00:00
  5000     1 day, 0:00:00
"""

DEBITS = """
# state      answer  becomes    contradicts
  created    yes     succeeded  -
  created    no      failed     -
  created    never   failed     -
  created    ?       unknown    -
  unknown    yes     succeeded  -
  unknown    no      failed     -
  unknown    never   failed     -
  unknown    ?       unknown    -
  succeeded  yes     -          no
  succeeded  no      -          yes
  succeeded  never   -          yes
  succeeded  ?       -          no
  failed     yes     -          yes
  failed     no      -          no
  failed     never   -          no
  failed     ?       -          no
"""

PAYOUTS = """
# state      answer  becomes    contradicts
  created    yes     succeeded  -
  sent       yes     succeeded  -
  sent       no      failed     -
  sent       never   created    -
  sent       ?       unknown    -
  unknown    yes     succeeded  -
  unknown    no      failed     -
  unknown    never   created    -
  unknown    ?       unknown    -
  succeeded  no      -          yes
  succeeded  never   -          yes
  succeeded  ?       -          no
  failed     yes     -          yes
  failed     never   -          no
"""


def rows(table: str) -> list[list[str]]:
    return [line.split() for line in table.splitlines() if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("row", [line.split(maxsplit=1) for line in SPACING.strip().splitlines()[1:]])
def test_questions_are_asked_every_few_seconds_then_minutes_then_hours(row: list[str]) -> None:
    assert str(rules.query_spacing(int(row[0]))) == row[1].strip()


def test_questions_never_come_faster_than_before() -> None:
    waits = [rules.query_spacing(queries) for queries in range(1, 100)]
    assert waits == sorted(waits)


@pytest.mark.parametrize("row", rows(DEBITS), ids=" ".join)
def test_an_answer_moves_a_debit_only_while_its_outcome_is_open(row: list[str]) -> None:
    state, answer, becomes, contradicts = row
    debit = msgspec.structs.replace(A_DEBIT, state=DebitState(state))
    after = rules.after_debit_answer(debit, ANSWERS[answer], LATER)
    assert ("-" if after is None else after.state) == becomes
    if after is None:
        assert rules.contradicts(debit.state, ANSWERS[answer]) == (contradicts == "yes")


@pytest.mark.parametrize("row", rows(PAYOUTS), ids=" ".join)
def test_an_answer_moves_a_payout_only_while_its_outcome_is_open(row: list[str]) -> None:
    state, answer, becomes, contradicts = row
    payout = msgspec.structs.replace(A_PAYOUT, state=PayoutState(state))
    after = rules.after_payout_answer(payout, ANSWERS[answer], LATER)
    assert ("-" if after is None else after.state) == becomes
    if after is None:
        assert rules.contradicts(payout.state, ANSWERS[answer]) == (contradicts == "yes")


def test_a_final_debit_is_never_asked_about_again() -> None:
    for answer in (ANSWERS["yes"], ANSWERS["no"]):
        after = rules.after_debit_answer(A_DEBIT, answer, LATER)
        assert after is not None
        assert (after.query_after, after.answered_at) == (None, LATER)


def test_an_unknown_debit_is_asked_about_later_each_time() -> None:
    first = rules.after_debit_answer(A_DEBIT, ANSWERS["?"], AT)
    assert first is not None
    second = rules.after_debit_answer(first, ANSWERS["?"], LATER)
    assert second is not None
    assert (first.query_after, second.query_after) == (AT + timedelta(seconds=5), LATER + timedelta(seconds=10))
    assert second.code == "timed_out"


def test_only_a_failed_refund_waits_to_be_retried() -> None:
    refund = rules.after_payout_answer(A_PAYOUT, ANSWERS["no"], LATER)
    settlement = rules.after_payout_answer(
        msgspec.structs.replace(A_PAYOUT, kind=PayoutKind.SETTLEMENT), ANSWERS["no"], LATER
    )
    assert refund is not None
    assert settlement is not None
    assert (refund.query_after, settlement.query_after) == (LATER, None)


def test_a_retry_has_one_id_of_its_own_in_the_same_bucket() -> None:
    first = rules.retried(A_PAYOUT, channel="bank", agreement="AG1", due_on=date(2026, 3, 3))
    other = rules.retried(A_PAYOUT, channel="other", agreement="AG2", due_on=date(2026, 3, 9))
    assert first.payout_id == other.payout_id != A_PAYOUT.id
    assert first.payout_id.bytes[15] == A_PAYOUT.bucket
    assert (first.amount_minor, first.source_id, first.customer_id) == (100, UUID(int=0x407), UUID(int=0x207))


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        (Succeeded("SB1", AT, 100, "CNY"), Succeeded("SB1", AT, 100, "CNY")),
        (Succeeded("SB1", AT, 1, "CNY"), Unknown("amount_differs")),
        (Succeeded("SB1", AT, 100, "USD"), Unknown("amount_differs")),
        (Failed("insufficient_funds", is_retryable=True), Failed("insufficient_funds", is_retryable=True)),
    ],
)
def test_a_success_of_another_amount_is_not_believed(told: Answer, believed: Answer) -> None:
    assert rules.believed(told, amount_minor=100, currency="CNY") == believed
