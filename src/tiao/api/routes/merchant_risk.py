"""What is seen of merchants, and settlements that wait."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids
from tiao.api.idempotency import once
from tiao.api.ids import IdempotencyKey, MerchantId, MerchantInPath, Text
from tiao.api.operation import O, makes, reads
from tiao.api.services import Call
from tiao.partners import actions as partners
from tiao.partners.refusals import MerchantUnknown
from tiao.partners.scopes import Scope
from tiao.payments import actions as payments
from tiao.payments.model import SettlementHold
from tiao.risk.merchants import actions as merchants
from tiao.risk.merchants.model import Seen
from tiao.runtime.db import Tx
from tiao.values.ids import read_id
from tiao.values.moment import Moment

#: So many days are shown.
_DAYS = 60


class MerchantDayShown(msgspec.Struct, frozen=True):
    """What was seen of a merchant on a day, and what spoke against it."""

    day: date
    purchases: int
    amount_minor: int
    refunds: int
    refunded_minor: int
    just_below: int
    draining: int
    draining_minor: int
    linked: int
    customers: int
    alarms: list[str]


class HoldShown(msgspec.Struct, frozen=True):
    """Why a merchant's settlements wait, and since when."""

    held_at: datetime
    held_by: str
    reason: str


class MerchantRiskShown(msgspec.Struct, frozen=True):
    """What is seen of a merchant, the latest day first; null where its settlements do not wait."""

    merchant: MerchantId
    settlement_hold: HoldShown | None
    days: list[MerchantDayShown]


class HoldGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the merchant's settlements are to wait, and why."""

    waits: bool
    reason: Text


@reads("/v1/merchants/{merchant_id:str}/risk", by=[O], scope=Scope.CASES_WRITE, refuses=[MerchantUnknown])
async def read_merchant_risk(call: Call, merchant_id: MerchantInPath) -> MerchantRiskShown:
    """Show what was seen of a merchant, day by day, and whether its settlements wait."""
    wanted = read_id(ids.MERCHANT, merchant_id)
    async with call.services.platform.db.snapshot() as tx:
        await partners.merchant(tx, wanted)
        held = await payments.settlements_held(tx, wanted)
        days = await merchants.seen(tx, wanted, _DAYS)
    return MerchantRiskShown(merchant_id, _hold_shown(held), [_day_shown(each) for each in days])


@makes("/v1/merchants/{merchant_id:str}/settlement_hold", by=[O], scope=Scope.CASES_WRITE, refuses=[MerchantUnknown])
async def hold_settlements(
    call: Call, merchant_id: MerchantInPath, data: JSONBody[HoldGiven], key: IdempotencyKey
) -> Response[MerchantRiskShown]:
    """Let a merchant's settlements wait, or let them be paid again on the next morning."""
    wanted = read_id(ids.MERCHANT, merchant_id)

    async def work(tx: Tx, now: Moment) -> MerchantRiskShown:
        await partners.merchant(tx, wanted)
        if data.waits:
            await payments.hold_settlements(tx, now, {wanted: data.reason}, actor=call.person)
        else:
            await payments.free_settlements(tx, now, wanted, actor=call.person)
        held = await payments.settlements_held(tx, wanted)
        days = await merchants.seen(tx, wanted, _DAYS)
        return MerchantRiskShown(merchant_id, _hold_shown(held), [_day_shown(each) for each in days])

    return await once(call, key, data, work)


def _hold_shown(held: SettlementHold | None) -> HoldShown | None:
    return None if held is None else HoldShown(held.held_at, held.held_by, held.reason)


def _day_shown(seen: Seen) -> MerchantDayShown:
    return MerchantDayShown(
        seen.day_on,
        seen.purchases,
        seen.amount_minor,
        seen.refunds,
        seen.refunded_minor,
        seen.just_below,
        seen.draining,
        seen.draining_minor,
        seen.linked,
        seen.customers,
        seen.alarms,
    )


ROUTES = [read_merchant_risk, hold_settlements]
