"""What the shop keeps: goods, baskets and orders. In memory, for it is an example; a shop of yours has a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from secrets import token_hex


@dataclass(frozen=True)
class Product:
    """Something on the shelf."""

    code: str
    name: str
    text: str
    price_minor: int


@dataclass
class Order:
    """What somebody orders, and what the shop has been told of its payment."""

    number: str
    goods: list[Product]
    amount_minor: int
    session: str
    pay_url: str
    place: str = "online"
    #: What the till was told at a counter: to show a code, or that the customer is asked on the phone.
    asked: str = "show_code"
    #: What a wallet scans; a phone's own camera follows the address instead.
    code: str | None = None
    status: str = "open"
    purchase: str | None = None
    plan: str | None = None
    refunded_minor: int = 0
    told: list[str] = field(default_factory=list)

    @property
    def left_minor(self) -> int:
        """What could still be given back."""
        return self.amount_minor - self.refunded_minor if self.status == "paid" else 0


SHELF = (
    Product("shelf", "橡木书架", "五层,自己装,半小时。", 120_000),
    Product("lamp", "阅读灯", "暖光,可调。", 26_800),
    Product("pen", "钢笔", "写一辈子。", 9_900),
)


class Book:
    """The shop's memory."""

    def __init__(self) -> None:
        self.baskets: dict[str, list[Product]] = {}
        self.orders: dict[str, Order] = {}
        self.events: set[str] = set()
        self._serial = count(1)
        self._prefix = token_hex(3)

    def next_number(self) -> str:
        """Give an order its number: it is new after a restart too."""
        return f"{self._prefix}-{next(self._serial)}"

    def of_purchase(self, purchase: str, reference: str) -> Order | None:
        """Find the order of a purchase that an event names."""
        found = self.orders.get(reference)
        return next((each for each in self.orders.values() if each.purchase == purchase), found)


def product(code: str) -> Product:
    """Take something off the shelf; what is not there is a KeyError."""
    return {each.code: each for each in SHELF}[code]
