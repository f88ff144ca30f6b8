"""What is decided on the way to becoming a merchant, pure: what may be said, shown, done next, and how risky it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

import msgspec
import yaml

from tiao.partners.onboarding import credit_code
from tiao.partners.onboarding.model import (
    Application,
    ApplicationState,
    GradeTerms,
    NewPaper,
    Private,
    Reason,
    Record,
    Said,
    Standing,
)
from tiao.partners.onboarding.refusals import (
    ContractVersionTaken,
    MerchantApplicationInvalid,
    MerchantApplicationNotOpen,
    NoticeTooShort,
    PaperInvalid,
    PaperMissing,
)
from tiao.partners.scenes.model import Paper, Scene
from tiao.values.calendar import add_months
from tiao.values.money import CURRENCY_DECIMALS

PAPER_BYTES_MAX = 2_000_000
PAPERS_MAX = 30
TEXT_SIGNS_MAX = 200
LIST_MAX = 20
SCENES_MAX = 5
_ACCOUNT = re.compile(r"[0-9]{8,32}")
#: How a file of each type begins; what somebody calls it is not believed.
_BEGINNINGS = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}
_YOUNG_MONTHS, _NEW_MONTHS = 24, 6
_SMALL_CAPITAL_MINOR = 10_000_000


class GradingRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How findings are weighed, and what sums of points bring; one version of it."""

    version: str
    points: dict[str, int]
    scope_words: dict[str, list[str]]
    grades: list[GradeTerms]

    def terms(self, grade: str) -> GradeTerms:
        """Find what a grade brings."""
        return next(each for each in self.grades if each.grade == grade)


@cache
def shipped_grading() -> GradingRules:
    """Read the rules that come with the platform (grading.yaml)."""
    text = (files("tiao.partners.onboarding") / "grading.yaml").read_text(encoding="utf-8")
    found = msgspec.convert(yaml.safe_load(text), GradingRules, strict=False)
    bounds = [each.points_below for each in found.grades[:-1] if each.points_below is not None]
    assert len(bounds) == len(found.grades) - 1, "all but the last grade have a bound"
    assert bounds == sorted(bounds), "grades stand in the order of their points"
    assert found.grades[-1].points_below is None, "the last grade takes the rest"
    return found


def checked_said(said: Said) -> Said:
    """Check what a company says, and bring it into its one form.

    Refuses: CreditCodeInvalid; MerchantApplicationInvalid, naming the field.
    """
    for name, text in (
        ("company", said.company),
        ("trade_name", said.trade_name),
        ("representative", said.private.representative),
        ("account_holder", said.private.account_holder),
    ):
        if not text.strip() or len(text) > TEXT_SIGNS_MAX:
            raise MerchantApplicationInvalid(f"{name} has 1 to {TEXT_SIGNS_MAX} signs", pointer=f"/{name}")
    if said.currency not in CURRENCY_DECIMALS:
        raise MerchantApplicationInvalid(f"the currency {said.currency!r} is not known", pointer="/currency")
    if not 1 <= len(said.scenes) <= SCENES_MAX or len(set(said.scenes)) != len(said.scenes):
        raise MerchantApplicationInvalid(f"1 to {SCENES_MAX} different scenes", pointer="/scenes")
    account = "".join(said.private.account.split())
    if _ACCOUNT.fullmatch(account) is None:
        raise MerchantApplicationInvalid("an account has 8 to 32 digits", pointer="/account")
    for name, texts in (("websites", said.websites), ("stores", said.stores)):
        if len(texts) > LIST_MAX or any(not text.strip() or len(text) > TEXT_SIGNS_MAX for text in texts):
            raise MerchantApplicationInvalid(f"at most {LIST_MAX} {name}", pointer=f"/{name}")
    for address in said.websites:
        if not _is_website(address):
            raise MerchantApplicationInvalid(f"{address!r} is no web address", pointer="/websites")
    kept = said.private
    return msgspec.structs.replace(
        said,
        company=said.company.strip(),
        credit_code=credit_code.checked(said.credit_code),
        trade_name=said.trade_name.strip(),
        private=Private(kept.representative.strip(), kept.phone.strip(), kept.account_holder.strip(), account),
    )


