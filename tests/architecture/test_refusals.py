"""Every "no" is explained, and the page that lists them is current."""

import re
from pathlib import Path

from tiao.cli.refusals import load_all, page
from tiao.values.refusal import Refusal, known_refusals

ROOT = Path(__file__).parents[2]


def ours() -> dict[str, type[Refusal]]:
    load_all()
    return {code: each for code, each in known_refusals().items() if each.__module__.startswith("tiao.")}


def test_every_refusal_is_explained_in_a_sentence() -> None:
    unexplained = [
        code for code, each in ours().items() if not re.match(r"^[A-Z].*\.$", (each.__doc__ or "").split("\n")[0])
    ]
    assert unexplained == []


def test_the_page_of_refusals_is_current() -> None:
    assert (ROOT / "docs" / "refusals.md").read_text() == page(), "run `make docs`"


def test_a_constraint_that_stands_for_a_refusal_has_one() -> None:
    """A function that raises with a constraint's name means a refusal; a typing mistake would make it a bug."""
    sql = "\n".join(path.read_text() for path in (ROOT / "src" / "tiao" / "sql").rglob("*.sql"))
    raised = set(re.findall(r"constraint\s*=\s*'(\w+)'", sql))
    assert raised - ours().keys() == set()
