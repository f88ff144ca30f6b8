"""Whatever a bank answers, as often and in whatever order: one final state, and at most one repayment or payment."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

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
ID = UUID(int=1)
A_DEBIT = Debit(
    *(1, ID, ID, ID, ID, "bank", "AG", DebitPurpose.AUTOPAY, "CNY", 1, DebitState.CREATED, None, AT, None, AT, 0),
    *(ID, 1, None),
)
A_PAYOUT = Payout(
    1, ID, PayoutKind.REFUND, ID, ID, "bank", "AG", "CNY", 1, PayoutState.SENT, None, date(2026, 3, 2), AT, None, AT, 0
)

answers: st.SearchStrategy[Answer] = st.one_of(
    st.just(Succeeded("SB1", AT)),
    st.builds(Failed, st.sampled_from(["insufficient_funds", "account_frozen", "never_seen"]), st.booleans()),
    st.builds(Unknown, st.sampled_from(["timed_out", "processing"])),
)
sequences = st.lists(answers, max_size=30)


@given(sequences)
def test_a_debit_takes_the_first_definite_answer_and_no_other(given_answers: list[Answer]) -> None:
    debit, repayments = A_DEBIT, 0
    for second, answer in enumerate(given_answers):
        after = rules.after_debit_answer(debit, answer, AT + timedelta(seconds=second))
        if after is not None:
            repayments += after.state is DebitState.SUCCEEDED
            debit = after
    definite = [answer for answer in given_answers if not isinstance(answer, Unknown)]
    came = bool(definite) and isinstance(definite[0], Succeeded)
    assert repayments == int(came)
    assert (debit.state in {DebitState.SUCCEEDED, DebitState.FAILED}) == bool(definite)
    assert (debit.state is DebitState.SUCCEEDED) == came
    assert (debit.query_after is None) == bool(definite), "an open debit is asked about, a final one is not"


@given(sequences)
def test_a_payout_is_booked_at_most_once_and_an_open_one_is_never_forgotten(given_answers: list[Answer]) -> None:
    payout, bookings = A_PAYOUT, 0
    for second, answer in enumerate(given_answers):
        after = rules.after_payout_answer(payout, answer, AT + timedelta(seconds=second))
        if after is not None:
            bookings += after.state in {PayoutState.SUCCEEDED, PayoutState.FAILED}
            payout = after
    definite = [
        a for a in given_answers if isinstance(a, Succeeded) or (isinstance(a, Failed) and a.code != "never_seen")
    ]
    assert bookings == int(bool(definite))
    is_to_be_sent = payout.state is PayoutState.CREATED
    is_to_be_asked = payout.state in {PayoutState.SENT, PayoutState.UNKNOWN} and payout.query_after is not None
    assert (is_to_be_sent or is_to_be_asked) == (not definite)


@given(st.integers(1, rules.QUERIES_MAX - 1))
def test_the_wait_for_the_next_question_never_shrinks_and_never_exceeds_a_day(queries: int) -> None:
    wait, next_wait = rules.query_spacing(queries), rules.query_spacing(queries + 1)
    assert timedelta(seconds=5) <= wait <= next_wait <= timedelta(days=1)
