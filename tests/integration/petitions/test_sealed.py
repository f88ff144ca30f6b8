"""What customers write to people, and the answers, lie sealed; what was written in the clear before is still read."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from tiao.api.tidying import Tidying
from tiao.petitions import actions as petitions
from tiao.petitions.actions import NewPetition
from tiao.petitions.model import Petition, PetitionKind, PetitionState
from tiao.runtime.checks import run_checks
from tiao.runtime.db import Database
from tiao.runtime.secrets import FieldCipher, FieldUnreadable
from tiao.values.ids import seeded_ids
from tiao.values.moment import Moment

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
VAULT = FieldCipher({1: b"v" * 32})
NOW = Moment(AT, date(2026, 11, 20), seeded_ids("petitions"))
TIME = timedelta(days=15)
WORDS, ANSWER = "我叫张三，住院了，电话13812341234", "张三您好，已为您延期"

OLD = """
insert into petition (bucket, id, customer_id, kind, words, state, made_at, due_at, ended_at, answer, answered_by)
values (%(bucket)s, %(id)s, %(customer)s, %(kind)s, %(words)s, %(state)s, %(at)s, %(at)s,
        %(ended_at)s, %(answer)s, %(by)s)
"""
MOVE = """
update petition set words_sealed = (select words_sealed from petition where id = %(id)s) where id <> %(id)s
"""


async def asked(db: Database, customer_id: UUID) -> Petition:
    async with db.begin() as tx:
        new = NewPetition(customer_id, PetitionKind.HARDSHIP, WORDS)
        return await petitions.ask(tx, NOW, VAULT, new, answer_time=TIME)


async def old(db: Database, customer_id: UUID, kind: PetitionKind, *, is_answered: bool) -> UUID:
    """Write a row as it was written before texts were sealed."""
    made = NOW.new_id(customer_id.bytes[15])
    async with db.begin() as tx:
        await tx.execute(
            OLD,
            bucket=customer_id.bytes[15],
            id=made,
            customer=customer_id,
            kind=kind.value,
            words=WORDS,
            state="done" if is_answered else "open",
            at=AT,
            ended_at=AT if is_answered else None,
            answer=ANSWER if is_answered else None,
            by="operator" if is_answered else None,
        )
    return made


async def lying(db: Database) -> str:
    """Read all that lies in the table; bytes are shown as hex."""
    async with db.begin() as tx:
        return str(await tx.value("select string_agg(p::text, ' ') from petition p"))


def is_in_clear(table: str, text: str) -> bool:
    return text in table or text.encode().hex() in table


async def test_a_row_holds_nothing_of_what_was_written(database: Database) -> None:
    customer_id = NOW.new_id(7)
    made = await asked(database, customer_id)
    again = await asked(database, customer_id)
    assert again == made, "the like is open"
    async with database.begin() as tx:
        done = await petitions.answer(tx, NOW, VAULT, made.id, is_done=True, words=ANSWER, answered_by="operator")
    table = await lying(database)
    assert made.id.hex in table.replace("-", ""), "the row is looked at"
    assert not any(is_in_clear(table, text) for text in (WORDS, ANSWER, "张三", "13812341234"))
    async with database.begin() as tx:
        assert await petitions.petitions_of(tx, VAULT, customer_id) == [done]
        assert (done.words, done.answer, done.state) == (WORDS, ANSWER, PetitionState.DONE)
        assert await run_checks(tx) == []


async def test_what_was_written_in_the_clear_is_read_and_sealed_when_it_is_next_written(database: Database) -> None:
    customer_id = NOW.new_id(8)
    waiting = await old(database, customer_id, PetitionKind.COMPLAINT, is_answered=False)
    async with database.begin() as tx:
        [found] = await petitions.owed(tx, VAULT, limit=5)
        assert (found.id, found.words) == (waiting, WORDS)
    assert is_in_clear(await lying(database), WORDS)
    async with database.begin() as tx:
        await petitions.withdraw(tx, NOW, VAULT, waiting)
    assert not is_in_clear(await lying(database), WORDS)
    async with database.begin() as tx:
        [found] = await petitions.petitions_of(tx, VAULT, customer_id)
    assert (found.words, found.state) == (WORDS, PetitionState.WITHDRAWN)


async def test_what_is_never_written_again_is_sealed_by_the_nightly_round(database: Database) -> None:
    customer_id = NOW.new_id(9)
    for kind, is_answered in ((PetitionKind.COMPLAINT, True), (PetitionKind.CLOSE_LINE, False)):
        await old(database, customer_id, kind, is_answered=is_answered)
    async with database.begin() as tx:
        before = await petitions.petitions_of(tx, VAULT, customer_id)
    assert [each.answer for each in before].count(ANSWER) == 1
    await Tidying(TIME, VAULT)(database, AT)
    table = await lying(database)
    assert not any(is_in_clear(table, text) for text in (WORDS, ANSWER))
    async with database.begin() as tx:
        assert await petitions.petitions_of(tx, VAULT, customer_id) == before
        assert await petitions.seal_clear(tx, VAULT, limit=5) == 0


async def test_a_text_moved_to_another_petition_is_not_read(database: Database) -> None:
    mine, other = NOW.new_id(10), NOW.new_id(10)
    made = await asked(database, mine)
    await asked(database, other)
    async with database.begin() as tx:
        await tx.execute(MOVE, id=made.id)
        with pytest.raises(FieldUnreadable):
            await petitions.petitions_of(tx, VAULT, other)
