"""Customers in a real database."""

from datetime import UTC, date, datetime
from random import Random

import pytest

from tiao.identity import actions as identity
from tiao.identity import rules
from tiao.identity.model import Applicant
from tiao.identity.refusals import CustomerAlreadyRegistered, CustomerUnknown, IdentityChecksumWrong
from tiao.runtime.db import Database
from tiao.runtime.secrets import FieldCipher, FieldUnreadable
from tiao.values.ids import bucket_of, seeded_ids
from tiao.values.moment import Moment

pytestmark = pytest.mark.anyio

NOW = Moment(datetime(2026, 3, 1, 4, tzinfo=UTC), date(2026, 3, 1), seeded_ids("identity"))
VAULT = FieldCipher({1: b"k" * 32}, random_bytes=Random(1).randbytes)


def _applicant(number: int) -> Applicant:
    digits = f"1101051990010{number % 9 + 1}{number:03}"
    return Applicant(f"张{'三四五六'[number % 4]}", digits + rules.check_sign(digits), f"138{number:08}")


async def test_a_set_is_registered_in_order_and_read_back_sealed(database: Database) -> None:
    applicants = [_applicant(number) for number in range(300)]
    async with database.begin() as tx:
        registered = await identity.register_customers(tx, NOW, VAULT, applicants)
        read = await identity.customers(tx, [each.id for each in registered])
    assert [identity.revealed(VAULT, read[each.id]).phone for each in registered] == [each.phone for each in applicants]
    assert [read[each.id] for each in registered] == registered
    assert all(each.bucket == bucket_of(each.id) == each.identity_hmac[0] for each in registered)
    assert len({each.bucket for each in registered}) > 100, "people are spread over the buckets"


async def test_nothing_readable_is_stored(database: Database) -> None:
    applicant = _applicant(7)
    async with database.begin() as tx:
        await identity.register_customers(tx, NOW, VAULT, [applicant])
        _, [row] = await tx.table("select c::text from customer c")
    assert applicant.identity_number not in row[0]
    assert applicant.phone not in row[0]
    assert applicant.name not in row[0]


async def test_a_phone_whose_key_is_lost_is_nobody_elses_trouble(database: Database) -> None:
    lost = FieldCipher({2: b"l" * 32})
    async with database.begin() as tx:
        [mine] = await identity.register_customers(tx, NOW, VAULT, [_applicant(1)])
        [other] = await identity.register_customers(tx, NOW, lost, [_applicant(2)])
    assert [identity.phone_of(VAULT, each) for each in (mine, other)] == [_applicant(1).phone, None]


async def test_a_person_is_registered_once_however_the_number_is_written(database: Database) -> None:
    applicant = Applicant("张三", "11010519491231002X", "13812341234")
    async with database.begin() as tx:
        await identity.register_customers(tx, NOW, VAULT, [applicant])
    again = Applicant("李四", " 11010519491231002x", "13900000000")
    with pytest.raises(CustomerAlreadyRegistered):
        async with database.begin() as tx:
            await identity.register_customers(tx, NOW, VAULT, [_applicant(1), again])
    async with database.begin() as tx:
        found = await identity.customer_of_identity(tx, VAULT, "11010519491231002x")
        assert found is not None
        assert identity.masked(VAULT, found).name == "张*"
        assert found.phone_tail == "1234"
        assert await tx.value("select count(*) from customer") == 1, "a set is registered as a whole or not at all"


async def test_a_refused_applicant_keeps_the_whole_set_out(database: Database) -> None:
    with pytest.raises(IdentityChecksumWrong):
        async with database.begin() as tx:
            await identity.register_customers(
                tx, NOW, VAULT, [_applicant(1), Applicant("李四", "110105194912310021", "1")]
            )
    async with database.begin() as tx:
        assert await tx.value("select count(*) from customer") == 0


async def test_a_field_moved_to_another_row_cannot_be_opened(database: Database) -> None:
    async with database.begin() as tx:
        first, second = await identity.register_customers(tx, NOW, VAULT, [_applicant(1), _applicant(2)])
        await tx.execute(
            "update customer set phone_sealed = %(sealed)s where id = %(id)s", sealed=first.phone_sealed, id=second.id
        )
        moved = await identity.customer(tx, second.id)
    with pytest.raises(FieldUnreadable):
        identity.revealed(VAULT, moved)


async def test_unknown_people_are_refused_or_left_out(database: Database) -> None:
    async with database.begin() as tx:
        stranger = NOW.new_id(3)
        assert await identity.customers(tx, [stranger]) == {}
        assert await identity.customers(tx, []) == {}
        assert await identity.register_customers(tx, NOW, VAULT, []) == []
        assert await identity.customer_of_identity(tx, VAULT, "11010519491231002X") is None
        with pytest.raises(CustomerUnknown):
            await identity.customer(tx, stranger)
