"""The life of a line: its loans as agreed and all that happened to them, folded in the order in which it counts.

Facts are kept for ever; what is owed is derived from them. A fact that arrives late is put where it belongs by its
effective day, and everything after it is folded again (`replaying` books the difference). The same rules serve the
step-by-step path, so folding the facts of a line gives what its rows say.
"""

from tiao.lending.life.facts import (
    AgreedPart,
    Carried,
    Charged,
    Component,
    Deferred,
    Event,
    Fact,
    Lent,
    PaidOut,
    Paused,
    Received,
    Refunded,
    Rescheduled,
    Waived,
    WrittenOff,
    place_of,
)
from tiao.lending.life.fold import fold, recovered_by_refund
from tiao.lending.life.part import Accrual, Booking, Life, Part, TakenOff

__all__ = [
    "Accrual",
    "AgreedPart",
    "Booking",
    "Carried",
    "Charged",
    "Component",
    "Deferred",
    "Event",
    "Fact",
    "Lent",
    "Life",
    "PaidOut",
    "Part",
    "Paused",
    "Received",
    "Refunded",
    "Rescheduled",
    "TakenOff",
    "Waived",
    "WrittenOff",
    "fold",
    "place_of",
    "recovered_by_refund",
]
