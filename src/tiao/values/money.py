"""Money in integer minor units, and the only ways to split or round it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from fractions import Fraction
from typing import NamedTuple, Self

#: ISO 4217 currencies the platform knows, and how many decimals their minor unit has.
CURRENCY_DECIMALS: dict[str, int] = {"CNY": 2, "EUR": 2, "GBP": 2, "HKD": 2, "JPY": 0, "TWD": 2, "USD": 2}

#: Of currencies with a sign that means nothing else where the platform is used; of others the code is written.
_SIGNS = {"CNY": "¥", "EUR": "€"}

#: Largest amount accepted anywhere: 10 billion yuan in fen. A sum of a million of them still fits 64 bits.
AMOUNT_MAX_MINOR = 10**12


class Rounding(Enum):
    """How a fraction of a minor unit becomes a whole one; always named at the call."""

    HALF_EVEN = "half_even"
    HALF_UP = "half_up"
    DOWN = "down"
    UP = "up"


class Spare(Enum):
    """Who receives the units that an even split leaves over."""

    FIRST = "first"
    LAST = "last"


def round_minor(exact: Fraction, mode: Rounding) -> int:
    """Round an exact amount of minor units to a whole one.

    Rounds: as *mode* says; halves and directions are taken away from or toward zero symmetrically.
    """
    sign = -1 if exact < 0 else 1
    whole, rest = divmod(abs(exact.numerator), exact.denominator)
    twice = 2 * rest
    match mode:
        case Rounding.DOWN:
            up = False
        case Rounding.UP:
            up = rest > 0
        case Rounding.HALF_UP:
            up = twice >= exact.denominator
        case Rounding.HALF_EVEN:
            up = twice > exact.denominator or (twice == exact.denominator and whole % 2 == 1)
    return sign * (whole + int(up))


def share_minor(total: int, weights: Sequence[int], *, spare: Spare) -> list[int]:
    """Split *total* minor units in proportion to *weights*; the parts always add up to the whole.

    Rounds: down; the units left over all go to the first or last part with a weight, as *spare* says.
    """
    whole = sum(weights)
    assert whole > 0, "a split needs at least one positive weight"
    assert min(weights) >= 0, "weights are not negative"
    parts = [total * weight // whole for weight in weights]
    order = range(len(parts)) if spare is Spare.FIRST else range(len(parts) - 1, -1, -1)
    taker = next(index for index in order if weights[index] > 0)
    parts[taker] += total - sum(parts)
    return parts


class Money(NamedTuple):
    """An amount of one currency in integer minor units. It refuses to mix currencies and cannot be divided."""

    minor: int
    currency: str

    def __add__(self, other: object) -> Self:
        """Add money of the same currency."""
        return self._replace(minor=self.minor + self._same(other).minor)

    def __sub__(self, other: object) -> Self:
        """Subtract money of the same currency."""
        return self._replace(minor=self.minor - self._same(other).minor)

    def __neg__(self) -> Self:
        """Turn a debt into a claim."""
        return self._replace(minor=-self.minor)

    def __mul__(self, other: object) -> Self:
        """Refuse: multiply by a rate with `times`, which names its rounding."""
        raise TypeError("multiply money with Money.times(rate, mode)")

    def __rmul__(self, other: object) -> Self:
        """Refuse, as `__mul__` does."""
        return self * other

    def times(self, rate: Fraction, mode: Rounding) -> Self:
        """Multiply by an exact rate. Rounds: as *mode* says."""
        return self._replace(minor=round_minor(self.minor * rate, mode))

    def share(self, weights: Sequence[int], *, spare: Spare) -> list[Self]:
        """Split in proportion to *weights*; the parts always add up to the whole (see `share_minor`)."""
        return [self._replace(minor=part) for part in share_minor(self.minor, weights, spare=spare)]

    def _same(self, other: object) -> Money:
        assert isinstance(other, Money), f"money meets {type(other).__name__}"
        assert other.currency == self.currency, f"{self.currency} meets {other.currency}"
        return other

    def __str__(self) -> str:
        """Show major units as people write them, with the currency's decimals: ``¥1,234.50``, ``USD 12.30``."""
        decimals = CURRENCY_DECIMALS.get(self.currency, 2)
        sign = "-" if self.minor < 0 else ""
        whole, rest = divmod(abs(self.minor), 10**decimals)
        fraction = f".{rest:0{decimals}d}" if decimals else ""
        return f"{sign}{_SIGNS.get(self.currency, f'{self.currency} ')}{whole:,}{fraction}"
