"""Loans told day by day in a text file, and the figures expected on the way.

loan DAY SUM RATE ROWS; terms: other fields of the document; order: which component comes first, or by_instalment with
the order of rows that are due and of the others (penalties, fees, interest, pRincipal); future KIND RULE. today DAY:
the business day of what follows. undo ID. Expected are rows: principal interest [fees penalties] [paid early late], one
row a line; due: the rows' days; booked: the ids of what was booked; split ID: amount principal interest fees penalties
balance, as far as given.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tiao.lending.schedule.wire import answer_line

STATES = ("past_due", "due", "in_advance")
ORDERS = {
    "principal_first": ("penalties", "fees", "principal", "interest"),
    "interest_first": ("penalties", "fees", "interest", "principal"),
}
LETTERS = {"P": "penalties", "F": "fees", "I": "interest", "R": "principal"}
ROW = {
    2: ("principal", "interest"),
    4: ("principal", "interest", "fees", "penalties"),
    5: ("principal", "interest", "paid", "paid_early", "paid_late"),
    7: ("principal", "interest", "fees", "penalties", "paid", "paid_early", "paid_late"),
}
SPLIT = ("amount", "principal", "interest", "fees", "penalties", "principal_balance")
EXPECTED = ("rows", "split", "due", "booked")
MONEY = ("draw", "repayment", "goodwill_credit", "interest_waiver", "merchant_refund", "payout_refund")


class Checkpoint(NamedTuple):
    """What stood on the rows, when they are due, what was booked and how it was used, after so many entries."""

    document: dict[str, Any]
    rows: list[list[str]]
    split: list[list[str]]
    due: list[str]
    booked: list[list[str]]


class Reader:
    """One scenario read line by line."""

    def __init__(self) -> None:
        self.title = self.today = ""
        self.start: dict[str, Any] = {}
        self.terms: dict[str, Any] = {"frequency": {"every": 1, "unit": "month"}}
        self.entries: list[dict[str, Any]] = []
        self.counts: Counter[str] = Counter()
        self.checkpoints: list[Checkpoint] = []
        self.is_open = False

    def read(self, verb: str, words: list[str], line: str, *, is_first: bool) -> None:
        """Take in one line."""
        if verb in EXPECTED:
            self._expect(verb, words, is_first=is_first)
            return
        self.is_open = False
        match verb:
            case "scenario":
                self.title = " ".join(words)
            case "source":
                self.title += f" ({' '.join(words)})"
            case "loan":
                self.today = words[0]
                self.start = {"id": "x", "start_on": words[0]}
                self.terms |= {"principal": words[1], "annual_rate": words[2], "instalments": int(words[3])}
            case "terms":
                self.terms |= json.loads(line)
            case "order" | "future":
                self._allocate(verb, words)
            case "today":
                self.today = words[0]
            case _:
                self._enter(verb, words)

    def _allocate(self, verb: str, words: list[str]) -> None:
        if words[0] == "by_instalment":
            due, others = ([LETTERS[letter] for letter in word] for word in words[1:])
            self.terms["allocation"] = {"mode": "by_instalment", "order_due": due, "order_in_advance": others}
            return
        allocation = self.terms.setdefault("allocation", {"mode": "by_due_state", "rules": {}})
        if verb == "future":
            allocation["rules"].setdefault(words[0], {})["future"] = words[1]
        else:
            order = [f"{state}_{part}" for state in STATES for part in ORDERS[words[0]]]
            allocation["rules"].setdefault("default", {})["order"] = order

    def _enter(self, verb: str, words: list[str]) -> None:
        self.counts[verb] += 1
        entry: dict[str, Any] = {"id": f"{verb}-{self.counts[verb]}", "posted_on": self.today}
        if verb in MONEY:
            entry |= {"type": verb, "effective_on": words[0], "amount": words[1]}
            if words[2:]:
                entry["is_interest_refunded"] = False
        elif verb in ("fee", "penalty"):
            entry |= {"type": "charge", "kind": verb, "due_on": words[0], "amount": words[1]}
        else:
            entry |= {
                "undo": lambda: {"type": "reversal", "of": words[0]},
                "payoff": lambda: {"type": "payoff", "effective_on": words[0]},
                "rate": lambda: {"type": "rate_change", "effective_on": words[0], "annual_rate": words[1]},
                "pause": lambda: {"type": "interest_pause", "from_on": words[0], "to_on": words[1]},
            }[verb]()
        self.entries.append(entry)

    def _expect(self, verb: str, words: list[str], *, is_first: bool) -> None:
        if not self.is_open or (verb == "rows" and is_first):
            document = {**self.start, "as_of_on": self.today, "terms": self.terms, "transactions": list(self.entries)}
            self.checkpoints.append(Checkpoint(document, [], [], [], []))
            self.is_open = True
        expected = self.checkpoints[-1]
        if verb == "due":
            expected.due.extend(words)
        else:
            getattr(expected, verb).append(words)


def scenarios(path: Path) -> list[Any]:
    """Read a file of scenarios as parameters of a test."""
    readers: list[Reader] = []
    verb = ""
    for line in path.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        first, _, rest = line.partition(" ")
        verb = first or verb
        if verb == "scenario":
            readers.append(Reader())
        readers[-1].read(verb, rest.split(), rest, is_first=bool(first))
    return [pytest.param(reader.checkpoints, id=reader.title) for reader in readers]


def check(checkpoints: list[Checkpoint]) -> None:
    """Hold the answers against what a scenario expects."""
    assert checkpoints
    for number, expected in enumerate(checkpoints, start=1):
        answer = json.loads(answer_line(json.dumps(expected.document)))
        where = f"checkpoint {number}"
        if expected.rows:
            pairs = zip(answer["rows"], expected.rows, strict=True)
            assert [[row[name] for name in ROW[len(wanted)]] for row, wanted in pairs] == expected.rows, where
        if expected.due:
            assert [row["due_on"] for row in answer["rows"]] == expected.due, where
        booked = {each["id"]: each for each in answer["transactions"]}
        for names in expected.booked:
            assert list(booked) == names, where
        for name, *wanted in expected.split:
            assert [booked[name][part] for part in SPLIT[: len(wanted)]] == wanted, f"{name} at {where}"
