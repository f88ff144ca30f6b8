"""One thing is recognised however it is written, and what is no such thing is refused."""

import pytest

from tiao.risk.entities import EntityKind, digest_of, normal, shown
from tiao.risk.refusals import EntityInvalid
from tiao.runtime.secrets import FieldCipher

VAULT = FieldCipher({1: b"k" * 32})


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (EntityKind.PHONE, "138 0013 8000", "+8613800138000"),
        (EntityKind.CARD, "6222 0200 0000 0001", "６２２２-０２００-００００-０００１"),
        (EntityKind.IP, "2001:db8::1", "2001:db8:0:0:ffff::9"),
        (EntityKind.IP, "::ffff:10.0.0.7", "10.0.0.7"),
        (EntityKind.ADDRESS, "北京市海淀区 中关村大街1号（A座）", "北京市海淀区中关村大街1号-a座"),
    ],
)
def test_one_thing_written_twice_has_one_digest(kind: EntityKind, one: str, other: str) -> None:
    assert digest_of(VAULT, kind, one) == digest_of(VAULT, kind, other)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (EntityKind.PHONE, "12345"),
        (EntityKind.CARD, "6222-abc"),
        (EntityKind.IP, "300.1.1.1"),
        (EntityKind.CUSTOMER, "mer_1"),
        (EntityKind.DEVICE, " "),
        (EntityKind.ADDRESS, "x" * 301),
    ],
)
def test_what_names_nothing_is_refused(kind: EntityKind, value: str) -> None:
    with pytest.raises(EntityInvalid):
        normal(kind, value)


def test_kinds_do_not_meet_and_nobody_reads_a_card_off_a_list() -> None:
    assert digest_of(VAULT, EntityKind.DEVICE, "13800138000") != digest_of(VAULT, EntityKind.PHONE, "13800138000")
    assert shown(EntityKind.CARD, "6222020000000001") == "…0001"
