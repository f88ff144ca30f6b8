"""What decides in this process at the moment: followed from the database, softened where a rule stops too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from tiao.risk import store
from tiao.risk.deciding import Judged, Listing, Setup
from tiao.risk.live import catalogue
from tiao.risk.models import model_from, models
from tiao.risk.outcomes import RiskOutcome
from tiao.risk.records import Trip
from tiao.risk.rules import actions as rules
from tiao.risk.rules.ruleset import PARTS, Ruler
from tiao.risk.rules.shipped import starter
from tiao.risk.scoring import Scorer
from tiao.runtime.db import Database, Tx
from tiao.runtime.registry import actions as registry
from tiao.runtime.registry.model import roles_of
from tiao.values.moment import Moment

#: A rule's share is judged on so many purchases at least, and begins anew after so many.
_DECIDED_MIN, _DECIDED_MAX = 500, 5_000


class Control:
    """Keeps the setup of a programme in one process."""

    def __init__(self, currency: str, listed: Listing) -> None:
        self.catalogue = catalogue(currency)
        self._setup = Setup(Ruler(starter(), self.catalogue), listed=listed)
        self._mark = -1
        self._loaded: dict[str, Scorer] = {}
        self._decided = 0
        self._stopped: Counter[str] = Counter()
        self._tripped: list[Trip] = []

    def setup(self) -> Setup:
        """Give what decides."""
        return self._setup

    def note(self, setup: Setup, judged: Sequence[Judged]) -> None:
        """Count what rules stop; one that stops more than its share is softened from the next set on."""
        self._decided += len(judged)
        for each in judged:
            if each.outcome is not RiskOutcome.APPROVE:
                self._stopped.update(each.hits)
        if self._decided < _DECIDED_MIN:
            return
        for rule in setup.ruler.rule_set.rules:
            stopped = self._stopped[rule.code]
            if rule.cap_ppm is None or rule.code in self._setup.softened or rule.then is RiskOutcome.APPROVE:
                continue
            if stopped * PARTS > rule.cap_ppm * self._decided:
                self._tripped.append(Trip(setup.ruler.version, rule.code, stopped, self._decided, rule.cap_ppm))
                self._setup = self._setup._replace(softened=self._setup.softened | {rule.code})
        if self._decided >= _DECIDED_MAX:
            self._decided = 0
            self._stopped.clear()

    async def look(self, db: Database, moments: Callable[[Tx], Awaitable[Moment]]) -> Sequence[Trip]:
        """Write what tripped here, and take over what others decided; answers what tripped since the last look."""
        tripped, self._tripped = self._tripped, []
        async with db.begin() as tx:
            now = await moments(tx)
            await store.write_trips(tx, tripped, now.at)
            mark = await registry.mark(tx)
            if mark != self._mark:
                await rules.keep_starter(tx, now)
                await self._take_over(db)
                self._mark = mark
            softened = await store.read_trips(tx, self._setup.ruler.version)
        self._setup = self._setup._replace(softened=self._setup.softened | frozenset(softened))
        return tripped

    async def _take_over(self, db: Database) -> None:
        async with db.snapshot() as tx:
            known = await rules.register().roles(tx)
            live = await rules.rule_set(tx, known.champion or starter().version)
            shadow = None if known.challenger is None else await rules.rule_set(tx, known.challenger.version)
            parts = roles_of(await models().steps(tx))
            wanted = [parts.champion or None, None if parts.challenger is None else parts.challenger.version]
            for version in wanted:
                if version is not None and version not in self._loaded:
                    self._loaded[version] = Scorer(model_from(await models().content(tx, version)))
        ruler = Ruler(live, self.catalogue)
        is_other = ruler.version != self._setup.ruler.version
        if is_other:
            self._decided = 0
            self._stopped.clear()
        self._setup = self._setup._replace(
            ruler=ruler,
            shadow=None if shadow is None else Ruler(shadow, self.catalogue),
            model=None if not wanted[0] else self._loaded[wanted[0]],
            challenger=None if wanted[1] is None else self._loaded[wanted[1]],
            softened=frozenset() if is_other else self._setup.softened,
        )
