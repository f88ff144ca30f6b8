"""What merchants write is read once, strictly, and the same by everybody."""

import pytest

from tiao.api.compat.alipay.values import expiry_of as alipay_expiry
from tiao.api.compat.alipay.values import instant_of as alipay_instant
from tiao.api.compat.alipay.values import minor_of
from tiao.api.compat.reading import UnreadableError, is_line, is_web_address, object_of
from tiao.api.compat.refusals import AlipayParameterInvalid, WechatParameterInvalid
from tiao.api.compat.wechatpay.values import expiry_of as wechat_expiry
from tiao.api.compat.wechatpay.values import instant_of as wechat_instant


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('{"a": 1, "b": {"a": 2}}', {"a": 1, "b": {"a": 2}}),
        ('{"书": "a{1}\\u3000b 👨\\u200d👩"}', {"书": "a{1}\u3000b 👨\u200d👩"}),
        (" {} ", {}),
    ],
)
def test_an_object_is_read(text: str, read: dict[str, object]) -> None:
    assert object_of(text) == read


@pytest.mark.parametrize(
    "text",
    [
        '{"total_amount": "1.00", "total_amount": "100.00"}',
        '{"a": {"b": 1, "b": 1}}',
        '{"a": [{"b": 1, "\\u0062": 2}]}',
        '{"a": "\\u0000"}',
        '{"\\u0000": 1}',
        '{"a": ["\\ud800"]}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        "[]",
        '"a"',
        "",
        "{",
        '{"a": 1} {}',
        "\ufeff{}",
        '{"a": ' + "[" * 40_000 + "]" * 40_000 + "}",
        '{"a": ' + "9" * 5_000 + "}",
    ],
)
def test_what_two_readers_could_read_two_ways_is_not_read(text: str) -> None:
    with pytest.raises(UnreadableError):
        object_of(text)


@pytest.mark.parametrize(
    ("said", "minor"),
    [("300", 30_000), ("300.5", 30_050), ("0.01", 1), ("300.00", 30_000), (300, 30_000), (300.5, 30_050), (0.1, 10)],
)
def test_an_amount_is_yuan_in_plain_digits(said: str | float, minor: int) -> None:
    assert minor_of(said, "total_amount") == minor


@pytest.mark.parametrize(
    "said",
    [
        "",
        "0",
        "0.00",
        "-1",
        "+1",
        "1.001",
        "1.",
        ".5",
        "1e2",
        "1_000",
        " 1",
        "1\n",
        "１００",
        "٣",
        "1,000.00",
        "NaN",
        "Infinity",
        *["1000000000", "100000000.01", 1e300, float("nan"), float("inf"), 0.001, -1.0],
    ],
)
def test_nothing_else_is_an_amount(said: str | float) -> None:
    with pytest.raises(AlipayParameterInvalid):
        minor_of(said, "total_amount")


@pytest.mark.parametrize("said", ["0001-01-01 00:00:00", "9999-12-31 23:59:60", "2026-02-30 00:00:00", ""])
def test_an_instant_nobody_can_count_is_refused_in_the_one_form(said: str) -> None:
    with pytest.raises(AlipayParameterInvalid):
        alipay_instant(said, "timestamp")


@pytest.mark.parametrize(
    "said", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-01-01T00:00:00", "tomorrow", ""]
)
def test_an_instant_nobody_can_count_is_refused_in_the_other(said: str) -> None:
    with pytest.raises(WechatParameterInvalid):
        wechat_instant(said, "time_expire")


def test_an_order_ends_when_its_form_says() -> None:
    at = alipay_instant("2026-11-22 10:00:00", "timestamp")
    for said, end in (("90m", "2026-11-22 11:30:00"), ("2h", "2026-11-22 12:00:00"), ("1c", "2026-11-23 00:00:00")):
        assert alipay_expiry(at, timeout_express=said, time_expire=None) == alipay_instant(end, "end")
    latest = alipay_expiry(at, timeout_express="999999d", time_expire=None)
    assert latest == alipay_instant("2026-12-07 10:00:00", "end")
    for said in ("0m", "-1d", "1w", "1.5h", "1000000m", "m"):
        with pytest.raises(AlipayParameterInvalid):
            alipay_expiry(at, timeout_express=said, time_expire=None)
    assert wechat_expiry(at, "2026-11-22T02:30:00Z") == alipay_instant("2026-11-22 10:30:00", "end")
    with pytest.raises(WechatParameterInvalid):
        wechat_expiry(at, "2026-11-22T10:00:00+08:00")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://shop.example/back?a=1", True),
        ("http://127.0.0.1:8080/n", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//shop.example", False),
        ("https://", False),
        ("https://[::1", False),
        ("https://shop.example/\r\nX: 1", False),
        ("https://shop.example/" + "a" * 512, False),
    ],
)
def test_a_browser_is_sent_to_the_web_only(text: str, is_one: object) -> None:
    assert is_web_address(text) is is_one


def test_a_line_has_no_breaks_and_every_script() -> None:
    assert all(is_line(each) for each in ("一\u3000二", "👨\u200d👩\u200d👧", "a b", "é"))
    assert not any(is_line(each) for each in ("a\nb", "a\rb", "\x7f", "a\u2028b", "a\x00", "\x85"))
