"""What can be done about early warning: score a month's lines, say which warn, run a score again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from tiao.credit import reasons, records
from tiao.credit.model import Difference
from tiao.credit.registry import actions as registry
from tiao.credit.scoring import Scored
from tiao.credit.strategy import LimitPolicy
from tiao.credit.warning import rules, store
from tiao.credit.warning.model import Behaviour, BehaviourInputs, EarlyWarning, LineMonth, Mode, Standing, Watched
from tiao.profile import actions as profile
from tiao.profile.catalogue import VERSION
from tiao.runtime.db import Tx
from tiao.values.ids import BUCKETS, bucket_of
from tiao.values.moment import Moment

#: How many scores of a line are shown: two years.
SHOWN_MAX = 24
#: How many lines that warn are listed at once.
LISTED_MAX = 1_000


async def standing(tx: Tx) -> Standing:
    """Say what the switch stands at."""
    last = await store.read_last_step(tx)
    return rules.standing_of([] if last is None else [last])


async def watch(tx: Tx, now: Moment, stand: Standing, policy: LimitPolicy, months: Sequence[LineMonth]) -> int:
    """Score the lines whose months are given, each once a month, and count them.

    *now* is the end of the day of their statements: nothing is seen that came later. In shadow the scores are kept and
    move nothing.
    """
    assert stand.version is not None, "a switch that is not off names a model"
    by_line: dict[UUID, list[LineMonth]] = defaultdict(list)
    for month in sorted(months, key=lambda each: (each.line_id, each.number)):
        by_line[month.line_id].append(month)
    if not by_line:
        return 0
    customers = {line: given[0].customer_id for line, given in by_line.items()}
    known = await profile.profiles(tx, now, sorted(set(customers.values())))
    features = {line: rules.features_of(given, known[customers[line]].values) for line, given in by_line.items()}
    bundle = await registry.kept_bundle(tx, stand.version)
    columns = {name: [features[line][name] for line in by_line] for name in bundle.inputs}
    is_acting = stand.mode is Mode.ON
    scores = [
        _kept(now, BehaviourInputs(line, now.today, features[line], VERSION), customers[line], scored, is_acting)
        for line, scored in zip(by_line, bundle.score(columns), strict=True)
    ]
    await store.insert_scores(tx, scores)
    if is_acting:
        await _let_act(tx, policy, scores)
    return len(scores)


async def forget(tx: Tx, first: int, last: int, *, on: date, stand: Standing) -> int:
    """Let scores act no more: all where the switch is not on, else those whose month is over without another.

    So a line that is frozen, or paid all it owed, warns no longer than its month.
    """
    before = on - timedelta(days=rules.FRESH_DAYS) if stand.mode is Mode.ON else on + timedelta(days=1)
    return await store.forget_behaviour(tx, first, last, before=before, code=reasons.WARNING_BEHAVIOUR)


async def watched(tx: Tx, line_ids: Sequence[UUID]) -> Mapping[UUID, Watched]:
    """Tell how lines look: their acting score and the warnings that are on."""
    return await store.read_watched(tx, line_ids) if line_ids else {}


async def lines_scored(tx: Tx, first: int, last: int, day: date) -> list[tuple[UUID, UUID]]:
    """List (line, customer) of lines whose score of a day acts, so that their limits are reviewed."""
    return await store.read_lines_scored(tx, first, last, day)


async def early_warnings(
    tx: Tx, first: int = 0, last: int = BUCKETS - 1, *, most: int = LISTED_MAX
) -> list[EarlyWarning]:
    """List lines that warn, the riskiest first: for reminders before a due day. Empty unless the scores act."""
    if (await standing(tx)).mode is not Mode.ON:
        return []
    return await store.read_warned(tx, first, last, most=most)


async def scores_of(tx: Tx, line_id: UUID) -> list[Behaviour]:
    """Give a line's scores, latest first."""
    return await store.read_scores(tx, line_id, most=SHOWN_MAX)


async def scores_in_bucket(tx: Tx, bucket: int) -> list[Behaviour]:
    """Give every score of a bucket, oldest first."""
    return await store.read_scores_in_bucket(tx, bucket)


async def rerun_bucket(tx: Tx, bucket: int) -> list[tuple[Behaviour, tuple[Difference, ...]]]:
    """Compute every score of a bucket again from what it saw, with the model that scored, and compare to the bit."""
    return [(each, await _differences(tx, each)) for each in await store.read_scores_in_bucket(tx, bucket)]


async def _differences(tx: Tx, kept: Behaviour) -> tuple[Difference, ...]:
    bundle = await registry.kept_bundle(tx, kept.model_version)
    again = bundle.score_one(rules.read(kept.inputs).features)
    pairs = (
        ("inputs", kept.inputs_digest, rules.digest(kept.inputs)),
        ("probability", kept.probability, again.probability),
        ("score", kept.score, again.score),
        ("grade", kept.grade, again.grade),
        ("reasons", list(kept.reasons), list(again.reasons)),
    )
    found = (records.difference(name, stored, computed) for name, stored, computed in pairs)
    return tuple(each for each in found if each is not None)


def _kept(now: Moment, inputs: BehaviourInputs, customer_id: UUID, scored: Scored, is_acting: bool) -> Behaviour:  # noqa: FBT001  the parts of one record
    body = rules.written(inputs)
    return Behaviour(
        bucket=bucket_of(inputs.line_id),
        line_id=inputs.line_id,
        customer_id=customer_id,
        scored_on=inputs.scored_on,
        model_version=scored.model_version,
        inputs=body,
        inputs_digest=rules.digest(body),
        probability=scored.probability,
        score=scored.score,
        grade=scored.grade,
        reasons=scored.reasons,
        is_acting=is_acting,
        scored_at=now.at,
    )


async def _let_act(tx: Tx, policy: LimitPolicy, scores: Sequence[Behaviour]) -> None:
    before = await store.read_watched(tx, [each.line_id for each in scores])
    acting = []
    for each in scores:
        flags = before[each.line_id].flags if each.line_id in before else ()
        is_warned = rules.warns(policy.warnings.behaviour, each.probability, is_on=reasons.WARNING_BEHAVIOUR in flags)
        after = rules.flags_after(flags, is_warned=is_warned)
        acting.append(store.Acting(each.line_id, each.probability, each.reasons, after, is_warned))
    await store.write_behaviour(tx, acting, version=scores[0].model_version, on=scores[0].scored_on)
