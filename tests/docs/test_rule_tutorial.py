"""The tutorial about rules runs as it stands on its page, and what it says came true."""

import json
import subprocess
from pathlib import Path

from docs.pages import ROOT, blocks

TUTORIAL = ROOT / "docs" / "tutorials" / "first-rule.md"
RUN_SECONDS = 120


def test_the_first_rule_of_the_tutorial_ends_as_it_says(demo: Path) -> None:
    script = demo / "rules.sh"
    script.write_text("set -eu\n" + "\n".join(blocks(TUTORIAL, "sh")))
    done = subprocess.run(
        ["sh", script.name], cwd=demo, capture_output=True, text=True, timeout=RUN_SECONDS, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    said = [line for line in done.stdout.splitlines() if not line.startswith("{")]
    assert said[:3] == ["authorised", *blocks(TUTORIAL, "text")[0].splitlines(), "draft"]
    assert said[3:7] == ["proposed", "review", "promoted", "in_review"]
    assert said[7:] == ["device:second_large_today", "put_back", "authorised", "retired"]
    [tested] = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"version"')]
    assert (tested["decisions"], tested["after"]) == (1, {"approve": 1})
