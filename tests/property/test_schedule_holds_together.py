"""Whatever the terms and the history, no cent is lost or made, and a payoff leaves nothing open."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import msgspec
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tiao.lending.schedule import Answer, Terms, Transaction, replay
from tiao.lending.schedule.slots import RowKind
from tiao.lending.schedule.terms import (
    AfterEarlyPayment,
    Amortisation,
    ByDueState,
    ByInstalment,
    Component,
    DayCount,
    Direction,
    DownPayment,
    DueState,
    Frequency,
    Future,
    Grace,
    InterestMethod,
    InterestPeriod,
    MonthEnd,
    PayoffInterest,
    Recalculation,
    ScheduleModel,
    Unit,
    rule_of,
)
from tiao.lending.schedule.transactions import (
    Charge,
    ChargeKind,
    Draw,
    InterestPause,
    Payment,
    PaymentType,
    Payoff,
    RateChange,
    Reversal,
)
from tiao.values.money import Rounding

START = date(2024, 1, 31)
HORIZON_DAYS = 260

#: Whole histories take long to draw on a busy machine, which says nothing about the engine.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass(frozen=True)
class Case:
    terms: Terms
    entries: list[Transaction]
    as_of_on: date

    def answer(self) -> Answer:
        return replay(self.terms, self.entries, start_on=START, as_of_on=self.as_of_on)


ENTRIES = [(state, part) for state in DueState for part in Component]
RULES = st.builds(rule_of, st.permutations(ENTRIES).map(tuple), st.sampled_from(Future))
ALLOCATIONS = st.one_of(
    st.builds(
        ByInstalment,
        order_due=st.permutations(list(Component)).map(tuple),
        order_in_advance=st.permutations(list(Component)).map(tuple),
    ),
    st.builds(
        ByDueState,
        direction=st.sampled_from(Direction),
        rules=st.fixed_dictionaries(
            {"default": RULES}, optional={"merchant_refund": RULES, "interest_refund": RULES, "down_payment": RULES}
        ),
    ),
)
RECALCULATIONS = st.builds(
    Recalculation,
    payoff_interest=st.sampled_from(PayoffInterest),
    after_early_payment=st.sampled_from(AfterEarlyPayment),
    is_interest_on_overdue=st.booleans(),
)
RATES = st.integers(0, 60).map(lambda percent: Fraction(percent, 100))


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    count = draw(st.integers(1, 7))
    return Terms(
        principal_minor=draw(st.integers(1, 500_000)),
        annual_rate=draw(RATES),
        instalments=count,
        frequency=Frequency(draw(st.integers(1, 2)), draw(st.sampled_from([Unit.WEEK, Unit.MONTH]))),
        rounding=draw(st.sampled_from([Rounding.HALF_EVEN, Rounding.HALF_UP])),
        month_end=draw(st.sampled_from(MonthEnd)),
        day_count=draw(st.sampled_from(DayCount)),
        interest_method=draw(st.sampled_from(InterestMethod)),
        amortisation=draw(st.sampled_from(Amortisation)),
        interest_period=draw(st.sampled_from(InterestPeriod)),
        is_partial_period_interest_allowed=draw(st.booleans()),
        schedule_model=draw(st.sampled_from(ScheduleModel)),
        instalment_multiple_minor=draw(st.sampled_from([None, None, 100, 1000])),
        down_payment=draw(
            st.none() | st.builds(DownPayment, share=st.just(Fraction(1, 4)), is_automatic=st.booleans())
        ),
        grace=draw(st.builds(Grace, *[st.integers(0, count - 1)] * 3)),
        instalment_fee_share=draw(st.sampled_from([None, None, Fraction(45, 1000)])),
        recalculation=draw(st.none() | RECALCULATIONS),
        is_term_extended_by_draw=draw(st.booleans()),
        allocation=draw(ALLOCATIONS),
        interest_refund_on=draw(st.sampled_from([frozenset(), frozenset({"merchant_refund", "payout_refund"})])),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    days = st.integers(0, HORIZON_DAYS).map(lambda after: START + timedelta(days=after))
    amounts = st.integers(1, 300_000)
    entries: list[Transaction] = [
        Draw(id="d", posted_on=START, effective_on=START, amount_minor=draw(st.integers(1, 500_000)))
    ]
    if draw(st.integers(0, 3)) == 0:
        early = START + timedelta(days=draw(st.integers(0, 6)))
        entries.append(Draw(id="d2", posted_on=early, effective_on=early, amount_minor=draw(amounts)))
    for number in range(draw(st.integers(0, 8))):
        on, posted = draw(days), draw(days)
        name = f"t{number}"
        match draw(st.integers(0, 9)):
            case 0:
                kind = draw(st.sampled_from(ChargeKind))
                charge = Charge(id=name, posted_on=posted, due_on=on, amount_minor=draw(amounts), kind=kind)
                entries.append(charge)
            case 1:
                entries.append(RateChange(id=name, posted_on=posted, effective_on=on, annual_rate=draw(RATES)))
            case 2:
                end = on + timedelta(days=draw(st.integers(0, 40)))
                entries.append(InterestPause(id=name, posted_on=posted, from_on=on, to_on=end))
            case 3:
                entries.append(Payoff(id=name, posted_on=posted, effective_on=on))
            case 4:
                undoable = [
                    each.id for each in entries if not isinstance(each, Reversal) and each.id not in undone(entries)
                ]
                entries.append(Reversal(id=name, posted_on=posted, of=draw(st.sampled_from(undoable or ["d"]))))
                assume(undoable)
            case _:
                kind = draw(st.sampled_from(PaymentType))
                payment = Payment(id=name, posted_on=posted, effective_on=on, amount_minor=draw(amounts), type=kind)
                entries.append(payment)
    return Case(draw(terms()), entries, draw(days))


def undone(entries: list[Transaction]) -> set[str]:
    return {each.of for each in entries if isinstance(each, Reversal)}


def drawn(case: Case) -> int:
    gone = undone(case.entries)
    return sum(each.amount_minor for each in case.entries if isinstance(each, Draw) and each.id not in gone)


@patient
@given(cases())
def test_principal_of_the_rows_adds_up_to_what_was_drawn(case: Case) -> None:
    answer = case.answer()
    assert sum(row.principal for row in answer.rows) == drawn(case)
    assert answer.rows[-1].balance == 0


@patient
@given(cases())
def test_every_row_is_its_parts_and_every_payment_its_split(case: Case) -> None:
    answer = case.answer()
    for row in answer.rows:
        parts = (row.principal, row.interest, row.fees, row.penalties)
        assert min(*parts, row.paid, row.outstanding, row.paid_early, row.paid_late) >= 0
        assert row.total == sum(parts)
        assert row.paid + row.outstanding == row.total
        assert row.paid_early + row.paid_late <= row.paid
        assert (row.settled_on is None) or row.outstanding == 0
    for booked in answer.transactions:
        parts = (booked.principal, booked.interest, booked.fees, booked.penalties, booked.overpaid)
        assert min(parts) >= 0
        assert sum(parts) == (0 if booked.is_reversed else booked.amount)


@patient
@given(cases())
def test_what_was_paid_stands_on_the_rows(case: Case) -> None:
    answer = case.answer()
    used = sum(booked.amount - booked.overpaid for booked in answer.transactions if not booked.is_reversed)
    assert sum(row.paid for row in answer.rows) == used


@patient
@given(cases())
def test_rows_are_numbered_in_the_order_of_their_days(case: Case) -> None:
    rows = case.answer().rows
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert all(before.due_on <= after.due_on for before, after in pairwise(rows))
    assert [row.kind for row in rows if row.kind is RowKind.EXTRA] == [
        row.kind for row in rows[-1:] if row.kind is RowKind.EXTRA
    ]


@patient
@given(cases(), st.integers(0, HORIZON_DAYS))
def test_a_payoff_after_everything_leaves_nothing_open(case: Case, after: int) -> None:
    last = max(
        (each.due_on if isinstance(each, Charge) else getattr(each, "effective_on", START) for each in case.entries),
        default=START,
    )
    day = max(last, START + timedelta(days=after))
    entries = [*case.entries, Payoff(id="end", posted_on=date(2030, 1, 1), effective_on=day)]
    answer = replay(case.terms, entries, start_on=START, as_of_on=date(2030, 1, 1))
    assert [row.outstanding for row in answer.rows] == [0] * len(answer.rows)
    assert answer.transactions[-1].principal_balance == 0
    assert answer.transactions[-1].overpaid == 0


@patient
@given(cases())
def test_undoing_every_payment_and_charge_restores_the_fresh_plan(case: Case) -> None:
    kept = [each for each in case.entries if isinstance(each, Draw) and each.id not in undone(case.entries)]
    assume(kept)
    terms = msgspec.structs.replace(case.terms, down_payment=None)
    moved = [each for each in case.entries if isinstance(each, Payment | Payoff | Charge)]
    back = [Reversal(id=f"r{each.id}", posted_on=START, of=each.id) for each in moved]
    fresh = replay(terms, kept, start_on=START, as_of_on=case.as_of_on)
    again = replay(terms, [*kept, *moved, *back], start_on=START, as_of_on=case.as_of_on)
    assert again.rows == fresh.rows


@patient
@given(cases())
def test_the_order_of_entry_is_irrelevant_on_distinct_days(case: Case) -> None:
    seen: set[date] = set()
    entries: list[Transaction] = []
    for each in case.entries:
        days = {getattr(each, name) for name in ("effective_on", "due_on", "from_on") if hasattr(each, name)}
        if isinstance(each, Reversal) or days & seen:
            continue
        seen |= days
        if isinstance(each, Charge):
            seen.add(min(each.due_on, each.posted_on))
        entries.append(each)
    one = replay(case.terms, entries, start_on=START, as_of_on=case.as_of_on)
    other = replay(case.terms, entries[::-1], start_on=START, as_of_on=case.as_of_on)
    assert one == other


@patient
@given(cases(), st.data())
def test_a_reversed_payment_might_as_well_never_have_been_entered(case: Case, data: st.DataObject) -> None:
    payments = [each for each in case.entries if isinstance(each, Payment) and each.id not in undone(case.entries)]
    assume(payments)
    chosen = data.draw(st.sampled_from(payments))
    with_it = [*case.entries, Reversal(id="back", posted_on=chosen.posted_on, of=chosen.id)]
    without = [each for each in case.entries if each is not chosen]
    one = replay(case.terms, with_it, start_on=START, as_of_on=case.as_of_on)
    other = replay(case.terms, without, start_on=START, as_of_on=case.as_of_on)
    assert one.rows == other.rows
