"""Encrypted fields come back, and come back only where they belong."""

import pytest

from tiao.runtime.secrets import FieldCipher, FieldUnreadable, is_same_secret, new_token, token_hash

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


@pytest.mark.parametrize("plain", ["", "13800138000", "王小明", "x" * 10_000])
def test_a_field_comes_back_as_it_was(plain: str) -> None:
    cipher = FieldCipher({1: OLD})
    assert cipher.decrypt(cipher.encrypt(plain, context="customer.phone:1"), context="customer.phone:1") == plain


def test_a_field_has_the_documented_shape() -> None:
    sealed = FieldCipher({3: OLD}, random_bytes=lambda size: b"n" * size).encrypt("王", context="c")
    assert (sealed[:2], sealed[2:14], len(sealed)) == (b"\x01\x03", b"n" * 12, 2 + 12 + 3 + 16)


def test_the_same_field_never_looks_the_same_twice() -> None:
    cipher = FieldCipher({1: OLD})
    assert cipher.encrypt("a", context="c") != cipher.encrypt("a", context="c")


def test_a_field_moved_to_another_row_cannot_be_read() -> None:
    cipher = FieldCipher({1: OLD})
    with pytest.raises(FieldUnreadable):
        cipher.decrypt(cipher.encrypt("a", context="customer.phone:1"), context="customer.phone:2")


@pytest.mark.parametrize("at", [0, 1, 2, 13, 14, -1])
def test_a_field_altered_in_any_part_cannot_be_read(at: int) -> None:
    cipher = FieldCipher({1: OLD, 2: NEW})
    sealed = bytearray(cipher.encrypt("13800138000", context="c"))
    sealed[at] ^= 3
    with pytest.raises(FieldUnreadable):
        cipher.decrypt(bytes(sealed), context="c")


@pytest.mark.parametrize("length", [0, 1, 2, 14, 20])
def test_a_truncated_field_cannot_be_read(length: int) -> None:
    cipher = FieldCipher({1: OLD})
    with pytest.raises(FieldUnreadable):
        cipher.decrypt(cipher.encrypt("13800138000", context="c")[:length], context="c")


def test_keys_can_be_changed_one_row_at_a_time() -> None:
    before, between, after = FieldCipher({1: OLD}), FieldCipher({1: OLD, 2: NEW}), FieldCipher({2: NEW})
    written_before = before.encrypt("a", context="c")
    assert between.decrypt(written_before, context="c") == "a"
    assert not between.is_current(written_before)
    rewritten = between.encrypt("a", context="c")
    assert between.is_current(rewritten)
    assert after.decrypt(rewritten, context="c") == "a"
    with pytest.raises(FieldUnreadable):
        after.decrypt(written_before, context="c")


def test_a_look_up_finds_the_same_field_again_also_after_a_change_of_keys() -> None:
    before, between = FieldCipher({1: OLD}), FieldCipher({1: OLD, 2: NEW})
    assert before.lookup("13800138000", purpose="phone") == between.lookup("13800138000", purpose="phone")


@pytest.mark.parametrize(
    ("cipher", "plain", "purpose"),
    [
        (FieldCipher({1: OLD}), "13800138001", "phone"),
        (FieldCipher({1: OLD}), "13800138000", "card"),
        (FieldCipher({1: NEW}), "13800138000", "phone"),
        (FieldCipher({1: OLD}), "e13800138000", "phon"),
    ],
    ids=["another field", "another purpose", "another key", "another split of the same text"],
)
def test_a_look_up_tells_everything_else_apart(cipher: FieldCipher, plain: str, purpose: str) -> None:
    assert cipher.lookup(plain, purpose=purpose) != FieldCipher({1: OLD}).lookup("13800138000", purpose="phone")


def test_a_token_shows_what_it_opens_and_holds_256_bits() -> None:
    token = new_token("tiao_live", random_bytes=lambda size: b"\xff" * size)
    assert token == "tiao_live_" + "_" * 42 + "8"
    assert new_token("tiao_live") != new_token("tiao_live")


def test_a_token_is_stored_as_its_sha256() -> None:
    assert token_hash("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4


def test_secrets_are_compared_by_content() -> None:
    assert is_same_secret(b"ab", bytes([97, 98]))
    assert not is_same_secret(b"ab", b"ac")
