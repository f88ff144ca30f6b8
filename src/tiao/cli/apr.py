"""`tiao apr`: cash flows in, one annualised rate out, its convention named; no database, no clock."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tiao.lending.rates.wire import answer_line
from tiao.lending.schedule.lines import answered, each_answered

#: Exit codes: all answered, some refused, wrong options.
_REFUSED = 1
_WRONG_OPTION = 2


def apr(
    *,
    is_json: Annotated[bool, typer.Option("--json", help="One document in, one answer out.")] = False,
    is_jsonl: Annotated[bool, typer.Option("--jsonl", help="One document a line, answers in the same order.")] = False,
) -> None:
    """Find the annualised rate of cash flows: JSON on stdin, JSON on stdout."""
    if is_json == is_jsonl:
        typer.echo("choose one of --json and --jsonl", err=True)
        raise typer.Exit(_WRONG_OPTION)
    documents = sys.stdin.buffer
    lines = [answered(answer_line, documents.read())] if is_json else each_answered(answer_line, documents)
    has_refused = False
    for line in lines:
        sys.stdout.buffer.write(line.text + b"\n")
        has_refused = has_refused or line.is_refused
    sys.stdout.buffer.flush()
    if has_refused:
        raise typer.Exit(_REFUSED)
