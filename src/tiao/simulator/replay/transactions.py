"""The file of transactions: read as text, checked row by row, put in the order of time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import polars as pl

from tiao.simulator.refusals import BadRow, TransactionsUnreadable
from tiao.simulator.replay.mapping import CONSTANT, ReplayMap
from tiao.values.money import AMOUNT_MAX_MINOR, CURRENCY_DECIMALS

#: An amount with so many significant digits, this close (relatively) to one that the currency can hold, is that amount:
#: the digits are the noise of binary floats, in which such files are often kept (85.64999999999999 is 85.65).
NOISE_DIGITS_MIN = 15
NOISE_MAX = Decimal("1e-13")
_ZERO = "amount_zero"
_TEXTS = ("transaction_id", "customer_id", "merchant_id", "amount", "currency")
_INSTANT_FORMS = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f")


class Transaction(NamedTuple):
    """One purchase of the file."""

    transaction_id: str
    occurred_at: datetime
    customer: str
    merchant: str
    amount_minor: int


class Transactions(NamedTuple):
    """The good rows in the order of time, and the bad ones with what is wrong.

    *void* rows have nothing wrong but an amount of zero, as card networks use to see whether a card is alive: nothing
    was bought, so there is nothing to replay.
    """

    frame: pl.DataFrame
    bad: list[BadRow]
    void: list[BadRow]
    rows: int

    def first_days(self, days: int) -> Transactions:
        """Keep the first *days* days of the file, counted by UTC date from its first good row."""
        if self.frame.is_empty():
            return self
        end = self.first_at.astimezone(UTC).date() + timedelta(days=days)
        return self._replace(frame=self.frame.filter(pl.col("occurred_at").dt.date() < end))

    @property
    def first_at(self) -> datetime:
        """The instant of the first row."""
        first: datetime = self.frame["occurred_at"][0]
        return first

    @property
    def last_at(self) -> datetime:
        """The instant of the last row."""
        last: datetime = self.frame["occurred_at"][-1]
        return last

    @property
    def total_minor(self) -> int:
        """All amounts together."""
        return int(self.frame["amount_minor"].sum())

    def by_day(self, zone: ZoneInfo) -> dict[date, pl.DataFrame]:
        """Split by the business day of a time zone."""
        dated = self.frame.with_columns(pl.col("occurred_at").dt.convert_time_zone(zone.key).dt.date().alias("day"))
        parts = dated.partition_by("day", maintain_order=True, as_dict=True, include_key=False)
        return {key[0]: part for key, part in parts.items()}


def listed(frame: pl.DataFrame) -> Iterator[Transaction]:
    """Give the rows of a frame."""
    return (Transaction(*row) for row in frame.iter_rows())


def read_transactions(path: Path, places: ReplayMap, *, currency: str) -> Transactions:
    """Read a Parquet or CSV file and check every row of it.

    Rounds: nothing; an amount with more decimals than its currency has is a bad row, float noise aside.
    Refuses: TransactionsUnreadable.
    """
    frame = _fields(_read(path, places), places).with_row_index("line", 2 if _is_csv(path) else 1)
    checked = frame.with_columns(_reasons(currency))
    suspect = checked.filter(pl.col("reason").is_not_null())
    found, mended = _looked_at(suspect, currency)
    void = sorted(row for row in found if row.reason == _ZERO)
    bad = sorted(row for row in found if row.reason != _ZERO)
    good = checked.filter(pl.col("reason").is_null()).drop("reason")
    if mended:
        good = pl.concat([good, pl.DataFrame(mended, schema=good.schema, orient="row")])
    good = good.sort("occurred_at", "transaction_id")
    columns = ("transaction_id", "occurred_at", "customer_id", "merchant_id", "amount_minor")
    return Transactions(good.select(columns), bad, void, frame.height)


def _is_csv(path: Path) -> bool:
    return path.suffix.lower() == ".csv"


def _read(path: Path, places: ReplayMap) -> pl.DataFrame:
    """Read the columns a map names. A CSV file is read as text, so that no reader's guess changes a value."""
    try:
        frame = pl.read_csv(path, infer_schema=False) if _is_csv(path) else pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise TransactionsUnreadable(f"{path.name}: {str(error).splitlines()[0]}") from error
    needed = list(dict.fromkeys(places.columns()))
    absent = [column for column in needed if column not in frame.columns]
    if absent:
        raise TransactionsUnreadable(f"{path.name} has no column {', '.join(absent)}")
    return frame.select(needed)


