"""What an answer means for a delivery, when it is tried again, and where messages may go."""

from datetime import UTC, datetime, timedelta

import pytest

from tiao.events.model import NewEndpoint
from tiao.events.refusals import EndpointAddressInvalid
from tiao.events.rules import PLAN, Outcome, check_endpoint, event_id, event_number, retry_after, verdict
from tiao.events.sending import Answer, is_public
from tiao.values.ids import bucket_of

AT = datetime(2026, 3, 1, tzinfo=UTC)

ANSWERS = """
# status attempts  outcome
  200    1         delivered
  204    10        delivered
  299    1         delivered
  301    1         again
  302    1         again
  400    1         again
  404    9         again
  404    10        exhausted
  410    1         gone
  429    1         again
  500    10        exhausted
  0      1         again
  0      10        exhausted
"""


@pytest.mark.parametrize("row", [line.split() for line in ANSWERS.splitlines() if line.strip() and "#" not in line])
def test_only_2xx_is_success_and_410_is_the_end(row: list[str]) -> None:
    status, attempts, outcome = row
    assert verdict(Answer(int(status), b""), attempts=int(attempts), at=AT, chance=0.0).outcome == outcome


def test_the_plan_takes_about_76_hours_with_jitter_on_top() -> None:
    assert timedelta(hours=75) < sum(PLAN, timedelta()) < timedelta(hours=77)
    for attempts, pause in enumerate(PLAN, start=1):
        least, most = (verdict(Answer(500, b""), attempts=attempts, at=AT, chance=each).due_at for each in (0.0, 1.0))
        assert (least, most) == (AT + pause, AT + pause * 1.1)


RETRY_AFTER = [
    (None, None),
    ("", None),
    ("soon", None),
    ("0", timedelta(0)),
    ("120", timedelta(minutes=2)),
    ("99999999999999", timedelta(days=1)),
    ("-5", None),
    ("Sun, 01 Mar 2026 01:00:00 GMT", timedelta(hours=1)),
    ("Sun, 01 Mar 2020 01:00:00 GMT", timedelta(0)),
    ("Sun, 01 Mar 2020 01:00:00", None),
]


@pytest.mark.parametrize(("said", "pause"), RETRY_AFTER)
def test_retry_after_is_seconds_or_an_instant_and_a_day_at_most(said: str | None, pause: timedelta | None) -> None:
    assert retry_after(said, AT) == pause


def test_retry_after_puts_off_the_whole_endpoint_but_never_shortens_the_plan() -> None:
    found = verdict(Answer(429, b"", "", "60"), attempts=3, at=AT, chance=0.0)
    assert (found.outcome, found.rests_until, found.due_at) == (
        Outcome.AGAIN,
        AT + timedelta(minutes=1),
        AT + timedelta(minutes=30),
    )


ADDRESSES = """
  https://shop.example/hooks             yes
  https://shop.example:8443/hooks?a=b    yes
  https://93.184.216.34/                 yes
  http://shop.example/hooks              no
  https://localhost/                     no
  https://127.0.0.1/                     no
  https://10.1.2.3/                      no
  https://192.168.0.1/                   no
  https://169.254.169.254/latest         no
  https://[::1]/                         no
  https://[::ffff:10.0.0.1]/             no
  https://[64:ff9b::a00:1]/              no
  https://[2002:a00:1::]/                no
  https://user:secret@shop.example/      no
  https://shop.example/#part             no
  https://shop.example:99999/            no
  ftp://shop.example/                    no
  https:///nothing                       no
  nothing                                no
  http://sandbox/hook                    yes
"""


@pytest.mark.parametrize("row", [line.split() for line in ADDRESSES.splitlines() if line.strip()])
def test_an_endpoint_is_public_and_secure_or_a_sandboxes(row: list[str]) -> None:
    url, is_allowed = row
    new = NewEndpoint(url, (), "")
    if is_allowed == "yes":
        check_endpoint(new, frozenset({"sandbox"}))
    else:
        with pytest.raises(EndpointAddressInvalid):
            check_endpoint(new, frozenset({"sandbox"}))


def test_a_name_is_neither_public_nor_not() -> None:
    assert [is_public(each) for each in ("shop.example", "93.184.216.34", "::1")] == [None, True, False]


def test_an_event_id_gives_back_its_number_and_bucket() -> None:
    for bucket, number in ((0, 1), (255, 2**63 - 1)):
        made = event_id(bucket, number)
        assert (bucket_of(made), event_number(made)) == (bucket, number)
