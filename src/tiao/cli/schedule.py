"""`tiao schedule`: loan terms and transactions in, rows and allocations out; no database, no clock."""

from __future__ import annotations

from typing import Annotated

import typer

from tiao.cli.answering import answer_lines
from tiao.lending.schedule.wire import answer_line


def schedule(
    *,
    is_json: Annotated[bool, typer.Option("--json", help="One document in, one answer out.")] = False,
    is_jsonl: Annotated[bool, typer.Option("--jsonl", help="One document a line, answers in the same order.")] = False,
) -> None:
    """Plan a loan and replay its history: JSON on stdin, JSON on stdout."""
    answer_lines(answer_line, is_json=is_json, is_jsonl=is_jsonl)
