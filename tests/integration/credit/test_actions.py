"""Credit decisions in a real database, with the shipped model and policy."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from random import Random
from uuid import UUID

import msgspec
import pytest

from tiao.credit import actions as credit
from tiao.credit import engines, explanations, reasons, records, reviewing, rules
from tiao.credit.model import (
    Application,
    ApplicationInputs,
    BureauReport,
    Decision,
    DecisionKind,
    DecisionOutcome,
    LastChange,
    LineHistory,
    NoReport,
    StatementDays,
)
from tiao.credit.refusals import (
    ApplicantUnderAge,
    AppliedTooSoon,
    CurrencyNotOffered,
    DecisionOfOtherVersion,
    DecisionUnknown,
    LimitNotLower,
    LineNotActive,
    LineNotFrozen,
)
from tiao.credit.registry import actions as registry
from tiao.credit.scoring import load_bundle
from tiao.identity import actions as identity
from tiao.identity.model import Applicant
from tiao.identity.refusals import CustomerUnknown
from tiao.identity.rules import check_sign
from tiao.ledger import actions as ledger
from tiao.ledger.model import LineStatus
from tiao.ledger.refusals import LineAlreadyOpen, LineUnknown
from tiao.privacy import actions as privacy
from tiao.privacy.model import Purpose
from tiao.profile import actions as profile
from tiao.profile.model import Source
from tiao.runtime.checks import run_checks
from tiao.runtime.db import Database, Tx
from tiao.runtime.registry.refusals import ReasonMissing
from tiao.runtime.secrets import FieldCipher
from tiao.simulator.bureau import sample_rows
from tiao.values.ids import seeded_ids
from tiao.values.moment import Moment

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 1, 4, tzinfo=UTC)
NOW = Moment(AT, date(2026, 3, 1), seeded_ids("credit"))
ENGINE = engines.engine_of(load_bundle(Path(str(files("tiao.credit") / "data" / "bundle"))), engines.load_policy())
VAULT = FieldCipher({1: b"k" * 32}, random_bytes=Random(1).randbytes)
#: Six months paid in full against a generous limit, and six months late.
GOOD = BureauReport((-1,) * 6, (5000,) * 6, (5000,) * 6, 300_000)
BAD = BureauReport((4, 4, 3, 3, 2, 2), (20_000,) * 6, (0,) * 6, 20_000)
INCOME = 1_000_000


async def _people(tx: Tx, count: int, *, born: str = "19900101") -> list[UUID]:
    numbers = [f"{110101 + n // 1000}{born}{n % 1000:03}" for n in range(count)]
    applicants = [Applicant("张三", digits + check_sign(digits), f"138{n:08}") for n, digits in enumerate(numbers)]
    return [each.id for each in await identity.register_customers(tx, NOW, VAULT, applicants)]


def _later(days: int) -> Moment:
    return NOW._replace(at=AT + timedelta(days=days), today=NOW.today + timedelta(days=days))


async def _approved(tx: Tx) -> Decision:
    [person] = await _people(tx, 1)
    return await credit.apply(tx, NOW, ENGINE, Application(person, "CNY", INCOME), GOOD)


async def _line_of(tx: Tx, decision: Decision) -> tuple[UUID, int, str]:
    assert decision.line_id is not None
    line = await ledger.line(tx, decision.line_id)
    return line.id, line.limit_minor, line.status


async def test_a_good_report_opens_a_line_through_the_ledger(database: Database) -> None:
    async with database.begin() as tx:
        made = await _approved(tx)
        line = (await ledger.lines_of_customers(tx, [made.customer_id]))[made.customer_id]
        [application] = await credit.applications_of(tx, made.customer_id)
    assert made.outcome is DecisionOutcome.APPROVED
    assert made.grade is not None
    row = rules.grade_limit(ENGINE.policy, made.grade)
    assert row is not None
    assert line.limit_minor == made.limit_after_minor == rules.limit_of(ENGINE.policy, row, income_minor=INCOME)[0]
    assert (line.id, line.opened_on, line.status) == (made.line_id, NOW.today, "active")
    assert line.statement_day == rules.statement_day(StatementDays.SPREAD, made.customer_id, today=NOW.today)
    assert (application.id, application.income_minor) == (made.application_id, INCOME)


async def test_a_bad_report_is_declined_with_reasons_and_opens_nothing(database: Database) -> None:
    async with database.begin() as tx:
        [person] = await _people(tx, 1)
        made = await credit.apply(tx, NOW, ENGINE, Application(person, "CNY", INCOME), BAD)
        assert await credit.decision(tx, made.id) == made
        assert await credit.decisions_of(tx, person) == [made]
        assert await ledger.lines_of_customers(tx, [person]) == {}
    assert made.outcome is DecisionOutcome.DECLINED
    assert made.line_id is None
    assert made.reasons[0] == "RECENT_DELINQUENCY"
    assert reasons.GRADE_BELOW_POLICY in made.reasons
    assert len(made.reasons) >= reasons.REASONS_MIN


@pytest.mark.parametrize("report", list(NoReport))
async def test_without_a_report_a_small_line_is_opened_and_can_grow(database: Database, report: NoReport) -> None:
    async with database.begin() as tx:
        [person] = await _people(tx, 1)
        made = await credit.apply(tx, NOW, ENGINE, Application(person, "CNY", 250_000), report)
        assert (made.outcome, made.grade, made.limit_after_minor) == (DecisionOutcome.APPROVED, "N", 50_000)
        assert made.line_id is not None
        [raised] = await reviewing.review_limits(tx, NOW, ENGINE, [LineHistory(made.line_id, 3, 0)], on=NOW.today)
        assert raised.limit_after_minor == 60_000


async def test_what_partners_tell_moves_the_limit_and_is_stated_in_record_and_words(database: Database) -> None:
    async with database.begin() as tx:
        known, unknown = await _people(tx, 2)
        await privacy.give(tx, NOW, known, Purpose.PARTNER_DATA)
        for name, value in (("salary", 900_000), ("exposure", 1_000_000)):
            await profile.note_signal(tx, NOW, known, source=Source.PARTNER, name=name, value=value, observed_at=NOW.at)
        small = await credit.apply(tx, NOW, ENGINE, Application(known, "CNY", INCOME), GOOD)
        usual = await credit.apply(tx, NOW, ENGINE, Application(unknown, "CNY", INCOME), GOOD)
        assert (await credit.rerun(tx, ENGINE, small.id)).is_equal
        texts = await registry.texts_of(tx, ENGINE, [small, usual])
        # 3,000 yuan of inflow a month; six months of it less what is owed elsewhere.
        assert (small.limit_after_minor, small.reasons[-1]) == (800_000, reasons.LIMIT_BY_EXPOSURE)
        assert usual.limit_after_minor > small.limit_after_minor
        seen = records.read_canonical(small.inputs)
        assert isinstance(seen, ApplicationInputs)
        assert seen.profile is not None
        assert (seen.profile["partner_inflow_90d"], seen.profile["partner_exposure"]) == (900_000, 1_000_000)
        assert "social" in seen.absent
        assert "partner" not in seen.absent
        assert small.line_id is not None
        raised = await reviewing.review_limits(tx, NOW, ENGINE, [LineHistory(small.line_id, 3, 0)], on=NOW.today)
    assert raised == [], "what was told holds the raise back"
    told = explanations.explain(usual, texts, currency="CNY")
    assert "合作平台信息" in told.zh
    assert "what partners know" in told.en
    told = explanations.explain(small, texts, currency="CNY")
    assert "合作平台信息" not in told.zh
    assert told.reasons[-1].zh.startswith("您在其他平台已有欠款")


async def test_a_decision_runs_again_to_the_bit(database: Database) -> None:
    async with database.begin() as tx:
        people = await _people(tx, 200)
        reports = [sample_rows()[n * 25] if n % 10 else NoReport.THIN_FILE for n in range(200)]
        answers = await credit.decide_applications(tx, NOW, ENGINE, _applications(people, reports))
        outcomes = set()
        for answer in answers:
            assert isinstance(answer, Decision)
            again = await credit.rerun(tx, ENGINE, answer.id)
            assert again.is_equal, again.differing
            assert again.decision == answer
            outcomes.add(answer.outcome)
        assert outcomes == {DecisionOutcome.APPROVED, DecisionOutcome.DECLINED}


async def test_a_record_that_was_altered_does_not_run_equal(database: Database) -> None:
    async with database.begin() as tx:
        made = await _approved(tx)
        richer = made.inputs.replace(b'"income_minor":1000000', b'"income_minor":2000000')
        assert richer != made.inputs
        for column, value, differing in (
            ("probability", 0.5, ("probability",)),
            ("limit_after_minor", 1, ("limit_after_minor",)),
            ("inputs", made.inputs + b" ", ("inputs",)),
            ("inputs", richer, ("inputs", "limit_after_minor")),
        ):
            await tx.execute("savepoint before")
            await tx.execute(f"update credit_decision set {column} = %(value)s", value=value)
            assert set(differing) <= set((await credit.rerun(tx, ENGINE, made.id)).differing)
            await tx.execute("rollback to savepoint before")
        assert (await credit.rerun(tx, ENGINE, made.id)).is_equal


async def test_another_engine_finds_what_decided_or_does_not_pretend_to(database: Database) -> None:
    other = ENGINE._replace(policy_version="limits-cn-2-000000000000")
    stricter = msgspec.structs.replace(ENGINE.policy, probability_max=Decimal("0.0001"))
    async with database.begin() as tx:
        made = await _approved(tx)
        later = engines.engine_of(ENGINE.scorer, stricter)
        assert (await credit.rerun(tx, later, made.id)).is_equal, "what decided is kept, and is what runs again"
        await tx.execute("delete from credit_policy")
        with pytest.raises(DecisionOfOtherVersion):
            await credit.rerun(tx, other, made.id)
        with pytest.raises(DecisionUnknown):
            await credit.rerun(tx, ENGINE, NOW.new_id(1))


async def test_what_cannot_be_asked_is_refused_and_leaves_no_record(database: Database) -> None:
    async with database.begin() as tx:
        [adult] = await _people(tx, 1)
        [minor] = await _people(tx, 1, born="20080302")
        for application, refusal in (
            (Application(NOW.new_id(9), "CNY", INCOME), CustomerUnknown),
            (Application(minor, "CNY", INCOME), ApplicantUnderAge),
            (Application(adult, "USD", INCOME), CurrencyNotOffered),
        ):
            with pytest.raises(refusal):
                await credit.apply(tx, NOW, ENGINE, application, GOOD)
        assert await tx.value("select count(*) from credit_application") == 0
        assert await tx.value("select count(*) from credit_decision") == 0
        with pytest.raises(ApplicantUnderAge):
            await credit.apply(tx, _later(1), ENGINE, Application(minor, "CNY", INCOME), GOOD)
        stricter = ENGINE._replace(age_min_on=lambda _: 20)
        with pytest.raises(ApplicantUnderAge) as refused:
            await credit.apply(tx, _later(2), stricter, Application(minor, "CNY", INCOME), GOOD)
        assert refused.value.facts["age_min"] == 20, "an operator that is stricter than the rule"
        grown = await credit.apply(tx, _later(2), ENGINE, Application(minor, "CNY", INCOME), GOOD)
        assert grown.outcome is DecisionOutcome.APPROVED, "an age is reached on the day after the birthday"


async def test_a_second_line_is_refused_and_a_decline_is_waited_out(database: Database) -> None:
    async with database.begin() as tx:
        approved = await _approved(tx)
        with pytest.raises(LineAlreadyOpen):
            await credit.apply(tx, _later(90), ENGINE, Application(approved.customer_id, "CNY", INCOME), GOOD)
        [declined] = await _people(tx, 1, born="19910101")
        application = Application(declined, "CNY", INCOME)
        await credit.apply(tx, NOW, ENGINE, application, BAD)
        with pytest.raises(AppliedTooSoon):
            await credit.apply(tx, _later(29), ENGINE, application, GOOD)
        assert (await credit.apply(tx, _later(30), ENGINE, application, GOOD)).outcome is DecisionOutcome.APPROVED


async def test_a_set_is_answered_item_by_item_as_if_one_after_the_other(database: Database) -> None:
    async with database.begin() as tx:
        first, second, third = await _people(tx, 3)
        stranger = NOW.new_id(1)
        answers = await credit.decide_applications(
            tx,
            NOW,
            ENGINE,
            [
                (Application(first, "CNY", INCOME), GOOD),
                (Application(stranger, "CNY", INCOME), GOOD),
                (Application(second, "CNY", INCOME), BAD),
                (Application(first, "CNY", INCOME), GOOD),
                (Application(second, "CNY", INCOME), GOOD),
                (Application(third, "CNY", INCOME), NoReport.THIN_FILE),
            ],
            statement_days=StatementDays.ACTIVATION_DAY,
        )
        lines = await ledger.lines_of_customers(tx, [first, second, third])
    kinds = [each.outcome if isinstance(each, Decision) else type(each) for each in answers]
    assert kinds == [
        DecisionOutcome.APPROVED,
        CustomerUnknown,
        DecisionOutcome.DECLINED,
        LineAlreadyOpen,
        AppliedTooSoon,
        DecisionOutcome.APPROVED,
    ]
    assert {customer: line.statement_day for customer, line in lines.items()} == {first: 1, third: 1}


async def test_a_set_decides_as_its_items_alone_do(database: Database) -> None:
    reports = list(sample_rows()[:40])
    async with database.begin() as tx:
        people = await _people(tx, 40)
        async with tx.savepoint():
            together = await credit.decide_applications(tx, NOW, ENGINE, _applications(people, reports))
        for person, report, answer in zip(people, reports, together, strict=True):
            assert isinstance(answer, Decision)
            alone = rules.decide_application(
                ENGINE.policy,
                rules.ApplicationInputs("CNY", INCOME, report.features(), None),
                ENGINE.scorer.score_one(report.features()),
            )
            assert (answer.customer_id, answer.verdict) == (person, alone)


async def test_a_review_raises_once_a_day_and_freezes_the_overdue(database: Database) -> None:
    async with database.begin() as tx:
        people = await _people(tx, 3)
        made = await credit.decide_applications(tx, NOW, ENGINE, _applications(people, [GOOD] * 3, income=500_000))
        lines = [each.line_id for each in made if isinstance(each, Decision) and each.line_id]
        before = {line: (await ledger.line(tx, line)).limit_minor for line in lines}
        histories = [LineHistory(lines[0], 3, 0), LineHistory(lines[1], 5, 2), LineHistory(lines[2], 2, 0)]
        day = date(2026, 6, 20)
        moment = _later(111)

        raised, frozen = await reviewing.review_limits(tx, moment, ENGINE, histories, on=day)
        assert await reviewing.review_limits(tx, moment, ENGINE, histories, on=day) == [], "a day is reviewed once"
        after = {line: await ledger.line(tx, line) for line in lines}
        assert [after[line].limit_minor for line in lines] == [
            rules.whole_steps(ENGINE.policy, before[lines[0]] * 6 // 5),
            before[lines[1]],
            before[lines[2]],
        ]
        assert [after[line].status for line in lines] == ["active", "frozen", "active"]
        assert (raised.kind, raised.outcome, raised.line_id) == (DecisionKind.REVIEW, DecisionOutcome.RAISED, lines[0])
        assert (frozen.outcome, frozen.reasons) == (
            DecisionOutcome.FROZEN,
            (reasons.SERIOUSLY_OVERDUE, reasons.BILLS_NOT_ON_TIME, reasons.KEEPS_DEBT_FROM_GROWING),
        )
        assert await reviewing.last_changes(tx, people) == {lines[0]: LastChange(day, is_cut=False)}
        for decision in (raised, frozen):
            assert (await credit.rerun(tx, ENGINE, decision.id)).is_equal
        assert raised.grade == ENGINE.scorer.score_one(GOOD.features()).grade, "a review keeps the grade it was given"

        again = await reviewing.review_limits(tx, _later(141), ENGINE, histories, on=day + timedelta(days=30))
        assert [each.line_id for each in again] == [lines[0]], "another day, but a frozen line is left alone"
        assert (await reviewing.last_changes(tx, people))[lines[0]].on == day + timedelta(days=30)
        assert await reviewing.review_limits(tx, moment, ENGINE, [], on=day) == []


async def test_a_person_freezes_unfreezes_and_cuts_with_a_reason(database: Database) -> None:
    async with database.begin() as tx:
        line_id, limit, _ = await _line_of(tx, await _approved(tx))
        with pytest.raises(LineNotFrozen):
            await credit.unfreeze_line(tx, NOW, line_id, actor="operator:1", reason="called")
        with pytest.raises(ReasonMissing):
            await credit.freeze_line(tx, NOW, line_id, actor="operator:1", reason="  ")
        frozen = await credit.freeze_line(tx, NOW, line_id, actor="operator:1", reason="phone lost")
        assert (await ledger.line(tx, line_id)).status == LineStatus.FROZEN
        with pytest.raises(LineNotActive):
            await credit.freeze_line(tx, NOW, line_id, actor="operator:1", reason="again")
        unfrozen = await credit.unfreeze_line(tx, NOW, line_id, actor="operator:2", reason="phone found")
        assert (await ledger.line(tx, line_id)).status == LineStatus.ACTIVE
        cut = await credit.cut_limit(tx, NOW, ENGINE, line_id, limit - 10_000, actor="customer", reason="own wish")
        assert (await ledger.line(tx, line_id)).limit_minor == limit - 10_000
        for not_lower in (limit - 10_000, limit, -10_000, limit - 10_001 - 10_000):
            with pytest.raises(LimitNotLower):
                await credit.cut_limit(tx, NOW, ENGINE, line_id, not_lower, actor="customer", reason="own wish")
        for decision in (frozen, unfrozen, cut):
            assert (await credit.rerun(tx, ENGINE, decision.id)).is_equal
            assert (decision.kind, decision.line_id) == (DecisionKind.MANUAL, line_id)
        assert "phone lost" in frozen.inputs.decode()
        assert (cut.limit_before_minor, cut.limit_after_minor) == (limit, limit - 10_000)
        with pytest.raises(LineUnknown):
            await credit.freeze_line(tx, NOW, NOW.new_id(1), actor="operator:1", reason="phone lost")


async def test_a_cut_line_is_raised_from_what_it_was_cut_to(database: Database) -> None:
    async with database.begin() as tx:
        line_id, limit, _ = await _line_of(tx, await _approved(tx))
        assert limit > 1_000_000
        await credit.cut_limit(tx, NOW, ENGINE, line_id, 500_000, actor="customer", reason="own wish")
        [raised] = await reviewing.review_limits(tx, NOW, ENGINE, [LineHistory(line_id, 3, 0)], on=NOW.today)
        assert raised.limit_after_minor == 600_000


async def test_the_invariants_hold_and_thousands_are_decided_at_once(database: Database) -> None:
    async with database.begin() as tx:
        people = await _people(tx, 3000)
        reports = [sample_rows()[n] for n in range(3000)]
        answers = await credit.decide_applications(tx, NOW, ENGINE, _applications(people, reports))
    async with database.begin() as tx:
        assert await run_checks(tx) == []
        approved = [each for each in answers if isinstance(each, Decision) and each.line_id]
        assert await tx.value("select count(*) from credit_line") == len(approved)
        assert await tx.value("select count(*) from credit_decision") == 3000
        misplaced = "select count(*) from credit_decision where bucket <> get_byte(uuid_send(customer_id), 15)"
        assert await tx.value(misplaced) == 0
        histories = [LineHistory(each.line_id, 3, 0) for each in approved if each.line_id]
        raised = await reviewing.review_limits(tx, _later(100), ENGINE, histories, on=date(2026, 6, 9))
        assert len(raised) > len(approved) // 2
        over = "select max(limit_minor) from credit_line"
        assert await tx.value(over) <= ENGINE.policy.programme_cap_minor


def _applications(
    people: Sequence[UUID], reports: Sequence[BureauReport | NoReport], *, income: int = INCOME
) -> list[tuple[Application, BureauReport | NoReport]]:
    return [(Application(person, "CNY", income), report) for person, report in zip(people, reports, strict=True)]
