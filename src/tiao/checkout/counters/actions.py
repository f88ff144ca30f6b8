"""What can be done at a counter, inside the caller's transaction: at home, but for devices: with their customers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from tiao.checkout.counters import codes, limits, store
from tiao.checkout.counters.limits import CodeClass
from tiao.checkout.counters.model import Device, Payer, Sale, SaleKind, ShownCode, Slot, Store, Terminal
from tiao.checkout.counters.refusals import (
    CodeLimitReached,
    DeviceUnknown,
    SaleForAnother,
    SaleUnknown,
    StoreUnknown,
    TerminalLocked,
    TerminalUnknown,
)
from tiao.checkout.orders.model import MerchantOrder
from tiao.policy.pack import Pack
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldCipher
from tiao.values.ids import derived_id
from tiao.values.moment import Moment

#: A device is given the codes of so many steps: it can show them without a network for as long.
STEPS_GIVEN = 3
#: So many numbers that were not a slot's end it, so many codes that were none let a terminal rest, and so long.
SLOT_MISSES_MAX, TERMINAL_MISSES_MAX, TERMINAL_REST = 3, 5, timedelta(minutes=5)
#: A sale that was begun counts against the day for so long before it is known whether it is paid.
RESERVED_FOR = timedelta(minutes=2)
_SECRET_BYTES, _TOKEN_BYTES, _SLOT_TRIES = 32, 12, 20


async def make_store(tx: Tx, now: Moment, merchant_id: UUID, *, name: str, address: str, city: str = "") -> Store:
    """Open a store."""
    made = Store(now.new_id(), merchant_id, name, address, city, now.at)
    await store.insert_store(tx, made)
    return made


async def stores(tx: Tx, merchant_id: UUID) -> list[Store]:
    """Read a merchant's stores."""
    return await store.read_stores(tx, merchant_id)


async def store_of(tx: Tx, merchant_id: UUID, store_id: UUID) -> Store:
    """Read one store of a merchant. Refuses: StoreUnknown."""
    found = await store.read_store(tx, merchant_id, store_id)
    if found is None:
        raise StoreUnknown
    return found


async def make_terminal(
    tx: Tx,
    now: Moment,
    merchant_id: UUID,
    store_id: UUID,
    *,
    label: str,
    has_printed_code: bool,
    random_bytes: Callable[[int], bytes],
) -> Terminal:
    """Set a terminal up in a store. Refuses: StoreUnknown."""
    await store_of(tx, merchant_id, store_id)
    token = random_bytes(_TOKEN_BYTES).hex() if has_printed_code else None
    made = Terminal(now.new_id(), store_id, merchant_id, label, token, 0, None, now.at)
    await store.insert_terminal(tx, made)
    return made


async def terminals(tx: Tx, merchant_id: UUID, store_id: UUID) -> list[Terminal]:
    """Read a store's terminals. Refuses: StoreUnknown."""
    await store_of(tx, merchant_id, store_id)
    return await store.read_terminals(tx, store_id)


async def terminal(tx: Tx, merchant_id: UUID, terminal_id: UUID) -> Terminal:
    """Read one terminal of a merchant. Refuses: TerminalUnknown."""
    found = await store.read_terminal(tx, merchant_id, terminal_id)
    if found is None:
        raise TerminalUnknown
    return found


async def terminal_of_form(
    tx: Tx, now: Moment, merchant_id: UUID, *, account_id: UUID, name: str, label: str
) -> Terminal:
    """Give the terminal that stands for all tills of a merchant in another form; it is made when first used."""
    place = Store(derived_id("store_of_form", account_id), merchant_id, name, "", "", now.at)
    made = Terminal(derived_id("terminal_of_form", account_id), place.id, merchant_id, label, None, 0, None, now.at)
    if await store.read_terminal(tx, merchant_id, made.id) is None:
        await store.insert_store(tx, place)
        await store.insert_terminal(tx, made)
    return await terminal(tx, merchant_id, made.id)


async def terminal_of_token(tx: Tx, token: str) -> Terminal:
    """Read the terminal of a printed code. Refuses: TerminalUnknown."""
    found = await store.read_terminal_of_token(tx, token)
    if found is None:
        raise TerminalUnknown
    return found


async def add_device(tx: Tx, made: Device) -> Device:
    """Let a customer's device show codes, its terms agreed to."""
    await store.insert_device(tx, made)
    return made


async def device(tx: Tx, customer_id: UUID, device_id: UUID) -> Device:
    """Read one device of a customer that shows codes. Refuses: DeviceUnknown."""
    found = await store.read_device(tx, customer_id, device_id)
    if found is None or found.ended_at is not None:
        raise DeviceUnknown
    return found


async def end_device(tx: Tx, now: Moment, customer_id: UUID, device_id: UUID) -> None:
    """Let a device show no codes any more. Refuses: DeviceUnknown."""
    if await store.read_device(tx, customer_id, device_id) is None:
        raise DeviceUnknown
    await store.end_device(tx, device_id, now.at)


async def forget_codes(tx: Tx, device_id: UUID) -> None:
    """Let what a device shows mean nothing."""
    await store.forget_slots(tx, device_id)


