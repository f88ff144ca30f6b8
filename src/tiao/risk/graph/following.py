"""From which number on decisions are looked at for what customers were seen with."""

from __future__ import annotations

#: Once in so many looks nothing is left out of those of the last minutes (`actions.DECIDED`).
WHOLE_EVERY = 60


class Following:
    """How far decisions were followed by their number.

    A number is given before its decision is committed, so a lower one may be seen later than a higher. Each is looked
    at twice, enough for what commits between two looks; whatever took longer is found when all are looked at again.
    """

    def __init__(self) -> None:
        self._before = self._last = self._looks = 0

    def after(self) -> int:
        """Tell after which number the next look begins."""
        self._looks += 1
        return 0 if self._looks % WHOLE_EVERY == 0 else self._before

    def reach(self, number: int) -> None:
        """Note the latest number when a look began."""
        self._before, self._last = self._last, number
