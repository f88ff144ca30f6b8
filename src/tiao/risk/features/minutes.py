"""The last minutes of one entity through several payments of one instant: counted on, not counted anew for each."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Sequence

from tiao.risk.features.definition import RECENT_MAX
from tiao.risk.features.entity import AMOUNT_PARTS, Recent, recently


def recently_at(recent: list[Recent], paid: Sequence[Recent], spans: Sequence[int]) -> list[list[float]]:
    """Do for each payment what `recently` does; all are of one instant. The list is changed, and stays in order.

    Units: *spans* in microseconds, the longest last.
    """
    at = paid[0][0]
    if recent and recent[-1][0] > at:
        told = []
        for each in paid:
            counted, recent[:] = recently(list(recent), each, spans)
            told.append(counted)
        return told
    del recent[: bisect_left(recent, (at - spans[-1],))]
    counts = [len(recent) - bisect_left(recent, (at - span,)) for span in spans]
    spent = sum([each[1] for each in recent])
    others = Counter([each[2] for each in recent])
    told = []
    for each in paid:
        told.append([*counts, spent / AMOUNT_PARTS, len(others)])
        if not recent or each >= recent[-1]:
            recent.append(each)
        else:
            insort(recent, each)
        spent += each[1]
        others[each[2]] += 1
        if len(recent) > RECENT_MAX:
            _, amount, other = recent.pop(0)
            spent -= amount
            others[other] -= 1
            if not others[other]:
                del others[other]
        counts = [min(count + 1, RECENT_MAX) for count in counts]
    return told
