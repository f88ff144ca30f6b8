import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from support.post import Hostile, Post
from support.spine import Spine
from tiao.runtime.db import Database

PROGRAM = Path(__file__).parents[2] / "support" / "hostile.py"


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    process = subprocess.Popen([sys.executable, str(PROGRAM)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield Hostile(int(process.stdout.readline()))
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture
async def post(database: Database) -> AsyncIterator[Post]:
    spine = Spine(database)
    await spine.open()
    yield Post(spine)
    await spine.desk.close()
