from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from tiao.ledger.model import HOUSE, Account, Posting
from tiao.ledger.rules import balanced
from tiao.payments import postings
from tiao.payments.model import NewPayout, Payout, PayoutKind, PayoutState
from tiao.values.money import Money

TODAY = date(2026, 3, 2)
CUSTOMER = UUID(int=0x205)
MERCHANT = UUID(int=0x999)
REFUND = NewPayout(UUID(int=0x105), CUSTOMER, UUID(int=0x305), "bank", "AG1", "CNY", 250, TODAY)


def payout(kind: PayoutKind) -> Payout:
    return Payout(
        bucket=0 if kind is PayoutKind.SETTLEMENT else 5,
        id=UUID(int=0x105),
        kind=kind,
        beneficiary_id=MERCHANT if kind is PayoutKind.SETTLEMENT else CUSTOMER,
        source_id=UUID(int=0x305),
        channel="bank",
        agreement="AG1",
        currency="CNY",
        amount_minor=250,
        state=PayoutState.SUCCEEDED,
        code=None,
        due_on=TODAY,
        created_at=datetime(2026, 3, 2, tzinfo=UTC),
        answered_at=None,
        query_after=None,
        tries=0,
    )


FUNDING = postings.owner_funding(UUID(int=1), Money(900, "CNY"), TODAY)
BEGUN = postings.refund_payout_begun(REFUND, TODAY)
CASES = [
    (FUNDING, 0, [(Account.CASH, HOUSE, 900), (Account.OWNER_FUNDING, HOUSE, -900)]),
    (BEGUN, 5, [(Account.REFUND_PAYABLE, CUSTOMER, 250), (Account.PAYOUT_IN_TRANSIT, HOUSE, -250)]),
    (
        postings.payout_succeeded(payout(PayoutKind.REFUND), TODAY),
        5,
        [(Account.PAYOUT_IN_TRANSIT, HOUSE, 250), (Account.CASH, HOUSE, -250)],
    ),
    (
        postings.payout_returned(payout(PayoutKind.REFUND), TODAY),
        5,
        [(Account.PAYOUT_IN_TRANSIT, HOUSE, 250), (Account.REFUND_PAYABLE, CUSTOMER, -250)],
    ),
    (
        postings.payout_returned(payout(PayoutKind.SETTLEMENT), TODAY),
        0,
        [(Account.PAYOUT_IN_TRANSIT, HOUSE, 250), (Account.MERCHANT_PAYABLE, MERCHANT, -250)],
    ),
]


@pytest.mark.parametrize(("posting", "bucket", "entries"), CASES, ids=[case[0].kind for case in CASES])
def test_a_recipe_books_what_the_manual_says(
    posting: Posting, bucket: int, entries: list[tuple[Account, UUID, int]]
) -> None:
    assert [tuple(entry) for entry in posting.entries] == entries
    assert balanced(posting.entries)
    assert posting.bucket == bucket


def test_what_became_of_a_payout_has_one_posting_for_each_outcome() -> None:
    paid, again = (postings.payout_succeeded(payout(PayoutKind.REFUND), TODAY) for _ in range(2))
    returned = postings.payout_returned(payout(PayoutKind.REFUND), TODAY)
    assert paid.id == again.id != returned.id
