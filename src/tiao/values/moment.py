"""The instant at which something happens, handed down from the edge together with the source of new ids."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from tiao.values.ids import IdSource


class Moment(NamedTuple):
    """When an action happens: the instant, the business date it falls on in the programme's time zone, and new ids.

    Actions take one instead of asking a clock, so that a year can be lived in seconds and repeated from a seed.
    """

    at: datetime
    today: date
    ids: IdSource

    def new_id(self, bucket: int | None = None) -> UUID:
        """Make an id for something that happens now, in *bucket* when it belongs to a customer."""
        return self.ids(self.at, bucket)
