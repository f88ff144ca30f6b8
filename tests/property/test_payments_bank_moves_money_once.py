"""Orders, repeats, questions in any order: the bank moves each number's money at most once and never takes it back."""

from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from tiao.simulator.bank.books import HOUSE_ACCOUNT, BankAccount, Books, Flow, Order
from tiao.simulator.bank.faults import FaultRates

AT = datetime(2026, 3, 2, 4, tzinfo=UTC)
NUMBERS = ["1", "2", "3", "4"]


class Step(NamedTuple):
    """A debit, a payout, or a question about one, under a number."""

    what: str
    number: str


steps = st.lists(st.builds(Step, st.sampled_from(["debit", "ask"]), st.sampled_from(NUMBERS)), max_size=40)


def run(seed: int, ppm: int, plan: list[Step]) -> tuple[Books, list[tuple[str, str]]]:
    books = Books(seed)
    books.set_account(BankAccount("her"))
    books.deposit("her", 250, "CNY", AT)
    books.set_faults(FaultRates(account_frozen_ppm=ppm))
    made = books.bind("her", "", "CNY", AT)
    assert not isinstance(made, str)
    said = []
    for step in plan:
        if step.what == "debit":
            decided = books.execute(Order(Flow.DEBIT, step.number, made.agreement, 100, "CNY"), AT)
        else:
            found = books.look_up(step.number, closes=True)
            if found is None:
                said.append((step.number, "no"))
                continue
            decided = found
        said.append((step.number, "no" if decided.code else "yes"))
    return books, said


@given(st.integers(0, 5), st.sampled_from([0, 300_000]), steps)
def test_an_answer_once_given_stands_and_the_statement_agrees(seed: int, ppm: int, plan: list[Step]) -> None:
    books, said = run(seed, ppm, plan)
    by_number = groupby(sorted(said), key=lambda pair: pair[0])
    final = {number: {answer for _, answer in pairs} for number, pairs in by_number}
    assert all(len(answers) == 1 for answers in final.values()), f"the bank contradicts itself: {final}"
    paid = [move.request_no or "" for move in books.movements if move.account_no == HOUSE_ACCOUNT]
    assert sorted(paid) == sorted(number for number, answers in final.items() if answers == {"yes"})


@given(st.integers(0, 5), steps)
def test_money_neither_appears_nor_vanishes(seed: int, plan: list[Step]) -> None:
    books, _ = run(seed, 300_000, plan)
    assert sum(books.balances.values()) == 250
    assert books.balances["her"] >= 0
