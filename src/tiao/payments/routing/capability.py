"""What a channel can do, and which may not be used for a payment: the hard filter before any score. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from enum import StrEnum
from typing import Annotated, NamedTuple
from uuid import UUID

import msgspec

from tiao.payments.routing.router import Cost

#: A customer's account of this class may be debited so much a day, in fen. Source: policy `bank_account.class_limits`.
CLASS_LIMITS_MINOR: dict[int | None, int] = {2: 1_000_000, 3: 200_000}
_Clock = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class CardKind(StrEnum):
    """What a card is. Only debit cards repay: credit is not repaid with credit."""

    DEBIT = "debit"
    CREDIT = "credit"
    SEMI_CREDIT = "semi_credit"
    PREPAID = "prepaid"


class WireFormat(StrEnum):
    """Which wire a channel speaks."""

    TIAO = "tiao"
    UNIONPAY = "unionpay"
    ISO20022 = "iso20022"
    ISO8583 = "iso8583"


class FileFormat(StrEnum):
    """How a channel writes the file of a day."""

    TIAO = "tiao"
    ZM = "zm"
    CAMT053 = "camt053"


class StatementForm(StrEnum):
    """How the bank's statement shows a channel's payments: each for itself, or the net of a day."""

    EACH = "each"
    NET = "net"


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours of the day, over midnight when they end before they start; *days* 1 to 7 name the day they start on."""

    starts: _Clock
    ends: _Clock
    days: tuple[Annotated[int, msgspec.Meta(ge=1, le=7)], ...] = ()

    def covers(self, local: datetime) -> bool:
        """Tell whether an instant of the programme's own time lies in it."""
        starts, ends, now = time.fromisoformat(self.starts), time.fromisoformat(self.ends), local.time()
        today, yesterday = local.isoweekday(), (local.isoweekday() - 2) % 7 + 1
        if starts < ends:
            return starts <= now < ends and self._is_on(today)
        return (now >= starts and self._is_on(today)) or (now < ends and self._is_on(yesterday))

    def _is_on(self, weekday: int) -> bool:
        return not self.days or weekday in self.days


class Capability(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a channel can do, as its agreement says. *Units*: minor units; no issuers named: every one."""

    name: str
    title: str
    format: WireFormat
    file: FileFormat
    statement: StatementForm
    issuers: frozenset[str] = frozenset()
    card_kinds: frozenset[CardKind] = frozenset()
    single_min_minor: int = 1
    single_max_minor: int | None = None
    daily_max_minor: int | None = None
    cost_bps: int = 0
    cost_fixed_minor: int = 0
    latency_ms: int = 500
    open: tuple[Window, ...] = ()
    maintenance: tuple[Window, ...] = ()
    #: From here on what is sent falls on the channel's next day.
    cut_off: _Clock | None = None

    @property
    def cost(self) -> Cost:
        """Tell what the channel takes for a success."""
        return Cost(self.cost_bps, self.cost_fixed_minor)


class Excluded(StrEnum):
    """Why a channel may not be used for a payment."""

    NOT_REACHABLE = "not_reachable"
    NO_AGREEMENT = "no_agreement"
    ISSUER_NOT_SUPPORTED = "issuer_not_supported"
    CARD_KIND_NOT_SUPPORTED = "card_kind_not_supported"
    BELOW_SINGLE_MINIMUM = "below_single_minimum"
    ABOVE_SINGLE_LIMIT = "above_single_limit"
    ABOVE_DAILY_LIMIT = "above_daily_limit"
    ABOVE_CLASS_LIMIT = "above_class_limit"
    CLOSED_AT_THIS_HOUR = "closed_at_this_hour"
    MAINTENANCE = "maintenance"
    TRIED_BEFORE = "tried_before"
    DRAINED = "drained"


class Wish(NamedTuple):
    """A payment that wants a channel. *used_today_minor*: what was asked of the account today, by channel."""

    debit_id: UUID
    issuer: str | None
    card_kind: CardKind | None
    account_class: int | None
    amount_minor: int
    at: datetime
    agreements: Mapping[str, str]
    used_today_minor: Mapping[str, int] = {}
    tried: frozenset[str] = frozenset()


def why_not(capability: Capability, wish: Wish, local: datetime) -> list[Excluded]:
    """List every reason against a channel; empty when it may be used. *local*: the instant in its zone."""
    reasons = why_not_this(capability, wish)
    if capability.open and not covered(capability.open, local):
        reasons.append(Excluded.CLOSED_AT_THIS_HOUR)
    if covered(capability.maintenance, local):
        reasons.append(Excluded.MAINTENANCE)
    return reasons


def why_not_this(capability: Capability, wish: Wish) -> list[Excluded]:
    """List what about the payment itself stands against a channel, whatever the hour: asked most, answered fast."""
    reasons = []
    name, amount, used = capability.name, wish.amount_minor, wish.used_today_minor
    if name not in wish.agreements:
        reasons.append(Excluded.NO_AGREEMENT)
    if name in wish.tried:
        reasons.append(Excluded.TRIED_BEFORE)
    if capability.issuers and wish.issuer not in capability.issuers:
        reasons.append(Excluded.ISSUER_NOT_SUPPORTED)
    # A card whose kind nobody has told us is tried.
    if capability.card_kinds and wish.card_kind is not None and wish.card_kind not in capability.card_kinds:
        reasons.append(Excluded.CARD_KIND_NOT_SUPPORTED)
    if amount < capability.single_min_minor:
        reasons.append(Excluded.BELOW_SINGLE_MINIMUM)
    if capability.single_max_minor is not None and amount > capability.single_max_minor:
        reasons.append(Excluded.ABOVE_SINGLE_LIMIT)
    if capability.daily_max_minor is not None and used.get(name, 0) + amount > capability.daily_max_minor:
        reasons.append(Excluded.ABOVE_DAILY_LIMIT)
    if wish.account_class in CLASS_LIMITS_MINOR and (
        sum(used.values()) + amount > CLASS_LIMITS_MINOR[wish.account_class]
    ):
        reasons.append(Excluded.ABOVE_CLASS_LIMIT)
    return reasons


def covered(windows: tuple[Window, ...], local: datetime) -> bool:
    """Tell whether one of several windows covers an instant of the programme's own time."""
    return any(window.covers(local) for window in windows)
