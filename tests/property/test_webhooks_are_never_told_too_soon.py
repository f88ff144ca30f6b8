"""Invariant: a delivery that failed is due after its pause and after what the endpoint asked for, or never again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tiao.events.rules import PLAN, PUT_OFF_MAX, Outcome, verdict
from tiao.events.sending import Answer

AT = datetime(2026, 3, 1, tzinfo=UTC)


@given(
    status=st.integers(0, 599),
    attempts=st.integers(1, 12),
    chance=st.floats(0, 1, allow_nan=False),
    said=st.one_of(st.none(), st.text(max_size=30), st.integers(0, 10**12).map(str)),
)
def test_whatever_is_answered_the_plan_is_kept(status: int, attempts: int, chance: float, said: str | None) -> None:
    found = verdict(Answer(status, b"", "", said), attempts=attempts, at=AT, chance=chance)
    assert (found.outcome is Outcome.DELIVERED) == (200 <= status < 300)
    assert (found.due_at is not None) == (found.outcome is Outcome.AGAIN)
    if found.due_at is not None:
        assert attempts <= len(PLAN)
        assert AT + PLAN[attempts - 1] <= found.due_at <= AT + max(PLAN[-1] * 1.1, PUT_OFF_MAX)
        assert found.rests_until is None or AT <= found.rests_until <= min(found.due_at, AT + timedelta(days=1))
