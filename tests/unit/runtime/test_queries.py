"""A queries.sql is read as named, described blocks."""

import pytest

from tiao.runtime.queries import Queries, parse_queries

TEXT = """-- What this file is for is not part of any query.

-- name: open_loans
-- Loans of a customer
-- that still owe something.
select id -- the loan
  from loan
 where customer_id = %(customer_id)s and status <> %(status)s and note like '%%x' and other = %(customer_id)s;

-- name: count_loans
select count(*) from loan where note like '%x';
"""


def test_a_block_has_a_name_a_description_and_its_sql() -> None:
    first, second = parse_queries(TEXT, source="test")
    assert first.name == "open_loans"
    assert first.description == "Loans of a customer that still owe something."
    assert first.sql.startswith("select id -- the loan\n")
    assert first.sql.endswith("other = %(customer_id)s")
    assert (second.name, second.description) == ("count_loans", "")


def test_placeholders_become_numbers_in_order_of_first_use() -> None:
    first, second = parse_queries(TEXT, source="test")
    assert first.parameters() == ("customer_id", "status")
    assert "customer_id = $1 and status <> $2 and note like '%x' and other = $1" in first.numbered()
    assert second.numbered() == second.sql


def test_a_query_is_an_attribute_and_an_unknown_name_is_a_bug_that_says_what_there_is() -> None:
    queries = Queries("test", parse_queries(TEXT, source="test"))
    assert queries.count_loans == queries.all()[1].sql
    with pytest.raises(AssertionError, match=r"test has no query named closed_loans; it has \['count_loans', 'open_l"):
        _ = queries.closed_loans


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("-- name: a\nselect 1\n-- name: a\nselect 2", "two queries are named a"),
        ("-- name: a\n-- only words\n-- name: b\nselect 1", "a has no SQL"),
        ("-- name: a\n", "a has no SQL"),
    ],
)
def test_a_faulty_file_is_a_bug(text: str, fault: str) -> None:
    with pytest.raises(AssertionError, match=fault):
        parse_queries(text, source="test")
