"""The platform's own decisions, watched and decided again."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from random import Random

import msgspec
import pytest

from tiao.credit import actions as credit
from tiao.credit import engines
from tiao.credit.model import Application, BureauReport, Decision, NoReport, Report
from tiao.credit.scoring import load_bundle
from tiao.credit.watching.backtest import Economics, backtest
from tiao.credit.watching.drift import drift
from tiao.credit.watching.stored import past_of, read_decisions, watched_of
from tiao.identity import actions as identity
from tiao.identity.model import Applicant
from tiao.identity.rules import check_sign
from tiao.runtime.db import Database
from tiao.runtime.secrets import FieldCipher
from tiao.values.ids import seeded_ids
from tiao.values.moment import Moment

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 1, 4, tzinfo=UTC)
NOW = Moment(AT, date(2026, 3, 1), seeded_ids("watching"))
BUNDLE = load_bundle(Path(str(files("tiao.credit") / "data" / "bundle")))
POLICY = engines.load_policy()
ENGINE = engines.engine_of(BUNDLE, POLICY)
VAULT = FieldCipher({1: b"k" * 32}, random_bytes=Random(1).randbytes)
GOOD = BureauReport((-1,) * 6, (5000,) * 6, (5000,) * 6, 300_000)
FAIR = BureauReport((0,) * 6, (60_000,) * 6, (2_000,) * 6, 80_000)
BAD = BureauReport((4, 4, 3, 3, 2, 2), (20_000,) * 6, (0,) * 6, 20_000)
REPORTS: tuple[Report, ...] = (GOOD, FAIR, BAD, NoReport.THIN_FILE)


async def _decided(database: Database) -> list[Decision]:
    async with database.begin() as tx:
        for number, report in enumerate(REPORTS):
            digits = f"11010119900101{number:03}"
            applicant = Applicant("张三", digits + check_sign(digits), f"138{number:08}")
            [person] = await identity.register_customers(tx, NOW, VAULT, [applicant])
            await credit.apply(tx, NOW, ENGINE, Application(person.id, "CNY", 1_000_000), report)
        return await read_decisions(tx, since=AT, until=AT + timedelta(days=1))


async def test_stored_decisions_are_rows_to_watch(database: Database) -> None:
    decisions = await _decided(database)
    rows = watched_of(decisions, BUNDLE.model.model_version)
    assert len(decisions) == 4
    assert len(rows.probability) == 3
    assert rows.approved is not None
    seen = [made for made in decisions if made.probability is not None]
    assert rows.approved.tolist() == [made.limit_after_minor > 0 for made in seen]
    scored = BUNDLE.score(rows.cells)
    assert rows.probability.tolist() == [one.probability for one in scored]
    found = drift(BUNDLE, rows)
    assert (found.rows, found.approval.now) == (3, pytest.approx(rows.approved.mean(), abs=1e-6))
    assert len(found.features) == len(BUNDLE.model.stability["features"])
    assert not len(watched_of(decisions, "another").probability)


async def test_outcomes_are_joined_by_customer(database: Database) -> None:
    decisions = await _decided(database)
    seen = [made for made in decisions if made.probability is not None]
    rows = watched_of(decisions, BUNDLE.model.model_version, is_bad={seen[1].customer_id: True})
    assert rows.target is not None
    assert rows.target[1] == 1.0
    assert drift(BUNDLE, rows).vintages[0].unripe == 2


async def test_stored_decisions_under_their_own_policy_change_nothing(database: Database) -> None:
    past = past_of(await _decided(database))
    found = backtest(past, after=POLICY, before=None, economics=Economics(), draws=20)
    assert found.changed == {}
    assert (found.rows, found.without_report, found.before.policy) == (4, 1, "as decided")


async def test_a_stricter_policy_declines_who_was_approved(database: Database) -> None:
    past = past_of(await _decided(database))
    strict = msgspec.structs.replace(POLICY, name="strict", probability_max=Decimal("0.001"))
    found = backtest(past, after=strict, before=None, economics=Economics(), draws=20)
    assert found.after.approved == 1
    assert found.changed == {"approved to declined": found.before.approved - 1}


async def test_decisions_of_other_days_are_not_read(database: Database) -> None:
    await _decided(database)
    async with database.begin() as tx:
        assert await read_decisions(tx, since=AT + timedelta(seconds=1), until=AT + timedelta(days=1)) == []