def _fields(frame: pl.DataFrame, places: ReplayMap) -> pl.DataFrame:
    """Bring the file into the replay's own columns: text, an instant, and an amount as text and as minor units."""
    named = {
        name: pl.lit(place.removeprefix(CONSTANT)) if place.startswith(CONSTANT) else pl.col(place)
        for name, place in places.places().items()
    }
    texts = {name: named[name].cast(pl.String).str.strip_chars().replace("", None) for name in _TEXTS}
    raw = frame.select(**texts, occurred_text=named["occurred_at"].cast(pl.String), occurred=named["occurred_at"])
    return raw.with_columns(_instant(raw.schema["occurred"]).alias("occurred_at")).drop("occurred")


def _instant(kind: pl.DataType) -> pl.Expr:
    column = pl.col("occurred")
    if isinstance(kind, pl.Datetime):
        aware = column.dt.convert_time_zone("UTC") if kind.time_zone else column.dt.replace_time_zone("UTC")
        return aware.dt.cast_time_unit("us")
    if isinstance(kind, pl.String):
        plain = column.str.strip_chars()
        parsed = [plain.str.to_datetime(form, strict=False, time_unit="us") for form in _INSTANT_FORMS]
        return pl.coalesce(parsed).dt.replace_time_zone("UTC")
    return pl.lit(None, dtype=pl.Datetime("us", "UTC"))


def _reasons(currency: str) -> list[pl.Expr]:
    """Find suspects fast: what passes here is good; what does not is looked at closely, one by one."""
    decimals = CURRENCY_DECIMALS[currency]
    plain = pl.col("amount").str.contains(rf"^\d{{1,12}}(\.\d{{1,{decimals}}})?$" if decimals else r"^\d{1,12}$")
    minor = (pl.col("amount").cast(pl.Float64, strict=False) * 10**decimals).round().cast(pl.Int64, strict=False)
    is_good = (
        plain
        & (minor > 0)
        & (minor <= AMOUNT_MAX_MINOR)
        & (pl.col("currency") == currency)
        & pl.col("occurred_at").is_not_null()
        & pl.all_horizontal(pl.col("transaction_id", "customer_id", "merchant_id").is_not_null())
        & pl.col("transaction_id").is_first_distinct()
    )
    reason = pl.when(is_good.fill_null(value=False)).then(None).otherwise(pl.lit("suspect"))
    return [
        minor.alias("amount_minor"),
        pl.col("transaction_id").is_first_distinct().alias("is_first"),
        reason.alias("reason"),
    ]


def _looked_at(suspect: pl.DataFrame, currency: str) -> tuple[list[BadRow], list[tuple[object, ...]]]:
    """Look at suspects one by one: name what is wrong, or mend what only looked so."""
    bad: list[BadRow] = []
    mended: list[tuple[object, ...]] = []
    for row in suspect.iter_rows(named=True):
        at = row["occurred_at"] or _read_instant(row["occurred_text"])
        fault = next(_faults(row, at, currency), None)
        if fault is not None:
            bad.append(BadRow(int(row["line"]), *fault))
            continue
        amount = _amount(row["amount"])
        assert amount is not None, "a row without a fault has an amount"
        minor = int(amount.scaleb(CURRENCY_DECIMALS[currency]).to_integral_value())
        kept = {**row, "occurred_at": at, "amount_minor": minor}
        mended.append(tuple(value for name, value in kept.items() if name != "reason"))
    return bad, mended


def _faults(row: dict[str, str | None], at: datetime | None, currency: str) -> Iterator[tuple[str, str]]:
    """Name what is wrong with a row, each time with the value at fault."""
    yield from ((f"{name}_missing", "") for name in _TEXTS if row[name] is None)
    if row["transaction_id"] is not None and not row["is_first"]:
        yield "transaction_id_repeated", row["transaction_id"]
    if at is None:
        text = row["occurred_text"]
        yield ("occurred_at_missing", "") if text is None else ("occurred_at_unparseable", text)
    code = row["currency"]
    if code is not None and code != currency:
        yield "currency_not_lent" if code in CURRENCY_DECIMALS else "currency_unknown", code
    if row["amount"] is not None and (reason := _amount_fault(row["amount"], currency)):
        yield reason, row["amount"]


def _amount_fault(text: str, currency: str) -> str | None:
    """Say what is wrong with an amount; None when nothing is."""
    amount = _amount(text)
    if amount is None:
        return "amount_unparseable"
    if amount <= 0:
        return _ZERO if amount == 0 else "amount_negative"
    exact = amount.scaleb(CURRENCY_DECIMALS[currency])
    nearest = exact.to_integral_value()
    if exact > AMOUNT_MAX_MINOR:
        return "amount_too_large"
    is_noise = len(amount.as_tuple().digits) >= NOISE_DIGITS_MIN and abs(exact - nearest) <= nearest * NOISE_MAX
    return None if exact == nearest or is_noise else "amount_has_too_many_decimals"


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _read_instant(text: str | None) -> datetime | None:
    """Read an instant in any ISO 8601 form; without an offset it is UTC."""
    try:
        found = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
