"""Which of champion and challenger scores: a rule that is stated, not a taste."""

from __future__ import annotations

from typing import Any, NamedTuple

from tiao.credit.training.refusals import ScorerUnfair

#: The challenger must rank better by this much, in more than half of the folds, to be worth being harder to explain.
GAIN_MIN = 0.002


class Choice(NamedTuple):
    """The scorer that is used, and the reason in words."""

    uses: str
    why: str


def choose(
    measured: dict[str, dict[str, Any]], fairness: dict[str, dict[str, Any]], gains: list[float], *, use: str | None
) -> Choice:
    """Take the champion unless the challenger is better beyond doubt and treats groups no worse.

    Refuses: ScorerUnfair when the one asked for fails the gate that the other passes.
    """
    if use is not None:
        if not fairness[use]["passes"] and any(one["passes"] for one in fairness.values()):
            raise ScorerUnfair("; ".join(fairness[use]["faults"]))
        return Choice(use, f"{use} was asked for")
    gain = measured["challenger"]["auc"] - measured["champion"]["auc"]
    better = sum(one > 0 for one in gains)
    figures = f"out-of-fold AUC {gain:+.4f} over the champion, better in {better} of {len(gains)} folds"
    if gain < GAIN_MIN or 2 * better <= len(gains):
        return Choice("champion", f"the challenger's {figures}: less than {GAIN_MIN} in most folds does not pay")
    if measured["challenger"]["brier"] > measured["champion"]["brier"]:
        return Choice("champion", f"the challenger's {figures}, but its probabilities are worse (Brier)")
    if fairness["champion"]["passes"] and not fairness["challenger"]["passes"]:
        return Choice(
            "champion", f"the challenger's {figures}, but it fails the fairness gate and the champion does not"
        )
    return Choice("challenger", f"the challenger's {figures}, with a lower Brier score and no new fairness fault")
