"""The small programme that these tests live in."""

from collections.abc import AsyncIterator

import pytest

from support.spine import Spine
from tiao.runtime.db import Database


@pytest.fixture
async def spine(database: Database) -> AsyncIterator[Spine]:
    made = Spine(database)
    await made.open()
    yield made
    await made.desk.close()