def check_state(application: Application, *allowed: ApplicationState) -> Application:
    """Demand that an application stands where something can be done. Refuses: MerchantApplicationNotOpen."""
    if application.state not in allowed:
        raise MerchantApplicationNotOpen(f"the application is {application.state}", state=application.state.value)
    return application


def check_paper(new: NewPaper) -> None:
    """Check a document: its size, and that it is what it is called. Refuses: PaperInvalid."""
    if not 0 < len(new.content) <= PAPER_BYTES_MAX:
        raise PaperInvalid(f"at most {PAPER_BYTES_MAX} bytes", pointer="/content", bytes_max=PAPER_BYTES_MAX)
    beginning = _BEGINNINGS.get(new.media_type)
    if beginning is None:
        raise PaperInvalid("a PDF, a JPEG or a PNG image", pointer="/media_type")
    if not new.content.startswith(beginning):
        raise PaperInvalid(f"the content is no {new.media_type}", pointer="/content")


def check_papers(scenes: Sequence[Scene], shown: Sequence[Paper]) -> None:
    """Demand every document that the scenes ask for. Refuses: PaperMissing."""
    missing = sorted(set().union(*(scene.papers for scene in scenes)) - set(shown))
    if missing:
        raise PaperMissing(f"still to be shown: {', '.join(missing)}", missing=",".join(missing))


def findings(said: Said, record: Record, today: date, grading: GradingRules) -> list[str]:
    """Name what does not agree between a company's words and the register, and what the register says against it."""
    words = {scene: grading.scope_words.get(scene, []) for scene in said.scenes}
    pairs = (
        ("company_differs", record.company != said.company),
        ("representative_differs", record.representative != said.private.representative),
        ("not_operating", record.standing in {Standing.REVOKED, Standing.CANCELLED}),
        ("listed_abnormal", record.standing is Standing.ABNORMAL),
        (
            "scope_does_not_name_scene",
            any(each and not any(word in record.scope for word in each) for each in words.values()),
        ),
        ("younger_than_6_months", add_months(record.registered_on, _NEW_MONTHS) > today),
        (
            "younger_than_24_months",
            add_months(record.registered_on, _NEW_MONTHS) <= today < add_months(record.registered_on, _YOUNG_MONTHS),
        ),
        ("capital_below_100000", record.capital_minor < _SMALL_CAPITAL_MINOR),
    )
    return [name for name, is_so in pairs if is_so]


def own_findings(said: Said) -> list[str]:
    """Name what a company's own words say against it."""
    found = [] if said.websites or said.stores else ["no_website_and_no_store"]
    return [*found, *(["account_of_somebody_else"] if said.private.account_holder != said.company else [])]


def graded(found: Sequence[str], scenes: Sequence[Scene], grading: GradingRules) -> tuple[GradeTerms, list[Reason]]:
    """Weigh findings and scenes: the grade, and every reason with its points."""
    reasons = [Reason(each, grading.points[each]) for each in found]
    riskiest = max(scenes, key=lambda scene: scene.risk_points)
    if riskiest.risk_points:
        reasons.append(Reason(f"scene_{riskiest.scene}", riskiest.risk_points))
    points = sum(each.points for each in reasons)
    terms = next(each for each in grading.grades if each.points_below is None or points < each.points_below)
    return terms, reasons


def discount_of(scene: Scene, terms: GradeTerms) -> Decimal:
    """Find what a merchant pays for a sale: its scene's rate, and more for its grade."""
    return scene.discount_rate + terms.discount_extra


def check_version(version: int, effective_on: date, *, latest: int, latest_on: date | None) -> None:
    """Demand that versions follow each other. Refuses: ContractVersionTaken."""
    if version != latest + 1 or (latest_on is not None and effective_on <= latest_on):
        raise ContractVersionTaken(f"the next version is {latest + 1}", next=latest + 1)


def check_notice(effective_on: date, *, today: date, notice_days: int, version: int) -> None:
    """Demand that changed terms are announced ahead; first ones change nothing.

    Refuses: NoticeTooShort. Source: policy `terms.change_notice_days`.
    """
    earliest = today + timedelta(days=notice_days)
    if version > 1 and effective_on < earliest:
        raise NoticeTooShort(f"at the earliest from {earliest}", pointer="/effective_on", earliest=earliest.isoformat())


def _is_website(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "." in str(parts.hostname)
