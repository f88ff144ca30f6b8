"""The simulated bank decides as a bank does, repeats itself from its seed, and remembers across a restart."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tiao.simulator.bank.books import HOUSE_ACCOUNT, BankAccount, Books, Flow, Order, RequestDiffers
from tiao.simulator.bank.faults import CERTAIN_PPM, FaultRates, draw, pick
from tiao.simulator.bank.journal import SqliteJournal

AT = datetime(2026, 3, 2, 4, tzinfo=UTC)


def a_bank(seed: int = 1, journal: SqliteJournal | None = None) -> Books:
    books = Books(seed, journal=journal)
    for account in (
        BankAccount("rich", debit_max_minor=5_000),
        BankAccount("poor"),
        BankAccount("frozen", is_frozen=True),
        BankAccount("shop"),
    ):
        books.set_account(account)
    books.deposit("rich", 100_000, "CNY", AT)
    books.deposit("poor", 10, "CNY", AT)
    return books


def bound(books: Books, account_no: str) -> str:
    made = books.bind(account_no, "", "CNY", AT)
    assert not isinstance(made, str), made
    return made.agreement


def take(books: Books, request_no: str, agreement: str, amount_minor: int = 100) -> str | None:
    return books.execute(Order(Flow.DEBIT, request_no, agreement, amount_minor, "CNY"), AT).code


def pay(books: Books, request_no: str, account: str) -> str | None:
    return books.execute(Order(Flow.PAYOUT, request_no, account, 100, "CNY"), AT).code


def test_a_debit_is_declined_for_what_the_bank_knows() -> None:
    books = a_bank()
    rich, poor = bound(books, "rich"), bound(books, "poor")
    assert take(books, "1", rich) is None
    assert take(books, "2", rich, 5_001) == "limit_exceeded"
    assert take(books, "3", poor) == "insufficient_funds"
    assert take(books, "4", "AG0") == "agreement_invalid"
    books.end_agreement(rich)
    assert take(books, "5", rich) == "agreement_invalid"
    books.set_account(BankAccount("poor", is_frozen=True))
    assert take(books, "6", poor) == "account_frozen"
    assert (books.balances["rich"], books.balances["poor"], books.balances[HOUSE_ACCOUNT]) == (99_900, 10, 100)


def test_a_payout_finds_its_account_by_agreement_or_number() -> None:
    books = a_bank()
    assert pay(books, "1", bound(books, "poor")) is None
    assert pay(books, "2", "shop") is None
    assert pay(books, "3", "nowhere") == "account_unknown"
    assert pay(books, "4", "frozen") == "account_frozen"
    assert (books.balances["poor"], books.balances["shop"], books.balances[HOUSE_ACCOUNT]) == (110, 100, -200)


@pytest.mark.parametrize(
    ("account_no", "holder", "code"),
    [("nowhere", "", "account_unknown"), ("frozen", "", "account_frozen"), (HOUSE_ACCOUNT, "", "account_unknown")],
)
def test_an_agreement_is_refused_for_what_the_bank_knows(account_no: str, holder: str, code: str) -> None:
    assert a_bank().bind(account_no, holder, "CNY", AT) == code


def test_only_the_holder_binds_an_account_that_names_one() -> None:
    books = a_bank()
    books.set_account(BankAccount("hers", holder_name="王芳"))
    assert books.bind("hers", "李强", "CNY", AT) == "holder_differs"
    assert not isinstance(books.bind("hers", "王芳", "CNY", AT), str)


def test_the_same_number_moves_money_once_and_may_not_come_back_with_other_content() -> None:
    books = a_bank()
    rich = bound(books, "rich")
    assert [take(books, "1", rich) for _ in range(3)] == [None, None, None]
    assert books.balances[HOUSE_ACCOUNT] == 100
    with pytest.raises(RequestDiffers):
        take(books, "1", rich, 101)


def test_a_number_asked_about_before_it_was_seen_is_closed_for_debits_and_open_for_payouts() -> None:
    books = a_bank()
    rich = bound(books, "rich")
    assert books.look_up("1", closes=True) is None
    assert books.look_up("2", closes=False) is None
    assert take(books, "1", rich) == "request_closed"
    assert pay(books, "2", "shop") is None


def test_an_account_nobody_opened_comes_to_be_when_the_bank_is_told_to_open_them() -> None:
    books = Books(1, opening_balance_minor=700)
    agreement = bound(books, "6222000000001234")
    assert take(books, "1", agreement, 700) is None
    assert take(books, "2", agreement, 1) == "insufficient_funds"


def test_one_seed_declines_the_same_orders_in_any_order_and_another_seed_others() -> None:
    def declined(seed: int, numbers: list[str]) -> set[str]:
        books = a_bank(seed)
        books.set_faults(FaultRates(account_frozen_ppm=200_000, maintenance_ppm=100_000))
        rich = bound(books, "rich")
        return {number for number in numbers if take(books, number, rich, 1) is not None}

    numbers = [str(number) for number in range(400)]
    assert declined(1, numbers) == declined(1, numbers[::-1]) != declined(2, numbers)
    assert 80 < len(declined(1, numbers)) < 160


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "bank.sqlite")
    books = a_bank(journal=journal)
    rich = bound(books, "rich")
    books.set_faults(FaultRates(maintenance_ppm=7))
    take(books, "1", rich)
    pay(books, "2", "shop")
    books.look_up("3", closes=True)
    journal.close()
    again = SqliteJournal(tmp_path / "bank.sqlite")
    reborn = Books(1, journal=again)
    assert reborn.movements == books.movements
    assert reborn.balances == books.balances
    assert reborn.faults == FaultRates(maintenance_ppm=7)
    assert take(reborn, "1", rich) is None
    assert len(reborn.movements) == len(books.movements), "a decided order moved money again"
    assert take(reborn, "3", rich) == "request_closed"
    again.close()


def test_rates_are_bounded() -> None:
    for body in (b'{"garbled_ppm": -1}', b'{"garbled_ppm": 1000001}', b'{"hang_ms": 60001}', b'{"typo_ppm": 1}'):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(body, type=FaultRates)


def test_a_draw_is_spread_evenly_and_picks_in_proportion() -> None:
    drawn = [draw(3, str(number), "x") for number in range(10_000)]
    assert all(0 <= each < CERTAIN_PPM for each in drawn)
    picked = [pick(each, [("a", 300_000), ("b", 200_000)]) for each in drawn]
    assert 2_800 < picked.count("a") < 3_200
    assert 1_800 < picked.count("b") < 2_200
