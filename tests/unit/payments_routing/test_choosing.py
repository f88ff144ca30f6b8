"""What may be used, what is chosen, and how likely the choice was."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest

from tiao.payments.routing.backtest import backtest
from tiao.payments.routing.capability import CardKind, Excluded, Window, Wish, why_not
from tiao.payments.routing.chooser import Chooser, Silence
from tiao.payments.routing.decision import Candidate, NoneUsable, Outcome, RouteDecision, Taught
from tiao.payments.routing.health import believed
from tiao.payments.routing.propensity import propensities
from tiao.payments.routing.router import Cost
from tiao.payments.routing.tables import (
    Again,
    Policies,
    Policy,
    RoutingTableInvalid,
    meaning_of,
    read_channels,
    read_policies,
    shipped_channels,
    shipped_policies,
)

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 11, 4, tzinfo=UTC)
BY_NAME = {each.name: each for each in shipped_channels()}
ALL = dict.fromkeys(BY_NAME, "agreement")


def wish(number: int = 1, **changes: Any) -> Wish:  # noqa: ANN401  any field of a wish
    plain = Wish(UUID(int=number), "ICBC", CardKind.DEBIT, None, 10_000, NOON, ALL)
    return plain._replace(**changes)


#: channel, what of the wish is changed, the hour in Shanghai, reasons
CASES = [
    ("nucc", {}, "2026-03-11 12:00", []),
    ("nucc", {"issuer": "XYZ"}, "2026-03-11 12:00", ["issuer_not_supported"]),
    ("nucc", {"issuer": None}, "2026-03-11 12:00", ["issuer_not_supported"]),
    ("nucc", {"card_kind": CardKind.CREDIT}, "2026-03-11 12:00", ["card_kind_not_supported"]),
    ("nucc", {"card_kind": None}, "2026-03-11 12:00", []),
    ("nucc", {"amount_minor": 2_000_001}, "2026-03-11 12:00", ["above_single_limit"]),
    ("nucc", {"used_today_minor": {"nucc": 4_990_001}}, "2026-03-11 12:00", ["above_daily_limit"]),
    ("nucc", {"used_today_minor": {"unionpay": 4_990_001}}, "2026-03-11 12:00", []),
    (
        "nucc",
        {"account_class": 2, "used_today_minor": {"unionpay": 990_001}},
        "2026-03-11 12:00",
        ["above_class_limit"],
    ),
    ("nucc", {"account_class": 3, "amount_minor": 200_000}, "2026-03-11 12:00", []),
    ("nucc", {"account_class": 3, "amount_minor": 200_001}, "2026-03-11 12:00", ["above_class_limit"]),
    ("nucc", {}, "2026-03-15 03:59", ["maintenance"]),
    ("nucc", {}, "2026-03-15 04:00", []),
    ("nucc", {}, "2026-03-16 03:00", []),
    ("unionpay", {}, "2026-03-11 23:30", ["maintenance"]),
    ("unionpay", {}, "2026-03-12 00:29", ["maintenance"]),
    ("unionpay", {}, "2026-03-12 00:30", []),
    ("host", {}, "2026-03-11 22:00", ["closed_at_this_hour"]),
    ("giro", {}, "2026-03-14 12:00", ["closed_at_this_hour"]),
    ("bank", {"agreements": {}}, "2026-03-14 12:00", ["no_agreement"]),
    ("bank", {"tried": frozenset({"bank"})}, "2026-03-14 12:00", ["tried_before"]),
]


@pytest.mark.parametrize(("name", "changes", "local", "reasons"), CASES)
def test_what_stands_against_a_channel_is_told_in_full(
    name: str, changes: dict[str, Any], local: str, reasons: list[str]
) -> None:
    hour = datetime.fromisoformat(local).replace(tzinfo=ZONE)
    assert why_not(BY_NAME[name], wish(**changes), hour) == [Excluded(each) for each in reasons]


@pytest.mark.parametrize(
    ("day", "is_covered"), [("2026-03-09 23:30", True), ("2026-03-10 00:30", True), ("2026-03-10 23:30", False)]
)
def test_a_window_over_midnight_belongs_to_the_day_it_starts_on(day: str, *, is_covered: bool) -> None:
    assert Window("23:00", "01:00", (1,)).covers(datetime.fromisoformat(day)) is is_covered


def test_the_same_beliefs_and_the_same_payment_give_the_same_choice() -> None:
    first, second = (Chooser(shipped_channels(), shipped_policies(), ZONE) for _ in range(2))
    second.choose(wish(77))
    assert [first.choose(wish(n)) for n in range(50)] == [second.choose(wish(n)) for n in range(50)]


def test_only_what_may_be_used_is_ever_chosen_and_nothing_at_all_is_told() -> None:
    chooser = Chooser(shipped_channels(), shipped_policies(), ZONE, reachable={"bank", "nucc"})
    for number in range(200):
        decided = chooser.choose(wish(number))
        assert isinstance(decided, RouteDecision)
        assert decided.chosen in {"bank", "nucc"}
        assert sum(each.propensity for each in decided.candidates) == pytest.approx(1)
    nowhere = chooser.choose(wish(agreements={"unionpay": "x"}))
    assert isinstance(nowhere, NoneUsable)
    assert {each.channel: each.reasons[0] for each in nowhere.excluded} == {
        "bank": Excluded.NO_AGREEMENT,
        "nucc": Excluded.NO_AGREEMENT,
        "unionpay": Excluded.NOT_REACHABLE,
        "host": Excluded.NOT_REACHABLE,
        "giro": Excluded.NOT_REACHABLE,
    }


def taught(chooser: Chooser, channel: str, outcome: Taught, count: int, *, at: datetime = NOON) -> None:
    start = chooser.followed_through
    chooser.follow([Outcome(start + n + 1, "ICBC", channel, outcome, 10_000, at) for n in range(count)])


def test_silence_is_no_failure_but_a_silent_channel_is_left_alone_for_a_while() -> None:
    chooser = Chooser(shipped_channels(), shipped_policies(), ZONE, reachable={"bank", "nucc"})
    taught(chooser, "nucc", Taught.SUCCESS, 50)
    taught(chooser, "bank", Taught.SUCCESS, 50)
    taught(chooser, "nucc", Taught.UNKNOWN, 12)
    decided = [chooser.choose(wish(n)) for n in range(50)]
    assert {each.chosen for each in decided if isinstance(each, RouteDecision)} == {"bank"}
    only = chooser.choose(wish(agreements={"nucc": "x"}))
    assert isinstance(only, RouteDecision), "what is silent is used when there is nothing else"
    assert only.candidates[0].outcomes == 50, "and its silence is no outcome"
    later = [chooser.choose(wish(n, at=NOON + timedelta(hours=1))) for n in range(50)]
    assert {each.chosen for each in later if isinstance(each, RouteDecision)} == {"bank", "nucc"}


def test_a_pause_grows_with_each_silence_and_shrinks_with_each_answer() -> None:
    silence = Silence()
    for _ in range(6):
        silence.learn(NOON, is_silent=True)
    assert silence.is_paused(NOON + timedelta(seconds=59))
    assert not silence.is_paused(NOON + timedelta(seconds=60))
    silence.learn(NOON, is_silent=True)
    assert silence.is_paused(NOON + timedelta(seconds=119))
    silence.learn(NOON, is_silent=False)
    assert not silence.is_paused(NOON)


def test_a_promised_volume_is_caught_up_with() -> None:
    plain = Policy(400)
    promised = Policy(400, commitments={"unionpay": 10**9}, behind_weight=0.1)
    shares = []
    for policy in (plain, promised):
        chooser = Chooser(shipped_channels(), Policies("p", {"p": policy}), ZONE, reachable={"unionpay", "nucc"})
        for name in ("unionpay", "nucc"):
            taught(chooser, name, Taught.SUCCESS, 300)
        decided = [chooser.choose(wish(n)) for n in range(400)]
        shares.append(sum(each.chosen == "unionpay" for each in decided if isinstance(each, RouteDecision)) / 400)
    assert shares[0] < 0.2
    assert shares[1] > 0.8


@pytest.mark.parametrize("seed", range(5))
def test_propensities_are_close_to_how_often_draws_win(seed: int) -> None:
    chance = Random(seed)
    seen = [(chance.randrange(20, 400), chance.randrange(2, 60)) for _ in range(4)]
    means = [won / (won + lost) for won, lost in seen]
    spreads = [(mean * (1 - mean) / (won + lost + 1)) ** 0.5 for mean, (won, lost) in zip(means, seen, strict=True)]
    wins = [0] * 4
    for _ in range(4000):
        drawn = [chance.betavariate(won, lost) for won, lost in seen]
        wins[drawn.index(max(drawn))] += 1
    for said, won in zip(propensities(means, spreads), wins, strict=True):
        assert said == pytest.approx(won / 4000, abs=0.08)


class Past(msgspec.Struct, frozen=True):
    amount_minor: int
    chosen: str
    propensity: float
    candidates: tuple[Candidate, ...]
    is_success: bool


def test_a_backtest_recovers_what_another_policy_would_have_brought() -> None:
    """A policy that takes 'good' nine times of ten is held against one that always takes 'cheap'."""
    chance, rates = Random(3), {"good": 0.95, "cheap": 0.7}
    past = []
    for _ in range(8000):
        chosen = "good" if chance.random() < 0.9 else "cheap"
        candidates = tuple(
            Candidate(name, rate, 100, rate, 0.9 if name == "good" else 0.1) for name, rate in rates.items()
        )
        propensity = 0.9 if chosen == "good" else 0.1
        past.append(Past(10_000, chosen, propensity, candidates, chance.random() < rates[chosen]))
    costs = {"good": Cost(300), "cheap": Cost(0)}
    sure = backtest(Policy(), past, costs.__getitem__)
    cheap = backtest(Policy(400), past, costs.__getitem__)
    assert sure.success_rate == pytest.approx(0.95, abs=0.02)
    assert cheap.success_rate == pytest.approx(0.7, abs=0.05)
    assert (sure.cost_minor_each, cheap.cost_minor_each) == (pytest.approx(285, abs=8), 0)
    assert backtest(Policy(), [], costs.__getitem__).success_rate is None


def test_codes_say_what_to_do_and_one_unheard_of_does_nothing_by_itself() -> None:
    assert meaning_of("maintenance").again is Again.ELSEWHERE
    assert meaning_of("insufficient_funds").again is Again.LATER
    assert (meaning_of("brand_new").again, meaning_of("brand_new").is_channels) == (Again.NEVER, False)


@pytest.mark.parametrize(
    "text",
    [
        b"- {name: a}",
        b"- {name: a, title: t, format: tiao, file: tiao, statement: each, surprise: 1}",
        b"- {name: a, title: t, format: tiao, file: tiao, statement: each, open: [{starts: '25:00', ends: '01:00'}]}",
        b"- {name: a, title: t, format: tiao, file: tiao, statement: each}\n" * 2,
        b"[",
    ],
)
def test_a_table_of_channels_with_a_fault_is_refused(text: bytes) -> None:
    with pytest.raises(RoutingTableInvalid):
        read_channels(text)


def test_a_policy_that_nobody_wrote_is_refused() -> None:
    with pytest.raises(RoutingTableInvalid):
        read_policies(b"{live: a, policies: {b: {}}}")


@pytest.mark.parametrize(("won", "lost"), [(0, 0), (5, 0), (3, 4), (40, 2), (950, 50)])
def test_what_is_drawn_fast_is_close_to_the_distribution_itself(won: int, lost: int) -> None:
    chance, belief = Random(1), believed(won, lost)
    fast = sorted(belief.drawn(chance.gauss(0, 1)) for _ in range(4000))
    exact = sorted(chance.betavariate(won + 1, lost + 1) for _ in range(4000))
    for share in (0.1, 0.5, 0.9):
        assert fast[int(4000 * share)] == pytest.approx(exact[int(4000 * share)], abs=0.05)
