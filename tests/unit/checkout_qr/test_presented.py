"""What our own codes say: EMVCo's text with our templates, read by any reader; a device's digits in EMVCo's form."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiao.checkout.counters.presented import Shown, device_code, digits_of, guid_of, merchant_code, scanned
from tiao.checkout.qr.refusals import QrRefused
from tiao.checkout.qr.wire import decoded

TOKEN = "0123456789abcdef01234567"
SHOWN = Shown(
    address=f"https://pay.example.com/s/{TOKEN}",
    merchant="山脚书店",
    category="books",
    currency="CNY",
    city="上海",
    store="一号店",
    terminal="1",
)


def read(payload: str, *, strict: bool = True) -> Any:  # noqa: ANN401  JSON
    text, _ = decoded(json.dumps({"payload": payload, "strict": strict}).encode())
    return json.loads(text)


def test_a_printed_code_is_read_by_the_command_without_a_warning() -> None:
    code = read(merchant_code(SHOWN))
    assert (code["ok"], code["format"], code["point_of_initiation"], code["warnings"]) == (True, "mpm", "static", [])
    said = {each["id"]: each["value"] for each in code["elements"]}
    assert said["53"] == "156"
    assert (said["52"], said["58"], said["59"], said["60"]) == ("5942", "CN", "山脚书店", "上海")
    assert "54" not in said
    template = next(each for each in code["elements"] if each["id"] == "26")["elements"]
    assert [(each["id"], each["value"]) for each in template] == [("00", "com.example.pay"), ("01", SHOWN.address)]


def test_a_code_of_a_sale_holds_its_amount_and_number() -> None:
    code = read(merchant_code(SHOWN._replace(amount_minor=30_005, reference="c-1")))
    said = {each["id"]: each["value"] for each in code["elements"]}
    assert (code["point_of_initiation"], said["54"]) == ("dynamic", "300.05")
    additional = next(each for each in code["elements"] if each["id"] == "62")["elements"]
    assert [(each["id"], each["value"]) for each in additional] == [("03", "一号店"), ("05", "c-1"), ("07", "1")]


HOSTS = ["localhost", "127.0.0.1", "pay.example.com", "checkout.pay-later.some-very-long-name.bank.example.com.cn"]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ["/s/" + "a" * 24, "/cashier/" + "b" * 36])
def test_an_address_of_any_length_comes_back_whole(host: str, path: str) -> None:
    address = f"https://{host}:8443{path}"
    payload = merchant_code(SHOWN._replace(address=address))
    assert read(payload)["warnings"] == []
    found = scanned(payload)
    assert found is not None
    assert (found.address, found.is_static, found.amount) == (address, True, None)


@pytest.mark.parametrize(
    ("address", "guid"),
    [
        ("https://pay.example.com/s/1", "com.example.pay"),
        ("http://localhost:8000/s/1", "localhost"),
        ("http://127.0.0.1:8000/s/1", "127.0.0.1"),
        ("https://checkout.pay-later.some-very-long-name.bank.example.com.cn/", "cn.com.example.bank"),
        ("https://[::1", ""),
    ],
)
def test_whoever_serves_is_named_by_its_domain_backwards(address: str, guid: str) -> None:
    assert guid_of(address) == guid


@given(
    merchant=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60),
    city=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40),
    store=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80),
    terminal=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80),
    reference=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=80),
    amount=st.none() | st.integers(1, 10_000_000_000),
    host=st.sampled_from(HOSTS),
)
def test_whatever_a_shop_is_called_its_code_keeps_every_rule(
    merchant: str, city: str, store: str, terminal: str, reference: str, amount: int | None, host: str
) -> None:
    address = f"https://{host}/cashier/{'0' * 36}"
    said = Shown(address, merchant, "any", "CNY", city, store, terminal, amount, reference)
    payload = merchant_code(said)
    assert read(payload)["warnings"] == []
    found = scanned(payload)
    assert found is not None
    assert (found.address, found.is_static) == (address, amount is None)
    if amount is not None:
        assert found.amount == f"{amount // 100}.{amount % 100:02d}"


def test_somebody_elses_code_is_not_taken_for_ours() -> None:
    ours = merchant_code(SHOWN)
    assert "com.example.pay" in ours
    with pytest.raises(QrRefused):
        scanned(ours.replace("com.example.pay", "com.example.bad"))  # the checksum tells
    from tiao.checkout.qr.merchant_presented import encode  # noqa: PLC0415  beside what it makes
    from tiao.checkout.qr.model import Element  # noqa: PLC0415  the same

    theirs = [
        Element("26", "", (Element("00", "com.other"), Element("01", SHOWN.address))),
        *(
            Element(each, value)
            for each, value in (("52", "5411"), ("53", "156"), ("58", "CN"), ("59", "x"), ("60", "y"))
        ),
    ]
    assert scanned(encode(theirs)) is None


@given(st.integers(0, 10**16 - 1))
def test_a_devices_code_is_the_same_in_both_forms(number: int) -> None:
    digits = f"36{number:016d}"
    shown = device_code(digits)
    answer = read(shown)
    assert (answer["ok"], answer["format"]) == (True, "cpm")
    assert answer["applications"] == [{"aid": "F05449414F", "label": "TIAO"}]
    assert digits_of(shown) == digits == digits_of(digits)


@pytest.mark.parametrize(
    "other", ["", "281234567890123456", "hQVDUFYwMWETTwegAAAAVVVVVw8SNFZ4kBI0VngF", "not base64!", "hQVDUFYwMQ=="]
)
def test_what_is_no_code_of_ours_stays_what_it_is(other: str) -> None:
    assert digits_of(other) == other
