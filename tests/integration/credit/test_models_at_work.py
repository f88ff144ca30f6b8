"""A model in shadow scores and never decides; two people and ripe outcomes put it to work; one step puts it back."""

import csv
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from random import Random
from uuid import UUID

import msgspec
import psycopg
import pytest

from tiao.casework.refusals import MakerIsChecker
from tiao.credit import actions as credit
from tiao.credit import engines
from tiao.credit.model import Application, BureauReport, Decision
from tiao.credit.refusals import LimitPolicyInvalid
from tiao.credit.registry import actions as registry
from tiao.credit.registry import roles
from tiao.credit.registry.refusals import ModelAtWork, ModelUnknown
from tiao.credit.scoring import Bundle, load_bundle
from tiao.credit.scoring.bundle import content_digest
from tiao.credit.watching.refusals import NothingToDemoteTo, PromotionUnfair, PromotionUnproven
from tiao.identity import actions as identity
from tiao.identity.model import Applicant
from tiao.identity.rules import check_sign
from tiao.runtime.checks import run_checks
from tiao.runtime.db import Database, Tx
from tiao.runtime.registry.refusals import ChallengerInShadow, NobodyInShadow, ReasonMissing
from tiao.runtime.secrets import FieldCipher
from tiao.simulator.bureau import sample_rows
from tiao.values.ids import seeded_ids
from tiao.values.moment import Moment

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 1, 4, tzinfo=UTC)
NOW = Moment(AT, date(2026, 3, 1), seeded_ids("models"))
DATA = Path(str(files("tiao.credit"))) / "data"
SHIPPED = load_bundle(DATA / "bundle")
ENGINE = engines.engine_of(SHIPPED, *engines.load_policies())
VAULT = FieldCipher({1: b"k" * 32}, random_bytes=Random(1).randbytes)
GOOD = BureauReport((-1,) * 6, (5000,) * 6, (5000,) * 6, 300_000)
ROWS = 1500


def _changed(**fields: object) -> Bundle:
    model, reasons = msgspec.structs.replace(SHIPPED.model, **fields), list(SHIPPED.reasons.values())
    return Bundle(msgspec.structs.replace(model, model_version=content_digest(model, reasons)), reasons)


OTHER = _changed(metrics=SHIPPED.model.metrics | {"note": 1})
VERSION = OTHER.model.model_version


async def _people(tx: Tx, count: int, *, born: str = "19900101", start: int = 0) -> list[UUID]:
    numbers = [f"{110101 + n // 1000}{born}{n % 1000:03}" for n in range(start, start + count)]
    applicants = [
        Applicant("张三", digits + check_sign(digits), f"138{n + start:08}") for n, digits in enumerate(numbers)
    ]
    return [each.id for each in await identity.register_customers(tx, NOW, VAULT, applicants)]


async def _proposed(tx: Tx, candidate: Bundle | str = OTHER) -> None:
    await roles.propose_model(tx, NOW, ENGINE, candidate, actor="Ann", reason="trained on last year")


async def _lived(tx: Tx) -> tuple[list[Decision], list[roles.Shadow]]:
    """Applications of people whose outcomes are known from the sample."""
    people = await _people(tx, ROWS)
    answers = await credit.decide_applications(
        tx, NOW, ENGINE, [(Application(who, "CNY", 500_000), sample_rows()[n]) for n, who in enumerate(people)]
    )
    made = [each for each in answers if isinstance(each, Decision)]
    with (DATA / "taiwan_sample.csv").open() as sample:
        bads = [row["default_payment_next_month"] == "1" for row in csv.DictReader(sample)]
    return made, await roles.shadows(tx, VERSION, dict(zip(people, bads, strict=False)))


async def test_a_model_in_shadow_scores_every_report_and_changes_no_decision(database: Database) -> None:
    harsh = _changed(
        grades=tuple(msgspec.structs.replace(each, pd_high=each.pd_high / 50) for each in SHIPPED.model.grades)
    )
    async with database.begin() as tx:
        people = await _people(tx, 30)
        asked = [(Application(who, "CNY", 500_000), sample_rows()[n]) for n, who in enumerate(people)]
        async with tx.savepoint():
            await tx.execute("savepoint alone")
            alone = await credit.decide_applications(tx, NOW, ENGINE, asked)
            await tx.execute("rollback to savepoint alone")
        await _proposed(tx, harsh)
        beside = await credit.decide_applications(tx, NOW, ENGINE, asked)
        assert [each.verdict for each in alone if isinstance(each, Decision)] == [
            each.verdict for each in beside if isinstance(each, Decision)
        ]
        kept = await tx.column(
            "select grade from credit_shadow where model_version <> %(shipped)s", shipped=ENGINE.model_version
        )
        assert len(kept) == 30
        assert sorted(kept) != sorted(each.grade or "" for each in beside if isinstance(each, Decision))
        assert await run_checks(tx) == []


