"""`tiao policy propose|approve|withdraw|overrides`, as operators run them on the configured database."""

import json
import os
import subprocess
import sys

from support.spine import Spine
from tiao.partners import actions as partners
from tiao.runtime.overrides import rules_of

RUN = "import sys; from tiao.cli import main; sys.argv[0] = 'tiao'; main()"
DAYS = ("--from", "2026-03-01", "--review", "2026-06-01", "--until", "2026-09-01")
SWITCH = ("propose", "deferral.max_days", "--switches", "baitiao", "--reason", "asked for", *DAYS)


def policy(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return tiao(url, "policy", *arguments)


def tiao(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TIAO_")}
    clean |= {"COLUMNS": "250", "PYTHONPATH": os.pathsep.join(sys.path), "TIAO_DATABASE_URL": url}
    command = [sys.executable, "-c", RUN, *arguments]
    return subprocess.run(command, env=clean, capture_output=True, text=True, check=False, timeout=60)


async def test_two_people_switch_a_rule_on_and_one_ends_it(spine: Spine, database_url: str) -> None:
    unknown = policy(database_url, *SWITCH, "--by", "Chen Lu")
    assert (unknown.returncode, "operator_unknown" in unknown.stderr) == (1, True)
    for person in ("Chen Lu", "Ma Tao", "chen lu "):
        assert tiao(database_url, "programme", "key", "--label", person).returncode == 0
    async with spine.db.begin() as tx:
        now = await spine.moments(tx)
        chen, ma = [f"opr_{(await partners.operator(tx, now, person)).hex}" for person in ("CHEN LU", "Ma Tao")]
        assert len(await partners.keys_of(tx, await partners.operator(tx, now, chen))) == 2, "one name, one person"
    proposed = policy(database_url, *SWITCH, "--by", "Chen Lu")
    assert proposed.returncode == 0, proposed.stderr
    named = proposed.stdout.strip()
    alone = policy(database_url, "approve", named, "--by", "Chen Lu", "--reason", "agreed")
    assert (alone.returncode, "second_person_needed" in alone.stderr) == (1, True)
    again = policy(database_url, "approve", named, "--by", chen, "--reason", "agreed")
    assert (again.returncode, "second_person_needed" in again.stderr) == (1, True), "the API calls Chen Lu so"
    approved = policy(database_url, "approve", named, "--by", "Ma Tao", "--reason", "agreed")
    assert approved.stdout.strip() == "in force from 2026-03-02"
    shown = policy(
        database_url, "show", "deferral.max_days", "--here", "--lender", "cfc", "--on", "2026-03-02", "--json"
    )
    assert json.loads(shown.stdout)["value"] == 7
    today = policy(database_url, "show", "penalty.daily_rate", "--here", "--lender", "cfc", "--json")
    assert json.loads(today.stdout)["on"] == "2026-03-01", "the programme's day, whatever the machine's clock says"
    assert [one["reviewed_by"] for one in json.loads(shown.stdout)["overrides"]] == [ma]
    assert f"{chen} and {ma}: asked for" in policy(database_url, "status", "--here").stdout
    ended = policy(database_url, "withdraw", named, "--by", "Ma Tao", "--reason", "enough")
    assert ended.stdout.strip() == "holds no more from 2026-03-02"
    listed = policy(database_url, "overrides").stdout.lower()
    assert [word in listed for word in (named, "withdrawn", "chen lu and ma tao", "asked for")] == [True] * 4
    async with spine.db.begin() as tx:
        assert (await rules_of(tx)).overrides == (), "it was ended before it began"


async def test_a_wrong_proposal_ends_with_a_refusal_and_an_unclear_one_with_code_two(
    spine: Spine, database_url: str
) -> None:
    assert spine.book.pack.name == "CN"
    assert tiao(database_url, "programme", "key", "--label", "Chen Lu").returncode == 0
    looser = ("propose", "penalty.daily_rate", "--tightens", "0.0006", "--reason", "more", *DAYS, "--by", "Chen Lu")
    answer = policy(database_url, *looser)
    assert (answer.returncode, "policy_override_refused" in answer.stderr) == (1, True)
    assert policy(database_url, *SWITCH, "--tightens", "5", "--by", "Chen Lu").returncode == 2
    assert policy(database_url, *SWITCH, "--by", " ").returncode == 2
