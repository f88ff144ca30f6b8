from __future__ import annotations

import polars as pl
import pytest

from support.risk_models import trained_on_the_small_world
from support.risk_world import world
from tiao.risk.training.train import Trained


@pytest.fixture(scope="session")
def rows() -> pl.DataFrame:
    return world()


@pytest.fixture(scope="session")
def trained() -> Trained:
    return trained_on_the_small_world()
