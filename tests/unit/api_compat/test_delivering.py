"""When a merchant has taken a notice, and when it is told again."""

from datetime import UTC, datetime, timedelta

import pytest

from tiao.api.compat.delivering import again_at, is_acknowledged
from tiao.api.compat.outgoing import Answer

AT = datetime(2026, 3, 1, tzinfo=UTC)

ANSWERS = [
    (Answer(200, b"success", ""), True),
    (Answer(200, b" Success\n", ""), True),
    (Answer(200, b"fail", ""), False),
    (Answer(200, b"<html>success</html>", ""), False),
    (Answer(204, b"", ""), False),
    (Answer(500, b"success", ""), False),
    (Answer(0, b"", "timeout"), False),
]


@pytest.mark.parametrize(("answer", "is_taken"), ANSWERS)
def test_a_notice_is_taken_when_the_body_says_so(answer: Answer, is_taken: bool) -> None:  # noqa: FBT001  a table
    assert is_acknowledged(answer) is is_taken


def test_a_merchant_is_told_again_after_growing_pauses_and_then_no_more() -> None:
    """The pauses are those of the form: 4m 10m 10m 1h 2h 6h 15h."""
    told = [again_at(attempts, AT) for attempts in range(1, 9)]
    minutes = [None if each is None else (each - AT) // timedelta(minutes=1) for each in told]
    assert minutes == [4, 10, 10, 60, 120, 360, 900, None]
