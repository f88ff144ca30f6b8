"""Whatever is written as a code is read as what was written; whatever is read never fails with a bug."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tiao.checkout.qr import consumer_presented, merchant_presented, wire
from tiao.checkout.qr.model import Element, Tlv

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=99)
PLAIN_IDS = st.integers(65, 79).map(lambda number: f"{number:02}")
PLAIN = st.dictionaries(PLAIN_IDS, TEXTS).map(lambda found: [Element(*pair) for pair in found.items()])
TAGS = st.sampled_from(["4F", "50", "5A", "9F26", "9F37", "82", "5F20"])
VALUES = st.binary(min_size=0, max_size=200).map(lambda raw: raw.hex().upper())
DATA = st.dictionaries(TAGS, VALUES, min_size=1).map(lambda found: tuple(Tlv(*pair) for pair in found.items()))


@given(PLAIN)
def test_a_merchants_code_is_read_as_written(elements: list[Element]) -> None:
    read = merchant_presented.decode(merchant_presented.encode(elements, is_strict=False))
    assert list(read.elements[1:-1]) == elements


@given(DATA)
def test_a_customers_code_is_read_as_written(data: tuple[Tlv, ...]) -> None:
    payload = consumer_presented.encode([Tlv("85", "4350563031"), Tlv("61", "", data)])
    assert consumer_presented.decode(payload).elements[1].elements == data


@given(st.text(), st.sampled_from(["auto", "mpm", "cpm", "payment_code"]))
def test_any_text_is_read_or_refused(payload: str, code: str) -> None:
    question = json.dumps({"payload": payload, "format": code}).encode()
    assert "ok" in json.loads(wire.decoded(question)[0])
