"""The fold of a set of payments at one instant, over columns: the same values and the same states, to the bit.

`Fold.pay` is the definition; this is how a set of some size is folded with few operations for all its payments at once.
What depends on the order of payments is counted along each state's own: totals by running sums of integers, the usual
amount one payment after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tiao.risk.features.columns import PAIR, RECENT, Columns, Ints
from tiao.risk.features.definition import (
    ENTITY_FEATURES,
    HIGH,
    MEMORY,
    PAIR_FEATURES,
    PRIOR_WEIGHT,
    Definition,
    features_of,
    pairs_of,
    recent_of,
)
from tiao.risk.features.entity import AMOUNT_PARTS, RATE_PRIOR, RATE_WEIGHT, EntityState, Recent, parts_of
from tiao.risk.features.fold import MINUTE_US, EntityKey, number_of
from tiao.risk.features.minutes import recently_at
from tiao.risk.features.stored import NO_OUTCOME, NONE, entity_to_bytes
from tiao.risk.features.stored import RECENT as ONE_RECENT

Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]

_NAN: Final = float("nan")
_EMPTY: Final = entity_to_bytes(EntityState())
#: The windows of the features, and where each stands among what `Columns.ends` gives.
_WINDOWS: Final = (1, 3, 7, 14, 21, 28)
_1, _3, _7, _14, _21, _28 = range(6)
_PAYMENTS, _AMOUNT, _HIGHS, _FRAUDS, _PLAIN, _GENUINE = range(6)
#: Above this an integer is not exactly a double.
_EXACT: Final = 2**53


class Paid(NamedTuple):
    """A payment of a set. Shape: *entities* by the groups of the definition, each 32 hexadecimal digits, or None."""

    amount: float
    entities: tuple[str | None, ...]


class SetFolded(NamedTuple):
    """The values of payments in their order, and the states afterwards. Shape: values (payments, features)."""

    values: Floats
    contents: dict[EntityKey, bytes]


class Unfit(Exception):  # noqa: N818  no fault: such a set is folded one by one
    """The set cannot be folded over columns: a state has reached a later unit, or an amount has no exact double."""


class SetFold:
    """The fold of a definition whose pairs are of the payer with others, and which knows the last minutes."""

    def __init__(self, definition: Definition) -> None:
        assert definition.payer == 0, "the payer is named first"
        assert definition.minutes, "the last minutes are known"
        self._definition = definition
        self._others = [second for _, second in pairs_of(definition)]
        self._spans = tuple(sorted(minutes * MINUTE_US for minutes in definition.minutes))
        self._width = len(features_of(definition))
        self._groups = len(definition.groups)
        self._minutes_width = len(recent_of(definition))

    def pay(self, at: int, payments: Sequence[Paid], contents: Mapping[EntityKey, bytes]) -> SetFolded:
        """Give the values of payments of different payers, and the states of all they name, with each payer's pairs.

        Refuses: Unfit.
        """
        definition = self._definition
        rows: dict[EntityKey, int] = {}
        named = [
            (rows.setdefault((place, key), len(rows)), number, place)
            for number, paid in enumerate(payments)
            for place, key in enumerate(paid.entities)
            if key is not None
        ]
        columns = Columns([contents.get(key, _EMPTY) for key in rows])
        day = at // definition.unit_us
        if (columns.heads["day"] > day).any():
            raise Unfit
        amounts = np.array([paid.amount for paid in payments])
        spent = np.array([parts_of(paid.amount) for paid in payments], dtype=np.int64)
        ends = columns.ends(day, _WINDOWS)
        if max(int(np.abs(columns.totals[:, _AMOUNT]).max()) + int(spent.sum()), abs(at)) >= _EXACT:
            raise Unfit
        places = np.array(named, dtype=np.int64)
        turns = _Turns(places[np.argsort(places[:, 0], kind="stable")])
        ratio = self._ratio(columns, turns, amounts)
        values = np.full((len(payments), self._width), _NAN)
        usual = _Usual(columns, turns, amounts, ratio > HIGH)
        self._entities(values, columns, turns, ends, usual, at=at, amounts=amounts, spent=spent)
        columns.reach(day)
        _add(columns, turns, usual, at=at, spent=spent)
        pairs = self._pairs(values, columns, payments, rows, at)
        recent = self._last_minutes(values, columns, turns, payments, at=at, spent=spent)
        return SetFolded(values, dict(zip(rows, columns.written(recent, pairs), strict=True)))

    def _ratio(self, columns: Columns, turns: _Turns, amounts: Floats) -> Floats:
        """Hold every amount against what is usual for its payer."""
        of_payer = turns.places == 0
        ratio = np.empty(len(amounts))
        heads = columns.heads[turns.rows[of_payer]]
        paid = turns.payments[of_payer]
        assert len(heads) == len(amounts), "every payment has one payer"
        mean, _ = self._typical(heads["usual"].astype(np.float64), heads["mean"], heads["variance"])
        ratio[paid] = amounts[paid] / (mean + 1e-9)
        return ratio

    def _typical(self, usual: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
        definition, weight = self._definition, usual + PRIOR_WEIGHT
        return (
            (mean * usual + definition.usual_amount * PRIOR_WEIGHT) / weight,
            (variance * usual + definition.usual_variance * PRIOR_WEIGHT) / weight,
        )

    def _entities(
        self,
        values: Floats,
        columns: Columns,
        turns: _Turns,
        ends: Ints,
        usual: _Usual,
        *,
        at: int,
        amounts: Floats,
        spent: Ints,
    ) -> None:
        """Say what is known of everybody just before each payment, as `EntityState.values` does."""
        unit = self._definition.unit_us
        rows, paid, again = turns.rows, turns.payments, turns.ranks > 0
        heads, amount = columns.heads[rows], amounts[paid]
        totals = columns.totals[rows]
        totals[:, _PAYMENTS] += turns.ranks
        totals[:, _AMOUNT] += turns.before(spent[paid])
        highs_before = turns.before(usual.is_high.astype(np.int64))
        totals[:, _HIGHS] += highs_before
        mean, variance = self._typical(usual.count.astype(np.float64), usual.mean, usual.variance)
        ends = ends[:, rows]
        within = totals - ends

        def since(name: str, now: Truths | None = None) -> Floats:
            known = heads[name]
            passed = np.where(known == NONE, _NAN, np.maximum(0, at - known) / unit)
            return passed if now is None else np.where(now, 0.0, passed)

        week, month = within[_7], within[_28]
        some = week[:, _PAYMENTS] != 0
        divisor = np.where(some, week[:, _PAYMENTS], 1)
        outcomes = month[:, _FRAUDS] + month[:, _GENUINE]
        last = heads["last_outcome"]
        said = (
            usual.count,
            (amount - mean) / np.sqrt(variance + 1e-9),
            amount / (mean + 1e-9),
            since("last_at", again),
            within[_1][:, _PAYMENTS],
            week[:, _PAYMENTS],
            month[:, _PAYMENTS],
            np.where(some, week[:, _AMOUNT] / (divisor * AMOUNT_PARTS), _NAN),
            week[:, _HIGHS],
            np.where(some, week[:, _HIGHS] / divisor, _NAN),
            within[_1][:, _HIGHS],
            within[_14][:, _HIGHS],
            since("high_at", highs_before > 0),
            *(within[place][:, _FRAUDS] for place in (_3, _7, _14, _21, _28)),
            *(within[place][:, _PLAIN] for place in (_3, _7, _14, _21, _28)),
            week[:, _FRAUDS] + week[:, _GENUINE],
            outcomes,
            (month[:, _FRAUDS] + RATE_PRIOR) / (outcomes + RATE_WEIGHT),
            since("first_plain_fraud_at"),
            since("fraud_at"),
            since("genuine_at"),
            np.where(last == NO_OUTCOME, _NAN, last),
            heads["fraud_run"],
            heads["plain_run"],
            since("plain_run_at"),
        )
        found = np.empty((len(rows), len(ENTITY_FEATURES)))
        for place, column in enumerate(said):
            found[:, place] = column
        wide = values[:, : self._groups * len(ENTITY_FEATURES)].reshape(len(values), self._groups, -1)
        assert wide.base is not None, "a view, not a copy"
        wide[paid, turns.places] = found

    def _pairs(
        self, values: Floats, columns: Columns, payments: Sequence[Paid], rows: Mapping[EntityKey, int], at: int
    ) -> dict[int, bytes]:
        """Say what is known of each payer with each other, as `PairState` does, and remember that they met again."""
        definition, pairs = self._definition, columns.pairs
        payers = np.array([rows[0, str(paid.entities[0])] for paid in payments])
        paid_by = np.full(len(columns.contents), -1)
        paid_by[payers] = np.arange(len(payers))
        asked = paid_by[columns.pair_rows]
        begin = self._groups * len(ENTITY_FEATURES)
        new: dict[int, list[bytes]] = {}
        for place in self._others:
            keys = [paid.entities[place] for paid in payments]
            has = np.array([key is not None for key in keys])
            at_place, begin = begin, begin + len(PAIR_FEATURES)
            if not has.any():
                continue
            digits = np.frombuffer(bytes.fromhex("".join(key or "0" * 32 for key in keys)), "<u8").reshape(-1, 2)
            met = np.flatnonzero(
                (pairs["place"] == place)
                & has[asked]
                & (pairs["one"] == digits[asked, 0])
                & (pairs["other"] == digits[asked, 1])
            )
            of = asked[met]
            values[has, at_place] = 0
            values[of, at_place] = pairs["seen"][met]
            last = pairs["last_at"][met]
            values[of, at_place + 1] = np.where(last == NONE, _NAN, np.maximum(0, at - last) / definition.unit_us)
            pairs["seen"][met] += 1
            pairs["last_at"][met] = np.maximum(last, at)
            has[of] = False
            fresh = np.flatnonzero(has)
            made = np.zeros(len(fresh), dtype=PAIR)
            made["one"], made["other"] = digits[fresh].T
            made["last_at"], made["seen"], made["place"] = at, 1, place
            content, size = made.tobytes(), PAIR.itemsize
            for number, row in enumerate(payers[fresh].tolist()):
                new.setdefault(row, []).append(content[number * size : number * size + size])
        content, size = pairs.tobytes(), PAIR.itemsize
        ends = np.cumsum(np.bincount(columns.pair_rows, minlength=len(columns.contents))) * size
        begins = np.append(0, ends[:-1])
        return {
            row: content[first:stop] + b"".join(new.get(row, ()))
            for row, first, stop in zip(payers.tolist(), begins[payers].tolist(), ends[payers].tolist(), strict=True)
        }

    def _last_minutes(
        self, values: Floats, columns: Columns, turns: _Turns, payments: Sequence[Paid], *, at: int, spent: Ints
    ) -> dict[int, bytes]:
        """Say what is known of everybody's last minutes, as `Fold` does, and remember the payments there, too."""
        of_payer = [number_of(paid.entities[0]) for paid in payments]
        of_paid = [number_of(paid.entities[1]) for paid in payments]
        others = np.where(turns.places == 0, np.array(of_paid)[turns.payments], np.array(of_payer)[turns.payments])
        wide = values[:, -self._groups * self._minutes_width :].reshape(len(values), self._groups, -1)
        quiet = turns.is_only & (columns.latest[turns.rows] < at - self._spans[-1])
        wide[turns.payments[quiet], turns.places[quiet]] = 0.0
        made = np.zeros(int(quiet.sum()), dtype=RECENT)
        made["at"], made["spent"], made["other"] = at, spent[turns.payments[quiet]], others[quiet]
        content, size = made.tobytes(), RECENT.itemsize
        recent = {
            row: content[number * size : number * size + size] for number, row in enumerate(turns.rows[quiet].tolist())
        }
        busy = np.flatnonzero(~quiet)
        paid: dict[int, list[Recent]] = {}
        for row, amount, other in zip(
            turns.rows[busy].tolist(), spent[turns.payments[busy]].tolist(), others[busy].tolist(), strict=True
        ):
            paid.setdefault(row, []).append((at, amount, other))
        told: list[list[float]] = []
        for row, several in paid.items():
            known = list(ONE_RECENT.iter_unpack(columns.contents[row][columns.recent_at[row] : columns.pairs_at[row]]))
            told += recently_at(known, several, self._spans)
            recent[row] = b"".join([ONE_RECENT.pack(*each) for each in known])
        if told:
            wide[turns.payments[busy], turns.places[busy]] = told
        return recent