async def new_codes(
    tx: Tx, at: datetime, vault: FieldCipher, owner: Device, *, random_bytes: Callable[[int], bytes]
) -> list[ShownCode]:
    """Give a device the codes of the next minutes under another slot; those it had mean nothing any more."""
    await store.forget_slots(tx, owner.id)
    secret = random_bytes(_SECRET_BYTES)
    first = codes.step_of(at.timestamp())
    ends_at = _begin_of(first + STEPS_GIVEN + codes.STEPS_AROUND)
    for _ in range(_SLOT_TRIES):
        number = int.from_bytes(random_bytes(8), "big") % codes.SLOTS
        sealed = vault.encrypt(secret.hex(), context=_context(number))
        if await store.insert_slot(tx, Slot(number, owner.id, owner.customer_id, sealed, at, ends_at, 0, 0)):
            break
    else:
        raise AssertionError("slots are a hundred million")
    key = _key(vault)
    return [
        ShownCode(
            codes.code_of(key, slot=number, number=codes.one_time_number(secret, step)),
            _begin_of(step),
            _begin_of(step + 1),
        )
        for step in range(first, first + STEPS_GIVEN)
    ]


async def read_payer(tx: Tx, at: datetime, vault: FieldCipher, till: Terminal, code: str) -> Payer | None:
    """Read a payer's code at a terminal: it burns, and what was none counts; so the caller commits whatever comes.

    Refuses: TerminalLocked.
    """
    if till.locked_until is not None and at < till.locked_until:
        raise TerminalLocked
    read = codes.read_code(_key(vault), code)
    slot = None if read is None else await store.lock_slot(tx, read.slot)
    if read is None or slot is None or at >= slot.ends_at or slot.misses >= SLOT_MISSES_MAX:
        await _missed(tx, at, till)
        return None
    secret = bytes.fromhex(vault.decrypt(slot.secret_sealed, context=_context(slot.slot)))
    now = codes.step_of(at.timestamp())
    step = codes.matching_step(secret, read.number, now=now, burnt=slot.burnt_step)
    if step is None:
        await store.slot_missed(tx, slot.slot)
        await _missed(tx, at, till)
        return None
    await store.burn_step(tx, slot.slot, step)
    await store.terminal_read(tx, till.id)
    return Payer(slot.customer_id, slot.device_id)


async def begin_sale(tx: Tx, now: Moment, order: MerchantOrder, till: Terminal, kind: SaleKind) -> Sale:
    """Say where and how an order is sold in person; again it changes nothing."""
    await store.insert_sale(tx, order.id, till, kind, now.at)
    return await sale(tx, order.id)


async def sale(tx: Tx, order_id: UUID) -> Sale:
    """Read the sale that an order is. Refuses: SaleUnknown."""
    found = await store.read_sale(tx, order_id)
    if found is None:
        raise SaleUnknown
    return found


async def sale_of(tx: Tx, order_id: UUID) -> Sale | None:
    """Read the sale that an order is, if it is one."""
    return await store.read_sale(tx, order_id)


async def bind_payer(tx: Tx, order_id: UUID, payer_id: UUID | None) -> None:
    """Say whose code was read: nobody else may pay this sale. None: another code may be read."""
    await store.bind_payer(tx, order_id, payer_id)


async def count_sale(
    tx: Tx, at: datetime, pack: Pack, order: MerchantOrder, *, payer_id: UUID, today: date, is_confirmed: bool
) -> CodeClass | None:
    """Count a sale in person against its payer's day; an order that is none counts against nothing.

    Refuses: SaleForAnother, CodeLimitReached.
    """
    found = await store.read_sale(tx, order.id)
    if found is None:
        return None
    if found.payer_id not in {None, payer_id}:
        raise SaleForAnother
    code_class = limits.class_of(found.kind, is_confirmed=is_confirmed)
    most = limits.limit_minor(pack, code_class, on=today)
    counted = await store.counted(
        tx,
        payer_id,
        on=today,
        classes=[each.value for each in limits.COUNTED[code_class]],
        order_id=order.id,
        since=at - RESERVED_FOR,
    )
    if most is not None and counted + order.amount_minor > most:
        raise CodeLimitReached(limit_minor=most, left_minor=max(0, most - counted), code_class=code_class.value[0])
    await store.reserve(tx, order.id, payer_id, on=today, code_class=code_class.value, at=at)
    return code_class


async def forget_ended(tx: Tx, before: datetime, limit: int) -> int:
    """Forget so many slots whose time was over before an instant, and count them."""
    return await store.delete_slots(tx, before, limit)


async def _missed(tx: Tx, at: datetime, till: Terminal) -> None:
    await store.terminal_missed(tx, till.id, most=TERMINAL_MISSES_MAX, until=at + TERMINAL_REST)


def _begin_of(step: int) -> datetime:
    return datetime.fromtimestamp(step * codes.STEP_SECONDS, tz=UTC)


def _key(vault: FieldCipher) -> bytes:
    """Give the key of the permutation: the look-up key's, which stays when field keys are changed."""
    return vault.lookup("permutation", purpose="payment_code")


def _context(slot: int) -> str:
    return f"pay_slot.secret:{slot}"
