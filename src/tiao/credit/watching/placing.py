"""The folder of the model at work: a candidate is put there whole, and the one before stays for one step back."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import msgspec

from tiao.credit.scoring import load_bundle
from tiao.credit.watching.promotion import Evidence
from tiao.credit.watching.refusals import NothingToDemoteTo

_APPROVAL = "approval.json"


def put_to_work(candidate: Path, live: Path, evidence: Evidence) -> None:
    """Copy *candidate* with its evidence to *live*; what stood there becomes the one before."""
    live.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{live.name}.", dir=live.parent))
    try:
        shutil.copytree(candidate, building / "bundle")
        approval = msgspec.json.format(msgspec.json.encode(evidence), indent=1)
        (building / "bundle" / _APPROVAL).write_bytes(approval + b"\n")
        if live.exists():
            shutil.rmtree(_before(live), ignore_errors=True)
            live.replace(_before(live))
        (building / "bundle").replace(live)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def step_back(live: Path) -> str:
    """Put the model before back to work; give its version. Refuses: NothingToDemoteTo.

    What worked until now stays beside it to be looked at, and comes back by a promotion only: a second step back would
    put it to work by nobody's leave.
    """
    before = _before(live)
    if not before.is_dir():
        raise NothingToDemoteTo(str(before))
    version = load_bundle(before).model.model_version
    demoted = live.with_name(f"{live.name}.demoted")
    shutil.rmtree(demoted, ignore_errors=True)
    live.replace(demoted)
    before.replace(live)
    return version


def _before(live: Path) -> Path:
    return live.with_name(f"{live.name}.before")
