"""`tiao apr`: cash flows in, one annualised rate out, its convention named; no database, no clock."""

from __future__ import annotations

from typing import Annotated

import typer

from tiao.cli.answering import answer_lines
from tiao.lending.rates.wire import answer_line


def apr(
    *,
    is_json: Annotated[bool, typer.Option("--json", help="One document in, one answer out.")] = False,
    is_jsonl: Annotated[bool, typer.Option("--jsonl", help="One document a line, answers in the same order.")] = False,
) -> None:
    """Find the annualised rate of cash flows: JSON on stdin, JSON on stdout."""
    answer_lines(answer_line, is_json=is_json, is_jsonl=is_jsonl)
