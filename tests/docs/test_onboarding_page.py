"""The page on onboarding runs as it stands, and ends with a merchant who may sell."""

import json
import subprocess
from pathlib import Path

import httpx

from docs.pages import ROOT, blocks
from tiao.partners.scenes.rules import shipped_scenes

PAGE = ROOT / "docs" / "onboarding.md"
RUN_SECONDS = 120


def test_a_company_becomes_a_merchant_as_the_page_says(demo: Path) -> None:
    script = demo / "onboarding.sh"
    script.write_text("set -eu\n" + "\n".join(blocks(PAGE, "sh")))
    done = subprocess.run(
        ["sh", script.name], cwd=demo, capture_output=True, text=True, timeout=RUN_SECONDS, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    said = done.stdout.replace("]}", "]} ").split()
    told = ["found", "B", "approved", "signed"]
    assert [word for word in said if word in told] == told
    [made] = json.loads((demo / "made.json").read_text())["merchants"]
    assert (made["scene"], made["discount_rate"], made["reserve_rate"]) == ("education", "0.013", "0.03")
    url = json.loads((demo / "var" / "demo.json").read_text())["base_url"]
    headers = {"Authorization": f"Bearer {made['token']}"}
    shown = httpx.get(f"{url}/v1/merchants/{made['id']}", headers=headers).json()
    assert (shown["category"], shown["status"]) == ("education", "active")


def test_the_table_of_scenes_says_what_the_data_say() -> None:
    rows = [line.strip("|").split("|") for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    cells = {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows if len(row) == 6}
    scenes = list(shipped_scenes())
    assert cells["most for one purchase"] == [f"¥{scene.amount_max_minor // 100:,}" for scene in scenes]
    days = [f"{scene.refund_full_days} day{'s' if scene.refund_full_days > 1 else ''}" for scene in scenes]
    assert cells["refund in full"] == days
    shares = ["all" if each.prepaid is None else f"{each.prepaid.first_share * 100:.0f} %" for each in scenes]
    assert cells["of prepaid money at once"] == shares
    prepaid = [each.prepaid for each in scenes]
    steps = ["" if each is None else f"{each.steps} of {each.step_days} days" for each in prepaid]
    assert cells["the rest in steps"] == steps
