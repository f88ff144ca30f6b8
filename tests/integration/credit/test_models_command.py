"""`tiao credit promote|demote|drift --programme`, as an operator runs them on an installation."""

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import msgspec
from psycopg.conninfo import conninfo_to_dict

from tiao.credit.scoring import load_bundle
from tiao.credit.scoring.bundle import content_digest

RUN = "import sys; from tiao.cli import main; sys.argv[0] = 'tiao'; main()"
SHIPPED = Path(str(files("tiao.credit") / "data" / "bundle"))


def tiao(database_url: str, *arguments: str) -> tuple[int, str]:
    """Run a command; give its exit and the error it names, or what it says."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TIAO_")}
    clean |= {"COLUMNS": "200", "PYTHONPATH": os.pathsep.join(sys.path), "TIAO_DATABASE_URL": database_url}
    command = [sys.executable, "-c", RUN, *arguments]
    done = subprocess.run(command, env=clean, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout or done.stderr


def _candidate(folder: Path) -> str:
    shipped = load_bundle(SHIPPED)
    model, reasons = (
        msgspec.structs.replace(shipped.model, metrics=shipped.model.metrics | {"note": 1}),
        list(shipped.reasons.values()),
    )
    version = content_digest(model, reasons)
    folder.mkdir()
    (folder / "model.json").write_bytes(msgspec.json.encode(msgspec.structs.replace(model, model_version=version)))
    (folder / "reasons.json").write_bytes(msgspec.json.encode(reasons))
    return version


def test_a_model_goes_into_shadow_by_command_and_no_further_without_proof(database_url: str, tmp_path: Path) -> None:
    candidate = tmp_path / "candidate"
    version = _candidate(candidate)
    code, said = tiao(database_url, "programme", "create", "--name", "shop", "--lender-type", "cfc")
    assert code == 0, said
    for person in ("Ann", "Bo", "Cy"):
        assert tiao(database_url, "programme", "key", "--label", person)[0] == 0
    within = ("--programme", str(conninfo_to_dict(database_url)["dbname"]))
    into_shadow = ("credit", "promote", str(candidate), *within, "--proposed-by", "Ann", "--reason", "newer")
    code, said = tiao(database_url, *into_shadow)
    assert code == 0, said
    assert json.loads(said) == {"model_version": version, "step": "proposed"}
    for arguments, error in (
        (into_shadow, "challenger_in_shadow"),
        (("credit", "promote", *within, "--approved-by", "Dan", "--reason", "mine"), "operator_unknown"),
        (("credit", "promote", *within, "--approved-by", "Ann", "--reason", "mine"), "maker_is_checker"),
        (("credit", "promote", *within, "--approved-by", "Bo", "--reason", "ready"), "promotion_unproven"),
        (("credit", "promote", *within, "--approved-by", "Bo"), "reason_missing"),
        (("credit", "demote", *within, "--by", "Cy", "--reason", "harm"), "nothing_to_demote_to"),
        (("credit", "drift", str(SHIPPED), *within), "no_rows"),
    ):
        code, said = tiao(database_url, *arguments)
        assert (code, json.loads(said)["error"]) == (2, error), said
