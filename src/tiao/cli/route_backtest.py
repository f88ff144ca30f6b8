"""`tiao route backtest`: another policy of choosing channels, held against the decisions a programme has stored."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from tiao.cli.credit_stored import in_programme
from tiao.cli.output import standard_output
from tiao.payments import actions as payments
from tiao.payments.routing.backtest import Estimate
from tiao.payments.routing.backtest import backtest as estimated
from tiao.payments.routing.tables import read_channels, read_policies, shipped_channels, shipped_policies
from tiao.runtime.db import Tx
from tiao.values.moment import Moment


def backtest(
    programme: Annotated[str, typer.Option("--programme", help="Whose stored decisions.")],
    days: Annotated[int, typer.Option("--days", min=1, help="How many days of them.")] = 30,
    policies: Annotated[
        Path | None, typer.Option("--policies", help="Policies to try, in the form of policies.yaml.")
    ] = None,
    channels: Annotated[Path | None, typer.Option("--channels", help="Channels, in the form of channels.yaml.")] = None,
    *,
    is_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")] = False,
) -> None:
    """Estimate what other routing policies would have brought, from decisions that were made and their outcomes."""
    table = shipped_channels() if channels is None else read_channels(channels.read_bytes())
    tried = shipped_policies() if policies is None else read_policies(policies.read_bytes())
    costs = {each.name: each.cost for each in table}

    async def read(tx: Tx, now: Moment) -> dict[str, Estimate]:
        decided = await payments.decided_between(tx, since=now.at - timedelta(days=days), until=now.at)
        return {name: estimated(policy, decided, costs.__getitem__) for name, policy in tried.policies.items()}

    found = in_programme(programme, read)
    if is_json:
        sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
        return
    shown = Table("policy", "decisions", "agreeing", "effective", "success rate", "cost each, minor units")
    for name, one in found.items():
        rate = "" if one.success_rate is None else f"{one.success_rate:.2%}"
        cost = "" if one.cost_minor_each is None else f"{one.cost_minor_each:.1f}"
        shown.add_row(name, f"{one.decisions:,}", f"{one.agreeing:,}", f"{one.effective:,.0f}", rate, cost)
    standard_output().print(shown)
