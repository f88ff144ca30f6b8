"""What decides: a model and a limit policy, joined, checked, and named by their content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.resources import files

import msgspec

from tiao.credit.model import Engine
from tiao.credit.records import CANONICAL_FORM
from tiao.credit.refusals import LimitPolicyInvalid
from tiao.credit.rules import APPROVERS_MAX
from tiao.credit.scoring import Bundle
from tiao.credit.scoring.bundle import content_digest
from tiao.credit.scoring.model import Model
from tiao.credit.strategy import LimitPolicy
from tiao.learning.forms import Reason
from tiao.learning.refusals import BundleUnreadable
from tiao.profile.model import Source


def engine_of(bundle: Bundle, *policies: LimitPolicy) -> Engine:
    """Join a model and dated policies; the first in time decides until `on` says which day it is.

    Refuses: LimitPolicyInvalid, also when the model gives no such grades.
    """
    dated = tuple(sorted(policies, key=lambda policy: policy.effective_from))
    faults = [f"{policy.name}: {fault}" for policy in dated for fault in _faults(policy, grades(bundle))]
    if len({policy.effective_from for policy in dated}) != len(dated) or not dated:
        faults.append("there is at least one policy, and no two begin on one day")
    if faults:
        raise LimitPolicyInvalid("; ".join(faults))
    first = dated[0]
    return Engine(
        scorer=bundle,
        model_version=bundle.model.model_version,
        policy=first,
        policy_version=policy_version(first),
        texts=bundle.reasons,
        policies=dated,
        content=content_of(bundle),
    )


def on(engine: Engine, day: date) -> Engine:
    """Give the engine with the policy that is in force on a day; before the first began, the first."""
    alive = [policy for policy in engine.policies if policy.effective_from <= day]
    chosen = alive[-1] if alive else engine.policy
    if chosen is engine.policy:
        return engine
    return engine._replace(policy=chosen, policy_version=policy_version(chosen))


def content_of(bundle: Bundle) -> bytes:
    """Write a model and its reasons as they are kept."""
    return CANONICAL_FORM + msgspec.json.encode((bundle.model, list(bundle.reasons.values())), order="sorted")


def bundle_from(content: bytes, version: str) -> Bundle:
    """Read a model back. Refuses: BundleUnreadable when the content is not that of the version."""
    try:
        model, reasons = msgspec.json.decode(content.removeprefix(CANONICAL_FORM), type=tuple[Model, list[Reason]])
    except msgspec.DecodeError as fault:
        raise BundleUnreadable(f"{version}: {fault}") from fault
    if content_digest(model, reasons) != version:
        raise BundleUnreadable(f"the content kept is not that of version {version}")
    return Bundle(model, reasons)


def grades(bundle: Bundle) -> tuple[str, ...]:
    """Name the model's grades, best first."""
    return tuple(grade.grade for grade in bundle.model.grades)


def load_policies(text: bytes | None = None) -> tuple[LimitPolicy, ...]:
    """Read one policy or dated ones from JSON; without a text, those shipped in ``limits.json``.

    Refuses: LimitPolicyInvalid.
    """
    body = (files("tiao.credit") / "limits.json").read_bytes() if text is None else text
    try:
        found = msgspec.json.decode(body, type=tuple[LimitPolicy, ...] | LimitPolicy)
    except msgspec.DecodeError as error:
        raise LimitPolicyInvalid(str(error)) from error
    return (found,) if isinstance(found, LimitPolicy) else found


def load_policy(text: bytes | None = None) -> LimitPolicy:
    """Give the policy that begins last. Refuses: LimitPolicyInvalid."""
    return max(load_policies(text), key=lambda policy: policy.effective_from)


def canonical_policy(policy: LimitPolicy) -> bytes:
    """Write a policy in its one form."""
    return CANONICAL_FORM + msgspec.json.encode(policy, order="sorted")


