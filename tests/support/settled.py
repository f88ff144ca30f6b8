"""A day's settlement files beside the books and the bank."""

import csv
from collections.abc import Sequence
from datetime import date
from io import StringIO

from tiao.payments import actions as payments
from tiao.payments.settling import actions as settling
from tiao.payments.settling.statement import statement
from tiao.runtime.db import Database
from tiao.simulator.bank.books import Movement
from tiao.values.ids import show_id


async def assert_files_agree(db: Database, day: date, movements: Sequence[Movement]) -> int:
    """Hold a day's files against settlements and ledger, and what was paid against the bank; answer the files."""
    async with db.snapshot() as tx:
        merchants = await tx.column("select merchant_id from settlement where business_date = %(day)s", day=day)
        for merchant_id in merchants:
            found = await payments.settlement(tx, merchant_id, day)
            file = statement(found, await settling.file_lines(tx, merchant_id, day, limit=100_000))
            rows = list(csv.DictReader(StringIO(file.content.decode())))
            *lines, net, paid = [(row["line"], row["source"], int(row["amount_minor"])) for row in rows]
            assert sum(amount for *_, amount in lines) == net[2] == found.net_minor
            assert paid == ("paid", paid[1], found.paid_minor)
            booked = await tx.value(
                """
                select coalesce(-sum(e.amount_minor), 0)::bigint from ledger_entry e
                  join ledger_posting p on p.bucket = e.bucket and p.id = e.posting_id
                 where e.account = 2001 and e.owner_id = %(merchant)s and e.booked_on = %(day)s
                   and p.kind not in ('settlement_paid', 'settlement_withdrawn')
                """,
                merchant=merchant_id,
                day=day,
            )
            assert sum(amount for name, _, amount in lines if name != "carried_from_before") == booked
            if found.payout_id is not None:
                assert paid[1] == show_id("pay", found.payout_id)
        paid_out = await tx.records(
            "select id, amount_minor from payout where kind = 'settlement' and state = 'succeeded'"
        )
    # The account of the merchant: what left ours. One line of the bank for each payout, of its amount.
    at_bank = [(move.request_no, move.amount_minor) for move in movements if move.request_no and move.amount_minor > 0]
    ours = {payout_id.hex: amount for payout_id, amount in paid_out}
    theirs = {number: amount for number, amount in at_bank if number in ours}
    assert theirs == ours
    assert len([number for number, _ in at_bank if number in ours]) == len(ours)
    return len(merchants)
