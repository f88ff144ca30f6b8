"""What serves requests does not first import what trains models or reads files of millions of rows."""

import subprocess
import sys

TRAINING = {"duckdb", "lightgbm", "matplotlib", "optbinning", "pandas", "polars", "pyxirr", "scipy", "shap", "sklearn"}


def test_serving_imports_nothing_that_trains() -> None:
    code = "import sys, tiao.api.app; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "litestar" in done.stdout.split()
    assert TRAINING & set(done.stdout.split()) == set()
