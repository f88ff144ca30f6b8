import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.market import Market, prepared, running_market
from tiao.runtime.embedded import Embedded


@pytest.fixture(scope="module")
def market(server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    name = f"client_{os.getpid()}"
    server.drop_database(name)
    server.ensure_database(name, template="tiao_template")
    url = server.url(name)
    folder: Path = tmp_path_factory.mktemp("client")
    made = asyncio.run(prepared(url, 2, 2_000_000))
    with running_market(url, folder, made) as market:
        yield market
    server.drop_database(name)
