"""The model card: what it was trained on, how good it is, where it errs, what it must not be used for."""

from __future__ import annotations

from collections.abc import Sequence

from tiao.learning.forms import Reason
from tiao.risk.model import Model


def _budget(model: Model) -> list[str]:
    if not model.budget:
        return []
    of = model.budget
    return [
        f"At most {of.challenged_max:.2%} of honest payments may be challenged: asked for a code, reviewed, blocked.",
        f"Live, where each payment's own amount counts, costs alone would challenge {of.by_cost:.2%} of the genuine",
        f"ones measured ({of.genuine}); with a friction of {of.friction:g} usual amounts {of.challenged:.2%} are.",
        "",
    ]


def model_card(model: Model, reasons: Sequence[Reason]) -> str:
    """Write the card as Markdown."""
    window, metrics = model.window, model.metrics
    lines = [
        f"# Fraud model {model.model_version}",
        "",
        f"Schema `{model.schema['name']}`. Payments before {model.train_until}.",
        f"Outcomes are known {model.label_delay_us / 3_600_000_000:g} hours after, unless the file says when.",
        "",
        "## Data",
        "",
        f"- {window['payments']} payments from {window['from']} to {window['to']}",
        f"- learned from {window['sampled']} of them since {window['learned_from']}, {window['frauds']} frauds",
        f"- a genuine one stands for {window['genuine_weight']:g}",
        "- the first part is folded but not learned from: its windows are not full",
        "",
        "## Figures",
        "",
        f"Of {metrics['part']}: {metrics['rows']} payments, {metrics['frauds']} frauds.",
        "",
        "| AUC | average precision | calibration error |",
        "|---|---|---|",
        f"| {metrics['auc']:.4f} | {metrics['average_precision']:.4f} | {metrics['ece']:.4f} |",
        "",
        "## Decisions",
        "",
        "| decision | score from | payments | share of fraud |",
        "|---|---|---|---|",
        *(
            f"| {band.grade} | {band.pd_low:.5f} | {band.rows} | "
            f"{'' if band.bad_rate is None else f'{band.bad_rate:.4f}'} |"
            for band in model.grades
        ),
        "",
        "Thresholds cost least in expectation over these payments, with the costs in `model.json`, within the budget.",
        "",
        *_budget(model),
        "## Reasons",
        "",
        "| code | what an agent sees |",
        "|---|---|",
        *(f"| {reason.code} | {reason.agent} |" for reason in reasons),
        "",
        "## Limits",
        "",
        "- What is missed is mostly the first days of something compromised: nothing is known of it yet.",
        "- Outcomes are part of the features. Where they arrive later than in training, expect less.",
        "- Scores are chances only while fraud is as frequent as in training.",
        "",
    ]
    return "\n".join(lines)
