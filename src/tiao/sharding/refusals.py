"""Every "no" of several servers."""

from __future__ import annotations

from tiao.values.refusal import Kind, Refusal


class ShardUnavailable(Refusal):
    """The server that keeps these records cannot be reached; nothing was changed, customers of other servers go on."""

    kind = Kind.BUSY


class NoShardAnswers(Refusal):
    """None of the servers of TIAO_BUCKET_MAP can be reached."""

    kind = Kind.BUSY


class ProgrammesDiffer(Refusal):
    """Two servers of the map hold different programmes."""
