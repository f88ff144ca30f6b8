"""A consumer's token says where its key lies; nobody else's does."""

from random import Random

import pytest

from tiao.partners.model import Role
from tiao.partners.rules import bucket_of_token, is_token, new_token


@pytest.mark.parametrize("bucket", [0, 1, 127, 128, 255])
def test_the_bucket_is_read_off_a_consumers_token(bucket: int) -> None:
    token = new_token(Role.CONSUMER, Random(bucket).randbytes, bucket)
    assert is_token(token)
    assert bucket_of_token(token) == bucket


@pytest.mark.parametrize("role", [Role.MERCHANT, Role.OPERATOR])
def test_keys_of_merchants_and_operators_lie_at_home(role: Role) -> None:
    assert bucket_of_token(new_token(role, Random(1).randbytes)) is None


@pytest.mark.parametrize("text", ["", "tiao_c_", "tiao_c_" + "!" * 43, "Bearer", "tiao_x_" + "0" * 43])
def test_what_is_no_token_lies_nowhere(text: str) -> None:
    assert bucket_of_token(text) is None
