"""Whatever a statement asks for and was paid: the minimum is just enough, and nothing but its share is carried."""

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tiao.lending.model import InstalmentKey
from tiao.lending.penalties import MICRO
from tiao.lending.revolving import CarryTerms, Owed, carry

STATEMENT, DUE, BEFORE = date(2026, 4, 1), date(2026, 4, 10), date(2026, 3, 10)
MONEY = st.integers(min_value=0, max_value=10**9)


@st.composite
def owed(draw: st.DrawFn) -> list[Owed]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        lent = draw(MONEY)
        is_late = draw(st.booleans())
        found.append(
            Owed(
                key=InstalmentKey(UUID(int=number), 1),
                statement_on=date(2026, 3, 1) if is_late else STATEMENT,
                due_on=BEFORE if is_late else draw(st.sampled_from([DUE, DUE, date(2026, 4, 15)])),
                is_single=draw(st.booleans()),
                lent_minor=lent,
                principal_open_minor=draw(st.integers(0, lent)),
                cost_open_minor=draw(st.sampled_from([0, 0, 1, 77_000])),
                carry_ppm=draw(st.sampled_from([0, 0, 500])),
            )
        )
    return found


TERMS = st.builds(CarryTerms, st.integers(0, MICRO), st.integers(0, 1_000))


@given(owed(), TERMS)
def test_what_is_carried_stays_within_its_share_and_leaves_nothing_due(parts: list[Owed], terms: CarryTerms) -> None:
    made = carry(parts, statement_on=STATEMENT, due_on=DUE, terms=terms)
    due = [part for part in parts if part.due_on <= DUE]
    total = sum(part.principal_open_minor + part.cost_open_minor for part in due)
    assert made.amount_minor * MICRO <= sum(part.lent_minor for part in due) * (MICRO - terms.ratio_ppm)
    if made.still_to_pay_minor:
        assert made.parts == ()
        assert made.still_to_pay_minor <= total
    else:
        assert made.amount_minor == total, "all that is due is carried, and all of it is principal"
    by_key = {part.key: part for part in parts}
    for key, minor in made.parts:
        part = by_key[key]
        assert (part.is_single, part.statement_on, part.due_on) == (True, STATEMENT, DUE)
        assert 0 < minor == part.principal_open_minor
    assert 0 <= made.backlog_micros <= made.amount_minor * 500 * 10


@given(owed(), TERMS)
def test_paying_what_is_still_to_be_paid_is_enough_and_a_fen_less_is_not(parts: list[Owed], terms: CarryTerms) -> None:
    least = carry(parts, statement_on=STATEMENT, due_on=DUE, terms=terms).still_to_pay_minor
    assert carry(_paid(parts, least), statement_on=STATEMENT, due_on=DUE, terms=terms).still_to_pay_minor == 0
    if least:
        short = carry(_paid(parts, least - 1), statement_on=STATEMENT, due_on=DUE, terms=terms)
        assert short.still_to_pay_minor == 1


def _paid(parts: list[Owed], amount: int) -> list[Owed]:
    """Put money first against what must be paid, then against what can be carried."""
    left, after = amount, []
    for part in sorted(parts, key=lambda each: (each.due_on > DUE, each.is_single and each.due_on == DUE, each.due_on)):
        cost = min(left, part.cost_open_minor) if part.due_on <= DUE else 0
        left -= cost
        after.append(part._replace(cost_open_minor=part.cost_open_minor - cost))
    done = []
    for part in after:
        paid = min(left, part.principal_open_minor) if part.due_on <= DUE else 0
        left -= paid
        done.append(part._replace(principal_open_minor=part.principal_open_minor - paid))
    assert left == 0
    return done