async def test_two_people_and_ripe_outcomes_put_it_to_work_and_one_step_puts_it_back(database: Database) -> None:
    async with database.begin() as tx:
        await _proposed(tx)
        made, seen = await _lived(tx)
        with pytest.raises(MakerIsChecker):
            await roles.promote_model(tx, NOW, ENGINE, VERSION, seen, actor="Ann", reason="mine")
        with pytest.raises(ReasonMissing):
            await roles.promote_model(tx, NOW, ENGINE, VERSION, seen, actor="Bo", reason=" ")
        unripe = [each._replace(is_bad=None) for each in seen]
        with pytest.raises(PromotionUnproven):
            await roles.promote_model(tx, NOW, ENGINE, VERSION, unripe, actor="Bo", reason="ready")
        evidence = await roles.promote_model(tx, NOW, ENGINE, VERSION, seen, actor="Bo", reason="ready")
        assert (evidence.candidate, evidence.live, evidence.rows) == (VERSION, ENGINE.model_version, ROWS)
        assert (await registry.deciding(tx, NOW, ENGINE)).model_version == VERSION
        [late] = await _people(tx, 1, born="19850505")
        decided = await credit.apply(tx, NOW, ENGINE, Application(late, "CNY", 500_000), GOOD)
        assert decided.model_version == VERSION
        for each in (decided, made[0]):
            assert (await credit.rerun(tx, ENGINE, each.id)).is_equal
        await roles.put_back(tx, NOW, actor="Cy", reason="too many complaints")
        assert (await registry.deciding(tx, NOW, ENGINE)).model_version == ENGINE.model_version
        with pytest.raises(NothingToDemoteTo):
            await roles.put_back(tx, NOW, actor="Cy", reason="again")
        assert await run_checks(tx) == []


async def test_a_large_group_approved_less_than_four_fifths_blocks_it(database: Database) -> None:
    young = [roles.Shadow(GOOD.features(), 22, n % 2 == 0, None) for n in range(1000)]
    older = [roles.Shadow(GOOD.features(), 40, True, None) for _ in range(1000)]
    async with database.begin() as tx:
        await _proposed(tx)
        with pytest.raises(PromotionUnfair, match="of all that were scored"):
            await roles.promote_model(tx, NOW, ENGINE, VERSION, young + older, actor="Bo", reason="ready")


async def test_what_may_not_go_into_shadow_does_not(database: Database) -> None:
    async with database.begin() as tx:
        for candidate, refusal in (
            (SHIPPED, ModelAtWork),
            ("0123456789abcdef", ModelUnknown),
            (
                _changed(grades=(msgspec.structs.replace(SHIPPED.model.grades[0], grade="A0", pd_high=1.0),)),
                LimitPolicyInvalid,
            ),
        ):
            with pytest.raises(refusal):
                await _proposed(tx, candidate)
        with pytest.raises(NobodyInShadow):
            await roles.withdraw_model(tx, NOW, actor="Ann", reason="none")
        await _proposed(tx)
        with pytest.raises(ChallengerInShadow):
            await _proposed(tx)
        await roles.withdraw_model(tx, NOW, actor="Ann", reason="a fault in its data")
        await _proposed(tx, VERSION)
        known = await roles.roles(tx)
        assert (known.champion, known.challenger and known.challenger.version) == (None, VERSION)


async def test_the_table_itself_lets_nobody_promote_their_own(database: Database) -> None:
    async with database.begin() as tx:
        await _proposed(tx)
        with pytest.raises((psycopg.errors.CheckViolation, MakerIsChecker)):
            await tx.execute(
                "insert into credit_model_step (number, step, version, maker, actor, reason, evidence, taken_at)"
                " values (9, 'promoted', %(version)s, 'Ann', 'Ann', 'x', '', %(at)s)",
                version=VERSION,
                at=AT + timedelta(days=1),
            )


async def test_another_server_takes_over_what_was_decided_at_home(database: Database) -> None:
    async with database.begin() as tx:
        await _proposed(tx)
        taken = await roles.facts(tx)
        await tx.execute("delete from credit_model_step")
        await tx.execute("delete from credit_model")
        await roles.follow(tx, taken)
        await roles.follow(tx, taken)
        assert await roles.facts(tx) == taken
        found = (await registry.deciding(tx, NOW, ENGINE)).challenger
        assert found is not None
        assert found.model.model_version == VERSION
