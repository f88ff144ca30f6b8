"""Every "no" about contacts."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class CollectingBarred(Refusal):
    """Something bars collecting from this customer: an open dispute, a hardship plan."""


class NothingOverdue(Refusal):
    """The line owes nothing past its due date; there is nothing to speak about."""


class PromiseIncomplete(Refusal):
    """A promise has an amount and a day that is not over; nothing else has either."""

    kind = Kind.INVALID
