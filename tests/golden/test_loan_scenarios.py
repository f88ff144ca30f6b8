"""Loans from Apache Fineract's own tests, day by day: every checkpoint of `loan_scenarios.txt`, to the cent."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tiao.lending.schedule.wire import answer_line

SCENARIOS = Path(__file__).with_name("loan_scenarios.txt")
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
MONEY = ("draw", "repayment", "goodwill_credit", "interest_waiver", "merchant_refund", "payout_refund")


class Checkpoint(NamedTuple):
    """What stood on the rows, and how payments were used, after so many entries."""

    document: dict[str, Any]
    rows: list[list[str]]
    splits: list[list[str]]


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

    def read(self, verb: str, words: list[str], line: str) -> None:
        """Take in one line."""
        if verb in ("rows", "split"):
            self._expect(verb, words)
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

    def _expect(self, verb: str, words: list[str]) -> None:
        if not self.is_open or (verb == "rows" and self.checkpoints[-1].splits):
            document = {**self.start, "as_of_on": self.today, "terms": self.terms, "transactions": list(self.entries)}
            self.checkpoints.append(Checkpoint(document, [], []))
            self.is_open = True
        (self.checkpoints[-1].rows if verb == "rows" else self.checkpoints[-1].splits).append(words)


def scenarios() -> list[Any]:
    readers: list[Reader] = []
    verb = ""
    for line in SCENARIOS.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        first, _, rest = line.partition(" ")
        verb = first or verb
        if verb == "scenario":
            readers.append(Reader())
        readers[-1].read(verb, rest.split(), rest)
    return [pytest.param(reader.checkpoints, id=reader.title) for reader in readers]


@pytest.mark.parametrize("checkpoints", scenarios())
def test_every_checkpoint_has_the_published_figures(checkpoints: list[Checkpoint]) -> None:
    assert checkpoints
    for number, (document, rows, splits) in enumerate(checkpoints, start=1):
        answer = json.loads(answer_line(json.dumps(document)))
        if rows:
            shown = [[row[name] for name in ROW[len(wanted)]] for row, wanted in zip(answer["rows"], rows, strict=True)]
            assert shown == rows, f"checkpoint {number}"
        booked = {each["id"]: each for each in answer["transactions"]}
        for name, *wanted in splits:
            assert [booked[name][part] for part in SPLIT[: len(wanted)]] == wanted, f"{name} at checkpoint {number}"
