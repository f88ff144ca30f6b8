"""What decides in this process at the moment: followed from the database; a model that cannot be had is said so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog

from tiao.risk import store
from tiao.risk.deciding import MODEL_MISSING, Listing, Merchants, Setup, of_no_merchant
from tiao.risk.live import catalogue
from tiao.risk.models import friction_of, model_from, models
from tiao.risk.records import Allowance
from tiao.risk.rules import actions as rules
from tiao.risk.rules.ruleset import Ruler
from tiao.risk.rules.shipped import starter
from tiao.risk.scoring import Scorer
from tiao.runtime.db import Database, Tx
from tiao.runtime.registry import actions as registry
from tiao.runtime.registry.model import roles_of
from tiao.values.moment import Moment
from tiao.values.refusal import Refusal


class Control:
    """Keeps the setup of a programme in one process."""

    def __init__(self, currency: str, listed: Listing, merchants: Merchants = of_no_merchant) -> None:
        self.catalogue = catalogue(currency)
        self._setup = Setup(Ruler(starter(), self.catalogue), listed=listed, merchants=merchants)
        self._mark = -1
        self._loaded: dict[str, Scorer] = {}
        self._short: dict[str, datetime] = {}

    def setup(self) -> Setup:
        """Give what decides."""
        return self._setup

    async def look(self, db: Database, moments: Callable[[Tx], Awaitable[Moment]]) -> Sequence[Allowance]:
        """Take over what was decided elsewhere; answers which rules have used their share up since the last look."""
        async with db.begin() as tx:
            now = await moments(tx)
            mark = await registry.mark(tx)
            if mark != self._mark:
                await rules.keep_starter(tx, now)
                await self._take_over(db)
                self._mark = mark
            found = await store.read_allowances(tx, self._setup.ruler.version)
        short = {each.code: each.short_at for each in found if each.is_short and each.short_at is not None}
        news = [each for each in found if each.code in short and each.code not in self._short]
        self._short = short
        return news

    async def _take_over(self, db: Database) -> None:
        async with db.snapshot() as tx:
            known = await rules.register().roles(tx)
            live = await rules.rule_set(tx, known.champion or starter().version)
            shadow = None if known.challenger is None else await rules.rule_set(tx, known.challenger.version)
            taken = await models().steps(tx)
            parts = roles_of(taken)
            model = None if not parts.champion else await self._scorer(tx, parts.champion)
            challenger = None if parts.challenger is None else await self._scorer(tx, parts.challenger.version)
        if model is not None:
            model = model.at(friction_of(taken, model.model.model_version))
        self._setup = self._setup._replace(
            ruler=Ruler(live, self.catalogue),
            shadow=None if shadow is None else Ruler(shadow, self.catalogue),
            model=model,
            challenger=challenger,
            fault=MODEL_MISSING if parts.champion and model is None else "",
        )

    async def _scorer(self, tx: Tx, version: str) -> Scorer | None:
        """Load a model; one that cannot be read is not there, and the fallback of the rules decides instead."""
        if version not in self._loaded:
            try:
                self._loaded[version] = Scorer(model_from(await models().content(tx, version)))
            except Refusal as refusal:
                structlog.get_logger().error("risk_model_missing", version=version, reason=type(refusal).__name__)
                return None
        return self._loaded[version]
