"""Commands that read a JSON document on standard input and answer on standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from tiao.runtime.lines import answered, each_answered

#: Exit codes: what was asked is refused; the options are wrong.
REFUSED = 1
WRONG_OPTION = 2


def answer_input(answer: Callable[[bytes], tuple[bytes, bool]], *, is_json: bool) -> None:
    """Answer standard input; *answer* gives the answer as JSON and whether it is one rather than a refusal."""
    if not is_json:
        typer.echo("say --json: the document is read from standard input", err=True)
        raise typer.Exit(WRONG_OPTION)
    text, was_answered = answer(sys.stdin.buffer.read())
    sys.stdout.buffer.write(text + b"\n")
    if not was_answered:
        raise typer.Exit(REFUSED)


def answer_lines(answer: Callable[[bytes], bytes], *, is_json: bool, is_jsonl: bool) -> None:
    """Answer one document on standard input, or one a line in order; a refused line does not stop the next."""
    if is_json == is_jsonl:
        typer.echo("choose one of --json and --jsonl", err=True)
        raise typer.Exit(WRONG_OPTION)
    documents = sys.stdin.buffer
    lines = [answered(answer, documents.read())] if is_json else each_answered(answer, documents)
    has_refused = False
    for line in lines:
        sys.stdout.buffer.write(line.text + b"\n")
        has_refused = has_refused or line.is_refused
    sys.stdout.buffer.flush()
    if has_refused:
        raise typer.Exit(REFUSED)
