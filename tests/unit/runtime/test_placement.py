"""A map of buckets places each of them on one server, or says everything that is wrong with it."""

import pytest

from tiao.runtime.config import BadConfiguration, read_config
from tiao.runtime.placement import BucketMapInvalid, read_bucket_map

A, B = "postgresql://a/tiao", "postgresql://b/tiao"

REFUSED = """
# the map                        what is said
  0-255                          no PostgreSQL URL follows the =
  0-127=A                        placed nowhere: 128-255
  0-127=A;127-255=B              placed more than once: 127
  0-127=A;128-256=B              128-256: a range is FIRST-LAST
  0-127=A;255-128=B              255-128: a range is FIRST-LAST
  0-127=A;x=B                    x: a range is FIRST-LAST
  0-63=A;64-127=A;128-255=B      this server stands in the map already
  0-99=A;120-255=B               placed nowhere: 100-119
  0-127=A;128-255=no=url=at=all  no PostgreSQL URL follows the =
"""


def table() -> list[tuple[str, str]]:
    lines = [line.strip() for line in REFUSED.splitlines() if line.strip() and "#" not in line]
    return [(text.strip(), said.strip()) for text, _, said in (line.partition("  ") for line in lines)]


@pytest.mark.parametrize(("text", "said"), table())
def test_a_wrong_map_is_refused_with_its_faults(text: str, said: str) -> None:
    with pytest.raises(BucketMapInvalid) as refused:
        read_bucket_map(text.replace("=A", f"={A}").replace("=B", f"={B}"))
    assert said in refused.value.detail


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(BucketMapInvalid) as refused:
        read_bucket_map(f"0-10={A};5-20={B}")
    assert "placed more than once: 5-10" in refused.value.detail
    assert "placed nowhere: 21-255" in refused.value.detail


def test_each_bucket_has_its_server_and_the_home_is_that_of_bucket_0() -> None:
    read = read_bucket_map(f" 64-191 = {A} ; 0-63,192-255={B} ;")
    assert [(shard.number, shard.url, shard.ranges) for shard in read.shards] == [
        (0, B, "0-63,192-255"),
        (1, A, "64-191"),
    ]
    assert [read.number_of(bucket) for bucket in (0, 63, 64, 191, 192, 255)] == [0, 0, 1, 1, 0, 0]
    assert read.shards[0].is_home


def test_the_same_division_has_the_same_digest_wherever_the_servers_are() -> None:
    assert read_bucket_map(f"0-9={A};10-255={B}").digest == read_bucket_map(f"10-255={A};0-9={B}").digest
    assert read_bucket_map(f"0-9={A};10-255={B}").digest != read_bucket_map(f"0-8={A};9-255={B}").digest


def test_one_server_and_several_are_not_configured_at_once() -> None:
    both = {"TIAO_BUCKET_MAP": f"0-127={A};128-255={B}", "TIAO_DATABASE_URL": A}
    with pytest.raises(BadConfiguration, match="TIAO_BUCKET_MAP"):
        read_config(both)


def test_a_map_shows_no_password() -> None:
    config = read_config({"TIAO_BUCKET_MAP": f"0-127=postgresql://u:secret@a/tiao;128-255={B}"})
    assert "secret" not in repr(config) + repr(config.bucket_map)
