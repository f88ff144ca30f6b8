"""When a merchant has taken a notice, and when it is told again."""

from datetime import UTC, datetime, timedelta

import pytest

from tiao.api.compat.delivering import again_at, is_acknowledged
from tiao.checkout.orders.model import Surface
from tiao.events.sending import Answer

AT = datetime(2026, 3, 1, tzinfo=UTC)

#: Of each answer: whether the one form takes it as a yes, and whether the other does.
ANSWERS = [
    (Answer(200, b"success", ""), True, True),
    (Answer(200, b" Success\n", ""), True, True),
    (Answer(200, b"fail", ""), False, True),
    (Answer(200, b"<html>success</html>", ""), False, True),
    (Answer(204, b"", ""), False, True),
    (Answer(302, b"success", ""), False, False),
    (Answer(500, b"success", ""), False, False),
    (Answer(0, b"", "timeout"), False, False),
]
#: Source: the forms' own documents.
PAUSES = [
    (Surface.ALIPAY, "4m 10m 10m 1h 2h 6h 15h"),
    (Surface.WECHATPAY, "15s 15s 30s 3m 10m 20m 30m 30m 30m 60m 3h 3h 3h 6h 6h"),
]
UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}


@pytest.mark.parametrize(("answer", "by_body", "by_status"), ANSWERS)
def test_a_notice_is_taken_by_what_its_form_looks_at(answer: Answer, by_body: bool, by_status: bool) -> None:  # noqa: FBT001  a table
    assert is_acknowledged(Surface.ALIPAY, answer) is by_body
    assert is_acknowledged(Surface.WECHATPAY, answer) is by_status


@pytest.mark.parametrize(("surface", "pauses"), PAUSES)
def test_a_merchant_is_told_again_after_growing_pauses_and_then_no_more(surface: Surface, pauses: str) -> None:
    expected = [int(each[:-1]) * UNITS[each[-1]] for each in pauses.split()]
    for attempts, pause in enumerate(expected, start=1):
        assert again_at(surface, attempts, AT) == AT + pause
    assert again_at(surface, len(expected) + 1, AT) is None
