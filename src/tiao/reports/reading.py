"""Reading a report, all of it from one instant."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from tiao.reports import store
from tiao.reports.equations import equations, file_equation
from tiao.reports.model import DayRow, FileTotals, Report, RollRow
from tiao.reports.store import BookedDay
from tiao.runtime.db import Tx
from tiao.runtime.programme import read_programme

_PLACES = Decimal("0.000001")


async def report(tx: Tx, *, file: FileTotals | None = None) -> Report:
    """Read everything a programme came to; *tx* is a snapshot. Refuses: ProgrammeMissing."""
    programme = await read_programme(tx)
    people = await store.read_people(tx)
    purchases = await store.read_purchases(tx)
    accounts = await store.read_accounts(tx)
    compared = equations(await store.read_figures(tx), accounts)
    return Report(
        programme=programme.name,
        currency=programme.currency,
        opened_on=programme.opened_on,
        closed_through=programme.closed_through,
        now_at=programme.now_at,
        customers=people.customers,
        merchants=people.merchants,
        applications=await store.read_applications(tx),
        purchases=purchases,
        authorisation_rate=share(purchases.authorised, purchases.asked),
        decline_reasons=tuple(await store.read_decline_reasons(tx)),
        stages=tuple(await store.read_stages(tx)),
        written_off=await store.read_written_off(tx),
        roll_rates=tuple(await store.read_roll_rates(tx)),
        income=tuple(account for account in accounts if account.account_class in {"income", "expense"}),
        accounts=tuple(accounts),
        settlement=await store.read_settlement(tx),
        payouts=tuple(await store.read_payouts(tx)),
        debits=tuple(await store.read_debits(tx)),
        days=_days(await store.read_days(tx)),
        equations=compared if file is None else (file_equation(file, purchases), *compared),
        file=file,
    )


def share(part: int, whole: int) -> str | None:
    """Write a share; None of nothing. Rounds: down, to six decimals."""
    return None if whole == 0 else str((Decimal(part) / whole).quantize(_PLACES, rounding=ROUND_DOWN))


def roll_rate(row: RollRow) -> str | None:
    """Say what share of the loans that left a stage left it for a worse one, or for the books of losses."""
    return share(row.worse + row.written_off, row.entered - row.still)


def _days(booked: list[BookedDay]) -> tuple[DayRow, ...]:
    """Add up day by day what is owed."""
    found = []
    owed = 0
    for day in booked:
        owed += day.owed_delta_minor
        found.append(
            DayRow(
                day=day.day,
                purchases=day.purchases,
                captured_minor=day.captured_minor,
                received_minor=day.received_minor,
                paid_out_minor=day.paid_out_minor,
                outstanding_minor=owed,
            )
        )
    return tuple(found)
