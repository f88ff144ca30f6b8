"""Invariant: sharing makes no money and loses none: kept, given and let go add up, in the pool and in the ledger."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from tiao.ledger.model import Account, Posting
from tiao.payments.sharing import postings, rules
from tiao.payments.sharing.model import KEPT_TIME, NewReturn, NewShare, Part, Pool, Share, StoredPart
from tiao.payments.sharing.refusals import NotEnoughToShare, ReturnExceedsShare

AT, DAY = datetime(2026, 3, 1, tzinfo=UTC), date(2026, 3, 1)
MERCHANT, SOURCE = UUID(int=1), UUID(int=2)
RECEIVERS = [UUID(int=number) for number in (11, 12, 13)]


class Sharing(RuleBasedStateMachine):
    """A payment that is shared, given back of, refunded and let go in any order, as the actions do it."""

    def __init__(self) -> None:
        super().__init__()
        self.owed: Counter[tuple[Account, UUID]] = Counter()
        self.parts: list[StoredPart] = []
        self.refunded = 0
        self.count = 0

    @initialize(net=st.integers(1, 100_000), is_kept=st.booleans())
    def paid(self, net: int, is_kept: object) -> None:
        self.net = net
        self.owed[Account.MERCHANT_PAYABLE, MERCHANT] = net
        until = AT + KEPT_TIME if is_kept else None
        self.pool = Pool(SOURCE, MERCHANT, "CNY", net, 0, 0, AT, until)
        if is_kept:
            self._book(postings.kept_for_sharing(self.pool, net, "1", DAY))
            self.pool = replace(self.pool, kept_minor=net)

    @rule(
        parts=st.lists(st.tuples(st.sampled_from(RECEIVERS), st.integers(1, 40_000)), max_size=4),
        is_final=st.booleans(),
    )
    def share(self, parts: list[tuple[UUID, int]], is_final: object) -> None:
        new = NewShare("f", self._number(), tuple(Part(who, "n", amount, "d") for who, amount in parts), bool(is_final))
        try:
            taken = rules.given(self.pool, new)
        except NotEnoughToShare:
            assert sum(amount for _, amount in parts) > self.pool.available_minor
            return
        share_id = UUID(int=1000 + self.count)
        made = Share(share_id, SOURCE, MERCHANT, "f", new.number, b"", bool(is_final), taken.released_minor, AT)
        if parts:
            self._book(postings.share_given(self.pool, made, new.parts, taken, DAY))
        total = taken.from_kept_minor + taken.from_payable_minor
        assert total == sum(amount for _, amount in parts)
        self.parts += [
            StoredPart(share_id, place, who, "n", amount, 0, "d") for place, (who, amount) in enumerate(parts)
        ]
        self.pool = replace(
            self.pool,
            kept_minor=self.pool.kept_minor - taken.from_kept_minor,
            given_minor=self.pool.given_minor + total,
        )
        self._let_go(taken.released_minor)

    @rule(who=st.sampled_from(RECEIVERS), amount=st.integers(1, 40_000))
    def take_back(self, who: UUID, amount: int) -> None:
        had = sum(each.amount_minor - each.returned_minor for each in self.parts if each.receiver_id == who)
        try:
            pieces = rules.returned(self.parts, NewReturn("f", self._number(), who, amount, "d"))
        except ReturnExceedsShare:
            assert amount > had
            return
        assert sum(piece for _, piece in pieces) == amount <= had
        for part, piece in pieces:
            place = self.parts.index(part)
            self.parts[place] = replace(part, returned_minor=part.returned_minor + piece)
        return_id = UUID(int=2000 + self.count)
        self._book(
            postings.share_returned(self.pool, return_id, receiver_id=who, amount_minor=amount, effective_on=DAY)
        )
        self.pool = replace(self.pool, given_minor=self.pool.given_minor - amount)

    @rule(amount=st.integers(1, 40_000))
    def refund(self, amount: int) -> None:
        amount = min(amount, self.net - self.refunded)
        if amount:
            self.refunded += amount
            self.owed[Account.MERCHANT_PAYABLE, MERCHANT] -= amount
            left = self.net - self.refunded
            amount_minor, released = rules.after_refunds(self.pool, left)
            self.pool = replace(self.pool, amount_minor=amount_minor)
            self._let_go(released)
            assert rules.after_refunds(self.pool, left) == (amount_minor, 0), "again it changes nothing"

    @rule()
    def time_is_over(self) -> None:
        self._let_go(self.pool.kept_minor)

    @invariant()
    def nothing_is_made_or_lost(self) -> None:
        if not hasattr(self, "pool"):
            return
        assert sum(self.owed.values()) == self.net - self.refunded
        assert self.owed[Account.MERCHANT_TO_SHARE, MERCHANT] == self.pool.kept_minor >= 0
        given = {who: self.owed[Account.MERCHANT_PAYABLE, who] for who in RECEIVERS}
        assert sum(given.values()) == self.pool.given_minor >= 0
        assert min(given.values()) >= 0
        for who in RECEIVERS:
            had = sum(each.amount_minor - each.returned_minor for each in self.parts if each.receiver_id == who)
            assert had == given[who]
        assert self.pool.kept_minor + self.pool.given_minor <= self.pool.amount_minor, "as the constraint says"

    def _let_go(self, amount: int) -> None:
        if amount:
            self._book(postings.released_from_sharing(self.pool, amount, self._number(), DAY))
            self.pool = replace(self.pool, kept_minor=self.pool.kept_minor - amount)

    def _book(self, posting: Posting) -> None:
        assert sum(each.amount_minor for each in posting.entries) == 0
        for each in posting.entries:
            self.owed[each.account, each.owner_id] -= each.amount_minor

    def _number(self) -> str:
        self.count += 1
        return f"{self.count}"


test_sharing_conserves_money: Any = Sharing.TestCase
