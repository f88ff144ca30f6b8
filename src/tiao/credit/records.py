"""The record of a decision: its canonical bytes, their digest, and how two records of one decision are compared."""

from __future__ import annotations

import hashlib
import struct
from datetime import datetime

import msgspec

from tiao.credit.model import About, Decision, Difference, Inputs, Verdict
from tiao.values.ids import bucket_of

#: First byte of the canonical form; a new form gets a new number, so old digests stay checkable.
CANONICAL_FORM = b"\x01"
_INPUTS = msgspec.json.Decoder(Inputs)


def canonical(inputs: Inputs) -> bytes:
    """Write inputs in their one form: the number of the form, then JSON without spaces, its keys sorted."""
    return CANONICAL_FORM + msgspec.json.encode(inputs, order="sorted")


def read_canonical(body: bytes) -> Inputs:
    """Read inputs back from their canonical form."""
    assert body[:1] == CANONICAL_FORM, f"form {body[:1]!r} of inputs is not known"
    inputs: Inputs = _INPUTS.decode(body[1:])
    return inputs


def digest(body: bytes) -> bytes:
    """Digest canonical bytes. *Shape*: SHA-256, 32 bytes."""
    return hashlib.sha256(body).digest()


def recorded(about: About, inputs: Inputs, verdict: Verdict, *, decided_at: datetime) -> Decision:
    """Write the record of a decision: what it saw, in canonical form, and what came of it."""
    body = canonical(inputs)
    return Decision(
        bucket=bucket_of(about.decision_id),
        id=about.decision_id,
        customer_id=about.customer_id,
        application_id=about.application_id,
        line_id=about.line_id,
        kind=about.kind,
        outcome=verdict.outcome,
        inputs=body,
        inputs_digest=digest(body),
        model_version=about.model_version,
        policy_version=about.policy_version,
        probability=verdict.probability,
        score=verdict.score,
        grade=verdict.grade,
        threshold=verdict.threshold,
        reasons=verdict.reasons,
        limit_before_minor=verdict.limit_before_minor,
        limit_after_minor=verdict.limit_after_minor,
        actor=about.actor,
        decided_at=decided_at,
    )


def differences(stored: Verdict, computed: Verdict | None) -> tuple[Difference, ...]:
    """Compare two verdicts field by field, to the bit; everything differs from no verdict."""
    found = (
        difference(name, getattr(stored, name), None if computed is None else getattr(computed, name), computed is None)
        for name in Verdict.__struct_fields__
    )
    return tuple(each for each in found if each is not None)


def difference(field: str, stored: object, computed: object, is_missing: bool = False) -> Difference | None:  # noqa: FBT001, FBT002  the last word on a pair
    """Compare two values in their bytes; None when they are the same."""
    ours, theirs = bytes_of(stored), b"" if is_missing else bytes_of(computed)
    if ours == theirs and not is_missing:
        return None
    return Difference(field, ours, theirs, first_differing_bit(ours, theirs))


def bytes_of(value: object) -> bytes:
    """Write a value as the bytes it is compared in: a float as its eight, everything else as canonical JSON."""
    if isinstance(value, bytes):
        return value
    return struct.pack(">d", value) if isinstance(value, float) else msgspec.json.encode(value, order="sorted")


def first_differing_bit(ours: bytes, theirs: bytes) -> int:
    """Count the bits before the first that differs, from the left; where one ends, the next of the other differs."""
    for place, (one, other) in enumerate(zip(ours, theirs, strict=False)):
        if one != other:
            return place * 8 + 8 - (one ^ other).bit_length()
    return min(len(ours), len(theirs)) * 8