def policy_from(content: bytes, version: str) -> LimitPolicy:
    """Read a policy back. Refuses: LimitPolicyInvalid when the content is not that of the version."""
    policy = msgspec.json.decode(content.removeprefix(CANONICAL_FORM), type=LimitPolicy)
    if _version(policy.name, content) != version:
        raise LimitPolicyInvalid(f"the content kept is not that of version {version}")
    return policy


def policy_version(policy: LimitPolicy) -> str:
    """Name a policy by its content: same content, same version. *Shape*: its name and 12 hexadecimal digits."""
    return _version(policy.name, canonical_policy(policy))


def _version(name: str, content: bytes) -> str:
    """Name content as it was kept: a policy of an earlier release has fewer fields, and stays what it was."""
    return f"{name}-{hashlib.sha256(content).hexdigest()[:12]}"


def _faults(policy: LimitPolicy, known_grades: Sequence[str]) -> Iterator[str]:
    yield from _policy_faults(policy)
    unknown = {row.grade for row in policy.grades} - set(known_grades)
    if unknown:
        yield f"the model knows no grade {', '.join(sorted(unknown))}"
    if policy.thin_file.grade in known_grades:
        yield f"grade {policy.thin_file.grade} of a thin file is one of the model's"
    if any(not 0 <= stage.approvers <= APPROVERS_MAX for stage in (*policy.approval, *policy.proposals)):
        yield f"0 to {APPROVERS_MAX} people approve"
    bands = (policy.warnings.late_bills, policy.warnings.use, policy.warnings.behaviour)
    if any(not 0 <= band.off_at < band.on_from for band in bands) or not 0 < policy.cut_share < 1:
        yield "a warning goes off below where it comes on, and a cut leaves something"
    if not 1 <= policy.cut_from_warnings <= len(bands) or policy.raise_after_cut_bills < policy.raise_after_bills:
        yield "one to three warnings cut, and after a cut a raise takes no less"
    yield from _profile_faults(policy)
    if not 0 <= policy.raise_behaviour_max <= 1 or not 0 <= policy.freeze_from_warnings <= len(bands):
        yield "a probability lies in [0, 1], and no more warnings freeze than there are"
    if policy.exposure_cap_minor < policy.programme_cap_minor:
        yield "the cap of exposure leaves room for the largest fixed limit"
    if any(not stage.approvers for stage in policy.proposals) or policy.case_days <= 0 or policy.contest_days <= 0:
        yield "what a person proposes another approves, and days are positive"


def _profile_faults(policy: LimitPolicy) -> Iterator[str]:
    rules = policy.profile
    if rules is None:
        return
    if any(each is not None and each <= 0 for each in (rules.inflow_multiple, rules.exposure_months)):
        yield "a multiple of inflow and a number of months are positive"
    if not 0 < rules.without_share <= 1:
        yield "where sources are missing a limit is smaller, and never nothing"
    if unknown := set(rules.wants) - set(Source):
        yield f"there is no source {', '.join(sorted(unknown))}"


def _policy_faults(policy: LimitPolicy) -> Iterator[str]:
    if not 0 < policy.probability_max <= 1 or policy.limit_step_minor <= 0 or policy.raise_after_bills <= 0:
        yield "a probability lies in (0, 1], a step and a number of bills are positive"
        return
    rows = (*policy.grades, policy.thin_file)
    names = [row.grade for row in rows]
    if len(set(names)) != len(names):
        yield "a grade is listed twice"
    for row in rows:
        if not 0 < row.floor_minor <= row.ceiling_minor or row.income_multiple < 0:
            yield f"grade {row.grade}: the floor is positive and not above the ceiling, the multiple not negative"
        if row.floor_minor % policy.limit_step_minor or row.ceiling_minor % policy.limit_step_minor:
            yield f"grade {row.grade}: floor and ceiling are whole steps"
    if policy.thin_file.floor_minor > policy.programme_cap_minor or policy.raise_share < 0:
        yield "the programme's cap leaves room for a thin file, and a raise is no cut"
