"""The tutorial runs as it stands on its page, and then, in the same programme, the walk in the README."""

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx

from docs.pages import ROOT, blocks

TUTORIAL = ROOT / "docs" / "tutorials" / "first-purchase.md"
RUN_SECONDS = 60
REMEMBER = """
python3 -c 'import json, sys; json.dump(dict(zip(sys.argv[1::2], sys.argv[2::2])), open("told.json", "w"))' \\
  loan "$LOAN" purchase "$PURCHASE" refund "$REFUND" statement "$STATEMENT"
"""


def run_page(page: Path, directory: Path) -> dict[str, str]:
    """Run the shell blocks of a page in one shell, as somebody who pastes them would; give what they came to."""
    shell = "\n".join(block for block in blocks(page, "sh") if "make up" not in block)
    script = directory / "pasted.sh"
    script.write_text(f"set -eu\n{shell}\n{REMEMBER}")
    done = subprocess.run(
        ["sh", script.name], cwd=directory, capture_output=True, text=True, timeout=RUN_SECONDS, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    told: dict[str, str] = json.loads((directory / "told.json").read_text())
    return told


def test_the_first_purchase_of_the_tutorial_ends_as_it_says(demo: Path) -> None:
    told = run_page(TUTORIAL, demo)
    who = json.loads((demo / "var" / "demo.json").read_text())

    def got(role: str, path: str) -> Any:  # noqa: ANN401  JSON
        answer = httpx.get(who["base_url"] + path, headers={"Authorization": f"Bearer {who[role]['key']}"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    first, *later = got("consumer", f"/v1/loans/{told['loan']}")["instalments"]
    assert (first["paid_minor"], first["open_minor"]) == (40_720, 0)
    assert [part["refunded_minor"] for part in later] == [40_000, 40_000]
    refund = got("consumer", f"/v1/refunds/{told['refund']}")["refund"]
    assert (refund["offset_principal_minor"], refund["returned_minor"]) == (80_000, 20_000)
    assert got("consumer", "/v1/line")["used_minor"] == 0
    [sale] = got("merchant", "/v1/settlements")["data"]
    assert sale["net_minor"] == 119_280
    assert got("merchant", "/v1/balance")["balance_minor"] == -100_000
    assert got("operator", "/v1/test_clock")["today"] == told["statement"]
    postings = got("operator", f"/v1/postings?source={told['loan']}")["data"]
    assert postings
    assert [sum(entry["amount_minor"] for entry in each["entries"]) for each in postings] == [0] * len(postings)


def test_the_walk_of_the_readme_ends_with_a_refund(demo: Path) -> None:
    told = run_page(ROOT / "README.md", demo)
    who = json.loads((demo / "var" / "demo.json").read_text())
    headers = {"Authorization": f"Bearer {who['merchant']['key']}"}
    bought = httpx.get(f"{who['base_url']}/v1/purchases/{told['purchase']}", headers=headers).json()
    assert (bought["captured_minor"], bought["refunded_minor"]) == (120_000, 100_000)
