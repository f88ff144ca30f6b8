"""The entries of a day, any number of them: where blocks begin is told first, so that a page may jump anywhere."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

from tiao.api import ids
from tiao.api.ids import AccountCode, Currency, JournalDay
from tiao.api.operation import O, reads
from tiao.api.paging import ByEntry, cursor_at, place_of
from tiao.api.refusals import CursorInvalid
from tiao.api.services import Call
from tiao.ledger import actions as ledger
from tiao.partners.scopes import Scope
from tiao.values.ids import show_id

#: Entries of one block: a screen holds some forty, and one request brings many screens.
BLOCK = 500

From = Annotated[str, QueryParameter(name="from", min_length=1, max_length=400, description="Where a block begins.")]
BlockSize = Annotated[int, QueryParameter(name="limit", ge=1, le=BLOCK, description="How many at most.")]


class EntryBlock(msgspec.Struct, frozen=True):
    """A run of entries: how many, and where it begins."""

    entries: int
    begins: str


class EntryBlocks(msgspec.Struct, frozen=True):
    """The entries of a day in blocks, in order of bucket and posting."""

    on: date
    entries: int
    blocks: list[EntryBlock]


class BookedEntryShown(msgspec.Struct, frozen=True):
    """One debit or credit with what caused it; debits are positive."""

    posting: str
    number: int
    kind: str
    account: int
    owner: str
    line: str | None
    currency: Currency
    amount_minor: int
    recorded_at: datetime


class EntryRun(msgspec.Struct, frozen=True):
    """Entries from a place on."""

    data: list[BookedEntryShown]


@reads("/v1/entry_blocks", by=[O], scope=Scope.LEDGER_READ)
async def list_entry_blocks(call: Call, on: JournalDay, account: AccountCode = None) -> EntryBlocks:
    """Tell how many entries a day has, of all accounts or of one, and where each block of them begins."""
    found = []
    for platform in call.services.shards.all():
        async with platform.db.begin() as tx:
            found += await ledger.entry_blocks(tx, on, account=account, size=BLOCK)
    found.sort(key=lambda each: (each.bucket, each.posting_id, each.number))
    blocks = [EntryBlock(each.entries, cursor_at(ByEntry(each.bucket, each.posting_id, each.number))) for each in found]
    return EntryBlocks(on, sum(each.entries for each in blocks), blocks)


@reads("/v1/entries", by=[O], scope=Scope.LEDGER_READ, refuses=[CursorInvalid])
async def read_entry_run(
    call: Call, on: JournalDay, begins: From, account: AccountCode = None, limit: BlockSize = BLOCK
) -> EntryRun:
    """Read the entries of a day from where a block begins, at most to the end of its bucket."""
    place = place_of(begins, ByEntry)
    assert place is not None, "the parameter is required"
    async with call.services.shards.platform(place.bucket).db.begin() as tx:
        found = await ledger.entries_from(
            tx, on, account=account, place=(place.bucket, UUID(int=place.posting_id.int), place.number), limit=limit
        )
    return EntryRun(
        [
            BookedEntryShown(
                posting=show_id(ids.POSTING, each.posting_id),
                number=each.number,
                kind=each.kind,
                account=each.account,
                owner=each.owner_id.hex,
                line=None if each.line_id is None else show_id(ids.LINE, each.line_id),
                currency=each.currency,
                amount_minor=each.amount_minor,
                recorded_at=each.recorded_at,
            )
            for each in found
        ]
    )


ROUTES = [list_entry_blocks, read_entry_run]
