"""A hint about a decision is true of what decided: with the one change, the same model and policy decide better."""

from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from random import Random

import msgspec
import pytest

from tiao.credit import actions as credit
from tiao.credit import engines, reasons, rules
from tiao.credit.hinting import hints_of
from tiao.credit.model import Application, ApplicationInputs, Decision, DecisionOutcome, NoReport
from tiao.credit.records import read_canonical
from tiao.credit.scoring import load_bundle
from tiao.identity import actions as identity
from tiao.identity.model import Applicant
from tiao.identity.rules import check_sign
from tiao.runtime.db import Database
from tiao.runtime.secrets import FieldCipher
from tiao.simulator.bureau import sample_rows
from tiao.values.ids import seeded_ids
from tiao.values.moment import Moment

pytestmark = pytest.mark.anyio

NOW = Moment(datetime(2026, 3, 1, 4, tzinfo=UTC), date(2026, 3, 1), seeded_ids("hints"))
BUNDLE = load_bundle(Path(str(files("tiao.credit") / "data" / "bundle")))
ENGINE = engines.engine_of(BUNDLE, *engines.load_policies())
VAULT = FieldCipher({1: b"k" * 32}, random_bytes=Random(1).randbytes)
PEOPLE = 120


async def _decided(database: Database) -> list[Decision]:
    numbers = [f"11010119900101{n:03}" for n in range(PEOPLE)]
    people = [Applicant("张三", each + check_sign(each), f"138{n:08}") for n, each in enumerate(numbers)]
    async with database.begin() as tx:
        known = await identity.register_customers(tx, NOW, VAULT, people)
        asked = [
            (Application(each.id, "CNY", 50_000_000), sample_rows()[n] if n else NoReport.THIN_FILE)
            for n, each in enumerate(known)
        ]
        answers = await credit.decide_applications(tx, NOW, ENGINE, asked)
    return [each for each in answers if isinstance(each, Decision)]


async def test_each_hint_would_have_led_to_something_better(database: Database) -> None:
    names = [grade.grade for grade in BUNDLE.model.grades]
    told = {DecisionOutcome.DECLINED: 0, DecisionOutcome.APPROVED: 0, DecisionOutcome.REFERRED: 0}
    decisions = await _decided(database)
    async with database.begin() as tx:
        for made in decisions:
            given = await hints_of(tx, ENGINE, made)
            inputs = read_canonical(made.inputs)
            assert isinstance(inputs, ApplicationInputs)
            if inputs.features is None:
                assert given == []
                continue
            if made.outcome is not DecisionOutcome.DECLINED and reasons.LIMIT_BY_GRADE not in made.reasons:
                assert given == []
            assert len({each.hint.code for each in given}) == len(given) <= 3
            if not given:
                continue
            told[made.outcome] += 1
            assert made.grade is not None
            for each in given:
                assert each.hint.column not in each.zh + each.en
                changed = {**inputs.features, each.hint.column: int(each.hint.then)}
                otherwise = rules.decide_application(
                    ENGINE.policy, msgspec.structs.replace(inputs, features=changed), BUNDLE.score_one(changed)
                )
                assert otherwise.limit_after_minor > made.limit_after_minor
                assert otherwise.grade is not None
                # A decline may be for the probability, within a grade that is lent to.
                is_declined = made.outcome is DecisionOutcome.DECLINED
                assert names.index(otherwise.grade) < names.index(made.grade) + is_declined
    assert told[DecisionOutcome.DECLINED] > 0
    assert told[DecisionOutcome.APPROVED] + told[DecisionOutcome.REFERRED] > 0
