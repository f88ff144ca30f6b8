"""A backtest as one page with charts."""

from __future__ import annotations

from tiao.credit.charts import Bars, Line, Mark, bar_chart, document, line_chart, percent, table
from tiao.credit.watching.backtest import Amount, Backtest, Figure, Side
from tiao.values.money import CURRENCY_DECIMALS, Money

_CHANGES_SHOWN = 50


def backtest_page(found: Backtest, currency: str) -> str:
    """Write the page: figures of both sides, the trade-off of approving and losing, grades, who changes."""
    return document(
        f"Backtest: {found.after.policy}",
        [
            (
                f"<p>{found.rows:,} past applications ({found.without_report:,} without a report), decided under "
                f"<b>{found.before.policy}</b> and <b>{found.after.policy}</b>. Beside each figure stands the interval "
                "that 95 of 100 redraws of the applications fall into.</p>"
            ),
            _figures(found, currency),
            f'<p class="soft">Assumed: {_assumed(found)}.</p>',
            f'<div class="charts">{_trade_off(found)}{_approved(found)}{_limits(found, currency)}</div>',
            "<h2>Who is decided otherwise</h2>",
            _changes(found, currency),
        ],
    )


def _figures(found: Backtest, currency: str) -> str:
    unit = 10 ** CURRENCY_DECIMALS[currency]

    def told(figure: Figure | Amount | None) -> str:
        if figure is None:
            return ""
        if isinstance(figure, Amount):
            value, low, high = (f"{each // unit:,}" for each in (figure.value, figure.low, figure.high))
            return f"{value}\n{low} to {high}"
        return f"{figure.value:.2%}\n{figure.low:.2%} to {figure.high:.2%}"

    rows = [
        (
            name.replace("_minor", f", {currency}").replace("_", " "),
            told(getattr(found.before, name)),
            told(getattr(found.after, name)),
            told(difference),
        )
        for name, difference in found.difference.items()
    ]
    return table(("", found.before.policy, found.after.policy, "difference"), rows)


def _assumed(found: Backtest) -> str:
    assumed = found.economics
    return (
        f"{assumed.usage:.0%} of limits lent, {assumed.loss_given_default:.0%} of a bad debt lost, "
        f"{assumed.yield_annual:.1%} a year earned on what is repaid"
    )


def _trade_off(found: Backtest) -> str:
    points = [(point.approval, point.loss_rate) for point in found.curve]
    lent = float(found.economics.usage)

    def mark(name: str, look: str, side: Side) -> Mark:
        total = side.limit_minor.value * lent
        return Mark(name, look, side.approval.value, side.expected_loss_minor.value / total if total else 0.0)

    marks = (mark("before", "two", found.before), mark("after", "one", found.after))
    axes = ("share of applications approved", "share of the money lent that is expected to be lost")
    return line_chart("Moving the cut-off", axes, [Line("the new strategy at any cut-off", "one", points)], marks=marks)


def _approved(found: Backtest) -> str:
    rows = [
        Bars("before", "two", [one.approved_before / max(1, one.rows) for one in found.grades]),
        Bars("after", "one", [one.approved_after / max(1, one.rows) for one in found.grades]),
    ]
    return bar_chart("Share approved, by grade", [one.grade for one in found.grades], rows, told=percent)


def _limits(found: Backtest, currency: str) -> str:
    unit = 10 ** CURRENCY_DECIMALS[currency]
    rows = [
        Bars("before", "two", [one.limit_mean_before_minor / unit for one in found.grades]),
        Bars("after", "one", [one.limit_mean_after_minor / unit for one in found.grades]),
    ]
    title = f"Mean limit of the approved, by grade ({currency})"
    return bar_chart(title, [one.grade for one in found.grades], rows, told=lambda value: f"{value:,.0f}")


def _changes(found: Backtest, currency: str) -> str:
    kinds = table(("what", "applications"), [(kind, f"{count:,}") for kind, count in found.changed.items()])
    rows = [
        (
            one.id,
            one.outcome_before,
            one.outcome_after,
            str(Money(one.limit_before_minor, currency)),
            str(Money(one.limit_after_minor, currency)),
        )
        for one in found.changes[:_CHANGES_SHOWN]
    ]
    more = len(found.changes) - len(rows)
    rest = f'<p class="soft">and {more:,} more: `--out` writes all.</p>' if more > 0 else ""
    return kinds + table(("application", "before", "after", "limit before", "limit after"), rows) + rest
