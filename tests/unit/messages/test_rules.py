"""What a gateway's answer does to a message, and what a text shows."""

from datetime import UTC, datetime, timedelta

import pytest

from tiao.messages.model import Accepted, Answer, Language, MessageState, NoAnswer, Rejected, Throttled
from tiao.messages.rules import MASK, PAUSES, after, catalogue, rendered, unmasked

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answer", "attempts", "hours", "state", "pause"),
    [
        (Accepted("g1"), 1, 1, MessageState.SENT, None),
        (Rejected("number_invalid"), 1, 1, MessageState.GIVEN_UP, None),
        (Throttled(7), 1, 1, MessageState.QUEUED, timedelta(seconds=7)),
        (Throttled(10**9), 1, 24, MessageState.QUEUED, timedelta(hours=1)),
        (NoAnswer("timed_out"), 1, 1, MessageState.QUEUED, PAUSES[0]),
        (NoAnswer("timed_out"), 4, 1, MessageState.QUEUED, PAUSES[3]),
        (NoAnswer("timed_out"), 5, 24, MessageState.GIVEN_UP, None),
        (NoAnswer("timed_out"), 4, 0.25, MessageState.GIVEN_UP, None),  # the next time would be too late
    ],
)
def test_an_answer_moves_a_message_one_step(
    *, answer: Answer, attempts: int, hours: float, state: MessageState, pause: timedelta | None
) -> None:
    step = after(answer, attempts=attempts, at=AT, expires_at=AT + timedelta(hours=hours))
    assert (step.state, step.due_at) == (state, None if pause is None else AT + pause)


def test_being_throttled_uses_up_no_attempt() -> None:
    assert after(Throttled(1), attempts=3, at=AT, expires_at=AT + timedelta(days=1)).attempts == 2


@pytest.mark.parametrize("language", list(Language))
def test_a_code_is_masked_in_what_is_kept_and_whole_in_what_is_sent(language: Language) -> None:
    kind = catalogue()["one_time_code"]
    text = rendered(kind, language, {"purpose": f"a {MASK} shop", "minutes": "5"})
    assert text.count(MASK) == 1
    sent = unmasked(text, "482913")
    assert "482913" in sent
    assert MASK not in sent


def test_every_kind_has_a_text_in_each_language_that_fits_a_message() -> None:
    for kind in catalogue().values():
        for language in Language:
            assert 0 < len(kind.texts[language]) < 300, kind.name
