"""However facts are cut into pieces, and whichever come late, the folds that are kept equal a replay of all of them."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from tiao.privacy.model import Purpose
from tiao.profile import rules
from tiao.profile.catalogue import FEATURES
from tiao.profile.model import Event, Kind, Source

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
ALL = frozenset(Source)


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    made = []
    for number in range(draw(st.integers(0, 25))):
        hour = draw(st.integers(0, 24 * 300))
        at = BEGAN + timedelta(hours=hour)
        back = draw(st.integers(0, 40))
        made.append(
            Event(
                draw(st.sampled_from(list(Kind))),
                UUID(int=number + 1),
                at.date() - timedelta(days=back),
                at,
                draw(st.integers(0, 100_000)),
                draw(st.sampled_from(["a", "b", "c"])),
                at.date() + timedelta(days=9),
            )
        )
    return made


@settings(max_examples=200, deadline=None)
@given(events(), st.lists(st.integers(0, 24 * 300), max_size=5), st.sets(st.integers(0, 24)))
def test_streamed_and_replayed_are_equal(facts: list[Event], cuts: list[int], late: set[int]) -> None:
    """Each cut is a time at which features are brought up to date; late facts come to be seen a day afterwards."""
    end = BEGAN + timedelta(days=400)
    seen_at = {
        fact.id: fact.available_at + (timedelta(hours=24) if place in late else timedelta())
        for place, fact in enumerate(facts)
    }
    state, folded_at = rules.start(), BEGAN
    for now in [*(BEGAN + timedelta(hours=hour) for hour in sorted(cuts)), end]:
        there = [fact for fact in facts if seen_at[fact.id] <= now and fact.available_at <= now]
        new = [fact for fact in there if fact.available_at >= folded_at - rules.OVERLAP]
        after = rules.advanced(state, new)
        state = rules.folded(rules.start(), there) if after is None else after
        folded_at = now
        replayed = rules.folded(rules.start(), there)
        ask = rules.Ask(now.date(), ALL)
        assert rules.differing(rules.step(state, ask)[0], rules.step(replayed, ask)[0]) == {}
        assert rules.read(rules.written(state)) == state


@given(events())
def test_what_is_not_allowed_is_not_read_and_nothing_known_is_an_answer(facts: list[Event]) -> None:
    state = rules.folded(rules.start(), facts)
    told = rules.asked(UUID(int=1), state, as_of=BEGAN, on=date(2027, 1, 1), purposes=frozenset())
    assert all(told.values[each.name] is None for each in FEATURES if each.source.needs is not None)
    assert {Source.SOCIAL, Source.PARTNER} <= set(told.absent)
    allowed = rules.asked(
        UUID(int=1), state, as_of=BEGAN, on=date(2027, 1, 1), purposes=frozenset({Purpose.PARTNER_DATA})
    )
    assert (allowed.values["partner_tenure_days"] is None) == all(fact.kind is not Kind.PARTNER for fact in facts)
    assert told.is_thin == (len(facts) < rules.THIN_BELOW)
