"""The folds that features are made of. All arithmetic is in whole numbers, so two ways of folding agree to the bit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from tiao.profile.model import Event, Fold, Kind, State, Value

#: What a share is told in.
PPM = 1_000_000

Measure = Callable[[Event], int]


def amount(event: Event) -> int:
    """Take the amount of an event."""
    return event.amount


def one(_: Event) -> int:
    """Count an event."""
    return 1


def summed(*kinds: Kind, days: int, of: Measure = amount, besides: str | None = None) -> Fold:
    """Add up over a window of days, today included, but for events labelled *besides*; nothing before the first."""

    def step(state: State, event: Event) -> State:
        if event.kind not in kinds or event.label == besides:
            return state
        day = str(event.on.toordinal())
        grown = dict(state)
        grown[day] = grown.get(day, 0) + of(event)
        newest = max(map(int, grown))
        return {each: total for each, total in grown.items() if int(each) > newest - days}

    def ask(state: dict[str, int], today: date) -> Value:
        if not state:
            return None
        return sum(total for day, total in state.items() if today.toordinal() - days < int(day) <= today.toordinal())

    return Fold({}, step, ask)


def largest(*kinds: Kind, days: int) -> Fold:
    """Find the largest amount in a window of days; nothing when there is none."""

    def step(state: State, event: Event) -> State:
        if event.kind not in kinds:
            return state
        day = str(event.on.toordinal())
        grown = dict(state)
        grown[day] = max(grown.get(day, 0), event.amount)
        newest = max(map(int, grown))
        return {each: top for each, top in grown.items() if int(each) > newest - days}

    def ask(state: dict[str, int], today: date) -> Value:
        seen = [top for day, top in state.items() if today.toordinal() - days < int(day) <= today.toordinal()]
        return max(seen, default=None)

    return Fold({}, step, ask)


def distinct(*kinds: Kind, days: int) -> Fold:
    """Count different labels in a window of days; nothing before the first event."""

    def step(state: State, event: Event) -> State:
        if event.kind not in kinds:
            return state
        grown = dict(state)
        grown[event.label] = max(grown.get(event.label, 0), event.on.toordinal())
        newest = max(grown.values())
        return {label: day for label, day in grown.items() if day > newest - days}

    def ask(state: dict[str, int], today: date) -> Value:
        if not state:
            return None
        return sum(today.toordinal() - days < day <= today.toordinal() for day in state.values())

    return Fold({}, step, ask)


def latest(*kinds: Kind, label: str | None = None) -> Fold:
    """Take the amount of the event that counts latest; nothing when there is none."""

    def step(state: State, event: Event) -> State:
        if event.kind not in kinds or (label is not None and event.label != label):
            return state
        day = event.on.toordinal()
        return state if state and state[0] > day else [day, event.amount]

    def ask(state: list[int], _: date) -> Value:
        return state[1] if state else None

    return Fold([], step, ask)


def days_since_first(*kinds: Kind) -> Fold:
    """Count days since the first event; nothing when there is none."""

    def step(state: State, event: Event) -> State:
        if event.kind not in kinds:
            return state
        day = event.on.toordinal()
        return day if state is None else min(state, day)

    def ask(state: int | None, today: date) -> Value:
        return None if state is None else today.toordinal() - state

    return Fold(None, step, ask)


def days_since_last(*kinds: Kind) -> Fold:
    """Count days since the last event; nothing when there is none."""

    def step(state: State, event: Event) -> State:
        if event.kind not in kinds:
            return state
        day = event.on.toordinal()
        return day if state is None else max(state, day)

    def ask(state: int | None, today: date) -> Value:
        return None if state is None else today.toordinal() - state

    return Fold(None, step, ask)


def share(part: Fold, whole: Fold) -> Fold:
    """Take one fold as a share of another, in parts per million, rounded down; nothing where there is no whole."""

    def step(state: State, event: Event) -> State:
        before = state[0], state[1]
        after = part.step(before[0], event), whole.step(before[1], event)
        return state if after[0] is before[0] and after[1] is before[1] else list(after)

    def ask(state: State, today: date) -> Value:
        of = whole.ask(state[1], today)
        return None if not of else (part.ask(state[0], today) or 0) * PPM // of

    return Fold([part.start, whole.start], step, ask)


def billed_and_repaid(days: int, answer: Callable[[list[list[int]], list[list[int]], int], Value]) -> Fold:
    """Put repayments against bills, the oldest first, and answer from what is open and what was done how late.

    Shape: open [due day, amount]; done [due day, days late], of bills due in the window.
    """

    def step(state: State, event: Event) -> State:
        if event.kind is Kind.BILLED and event.until_on is not None and event.amount > 0:
            return [[*state[0], [event.until_on.toordinal(), event.amount]], state[1]]
        if event.kind is not Kind.REPAID:
            return state
        left, day = event.amount, event.on.toordinal()
        still, done = [], list(state[1])
        for due, owed in sorted(state[0]):
            paid = min(left, owed)
            left -= paid
            if owed > paid:
                still.append([due, owed - paid])
            else:
                done.append([due, max(0, day - due)])
        return [still, [each for each in done if each[0] > day - 2 * days]]

    def ask(state: State, today: date) -> Value:
        now = today.toordinal()
        return answer(state[0], [each for each in state[1] if now - days < each[0]], now)

    return Fold([[], []], step, ask)


def on_time_share(days: int) -> Fold:
    """Share of bills due in a window that were repaid by their day, in parts per million; nothing before the first."""

    def answer(still: list[list[int]], done: list[list[int]], now: int) -> Value:
        due = [late for _, late in done] + [now - day for day, _ in still if day < now]
        return sum(late == 0 for late in due) * PPM // len(due) if due else None

    return billed_and_repaid(days, answer)


def longest_delay(days: int) -> Fold:
    """Most days that a bill due in a window was or is late; nothing before the first."""

    def answer(still: list[list[int]], done: list[list[int]], now: int) -> Value:
        late = [each for _, each in done] + [now - day for day, _ in still if day < now]
        return max(late, default=None)

    return billed_and_repaid(days, answer)


def overdue_now() -> Fold:
    """Add up what is billed, due and not repaid."""

    def answer(still: list[list[int]], _: list[list[int]], now: int) -> Value:
        return sum(owed for day, owed in still if day < now)

    return billed_and_repaid(1, answer)
