"""Rows to stores, terminals, devices, slots and sales, and back. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from tiao.checkout.counters.model import Device, Sale, SaleKind, Slot, Store, Terminal
from tiao.runtime.db import Tx
from tiao.runtime.queries import load_queries
from tiao.values.ids import bucket_of

_QUERIES = load_queries("tiao.checkout.counters")


async def insert_store(tx: Tx, made: Store) -> None:
    """Write a store."""
    await tx.execute(
        _QUERIES.insert_store,
        id=made.id,
        merchant=made.merchant_id,
        name=made.name,
        address=made.address,
        city=made.city,
        at=made.made_at,
    )


async def read_stores(tx: Tx, merchant_id: UUID) -> list[Store]:
    """Read a merchant's stores."""
    return await tx.rows(_QUERIES.stores, Store, merchant=merchant_id)


async def read_store(tx: Tx, merchant_id: UUID, store_id: UUID) -> Store | None:
    """Read one store."""
    return await tx.maybe(_QUERIES.store, Store, id=store_id, merchant=merchant_id)


async def insert_terminal(tx: Tx, made: Terminal) -> None:
    """Write a terminal."""
    await tx.execute(
        _QUERIES.insert_terminal,
        id=made.id,
        store=made.store_id,
        merchant=made.merchant_id,
        label=made.label,
        token=made.static_token,
        at=made.made_at,
    )


async def read_terminals(tx: Tx, store_id: UUID) -> list[Terminal]:
    """Read a store's terminals."""
    return await tx.rows(_QUERIES.terminals, Terminal, store=store_id)


async def read_terminal(tx: Tx, merchant_id: UUID, terminal_id: UUID) -> Terminal | None:
    """Read one terminal."""
    return await tx.maybe(_QUERIES.terminal, Terminal, id=terminal_id, merchant=merchant_id)


async def read_terminal_of_token(tx: Tx, token: str) -> Terminal | None:
    """Read the terminal of a printed code."""
    return await tx.maybe(_QUERIES.terminal_of_token, Terminal, token=token)


async def terminal_missed(tx: Tx, terminal_id: UUID, *, most: int, until: datetime) -> None:
    """Count a code that was none."""
    await tx.execute(_QUERIES.terminal_missed, id=terminal_id, most=most, until=until)


async def terminal_read(tx: Tx, terminal_id: UUID) -> None:
    """Forget what was missed."""
    await tx.execute(_QUERIES.terminal_read, id=terminal_id)


async def insert_device(tx: Tx, made: Device) -> None:
    """Write a device."""
    await tx.execute(
        _QUERIES.insert_device,
        bucket=made.bucket,
        id=made.id,
        customer=made.customer_id,
        label=made.label,
        digest=made.agreed_digest,
        agreed=made.agreed_minor,
        late_rate=made.agreed_late_rate,
        shown_at=made.shown_at,
        confirmed_at=made.confirmed_at,
        at=made.made_at,
    )


async def read_device(tx: Tx, customer_id: UUID, device_id: UUID) -> Device | None:
    """Read one device of a customer."""
    return await tx.maybe(_QUERIES.device, Device, bucket=bucket_of(device_id), id=device_id, customer=customer_id)


async def end_device(tx: Tx, device_id: UUID, at: datetime) -> None:
    """End a device."""
    await tx.execute(_QUERIES.end_device, bucket=bucket_of(device_id), id=device_id, at=at)


async def forget_slots(tx: Tx, device_id: UUID) -> None:
    """Forget what a device's codes meant."""
    await tx.execute(_QUERIES.forget_slots, device=device_id)


async def insert_slot(tx: Tx, made: Slot) -> bool:
    """Take a slot; False when somebody has it."""
    written = await tx.execute(
        _QUERIES.insert_slot,
        slot=made.slot,
        device=made.device_id,
        customer=made.customer_id,
        secret=made.secret_sealed,
        at=made.granted_at,
        ends_at=made.ends_at,
    )
    return written == 1


async def lock_slot(tx: Tx, slot: int) -> Slot | None:
    """Read a slot and keep it from changing."""
    return await tx.maybe(_QUERIES.lock_slot, Slot, slot=slot)


async def burn_step(tx: Tx, slot: int, step: int) -> None:
    """Burn a step."""
    await tx.execute(_QUERIES.burn_step, slot=slot, step=step)


async def slot_missed(tx: Tx, slot: int) -> None:
    """Count a miss."""
    await tx.execute(_QUERIES.slot_missed, slot=slot)


async def insert_sale(tx: Tx, order_id: UUID, terminal: Terminal, kind: SaleKind, at: datetime) -> None:
    """Write a sale."""
    await tx.execute(
        _QUERIES.insert_sale,
        order=order_id,
        merchant=terminal.merchant_id,
        store=terminal.store_id,
        terminal=terminal.id,
        kind=kind.value,
        at=at,
    )


async def read_sale(tx: Tx, order_id: UUID) -> Sale | None:
    """Read the sale that an order is."""
    return await tx.maybe(_QUERIES.sale, Sale, order=order_id)


async def bind_payer(tx: Tx, order_id: UUID, payer_id: UUID | None) -> None:
    """Say who alone may pay."""
    await tx.execute(_QUERIES.bind_payer, order=order_id, payer=payer_id)


async def counted(tx: Tx, payer_id: UUID, *, on: date, classes: Sequence[str], order_id: UUID, since: datetime) -> int:
    """Add up a payer's day, which waits for whoever counts the same one."""
    await tx.execute(_QUERIES.lock_payer, payer=payer_id)
    return int(
        await tx.value(_QUERIES.counted, payer=payer_id, on=on, classes=list(classes), order=order_id, since=since)
    )


async def reserve(tx: Tx, order_id: UUID, payer_id: UUID, *, on: date, code_class: str, at: datetime) -> None:
    """Count a sale."""
    await tx.execute(_QUERIES.reserve, order=order_id, payer=payer_id, on=on, code_class=code_class, at=at)


async def delete_slots(tx: Tx, before: datetime, limit: int) -> int:
    """Forget slots whose time was over before an instant, and count them."""
    return await tx.execute(_QUERIES.purge_slots, before=before, limit=limit)
