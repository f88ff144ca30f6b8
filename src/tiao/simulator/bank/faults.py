"""What goes wrong at the simulated bank, and how often. Chance comes from the seed and the request number alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Annotated, TypeAlias

import msgspec

CERTAIN_PPM = 1_000_000

Ppm: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=CERTAIN_PPM)]
#: As long as any client waits; a bound, so that nobody hangs a simulator for good.
HangMs: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=60_000)]


class FaultRates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often what goes wrong. *Units*: parts in a million of requests; everything is off by default.

    The first five decline a debit that would have succeeded; *maintenance* also declines payouts. Time-outs answer 504
    *before* anything was done or *after* it was done, and *hang_ms* makes the caller wait for it. *processing* books at
    once and says so only when asked. A garbled or wrongly signed answer follows a booking, too. Queries have a rate of
    their own, so that an outcome can be made unknown and then be found out.
    """

    insufficient_funds_ppm: Ppm = 0
    account_frozen_ppm: Ppm = 0
    limit_exceeded_ppm: Ppm = 0
    agreement_invalid_ppm: Ppm = 0
    maintenance_ppm: Ppm = 0
    payout_failed_ppm: Ppm = 0
    time_out_before_ppm: Ppm = 0
    time_out_after_ppm: Ppm = 0
    processing_ppm: Ppm = 0
    garbled_ppm: Ppm = 0
    wrongly_signed_ppm: Ppm = 0
    query_time_out_ppm: Ppm = 0
    duplicate_notice_ppm: Ppm = 0
    lost_notice_ppm: Ppm = 0
    hang_ms: HangMs = 0
    #: Of the rows of a day's file: left out, with another amount, with another fee, twice; and rows nobody asked for.
    row_missing_ppm: Ppm = 0
    row_amount_ppm: Ppm = 0
    row_fee_ppm: Ppm = 0
    row_twice_ppm: Ppm = 0
    row_foreign_ppm: Ppm = 0
    #: Of files: not there when first asked for; cut short at a row the first two times; the day before's once more.
    file_late_ppm: Ppm = 0
    file_short_ppm: Ppm = 0
    file_again_ppm: Ppm = 0
    #: Whole hours of the day, in the bank's own time, in which it does nothing: (2, 4) from two to four.
    maintenance_hours: tuple[tuple[int, int], ...] = ()

    def declines(self) -> list[tuple[str, int]]:
        """List the codes a debit may be declined with."""
        return [
            ("insufficient_funds", self.insufficient_funds_ppm),
            ("account_frozen", self.account_frozen_ppm),
            ("limit_exceeded", self.limit_exceeded_ppm),
            ("agreement_invalid", self.agreement_invalid_ppm),
            ("maintenance", self.maintenance_ppm),
        ]

    def payout_declines(self) -> list[tuple[str, int]]:
        """List the codes a payout may fail with."""
        return [("account_frozen", self.payout_failed_ppm), ("maintenance", self.maintenance_ppm)]

    def interruptions(self) -> list[tuple[str, int]]:
        """List what may happen to the answer of an order."""
        return [
            ("time_out_before", self.time_out_before_ppm),
            ("time_out_after", self.time_out_after_ppm),
            ("garbled", self.garbled_ppm),
            ("wrongly_signed", self.wrongly_signed_ppm),
        ]


def draw(seed: int, *what: str) -> int:
    """Draw a number that belongs to *what* for ever. *Units*: 0 to 999,999."""
    digest = hashlib.sha256("/".join((str(seed), *what)).encode()).digest()
    return int.from_bytes(digest[:8], "big") % CERTAIN_PPM


def pick(drawn: int, rates: Iterable[tuple[str, int]]) -> str | None:
    """Pick what a draw falls on; None when on nothing. Rates above certain in sum crowd the last ones out."""
    edge = 0
    for name, ppm in rates:
        edge += ppm
        if drawn < edge:
            return name
    return None
