"""The model card as one page with charts, which loads nothing."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from tiao.credit.charts import Bars, Line, bar_chart, document, line_chart, table
from tiao.credit.scoring.model import Additive, Model
from tiao.credit.training.card import model_card
from tiao.learning.forms import LOGIT_UNIT, Coding, Reason

#: A list of more items stands in columns.
_MANY = 12


def model_page(model: Model, reasons: list[Reason]) -> str:
    """Write card.html: what it is and why it scores, charts, the card's own text, and the points, folded away."""
    charts = [_roc(model), _calibration(model), _bad_rates(model), _shares(model), *_fairness(model)]
    lead, rest = _parted(model_card(model, reasons))
    body = [
        _text(lead),
        f'<div class="charts">{"".join(charts)}</div>',
        _text(rest),
        "<h2>Points of the scorecard</h2>",
        (
            "<p>Points are added to those of the other features; fewer is riskier. The marked bin is the one of the "
            "median good customer, against which reasons are measured.</p>"
        ),
        f"<details><summary>All bins with their points</summary>{_points(model)}</details>",
    ]
    return document(f"Credit model {model.model_version}", body)


def _roc(model: Model) -> str:
    points = [(x, y) for x, y in model.metrics["detail"]["curves"]["roc"]]
    lines = [Line("this model", "one", points), Line("chance", "plain", [(0.0, 0.0), (1.0, 1.0)])]
    return line_chart("Ranking", ("share of good rows above", "share of bad rows above"), lines)


def _calibration(model: Model) -> str:
    deciles = model.metrics["detail"]["curves"]["calibration"]
    top = max(one[0] for one in deciles)
    lines = [
        Line("seen", "one", [(one[0], one[1]) for one in deciles]),
        Line("as promised", "plain", [(0.0, 0.0), (top, top)]),
    ]
    return line_chart("Promise", ("promised bad rate, by tenth of rows", "seen bad rate"), lines)


def _bad_rates(model: Model) -> str:
    spans = model.metrics["detail"]["grades"]
    shown = [grade for grade in model.grades if grade.grade in spans]
    bars = Bars(
        "seen, with 95 % interval",
        "one",
        [spans[grade.grade][0] for grade in shown],
        [(spans[grade.grade][1], spans[grade.grade][2]) for grade in shown],
    )
    return bar_chart("Bad rate by grade", [grade.grade for grade in shown], [bars])


def _shares(model: Model) -> str:
    rows = max(1, sum(grade.rows for grade in model.grades))
    bars = Bars("share of rows", "two", [grade.rows / rows for grade in model.grades])
    return bar_chart("Rows by grade", [grade.grade for grade in model.grades], [bars])


def _fairness(model: Model) -> list[str]:
    report = model.metrics["fairness"]
    return [
        bar_chart(
            f"Approved by {name}, at {report['approved_share']:.0%} of all",
            [group["group"] for group in column["groups"]],
            [
                Bars("approved", "one", [group["approval_rate"] for group in column["groups"]]),
                Bars("seen bad rate", "two", [group["bad_rate"] for group in column["groups"]]),
            ],
        )
        for name, column in report["columns"].items()
    ]


def _points(model: Model) -> str:
    """Write the champion's bins as points of the score."""
    champion = next(one for one in model.scorers if one.name == "champion")
    [form] = champion.forms
    assert isinstance(form, Additive), "the champion is a scorecard"
    unit = model.scale.double_odds / math.log(2.0) * champion.calibration.slope / LOGIT_UNIT
    rows = []
    for coding, points, reference in zip(form.codings, form.points, form.reference, strict=True):
        names = _bins(coding)
        for code, name in enumerate(names):
            told = f"{-points[code] * unit:+.1f}"
            rows.append((coding.feature if code == 0 else "", name, told, "median good" if code == reference else ""))
    return table(("feature", "bin", "points", ""), rows)


def _bins(coding: Coding) -> list[str]:
    names = ["" for _ in range(coding.size)]
    if coding.labels:
        for label, code in coding.labels.items():
            names[code] = f"{names[code]}, {label}" if names[code] else label
        names = [name if len(name) <= 80 else f"{name[:77]}..." for name in names]  # noqa: PLR2004  a line's length
    else:
        for code, edge in enumerate(coding.edges):
            names[code] = f"up to {edge:g}"
        names[len(coding.edges)] = f"above {coding.edges[-1]:g}" if coding.edges else "any"
    for key, code in coding.special.items():
        names[code] = f"{names[code]}, code {key}" if names[code] else f"code {key}"
    names[coding.missing] = f"{names[coding.missing]}, missing" if names[coding.missing] else "missing"
    return names


def _parted(card: str) -> tuple[str, str]:
    """Part a card at its first heading below the title, which stands above already."""
    lines = card.splitlines()[1:]
    first = next((place for place, line in enumerate(lines) if line.startswith("## ")), len(lines))
    return "\n".join(lines[:first]), "\n".join(lines[first:])


def _text(markdown: str) -> str:
    """Turn the card's own few Markdown forms (headings, tables, lists) into HTML."""
    parts: list[str] = []
    rows: list[list[str]] = []
    items: list[str] = []
    for line in [*markdown.splitlines(), ""]:
        if items and not line.startswith("- "):
            opening = '<ul class="many">' if len(items) > _MANY else "<ul>"
            parts.append(f"{opening}{''.join(items)}</ul>")
            items = []
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if set("".join(cells)) - {"-"} or not any(cells):
                rows.append(cells)
            continue
        if rows:
            parts.append(_table(rows))
            rows = []
        if line.startswith("#"):
            level = len(line) - len(line.lstrip("#"))
            parts.append(f"<h{level}>{html.escape(line.lstrip('# '))}</h{level}>")
        elif line.startswith("- "):
            items.append(f"<li>{html.escape(line[2:])}</li>")
        elif line:
            parts.append(f"<p>{html.escape(line.replace('**', '').replace('`', ''))}</p>")
    return "\n".join(parts)


def _table(rows: Sequence[Sequence[str]]) -> str:
    width = len(rows[0])
    return table(rows[0], [[*row, *[""] * (width - len(row))][:width] for row in rows[1:]])
