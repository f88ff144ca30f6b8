"""The model card: what a reader must know before trusting a model, as Markdown and as one self-contained page."""

from __future__ import annotations

import html
from typing import Any

from tiao.credit.scoring.model import Model, Reason

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
        "## Grades",
        "",
        "| grade | PD from | PD below | rows | seen bad rate |",
        "|---|---|---|---|---|",
        *(f"| {g.grade} | {g.pd_low:.4f} | {g.pd_high:.4f} | {g.rows:,} | {g.bad_rate:.4f} |" for g in model.grades),
        "",
        (
            f"Score: {model.scale.base_score} points at {model.scale.base_odds} good to 1 bad; "
            f"{model.scale.double_odds} points more double the odds."
        ),
        "",
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
        "## Limits",
        "",
        "- Figures are of people who were granted credit; those once declined are not in the data.",
        (
            "- A model follows its window: compare score and features with the counts kept in `model.json` (PSI above "
            ".10 is a question, above .25 a stop)."
        ),
        "- Protected columns are read for the fairness section only; what correlates with them may still carry them.",
        "- Every decline can be explained by the reasons above and must open a way to a person.",
        *(f"- Warning: {warning}." for warning in metrics["warnings"]),
        "",
        f"Owner: {_OWNER}. Approvals: none yet.",
        "",
    ]
    return "\n".join(lines)


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


def model_page(model: Model, reasons: list[Reason]) -> str:
    """Write card.html: the card's text with charts, in one file that loads nothing."""
    grades = _bars([(g.grade, g.bad_rate) for g in model.grades], "seen bad rate by grade")
    rows = _bars(
        [(g.grade, g.rows / max(1, model.metrics["tested_rows"])) for g in model.grades], "share of rows by grade"
    )
    title = f"Credit model {html.escape(model.model_version)}"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>"
        "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse}td,th{padding:.2rem .6rem;border-bottom:1px solid #ccc;text-align:left}"
        "figure{margin:1rem 0}rect{fill:#35618f}text{font-size:12px}</style></head><body>\n"
        f"{_body(model_card(model, reasons))}<h2>Charts</h2>{grades}{rows}</body></html>\n"
    )


def _body(markdown: str) -> str:
    """Turn the card's own few Markdown forms (headings, tables, lists) into HTML."""
    parts: list[str] = []
    rows: list[str] = []
    for line in [*markdown.splitlines(), ""]:
        text = html.escape(line)
        if text.startswith("|"):
            cells = [cell.strip() for cell in text.strip("|").split("|")]
            if set("".join(cells)) - {"-"} or not any(cells):
                rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
            continue
        if rows:
            parts.append(f"<table>{''.join(rows)}</table>")
            rows = []
        if text.startswith("#"):
            level = len(text) - len(text.lstrip("#"))
            parts.append(f"<h{level}>{text.lstrip('# ')}</h{level}>")
        elif text.startswith("- "):
            parts.append(f"<li>{text[2:]}</li>")
        elif text:
            parts.append(f"<p>{text.replace('**', '').replace('`', '')}</p>")
    return "\n".join(parts)


def _bars(values: list[tuple[str, float]], title: str) -> str:
    top = max((value for _, value in values), default=1.0) or 1.0
    width, height, step = 44 * len(values) + 20, 180, 44
    bars = "".join(
        f'<rect x="{10 + i * step}" y="{150 - 130 * value / top:.1f}" width="34" height="{130 * value / top:.1f}"/>'
        f'<text x="{27 + i * step}" y="168" text-anchor="middle">{html.escape(name)}</text>'
        f'<text x="{27 + i * step}" y="{145 - 130 * value / top:.1f}" text-anchor="middle">{value:.1%}</text>'
        for i, (name, value) in enumerate(values)
    )
    return (
        f'<figure><figcaption>{html.escape(title)}</figcaption><svg role="img" aria-label="{html.escape(title)}" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">{bars}</svg></figure>'
    )
