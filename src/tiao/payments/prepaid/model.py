"""What is kept of one capture."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

import msgspec


class Hold(msgspec.Struct, frozen=True):
    """What is kept of a capture and how far its service has come. *Units*: minor units, of what the merchant gets."""

    bucket: int
    loan_id: UUID
    purchase_id: UUID
    merchant_id: UUID
    currency: str
    held_minor: int
    left_minor: int
    steps: int
    step_days: int
    steps_done: int
    held_on: date
    next_on: date


class Kept(NamedTuple):
    """A purchase of which something was kept, and its place in the order of captures."""

    purchase_id: UUID
    held_on: date
    loan_id: UUID


class Step(NamedTuple):
    """What is released to a merchant on a day, if nothing comes between. *Units*: minor units."""

    releases_on: date
    amount_minor: int


class Failure(NamedTuple):
    """That a merchant gives its service no more, and the two people who said so."""

    merchant_id: UUID
    failed_on: date
    proposed_by: str
    agreed_by: str
