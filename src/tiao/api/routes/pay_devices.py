"""A customer's devices that show payment codes: what is agreed to, and the codes of the next minutes."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import Response
from litestar.params import JSONBody

from tiao.api import ids, sheets
from tiao.api.idempotency import once
from tiao.api.ids import CustomerId, DeviceInPath, IdempotencyKey, Text
from tiao.api.operation import C, ends, makes, reads
from tiao.api.services import Call
from tiao.api.sheets import AckGiven, CostSheetShown
from tiao.checkout.counters import actions as counters
from tiao.checkout.counters import agreeing
from tiao.checkout.counters.model import Device
from tiao.checkout.counters.presented import device_code
from tiao.checkout.counters.refusals import DeviceUnknown, NotAgreedTo
from tiao.checkout.refusals import NoCreditLine
from tiao.lending.refusals import CostSheetNotAcknowledged, ReadingTimeNotOver
from tiao.partners.scopes import Scope
from tiao.runtime.db import Tx
from tiao.values.ids import read_id, show_id
from tiao.values.moment import Moment


class DeviceGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device, and that its owner saw and confirmed the sheet for paying by code alone."""

    label: Text
    cost_sheet: AckGiven


class DeviceShown(msgspec.Struct, frozen=True):
    """A device that shows codes; purchases up to *agreed_minor* need no more."""

    id: str
    customer: CustomerId
    label: str
    agreed_minor: int
    confirmed_at: datetime
    ended_at: datetime | None


class PayCodeShown(msgspec.Struct, frozen=True):
    """A code and when it is to be shown; *emv* is the same for tills that read EMVCo's form."""

    code: str
    emv: str
    from_at: datetime
    until: datetime


class CodesShown(msgspec.Struct, frozen=True):
    """The codes of the next minutes: they work without a network, each once."""

    data: list[PayCodeShown]


@reads("/v1/pay_devices/agreement", by=[C], scope=Scope.QUOTES_WRITE, refuses=[NoCreditLine, NotAgreedTo])
async def read_pay_agreement(call: Call) -> CostSheetShown:
    """Show the cost sheet for paying by code alone: up to a day's limit, due at the next due date, free of cost."""
    async with call.db.begin() as tx:
        now = await call.platform.moments(tx)
        found = await agreeing.agreement(tx, now, call.platform.book, call.caller.subject_id)
    return await sheets.shown(call, found.sheet, plan=found.offer.plan, on=now.today)


@makes(
    "/v1/pay_devices",
    by=[C],
    scope=Scope.PURCHASES_WRITE,
    refuses=[NoCreditLine, NotAgreedTo, CostSheetNotAcknowledged, ReadingTimeNotOver],
)
async def add_pay_device(call: Call, data: JSONBody[DeviceGiven], key: IdempotencyKey) -> Response[DeviceShown]:
    """Let a device show payment codes."""
    ack = await sheets.read(call, data.cost_sheet)
    if ack is None:
        raise CostSheetNotAcknowledged

    async def work(tx: Tx, now: Moment) -> DeviceShown:
        made = await agreeing.new_device(tx, now, call.platform.book, call.caller.subject_id, label=data.label, ack=ack)
        return _device_shown(await counters.add_device(tx, made))

    return await once(call, key, data, work)


@makes(
    "/v1/pay_devices/{device_id:str}/codes",
    by=[C],
    scope=Scope.PURCHASES_WRITE,
    status=200,
    refuses=[DeviceUnknown],
    is_keyed=False,
)
async def refresh_codes(call: Call, device_id: DeviceInPath) -> CodesShown:
    """Give a device the codes of the next minutes; those it had before mean nothing any more."""
    home = call.services.platform
    async with call.db.begin() as tx:
        owner = await counters.device(tx, call.caller.subject_id, read_id(ids.DEVICE, device_id))
    async with home.db.begin() as tx:
        real = await call.services.clock.now(tx)
        found = await counters.new_codes(tx, real, home.vault, owner, random_bytes=call.services.random_bytes)
    return CodesShown([PayCodeShown(each.code, device_code(each.code), each.from_at, each.until) for each in found])


@ends("/v1/pay_devices/{device_id:str}", by=[C], scope=Scope.PURCHASES_WRITE, refuses=[DeviceUnknown])
async def end_pay_device(call: Call, device_id: DeviceInPath) -> DeviceShown:
    """Let a device show no codes any more; what it shows means nothing from now on."""
    wanted = read_id(ids.DEVICE, device_id)
    async with call.db.begin() as tx:
        owner = await counters.device(tx, call.caller.subject_id, wanted)
        now = await call.platform.moments(tx)
        await counters.end_device(tx, now, call.caller.subject_id, wanted)
    async with call.services.platform.db.begin() as tx:
        await counters.forget_codes(tx, wanted)
    return _device_shown(msgspec.structs.replace(owner, ended_at=now.at))


def _device_shown(device: Device) -> DeviceShown:
    return DeviceShown(
        id=show_id(ids.DEVICE, device.id),
        customer=show_id(ids.CUSTOMER, device.customer_id),
        label=device.label,
        agreed_minor=device.agreed_minor,
        confirmed_at=device.confirmed_at,
        ended_at=device.ended_at,
    )


ROUTES = [read_pay_agreement, add_pay_device, refresh_codes, end_pay_device]
