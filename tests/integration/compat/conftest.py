import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.sandbox import Callbacks, Sandbox, running_sandbox
from tiao.runtime.embedded import Embedded


@pytest.fixture(scope="module")
def sandbox(server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    name = f"sandbox_{os.getpid()}"
    server.drop_database(name)
    server.ensure_database(name, template="tiao_template")
    folder: Path = tmp_path_factory.mktemp("sandbox")
    with running_sandbox(server.url(name), folder) as made:
        yield made
        made.verify()
    server.drop_database(name)


@pytest.fixture
def callbacks() -> Iterator[Callbacks]:
    made = Callbacks()
    yield made
    made.stop()
