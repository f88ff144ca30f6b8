"""What people decide: stages of approval, four eyes, claims, objections, and time that runs out."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import msgspec
import pytest

from tiao.casework.refusals import (
    CaseClaimed,
    CaseClosed,
    CaseNotClaimed,
    CheckedBefore,
    MakerIsChecker,
    NothingToClaim,
)
from tiao.credit import actions as credit
from tiao.credit import answering, engines, reasons
from tiao.credit.answering import Said
from tiao.credit.cases import actions as cases
from tiao.credit.cases.model import Case, CaseKind, CaseState
from tiao.credit.explanations import explain
from tiao.credit.granting import Proposal
from tiao.credit.model import Application, BureauReport, Decision, DecisionOutcome
from tiao.credit.refusals import (
    ApplicationUnderWay,
    CaseAlreadyOpen,
    CaseLimitDiffers,
    CaseLimitInvalid,
    ContestedBefore,
    ContestedTooLate,
    DecisionUnknown,
)
from tiao.credit.strategy import ApprovalStage
from tiao.identity import actions as identity
from tiao.identity.model import Applicant
from tiao.identity.rules import check_sign
from tiao.ledger import actions as ledger
from tiao.runtime.checks import run_checks
from tiao.runtime.db import Database, Tx
from tiao.runtime.registry.refusals import ReasonMissing
from tiao.runtime.secrets import FieldCipher
from tiao.values.ids import seeded_ids
from tiao.values.moment import Moment
from tiao.wiring import shipped_engine

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 1, 4, tzinfo=UTC)
NOW = Moment(AT, date(2026, 3, 1), seeded_ids("cases"))
SHIPPED = shipped_engine()
#: Up to 2,000 yuan the engine decides alone, up to 10,000 one person agrees, above that two do.
STAGED = engines.engine_of(
    SHIPPED.scorer,
    msgspec.structs.replace(
        SHIPPED.policy, approval=(ApprovalStage(200_000, 0), ApprovalStage(1_000_000, 1, ("A", "B", "C")))
    ),
)
VAULT = FieldCipher({1: b"k" * 32}, random_bytes=Random(1).randbytes)
GOOD = BureauReport((-1,) * 6, (5000,) * 6, (5000,) * 6, 300_000)
BAD = BureauReport((4, 4, 3, 3, 2, 2), (20_000,) * 6, (0,) * 6, 20_000)
ANN, BEN, CARL = "opr_ann", "opr_ben", "opr_carl"


def later(days: float) -> Moment:
    return NOW._replace(at=AT + timedelta(days=days), today=(AT + timedelta(days=days)).date())


async def person(tx: Tx, number: int = 0) -> UUID:
    digits = f"11010119900101{number:03}"
    made = await identity.register_customers(
        tx, NOW, VAULT, [Applicant("张三", digits + check_sign(digits), f"138{number:08}")]
    )
    return made[0].id


async def applied(
    tx: Tx, *, income_minor: int, report: BureauReport = GOOD, number: int = 0, now: Moment = NOW
) -> Decision:
    return await credit.apply(tx, now, STAGED, Application(await person(tx, number), "CNY", income_minor), report)


async def only_case(tx: Tx, customer_id: UUID) -> Case:
    return (await cases.cases_of(tx, customer_id))[0]


async def said(
    tx: Tx, case: Case, actor: str, *, agrees: bool = True, limit_minor: int | None = None, now: Moment = NOW
) -> answering.Answer:
    await cases.claim(tx, now, case.id, actor=actor)
    return await answering.answer(tx, now, STAGED, case.id, Said(actor, agrees, "looked at it", limit_minor))


@pytest.mark.parametrize(("income", "approvers"), [(50_000, None), (150_000, 1), (300_000, 1), (900_000, 2)])
async def test_the_amount_and_the_grade_say_how_many_agree(
    database: Database, income: int, approvers: int | None
) -> None:
    stages = (ApprovalStage(300_000, 0), ApprovalStage(1_000_000, 1, ("A", "B", "C")))
    engine = engines.engine_of(SHIPPED.scorer, msgspec.structs.replace(SHIPPED.policy, approval=stages))
    async with database.begin() as tx:
        who = await person(tx)
        made = await credit.apply(tx, NOW, engine, Application(who, "CNY", income), GOOD)
        found = await cases.cases_of(tx, who)
        assert (await credit.rerun(tx, engine, made.id)).is_equal
    if approvers is None:
        assert (made.outcome, found) == (DecisionOutcome.APPROVED, [])
        return
    [case] = found
    assert (made.outcome, made.line_id) == (DecisionOutcome.REFERRED, None)
    assert reasons.NEEDS_APPROVAL in made.reasons
    assert (case.kind, case.approvers_needed, case.limit_minor) == (
        CaseKind.APPLICATION,
        approvers,
        made.limit_after_minor,
    )


async def test_two_people_open_a_large_line_and_one_is_not_enough(database: Database) -> None:
    async with database.begin() as tx:
        referred = await applied(tx, income_minor=900_000)
        case = await only_case(tx, referred.customer_id)
        with pytest.raises(ApplicationUnderWay):
            await credit.apply(tx, NOW, STAGED, Application(referred.customer_id, "CNY", 900_000), GOOD)
        first = await said(tx, case, ANN)
        assert (first.case.state, first.decision) == (CaseState.OPEN, None)
        assert await ledger.lines_of_customers(tx, [referred.customer_id]) == {}
        with pytest.raises(CheckedBefore):
            await cases.claim(tx, NOW, case.id, actor=ANN)
        await cases.claim(tx, NOW, case.id, actor=BEN)
        with pytest.raises(CaseLimitDiffers):
            await answering.answer(tx, NOW, STAGED, case.id, Said(BEN, True, "less is enough", 500_000))
        done = await answering.answer(tx, NOW, STAGED, case.id, Said(BEN, True, "fine"))
        line = (await ledger.lines_of_customers(tx, [referred.customer_id]))[referred.customer_id]
        assert done.decision is not None
        assert (done.case.state, done.decision.outcome) == (CaseState.AGREED, DecisionOutcome.APPROVED)
        assert line.limit_minor == referred.limit_after_minor == done.decision.limit_after_minor
        assert done.decision.application_id == referred.application_id
        assert (await credit.rerun(tx, STAGED, done.decision.id)).is_equal
        told = explain(done.decision, STAGED.texts, currency="CNY")
        assert told.words == "fine"
        with pytest.raises(CaseClosed):
            await cases.claim(tx, NOW, case.id, actor=CARL)
    async with database.begin() as tx:
        assert await run_checks(tx) == []


async def test_one_no_ends_a_case(database: Database) -> None:
    async with database.begin() as tx:
        referred = await applied(tx, income_minor=900_000)
        done = await said(tx, await only_case(tx, referred.customer_id), ANN, agrees=False)
        assert done.decision is not None
        assert (done.case.state, done.decision.outcome) == (CaseState.REFUSED, DecisionOutcome.DECLINED)
        assert await ledger.lines_of_customers(tx, [referred.customer_id]) == {}


async def test_nobody_checks_what_they_made_in_the_rules_or_in_the_table(database: Database) -> None:
    async with database.begin() as tx:
        approved = await applied(tx, income_minor=50_000)
        assert approved.line_id is not None
        case = await answering.propose_limit(
            tx, NOW, STAGED, approved.line_id, Proposal(2_000_000), actor=ANN, reason="a good customer"
        )
        assert case.approvers_needed == 2
        with pytest.raises(MakerIsChecker):
            await cases.claim(tx, NOW, case.id, actor=ANN)
        with pytest.raises(MakerIsChecker):
            await answering.answer(tx, NOW, STAGED, case.id, Said(ANN, True, "of course"))
        with pytest.raises(NothingToClaim):
            await cases.claim_next(tx, NOW, None, actor=ANN)
    for actor, refusal in ((ANN, MakerIsChecker), (BEN, CheckedBefore)):
        with pytest.raises(refusal):
            await _vote_twice(database, case, actor)


async def test_a_proposal_moves_the_limit_when_others_agree(database: Database) -> None:
    async with database.begin() as tx:
        approved = await applied(tx, income_minor=50_000)
        assert approved.line_id is not None
        for wrong in (approved.limit_after_minor, 0, 123_456, 90_000_000):
            with pytest.raises(CaseLimitInvalid):
                await answering.propose_limit(
                    tx, NOW, STAGED, approved.line_id, Proposal(wrong), actor=ANN, reason="why not"
                )
        case = await answering.propose_limit(
            tx, NOW, STAGED, approved.line_id, Proposal(800_000), actor=ANN, reason="good"
        )
        done = await said(tx, case, BEN)
        assert done.decision is not None
        assert (done.decision.outcome, done.decision.limit_after_minor) == (DecisionOutcome.RAISED, 800_000)
        assert (await ledger.line(tx, approved.line_id)).limit_minor == 800_000


async def test_a_declined_customer_is_looked_at_again_by_a_person_within_the_deadline(database: Database) -> None:
    async with database.begin() as tx:
        declined = await applied(tx, income_minor=500_000, report=BAD)
        with pytest.raises(ReasonMissing):
            await _contest(tx, declined, reason=" ")
        with pytest.raises(DecisionUnknown):
            await answering.contest(
                tx, NOW, STAGED, declined.id, customer_id=NOW.new_id(1), reason="mine", answer_days=15
            )
        case = await _contest(tx, declined)
        assert case.due_at == AT + timedelta(days=15)
        assert case.maker == "engine"
        with pytest.raises(CaseAlreadyOpen):
            async with tx.savepoint():
                await _contest(tx, declined)
        [state] = await cases.queue_state(tx, later(16))
        assert (state.kind, state.open, state.late) == ("objection", 1, 1), "late answers are counted, and stay open"
        with pytest.raises(CaseLimitInvalid):
            await said(tx, case, ANN)
        done = await answering.answer(
            tx, NOW, STAGED, case.id, Said(ANN, True, "the late months were an error", 100_000)
        )
        assert done.decision is not None
        assert done.decision.outcome is DecisionOutcome.APPROVED
        line = (await ledger.lines_of_customers(tx, [declined.customer_id]))[declined.customer_id]
        assert line.limit_minor == 100_000


async def test_a_decision_that_stands_is_explained_and_not_contested_twice(database: Database) -> None:
    async with database.begin() as tx:
        declined = await applied(tx, income_minor=500_000, report=BAD)
        done = await said(tx, await _contest(tx, declined), ANN, agrees=False)
        assert done.decision is not None
        assert done.decision.outcome is DecisionOutcome.UPHELD
        told = explain(done.decision, STAGED.texts, currency="CNY")
        assert told.words == "looked at it"
        for again in (declined, done.decision):
            with pytest.raises(ContestedBefore):
                await _contest(tx, again)
        other = await applied(tx, income_minor=500_000, report=BAD, number=1)
        with pytest.raises(ContestedTooLate):
            await _contest(tx, other, now=later(61))
    told = {later(days).at: answering.is_contestable(STAGED, other, later(days).at) for days in (0, 60, 61)}
    assert list(told.values()) == [True, True, False]
    assert not answering.is_contestable(STAGED, done.decision, NOW.at)


async def test_whoever_froze_a_line_does_not_answer_the_objection(database: Database) -> None:
    async with database.begin() as tx:
        approved = await applied(tx, income_minor=50_000)
        assert approved.line_id is not None
        frozen = await credit.freeze_line(tx, NOW, approved.line_id, actor=ANN, reason="odd purchases")
        case = await _contest(tx, frozen)
        with pytest.raises(MakerIsChecker):
            await cases.claim(tx, NOW, case.id, actor=ANN)
        done = await said(tx, case, BEN)
        assert done.decision is not None
        assert done.decision.outcome is DecisionOutcome.UNFROZEN
        assert (await ledger.line(tx, approved.line_id)).status == "active"


async def test_an_objection_to_a_large_limit_needs_two(database: Database) -> None:
    async with database.begin() as tx:
        approved = await applied(tx, income_minor=50_000)
        case = await _contest(tx, approved)
        first = await said(tx, case, ANN, limit_minor=1_500_000)
        assert (first.decision, first.case.approvers_needed, first.case.limit_minor) == (None, 2, 1_500_000)
        second = await said(tx, case, BEN, limit_minor=1_500_000)
        assert second.decision is not None
        assert second.decision.limit_after_minor == 1_500_000


async def test_a_claim_keeps_others_away_until_it_ends(database: Database) -> None:
    async with database.begin() as tx:
        declined = await applied(tx, income_minor=500_000, report=BAD)
        case = await _contest(tx, declined)
        claimed = await cases.claim_next(tx, NOW, "objection", actor=ANN)
        assert (claimed.id, claimed.claimed_by) == (case.id, ANN)
        with pytest.raises(CaseClaimed):
            await cases.claim(tx, NOW, case.id, actor=BEN)
        with pytest.raises(NothingToClaim):
            await cases.claim_next(tx, NOW, None, actor=BEN)
        with pytest.raises(CaseNotClaimed):
            await answering.answer(tx, NOW, STAGED, case.id, Said(BEN, False, "no"))
        after = later(31 / 1440)
        assert (await cases.claim(tx, after, case.id, actor=BEN)).claimed_by == BEN
        with pytest.raises(CaseNotClaimed):
            await answering.answer(tx, after, STAGED, case.id, Said(ANN, False, "no"))
        assert (await cases.let_go(tx, after, case.id, actor=BEN)).claimed_by is None


async def test_two_people_who_claim_at_once_get_different_cases(database: Database) -> None:
    async with database.begin() as tx:
        for number in range(2):
            await _contest(tx, await applied(tx, income_minor=500_000, report=BAD, number=number))

    async def claim(actor: str) -> UUID:
        async with database.begin() as tx:
            found = await cases.claim_next(tx, NOW, None, actor=actor)
            await asyncio.sleep(0.05)
            return found.id

    first, second = await asyncio.gather(claim(ANN), claim(BEN))
    assert first != second


async def test_an_application_nobody_answers_lapses_and_may_be_made_again(database: Database) -> None:
    async with database.begin() as tx:
        referred = await applied(tx, income_minor=900_000)
        assert await answering.lapse(tx, later(6), 0, 255, later(6).at) == 0
        assert await answering.lapse(tx, later(7), 0, 255, later(7).at) == 1
        assert await answering.lapse(tx, later(7), 0, 255, later(7).at) == 0
        newest = (await credit.decisions_of(tx, referred.customer_id))[0]
        assert newest.outcome is DecisionOutcome.LAPSED
        again = await credit.apply(tx, later(7), STAGED, Application(referred.customer_id, "CNY", 900_000), GOOD)
        assert again.outcome is DecisionOutcome.REFERRED, "a lapse is no decline, and asks for no wait"


def test_a_stage_that_lets_one_person_propose_and_decide_is_no_policy() -> None:
    with pytest.raises(engines.LimitPolicyInvalid):
        engines.engine_of(
            SHIPPED.scorer, msgspec.structs.replace(SHIPPED.policy, proposals=(ApprovalStage(1_000_000, 0),))
        )
    stricter = msgspec.structs.replace(
        SHIPPED.policy, effective_from=date(2026, 9, 1), probability_max=Decimal("0.1"), name="stricter"
    )
    dated = engines.engine_of(SHIPPED.scorer, SHIPPED.policy, stricter)
    assert engines.on(dated, date(2026, 8, 31)).policy == SHIPPED.policy
    assert engines.on(dated, date(2026, 9, 1)).policy == stricter
    assert engines.on(dated, date(2026, 9, 1)).policy_version.startswith("stricter-")


async def _vote_twice(database: Database, case: Case, actor: str) -> None:
    async with database.begin() as tx:
        for number in (1, 2):
            await tx.execute(
                "insert into credit_case_vote (bucket, case_id, number, maker, actor, agrees, reason, voted_at)"
                " values (%(bucket)s, %(case)s, %(number)s, %(maker)s, %(actor)s, true, 'x', %(at)s)",
                bucket=case.bucket,
                case=case.id,
                number=number,
                maker=case.maker,
                actor=actor,
                at=AT,
            )


async def _contest(tx: Tx, decision: Decision, *, reason: str = "it is wrong", now: Moment = NOW) -> Case:
    return await answering.contest(
        tx, now, STAGED, decision.id, customer_id=decision.customer_id, reason=reason, answer_days=15
    )
