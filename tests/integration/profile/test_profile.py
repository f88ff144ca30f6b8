"""Features kept in PostgreSQL and features replayed from the facts, with late facts, kills and consents between."""

from datetime import timedelta

import pytest

from support.spine import OPENED, Spine
from tiao.ledger.model import CreditLine
from tiao.privacy import actions as privacy
from tiao.privacy.model import Purpose
from tiao.profile import actions as profile
from tiao.profile.model import Source
from tiao.profile.refusals import ConsentMissing, SignalAheadOfTime
from tiao.runtime.db import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def spine(database: Database) -> Spine:
    made = Spine(database)
    await made.open()
    return made


async def lived(spine: Spine) -> CreditLine:
    line = await spine.line(1_000_000, statement_day=10)
    await spine.buy(line, 60_000)
    await spine.live_until(OPENED + timedelta(days=12))
    await spine.buy(line, 40_000)
    await spine.live_until(OPENED + timedelta(days=25))
    await spine.pay(line, 61_000)
    return line


class _KilledError(Exception):
    pass


async def _killed(spine: Spine, line: CreditLine) -> None:
    async with spine.db.begin() as tx:
        await profile.bring_up_to_date(tx, await spine.moments(tx), [line.customer_id])
        raise _KilledError


async def test_what_is_kept_equals_a_replay_after_kills_and_late_facts(spine: Spine) -> None:
    line = await lived(spine)
    customers = [line.customer_id]
    async with spine.db.begin() as tx:
        await profile.bring_up_to_date(tx, await spine.moments(tx), customers)
    await spine.buy(line, 20_000)

    with pytest.raises(_KilledError):
        await _killed(spine, line)
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        assert await profile.differences(tx, now, line.bucket) == {}
        before = (await profile.profiles(tx, now, customers))[line.customer_id]
        late = now.at - timedelta(hours=20)
        await tx.execute(
            "update purchase set authorised_at = %(late)s where amount_minor = 20000 and bucket = %(bucket)s",
            late=late,
            bucket=line.bucket,
        )
        await tx.execute("delete from profile_state")
        await profile.bring_up_to_date(tx, now, customers)
        await tx.execute(
            "insert into purchase (bucket, id, idempotency_id, line_id, customer_id, merchant_id, plan_code, fee_payer,"
            " reference, currency, amount_minor, outcome, authorised_at, expires_at)"
            " select bucket, %(id)s, %(id)s, line_id, customer_id, merchant_id, plan_code, fee_payer, reference,"
            " currency, amount_minor, 'declined', authorised_at - interval '1 hour', expires_at"
            " from purchase where amount_minor = 20000",
            id=now.new_id(line.bucket),
        )
        assert await profile.differences(tx, now, line.bucket) == {}, "seen late, and told as if it had come in time"
        after = (await profile.profiles(tx, now, customers))[line.customer_id]
    assert before.values["bought_30d"] == 120_000
    assert before.values["on_time_share_180d"] is not None
    assert (before.values["declined_purchases_30d"], after.values["declined_purchases_30d"]) == (None, 1)


async def test_what_outsiders_tell_is_read_while_the_customer_allows_it(spine: Spine) -> None:
    line = await spine.line(1_000_000)
    who = line.customer_id
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        told = {"source": Source.PARTNER, "name": "inflow", "value": 900_000, "observed_at": now.at}
        with pytest.raises(ConsentMissing):
            await profile.note_signal(tx, now, who, **told)
        await privacy.give(tx, now, who, Purpose.PARTNER_DATA)
        await privacy.give(tx, now, who, Purpose.PARTNER_DATA)
        with pytest.raises(SignalAheadOfTime):
            await profile.note_signal(tx, now, who, **told | {"observed_at": now.at + timedelta(seconds=1)})
        await profile.note_signal(tx, now, who, **told)
        seen = (await profile.profiles(tx, now, [who]))[who]
        assert (seen.values["partner_inflow_90d"], seen.values["social_score"]) == (900_000, None)
        assert seen.is_thin
        later = now._replace(at=now.at + timedelta(seconds=1))
        await privacy.revoke(tx, later, who, Purpose.PARTNER_DATA)
        assert (await profile.profiles(tx, later, [who]))[who].values["partner_inflow_90d"] is None
        [consent] = await privacy.consents_of(tx, who)
        assert (consent.given_at, consent.revoked_at) == (now.at, later.at)
        assert await profile.differences(tx, later, line.bucket) == {}


async def test_nobody_known_has_a_thin_file_and_no_refusal(spine: Spine) -> None:
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        nobody = now.new_id(3)
        seen = (await profile.profiles(tx, now, [nobody]))[nobody]
    assert seen.is_thin
    assert set(seen.absent) == set(Source) - {Source.REPAYMENT}
    assert {value for value in seen.values.values() if value is not None} == {0}
