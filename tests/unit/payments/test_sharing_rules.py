"""What a share takes from where, what comes back of which part, and what a refund leaves."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from tiao.payments.sharing.model import NewReturn, NewShare, Part, Pool, StoredPart
from tiao.payments.sharing.refusals import NotEnoughToShare, ReceiverIsGiver, ReturnExceedsShare
from tiao.payments.sharing.rules import Given, after_refunds, given, merged, returned

AT = datetime(2026, 3, 1, tzinfo=UTC)
MERCHANT, ONE, TWO, SHARE = (UUID(int=each) for each in (1, 2, 3, 4))


def pool(*, amount: int = 1000, kept: int = 0, given: int = 0, is_kept: bool = False) -> Pool:
    return Pool(UUID(int=9), MERCHANT, "CNY", amount, kept, given, AT, AT if is_kept else None)


def new(*amounts: int, is_final: bool = False) -> NewShare:
    return NewShare("form", "1", tuple(Part(ONE, "one", each, "") for each in amounts), is_final)


GIVEN = [
    # pool                                           parts       final   kept  payable  released
    (pool(amount=1000, kept=1000, is_kept=True), (300, 200), False, Given(500, 0, 0)),
    (pool(amount=1000, kept=1000, is_kept=True), (300,), True, Given(300, 0, 700)),
    (pool(amount=1000, kept=1000, is_kept=True), (), True, Given(0, 0, 1000)),
    (pool(amount=1000, kept=400, given=600, is_kept=True), (400,), True, Given(400, 0, 0)),
    (pool(amount=1000), (300,), False, Given(0, 300, 0)),
    (pool(amount=1000, given=700), (300,), True, Given(0, 300, 0)),
]


@pytest.mark.parametrize(("found", "parts", "is_final", "expected"), GIVEN)
def test_a_share_is_taken_of_what_is_kept_or_else_of_what_is_owed(
    found: Pool,
    parts: tuple[int, ...],
    is_final: bool,  # noqa: FBT001  a table
    expected: Given,
) -> None:
    assert given(found, new(*parts, is_final=is_final)) == expected


@pytest.mark.parametrize(
    "found",
    [pool(amount=1000, kept=299, is_kept=True), pool(amount=1000, kept=0, is_kept=True), pool(amount=1000, given=701)],
)
def test_no_more_is_given_than_there_is(found: Pool) -> None:
    with pytest.raises(NotEnoughToShare):
        given(found, new(300))


def test_nobody_shares_with_oneself() -> None:
    with pytest.raises(ReceiverIsGiver):
        given(pool(), NewShare("form", "1", (Part(MERCHANT, "me", 1, ""),)))


def test_a_return_is_taken_of_the_last_part_first_and_never_of_anothers() -> None:
    parts = [
        StoredPart(SHARE, 1, ONE, "one", 300, 100, ""),
        StoredPart(SHARE, 2, TWO, "two", 900, 0, ""),
        StoredPart(SHARE, 3, ONE, "one", 200, 0, ""),
    ]
    asked = NewReturn("form", "r", ONE, 350, "")
    assert [(part.place, amount) for part, amount in returned(parts, asked)] == [(3, 200), (1, 150)]
    with pytest.raises(ReturnExceedsShare):
        returned(parts, asked._replace(amount_minor=401))


REFUNDS = [
    # pool                                                  refund   amount  let go
    (pool(amount=1000, kept=1000, is_kept=True), 400, (600, 400)),
    (pool(amount=1000, kept=300, given=700, is_kept=True), 400, (700, 300)),
    (pool(amount=1000, given=700), 400, (700, 0)),
    (pool(amount=1000), 1000, (0, 0)),
]


@pytest.mark.parametrize(("found", "refund", "expected"), REFUNDS)
def test_a_refund_is_paid_of_what_is_kept_and_leaves_receivers_what_they_have(
    found: Pool, refund: int, expected: tuple[int, int]
) -> None:
    assert after_refunds(found, found.amount_minor - refund) == expected


def test_parts_of_one_receiver_are_added_up() -> None:
    assert merged([Part(ONE, "1", 1, ""), Part(TWO, "2", 5, ""), Part(ONE, "1", 2, "")]) == {ONE: 3, TWO: 5}
