"""What can be done with versions: drafted, tried in shadow, put to work by a second person, taken one step back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tiao.casework.refusals import MakerIsChecker
from tiao.runtime.db import Tx
from tiao.runtime.registry import store
from tiao.runtime.registry.model import Roles, Step, StepKind, roles_of
from tiao.runtime.registry.refusals import (
    ChallengerInShadow,
    NobodyInShadow,
    NothingToGoBackTo,
    ReasonMissing,
    VersionAtWork,
    VersionUnknown,
)
from tiao.values.moment import Moment


class Who(NamedTuple):
    """Who does something, and why."""

    actor: str
    reason: str


async def mark(tx: Tx) -> int:
    """Count everything that happened, to tell whether somebody knows it all."""
    return await store.read_mark(tx)


class Register(NamedTuple):
    """The versions of one thing; *shipped* decides while nothing was promoted."""

    subject: str
    shipped: str

    async def steps(self, tx: Tx) -> list[Step]:
        """Tell everything that happened, in order."""
        return await store.read_steps(tx, self.subject)

    async def roles(self, tx: Tx) -> Roles:
        """Tell which versions take part."""
        return roles_of(await self.steps(tx))

    async def content(self, tx: Tx, version: str) -> bytes:
        """Read the content of a version. Refuses: VersionUnknown."""
        found = await store.read_content(tx, self.subject, version)
        if found is None:
            raise VersionUnknown
        return found

    async def keep(self, tx: Tx, now: Moment, version: str, content: bytes) -> None:
        """Keep a version that comes with the platform, so that what it decided can be run again."""
        await store.keep(tx, self.subject, version, content, now.at)

    async def draft(self, tx: Tx, now: Moment, version: str, content: bytes, who: Who) -> Step:
        """Write a version down. Written down already, it stays as it is. Refuses: ReasonMissing."""
        steps = await self._locked(tx, who)
        known = next((each for each in steps if each.version == version and each.step is StepKind.DRAFTED), None)
        if known is not None:
            return known
        await store.keep(tx, self.subject, version, content, now.at)
        return await self._take(tx, now, steps, StepKind.DRAFTED, version, who, maker=who.actor)

    async def propose(self, tx: Tx, now: Moment, version: str, who: Who) -> Step:
        """Put a drafted version into shadow.

        Refuses: ReasonMissing, VersionUnknown, VersionAtWork, ChallengerInShadow.
        """
        steps = await self._locked(tx, who)
        drafted = next((each for each in steps if each.version == version and each.step is StepKind.DRAFTED), None)
        if drafted is None:
            raise VersionUnknown
        known = roles_of(steps)
        if version == (known.champion or self.shipped):
            raise VersionAtWork
        if known.challenger is not None:
            raise ChallengerInShadow(f"{known.challenger.version} is in shadow", version=known.challenger.version)
        return await self._take(tx, now, steps, StepKind.PROPOSED, version, who, maker=drafted.maker)

    async def withdraw(self, tx: Tx, now: Moment, who: Who) -> Step:
        """Take what is in shadow out of it. Refuses: ReasonMissing, NobodyInShadow."""
        steps = await self._locked(tx, who)
        shadow = _in_shadow(steps)
        return await self._take(tx, now, steps, StepKind.WITHDRAWN, shadow.version, who, maker=shadow.maker)

    async def promote(self, tx: Tx, now: Moment, version: str, who: Who, *, evidence: bytes) -> Step:
        """Let the version in shadow decide from now on; neither who wrote nor who proposed it says so.

        Refuses: ReasonMissing, NobodyInShadow, MakerIsChecker.
        """
        steps = await self._locked(tx, who)
        shadow = _in_shadow(steps)
        if shadow.version != version:
            raise NobodyInShadow(f"{version} is not in shadow")
        if who.actor in {shadow.maker, shadow.actor}:
            raise MakerIsChecker
        before = roles_of(steps).champion or self.shipped
        return await self._take(
            tx, now, steps, StepKind.PROMOTED, version, who, maker=shadow.maker, before=before, evidence=evidence
        )

    async def put_back(self, tx: Tx, now: Moment, who: Who) -> Step:
        """Let the version before decide again, at once; whoever sees the harm does it.

        Refuses: ReasonMissing, NothingToGoBackTo.
        """
        steps = await self._locked(tx, who)
        known = roles_of(steps)
        if known.back_to is None:
            raise NothingToGoBackTo
        return await self._take(
            tx, now, steps, StepKind.PUT_BACK, known.back_to, who, maker=who.actor, before=known.champion
        )

    async def facts(self, tx: Tx) -> list[tuple[Step, bytes | None]]:
        """Give everything that happened, with the versions, for another server."""
        return [(step, await store.read_content(tx, self.subject, step.version)) for step in await self.steps(tx)]

    async def follow(self, tx: Tx, taken: Sequence[tuple[Step, bytes | None]]) -> None:
        """Take over what happened at home."""
        for step, content in taken:
            if content is not None:
                await store.keep(tx, self.subject, step.version, content, step.taken_at)
        await store.insert_steps(tx, self.subject, [step for step, _ in taken])

    async def _locked(self, tx: Tx, who: Who) -> list[Step]:
        if not who.reason.strip():
            raise ReasonMissing(pointer="/reason")
        await store.lock(tx, self.subject)
        return await self.steps(tx)

    async def _take(  # noqa: PLR0913  each is a column of the fact
        self,
        tx: Tx,
        now: Moment,
        steps: Sequence[Step],
        kind: StepKind,
        version: str,
        who: Who,
        *,
        maker: str,
        before: str | None = None,
        evidence: bytes | None = None,
    ) -> Step:
        step = Step(len(steps) + 1, kind, version, before, maker, who.actor, who.reason.strip(), evidence, now.at)
        await store.insert_steps(tx, self.subject, [step])
        return step


def _in_shadow(steps: Sequence[Step]) -> Step:
    shadow = roles_of(steps).challenger
    if shadow is None:
        raise NobodyInShadow
    return shadow
