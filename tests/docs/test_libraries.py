"""What a page shows of a library is what a program does that tests run."""

import re
from pathlib import Path

import pytest

from docs.pages import ROOT

SHOWN = re.compile(r"<!-- from (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)
PAGES = [ROOT / "docs" / f"compat-{form}.md" for form in ("alipay", "wechatpay")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_lines_shown_are_run(page: Path) -> None:
    shown = SHOWN.findall(page.read_text())
    assert len(shown) >= 2
    for program, lines in shown:
        assert flat(lines) in flat((ROOT / program).read_text()), program


def flat(text: str) -> str:
    """Leave out how far lines stand in."""
    return "\n".join(line.strip() for line in text.strip().splitlines())