class _Turns:
    """Who is named by which payment, state by state, in the order of the payments.

    Shape: *rows* of the columns, *payments*, *places* of the group; *ranks* count each state's own from 0.
    """

    def __init__(self, sorted_places: Ints) -> None:
        self.rows, self.payments, self.places = np.ascontiguousarray(sorted_places.T)
        self.firsts = np.flatnonzero(np.append(True, np.diff(self.rows) != 0))
        self.counts = np.diff(np.append(self.firsts, len(self.rows)))
        self._begins = np.repeat(self.firsts, self.counts)
        self.ranks = np.arange(len(self.rows)) - self._begins
        self.is_only: Truths = np.repeat(self.counts == 1, self.counts)

    def before(self, added: Ints) -> Ints:
        """Sum what the payments before added to the same state."""
        sums = np.cumsum(added) - added
        return sums - sums[self._begins]

    def sums(self, added: Ints) -> Ints:
        """Sum what all payments added, state by state, in the order of the rows."""
        return np.add.reduceat(added, self.firsts)


class _Usual:
    """What is usual for everybody just before each turn; kept in the heads is what is usual afterwards."""

    def __init__(self, columns: Columns, turns: _Turns, amounts: Floats, is_high: Truths) -> None:
        heads = columns.heads[turns.rows]
        self.is_high = is_high[turns.payments]
        self.count = heads["usual"].astype(np.int64)
        self.mean, self.variance = heads["mean"].copy(), heads["variance"].copy()
        amount = amounts[turns.payments]
        self._follow(turns, amount)
        last = turns.firsts + turns.counts - 1
        known = ~np.isnan(amount[last])
        taken = known & (~self.is_high[last] | (self.count[last] < HIGH))
        count = self.count[last] + taken
        weight = np.maximum(np.minimum(count, MEMORY), 1)
        away = amount[last] - self.mean[last]
        mean = self.mean[last] + away / weight
        variance = self.variance[last] + (away * (amount[last] - mean) - self.variance[last]) / weight
        columns.heads["usual"] = count
        columns.heads["mean"] = np.where(taken, mean, self.mean[last])
        columns.heads["variance"] = np.where(taken, variance, self.variance[last])

    def _follow(self, turns: _Turns, amount: Floats) -> None:
        """Go through the turns of those who are named more than once, one after the other."""
        several = np.flatnonzero(~turns.is_only)
        made: list[tuple[int, float, float]] = []
        count, mean, variance = 0, 0.0, 0.0
        for rank, is_high, paid, *known in zip(
            turns.ranks[several].tolist(),
            self.is_high[several].tolist(),
            amount[several].tolist(),
            self.count[several].tolist(),
            self.mean[several].tolist(),
            self.variance[several].tolist(),
            strict=True,
        ):
            if not rank:
                count, mean, variance = known
            made.append((count, mean, variance))
            if paid == paid and (not is_high or count < HIGH):  # noqa: PLR0124  only a missing one differs
                count += 1
                weight = min(count, MEMORY)
                away = paid - mean
                mean += away / weight
                variance += (away * (paid - mean) - variance) / weight
        if made:
            self.count[several], self.mean[several], self.variance[several] = zip(*made, strict=True)


def _add(columns: Columns, turns: _Turns, usual: _Usual, *, at: int, spent: Ints) -> None:
    """Remember the payments in the totals, as `EntityState.pay` does."""
    heads, high = columns.heads, turns.sums(usual.is_high.astype(np.int64))
    heads["payments"] += turns.counts.astype(np.int32)
    heads["amount"] += turns.sums(spent[turns.payments])
    heads["highs"] += high.astype(np.int32)
    heads["last_at"] = np.maximum(heads["last_at"], at)
    heads["high_at"] = np.where(high > 0, np.maximum(heads["high_at"], at), heads["high_at"])
