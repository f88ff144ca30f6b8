"""`tiao verify` lives lines again: a row that its facts do not give is found, and shown."""

import os
import subprocess
import sys
from datetime import date

from support.spine import Spine
from tiao.values.ids import show_id

RUN = "import sys; from tiao.cli import main; sys.argv[0] = 'tiao'; main()"
#: Moves a day of penalty between two columns that no invariant compares.
TAMPER = "update loan_instalment set penalty_micros = penalty_micros + 7 where penalty_micros > 0"


def verify(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TIAO_")}
    clean |= {"COLUMNS": "200", "PYTHONPATH": os.pathsep.join(sys.path), "TIAO_DATABASE_URL": url}
    command = [sys.executable, "-c", RUN, "verify", *arguments]
    return subprocess.run(command, env=clean, capture_output=True, text=True, check=False, timeout=60)


async def test_a_row_that_its_facts_do_not_give_is_found_and_shown(spine: Spine, database_url: str) -> None:
    lines = [await spine.line(1_000_000, bucket=bucket) for bucket in (7, 8)]
    for line in lines:
        await spine.buy(line, 300_000)
    await spine.live_until(date(2026, 4, 20))
    for lines_asked in ("-1", "1", "2"):
        sound = verify(database_url, "--fold", lines_asked)
        assert sound.returncode == 0, sound.stdout + sound.stderr
        assert f"{lines_asked.replace('-1', '2')} lines lived again, 0 rows differ" in sound.stdout
    async with spine.db.begin() as tx:
        await tx.execute(TAMPER + " and line_id = %(line)s", line=lines[0].id)
    found = verify(database_url, "--fold", "-1")
    assert (found.returncode, "does not hold" in found.stdout) == (1, False)
    assert "2 lines lived again, 1 rows differ" in found.stdout
    assert show_id("lin", lines[0].id) in found.stdout
    assert verify(database_url, "--fold", "0").returncode == 0
    assert verify(database_url).returncode == 1
