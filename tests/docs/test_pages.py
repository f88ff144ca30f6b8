"""What pages point at exists."""

import re
import tomllib
from pathlib import Path

import pytest

from docs.made import command_list
from docs.pages import FENCE, PAGES, ROOT, SRC, code_spans, prose, short

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
REPOSITORY_PATH = re.compile(r"^(?:src|tests|docs|examples|requirements)/[\w./*-]+$")
TIAO = re.compile(r"(?:^|[\s;|(`/])tiao ((?:[a-z]+)(?: [a-z]+)?)")
MAKE = re.compile(r"(?:^|[\s`])make ([a-z]+)(?=[\s`.,;)]|$)", re.MULTILINE)
VARIABLE = re.compile(r"\bTIAO_[A-Z_]+\b")
CHINESE_HOME, HOME = ROOT / "README.zh-CN.md", ROOT / "README.md"


def anchors(page: Path) -> set[str]:
    """The anchors that a forge makes of a page's headings."""
    titles = [title for _, title in HEADING.findall(FENCE.sub("", page.read_text(encoding="utf-8")))]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def commands_in_code(page: Path) -> set[str]:
    """Every `tiao ...` in code: in a block, or at the beginning of a span."""
    text = page.read_text(encoding="utf-8")
    shell = [body for language, body in FENCE.findall(text) if language in {"sh", "console"}]
    lines = [line.split("#")[0] for body in shell for line in body.splitlines()]
    spans = [span for span in code_spans(page) if span.startswith("tiao ")]
    return {match for text in [*lines, *spans] for match in TIAO.findall(text)}


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(prose(page)):
        place, _, anchor = target.partition("#")
        if "://" in place or place.startswith("mailto:"):
            continue
        found = (page.parent / place).resolve() if place else page
        if not found.exists() or (anchor and found.suffix == ".md" and anchor not in anchors(found)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_path_named_exists(page: Path) -> None:
    paths = [span for span in code_spans(page) if REPOSITORY_PATH.match(span)]
    assert [path for path in paths if not list(ROOT.glob(path))] == []


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_command_named_exists(page: Path) -> None:
    known = [name.removeprefix("tiao ") for name, _ in command_list()]
    groups = {name.split()[0] for name in known if " " in name}
    unknown = []
    for said in commands_in_code(page):
        first = said.split()[0]
        if said not in known and first not in known and not (first in groups and said == first):
            unknown.append(said)
    assert unknown == []


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_make_target_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    said = [span for span in code_spans(page) if span.startswith("make ")]
    said += [
        line for language, body in FENCE.findall(text) if language in {"sh", "console"} for line in body.splitlines()
    ]
    assert {name for text in said for name in MAKE.findall(text)} - targets == set()


def test_every_environment_variable_is_explained_and_none_is_invented() -> None:
    in_code = set()
    for path in SRC.rglob("*.py"):
        in_code |= set(VARIABLE.findall(path.read_text(encoding="utf-8")))
    assert set(VARIABLE.findall((ROOT / "docs" / "operations.md").read_text(encoding="utf-8"))) == in_code


def test_every_package_has_its_place_in_the_architecture_page() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| ([`a-z, ]+) \|", text.split("## The layers")[1].split("Every domain package")[0], re.MULTILINE
    )
    order = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    here = {path.name for path in SRC.iterdir() if (path.is_dir() and list(path.glob("*.py"))) or path.name == "sql"}
    here.add("wiring")
    assert set(order) == here
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    [layers] = [contract["layers"] for contract in settings["contracts"] if contract["id"] == "layers"]
    linted = [name for layer in layers for name in re.findall(r"\w+", layer) if name in here]
    assert [name for name in order if name != "sql"] == linted


def test_both_readmes_have_the_same_headings_and_the_same_blocks() -> None:
    levels = [[len(marks) for marks, _ in HEADING.findall(prose(page))] for page in (HOME, CHINESE_HOME)]
    assert levels[0] == levels[1]
    blocks = [FENCE.findall(page.read_text(encoding="utf-8")) for page in (HOME, CHINESE_HOME)]
    strip = re.compile(r"^#.*\n|  +#.*$", re.MULTILINE)
    assert [strip.sub("", body) for _, body in blocks[0]] == [strip.sub("", body) for _, body in blocks[1]]


def test_the_chinese_readme_names_every_command_that_the_english_one_does() -> None:
    names = {name for name, _ in command_list()}
    assert names - {span for span in code_spans(CHINESE_HOME) if span.startswith("tiao ")} == set()


def test_pages_name_no_place_of_one_machine() -> None:
    outside = re.compile(r"(?<![\w.:/])/(?:home|root|work|tmp|Users)/")
    assert [short(page) for page in PAGES if outside.search(page.read_text(encoding="utf-8"))] == []


def test_pictures_are_readable_by_day_and_by_night_and_have_words() -> None:
    for picture in (ROOT / "docs" / "pictures").glob("*.svg"):
        text = picture.read_text(encoding="utf-8")
        assert "prefers-color-scheme: dark" in text, picture.name
        assert "<title" in text, picture.name
        assert "<desc" in text, picture.name
