"""The model card in Markdown: what a reader must know before trusting a model."""

from __future__ import annotations

from typing import Any

from tiao.credit.scoring.model import Model
from tiao.learning.forms import Reason

_OWNER = "to be named by the institution that approves this model"


def model_card(model: Model, reasons: list[Reason]) -> str:
    """Write card.md."""
    metrics, window = model.metrics, model.window
    used = metrics[model.uses]
    span = f", {window['from']} to {window['to']}" if window["from"] else ""
    lines = [
        f"# Credit model {model.model_version}",
        "",
        (
            f"Trained on `{model.schema['name']}`: {window['rows']:,} labelled rows, "
            f"{window['bad_rate']:.2%} bad{span}, "
            f"{window['rows_left_out']:,} rows left out (no label, or not available when needed)."
        ),
        "",
        f"Scores with the **{model.uses}** ({used['method']}): {metrics['why']}.",
        "",
        "## Figures",
        "",
        f"Out of fold ({metrics['fold_method']}; {metrics['tested_rows']:,} rows).",
        "",
        "| | method | AUC | 95 % | KS | Brier | ECE |",
        "|---|---|---|---|---|---|---|",
        *(_figures(name, metrics[name]) for name in ("champion", "challenger")),
        "",
        *_intervals(metrics["detail"]),
        *_rejects(metrics.get("rejects")),
        *_grades(model),
        "## Fairness",
        "",
        *_fairness(metrics["fairness"]),
        "",
        "## Features",
        "",
        *(f"- {feature.name} ({feature.family})" for feature in model.features),
        "",
        "## Left out",
        "",
        *([f"- {name}: {why}" for name, why in metrics["left_out"].items()] or ["Nothing."]),
        "",
        "## Reasons",
        "",
        "| code | to the customer | | can be acted on |",
        "|---|---|---|---|",
        *(f"| {r.code} | {r.customer_zh} | {r.customer_en} | {'yes' if r.is_actionable else 'no'} |" for r in reasons),
        "",
        *_limits(metrics["warnings"]),
        f"Owner: {_OWNER}. Approvals: none yet.",
        "",
    ]
    return "\n".join(lines)


def _grades(model: Model) -> list[str]:
    return [
        "## Grades",
        "",
        "| grade | PD from | PD below | rows | seen bad rate | 95 % |",
        "|---|---|---|---|---|---|",
        *(
            f"| {g.grade} | {g.pd_low:.4f} | {g.pd_high:.4f} | {g.rows:,} | {g.bad_rate:.4f} "
            f"| {_span(model.metrics['detail']['grades'].get(g.grade))} |"
            for g in model.grades
        ),
        "",
        (
            f"Score: {model.scale.base_score} points at {model.scale.base_odds} good to 1 bad; "
            f"{model.scale.double_odds} points more double the odds."
        ),
        "",
    ]


def _limits(warnings: list[str]) -> list[str]:
    return [
        "## Limits",
        "",
        "- Figures are of people who were granted credit; those once declined are not in the data.",
        (
            "- A model follows its window: compare score and features with the counts kept in `model.json` (PSI above "
            ".10 is a question, above .25 a stop)."
        ),
        "- Protected columns are read for the fairness section only; what correlates with them may still carry them.",
        "- Every decline can be explained by the reasons above and must open a way to a person.",
        *(f"- Warning: {warning}." for warning in warnings),
        "",
    ]


def _intervals(detail: dict[str, Any]) -> list[str]:
    """Write the used scorer's figures with intervals, overall and by segment."""
    lines = [
        f"Of the scorer in use, with 95 % intervals of {detail['draws']} bootstrap draws:",
        "",
        "| segment | rows | bad rate | AUC | KS | Brier |",
        "|---|---|---|---|---|---|",
        _segment("all", detail["rows"], detail["bad_rate"], detail["overall"]),
    ]
    for column, groups in detail["segments"].items():
        lines += [
            _segment(f"{column}: {name}", found["rows"], found["bad_rate"], found) for name, found in groups.items()
        ]
    return [*lines, ""]


def _segment(name: str, rows: int, bad_rate: float, found: dict[str, Any]) -> str:
    figures = [
        "too few" if figure not in found else "{:.4f} ({:.4f} to {:.4f})".format(*found[figure])
        for figure in ("auc", "ks", "brier")
    ]
    return f"| {' | '.join((name, f'{rows:,}', f'{bad_rate:.4f}', *figures))} |"


def _rejects(found: dict[str, Any] | None) -> list[str]:
    if found is None:
        return []
    return [
        (
            f"Reject inference ({found['method']}): {found['rows']:,} rows without a label took part with an assumed "
            f"bad rate of {found['bad_rate']:.2%}. On the labelled rows, out of fold, the AUC of the scorer in use is "
            f"{found['with']['auc']:.4f} with them and {found['without']['auc']:.4f} without."
        ),
        "",
    ]


def _span(rate: list[float] | None) -> str:
    return "" if rate is None else f"{rate[1]:.4f} to {rate[2]:.4f}"


def _figures(name: str, of: dict[str, Any]) -> str:
    low, high = of["auc_95"]
    return (
        f"| {name} | {of['method']} | {of['auc']:.4f} | {low:.3f} to {high:.3f} | {of['ks']:.4f} | {of['brier']:.4f} "
        f"| {of['ece']:.4f} |"
    )


def _fairness(report: dict[str, Any]) -> list[str]:
    if not report["columns"]:
        return ["No protected column was given, so nothing can be said."]
    lines = [
        (
            f"At {report['approved_share']:.0%} approved. AIR: a group's approval rate over the best group's; "
            "the gates (AIR .80, seen minus expected within 2 points) hold for groups of 1,000 rows and more."
        ),
        "",
        "| column | group | rows | approved | AIR | seen bad rate | expected |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, column in report["columns"].items():
        lines += [
            f"| {name} | {g['group']} | {g['rows']:,} | {g['approval_rate']:.3f} | {g['air']:.3f} "
            f"| {g['bad_rate']:.4f} | {g['expected']:.4f} |"
            for g in column["groups"]
        ]
    return [*lines, "", "Gates: " + ("passed." if report["passes"] else "; ".join(report["faults"]) + ".")]
