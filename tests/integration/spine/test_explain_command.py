"""`tiao explain`, as an operator runs it on the configured database."""

import os
import subprocess
import sys
from datetime import date
from uuid import UUID

from support.spine import Spine
from tiao.lending import daily
from tiao.values.ids import show_id

RUN = "import sys; from tiao.cli import main; sys.argv[0] = 'tiao'; main()"


def explain(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TIAO_")}
    clean |= {"COLUMNS": "200", "PYTHONPATH": os.pathsep.join(sys.path), "TIAO_DATABASE_URL": url}
    command = [sys.executable, "-c", RUN, "explain", *arguments]
    return subprocess.run(command, env=clean, capture_output=True, text=True, check=False, timeout=60)


async def test_an_operator_reads_why_a_number_is_what_it_is(spine: Spine, database_url: str) -> None:
    line = await spine.line(1_000_000)
    await spine.buy(line, 300_000)
    await spine.live_until(date(2026, 4, 20))
    paid = (await spine.pay(line, 1_350)).receipt.id
    async with spine.db.begin() as tx:
        [loan] = await daily.loans_of_line(tx, line.id, before=UUID(int=2**128 - 1), limit=9)
    named = show_id("loa", loan.id)
    instalment = explain(database_url, "instalment", f"{named}/1").stdout
    assert "2026-04-11 to 2026-04-19: 9 days x 3,000.00 x 0.05 % = 13.50" in instalment
    assert instalment.split()[-1] == "300000"
    assert "9 天 × 3,000.00" in explain(database_url, "instalment", f"{named}/1", "--language", "zh-CN").stdout
    for what, identifier in (("loan", named), ("line", show_id("lin", line.id)), ("repayment", show_id("rep", paid))):
        told = explain(database_url, what, identifier)
        assert told.returncode == 0, told.stderr
        assert "13.50" in told.stdout
    unknown = explain(database_url, "loan", f"loa_{'0' * 32}")
    assert (unknown.returncode, "loan_unknown" in unknown.stderr) == (1, True)
    assert explain(database_url, "instalment", named).returncode == 2
