"""Every word of the schema is explained, and in both languages."""

import re

from docs.pages import ROOT, SRC, code_spans

GLOSSARY = ROOT / "docs" / "glossary.md"
TABLE = re.compile(r"^create table (\w+)", re.MULTILINE)
DROPPED = re.compile(r"^drop table (\w+)", re.MULTILINE)
COLUMN = re.compile(
    r"^(?:  |alter table \w+ add column )(\w+) (?:smallint|integer|bigint|date|numeric)\b", re.MULTILINE
)
EXPLAINED_BY_SUFFIX = ("_minor", "_on", "_ppm", "_micros", "_through", "_rate", "_day")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def migrations() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((SRC / "sql" / "migrations").glob("*.sql")))


def rows() -> list[list[str]]:
    lines = GLOSSARY.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in cells if row[0] != "term"]


def test_every_table_is_in_the_glossary() -> None:
    standing = set(TABLE.findall(migrations())) - set(DROPPED.findall(migrations()))
    assert standing - set(code_spans(GLOSSARY)) == set()


def test_every_amount_date_and_stage_is_in_the_glossary() -> None:
    columns = {name for name in COLUMN.findall(migrations()) if name.endswith(EXPLAINED_BY_SUFFIX) or "stage" in name}
    assert len(columns) > 40
    assert columns - set(code_spans(GLOSSARY)) == set()


def test_every_term_has_its_chinese_term_and_a_meaning() -> None:
    assert [row for row in rows() if len(row) != 4 or not CHINESE.search(row[1]) or not row[2]] == []


def test_one_word_means_one_thing() -> None:
    terms = [row[0] for row in rows()]
    assert sorted(terms) == sorted(set(terms))
