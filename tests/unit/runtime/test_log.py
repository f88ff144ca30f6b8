"""The log holds ids and figures, never people."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
import structlog

from tiao.runtime.batching import Busy
from tiao.runtime.log import configure_log, note_plainly


@pytest.fixture
def stream() -> Iterator[io.BytesIO]:
    written = io.BytesIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_log(stream=written, also=["gauge"])
    yield written
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def line_of(stream: io.BytesIO) -> dict[str, object]:
    (line,) = stream.getvalue().splitlines()
    return json.loads(line)


def test_allowed_keys_are_written_and_others_dropped_by_name(stream: io.BytesIO) -> None:
    structlog.get_logger().info(
        "request", status=201, customer_id=UUID(int=1), phone="13800138000", name="王小明", gauge=1
    )
    line = line_of(stream)
    assert line.pop("at")
    assert line == {
        "event": "request",
        "level": "info",
        "status": 201,
        "customer_id": str(UUID(int=1)),
        "gauge": 1,
        "dropped": ["name", "phone"],
    }
    assert b"13800138000" not in stream.getvalue()


def test_what_is_noted_plainly_reads_as_what_the_processors_write(stream: io.BytesIO) -> None:
    said = {"request_id": "r1", "method": "POST", "route": "/v1/purchases", "status": 201, "duration_ms": 12.34}
    structlog.get_logger().info("request", **said)
    note_plainly("request", dict(said))
    first, second = (json.loads(each) for each in stream.getvalue().splitlines())
    assert list(first) == list(second)
    assert [datetime.fromisoformat(each.pop("at")).tzinfo for each in (first, second)] == [UTC, UTC]
    assert first == second


def test_plain_lines_are_left_out_where_only_worse_is_wanted() -> None:
    written = io.BytesIO()
    configure_log(stream=written, level="warning")
    note_plainly("request", {"status": 201})
    assert not written.getvalue()
    structlog.reset_defaults()


def test_an_exception_is_its_type_and_place_never_its_message(stream: io.BytesIO) -> None:
    try:
        int("13800138000 is no number")
    except ValueError:
        structlog.get_logger().exception("job", job="remind")
    line = line_of(stream)
    assert line["error"] == "ValueError"
    assert line["error_at"][-1].startswith("test_log.py:")
    assert b"13800138000" not in stream.getvalue()


def test_a_refusal_is_logged_by_its_code(stream: io.BytesIO) -> None:
    structlog.get_logger().warning("request", exc_info=Busy())
    assert line_of(stream)["refusal"] == "busy"


def test_warnings_of_libraries_become_lines_and_their_chatter_does_not(stream: io.BytesIO) -> None:
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("lost %s\nmore", "connection")
    line = line_of(stream)
    assert (line["event"], line["logger"], line["message"]) == ("library", "some.library", "lost connection")


def test_lines_below_the_level_are_not_written(stream: io.BytesIO) -> None:
    structlog.get_logger().debug("request")
    assert stream.getvalue() == b""
