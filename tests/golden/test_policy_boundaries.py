"""Published boundaries: what each rule accepts and refuses; and our Chinese pack against the published one.

Source: product_vectors.json (B1 to B49) and policy_cn.yaml of the reference material, kept beside the repository.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from tiao.lending.billing import billing_policy
from tiao.lending.disclosure import check_acknowledged, cost_sheet
from tiao.lending.model import BillingMode, FeePayer, PlanTerms
from tiao.lending.penalties import check_penalty_rate, penalty_ceiling
from tiao.lending.plans import make_plan
from tiao.lending.pricing import NO_COST, Cap, CapMethod, cap_on, check_rate, rates_of_payments
from tiao.policy.ageing import class_floor, impairment_stage
from tiao.policy.conduct import (
    check_applicant,
    check_contact_attempt,
    check_contact_time,
    check_negative_record,
    check_retention,
    check_return,
)
from tiao.policy.exposure import check_certificate_tenor, check_code_day, check_consumer_limit, check_partner_share
from tiao.policy.model import Override
from tiao.policy.pack import Pack
from tiao.policy.refusals import PolicyOverrideRefused
from tiao.values.refusal import Refusal

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference"
VECTORS, POLICY = REFERENCE / "product_vectors.json", REFERENCE / "policy_cn.yaml"
pytestmark = pytest.mark.skipif(not VECTORS.exists(), reason="needs ../shared/reference/product_vectors.json")

ON = date(2026, 11, 22)
CN = Pack.load("cn")


@cache
def vectors() -> dict:
    return json.loads(VECTORS.read_text(encoding="utf-8")) if VECTORS.exists() else {}


def overridden(rule: str, party: str, source: str) -> Pack:
    return CN.overridden(
        Override(
            rule=rule,
            applies_to=party,
            approved_by="chief risk officer",
            reviewed_by="counsel",
            reason="the stage is in force",
            approved_on=date(2025, 3, 31),
            review_on=date(2026, 3, 31),
            expires_on=date(2028, 3, 31),
            switches_on=source,
        )
    )


def with_lpr(given: dict) -> Pack:
    if "lpr_1y" not in given:
        return CN
    row = CN.rows_of("lpr_1y")[0]
    newer = msgspec.structs.replace(row, value=given["lpr_1y"], effective_from=day(given["contract_on"]))
    return CN.extended([newer], by="treasury", reason="month's rate")


def day(text: str) -> date:
    return date.fromisoformat(text)


def consumer_limit(given: dict) -> None:
    pack, lender = CN, given["lender"]
    if given.get("override"):
        pack = overridden("limit.consumer_max", lender, given["override"])
    check_consumer_limit(
        given["total_fen"], pack=pack, lender_type=lender, on=day(given.get("contract_on", ON.isoformat()))
    )


def quiet_hours(given: dict) -> None:
    zone = ZoneInfo(given.get("debtor_zone", "Asia/Shanghai"))
    if "operator_time" in given:
        at = datetime.fromisoformat(given["operator_time"])
    else:
        at = datetime.fromisoformat(f"2026-03-02T{given['debtor_local_time']}").replace(tzinfo=zone)
    check_contact_time(at, zone=zone, has_consent=given["consent"], pack=CN, lender_type="cfc")


def student(given: dict) -> str | None:
    answer = check_applicant(
        born_on=date(2000, 1, 1), is_student=given["student"], today=ON, pack=CN, lender_type=given["lender"]
    )
    return answer.value


def minimum_age(given: dict) -> None:
    check_applicant(born_on=day(given["born_on"]), is_student=False, today=day(given["at"]), pack=CN, lender_type="cfc")


def cost_sheet_shown(given: dict) -> None:
    on = day(given["contract_on"])
    terms = PlanTerms("any", 3, Decimal("0.005"), FeePayer.CONSUMER, BillingMode.STATEMENT)
    plan = make_plan(terms, 100_000, on, 1, billing_policy(CN, on=on, lender_type=given["lender"]))
    sheet = cost_sheet(
        plan,
        lender="a lender",
        fee_payee="a lender",
        currency="CNY",
        contract_on=on,
        penalty_ppm_per_day=500,
        policy_digest=CN.digest,
    )
    check_acknowledged(sheet, given["cost_sheet_ack"], pack=CN, lender_type=given["lender"], contract_on=on)


def certificate(given: dict) -> None:
    source = given.get("override")
    pack = overridden("scf.cert.tenor_max_days", "scf_platform", source) if source else CN
    check_certificate_tenor(given["days"], pack=pack, on=ON)


def penalty(given: dict) -> None:
    cap = Decimal(given["cap"]) if "cap" in given else None
    if cap is None:
        cap = penalty_ceiling(with_lpr(given), on=day(given["contract_on"]), lender_type=given["lender"])
    assert cap is not None
    check_penalty_rate(Decimal(given["daily"]), cap)


def price(given: dict) -> None:
    cap = cap_on(
        with_lpr(given),
        lender_type=given["lender"],
        contract_on=day(given["contract_on"]),
        tenor_months=given.get("tenor_months"),
    )
    assert cap is not None
    check_rate(NO_COST._replace(compound=Decimal(given["rate"])), cap)


def cap_method(given: dict) -> None:
    case = next(case["input"] for case in vectors()["annual_rates"] if case["id"] == given["case"])
    rates = rates_of_payments(case["principal_fen"], [case["payment_fen"]] * case["n"])
    check_rate(rates, Cap(Decimal(given["cap"]), CapMethod(given["method"]), "price.cap_method", "project"))


def negative_record(given: dict) -> None:
    notice = day(given["notice_on"]) if given["notice_on"] else None
    check_negative_record(notice_on=notice, upload_on=day(given["upload_on"]), pack=CN, lender_type="cfc")


DECIDES: dict[str, Callable[[dict], object]] = {
    "qr.limit_per_day": lambda given: check_code_day(given["day_total_fen"], code=given["code"], pack=CN, on=ON),
    "joint.partner_min_share": lambda given: check_partner_share(
        Decimal(given["share"]), pack=CN, lender_type="bank", on=ON
    ),
    "limit.consumer_max": consumer_limit,
    "collect.quiet_hours": quiet_hours,
    "collect.max_attempts_per_contact_day": lambda given: check_contact_attempt(
        given["attempt"], on=ON, pack=CN, lender_type="cfc"
    ),
    "class5.from_dpd": lambda given: class_floor(given["days_past_due"], pack=CN, lender_type="bank", on=ON).value,
    "ecl.stage2_from_dpd, ecl.stage3_from_dpd": lambda given: impairment_stage(
        given["days_past_due"], pack=CN, lender_type="cfc", on=ON
    ),
    "aml.retention_years": lambda given: check_retention(
        "aml.retention_years", given["years"], on=ON, pack=CN, party="cfc"
    ),
    "applicant.min_age": minimum_age,
    "applicant.student_blocked": student,
    "disclosure.cost_sheet_required": cost_sheet_shown,
    "scf.cert.tenor_max_days": certificate,
    "penalty.daily_rate": penalty,
    "price.all_in_cap": price,
    "price.cap_method": cap_method,
    "bureau.negative_prenotice_days": negative_record,
    "return.no_reason_days": lambda given: check_return(
        received_on=day(given["received_on"]), returned_on=day(given["returned_on"]), pack=CN
    ),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in vectors().get("boundaries", [])])
def test_a_boundary_is_kept(case: dict) -> None:
    decide = DECIDES[case["parameter"]]
    if case["expect"] == "refuse":
        # A switch that this party does not have is refused where it is asked for.
        with pytest.raises(Refusal) as refused:
            decide(case["input"])
        assert not isinstance(refused.value, PolicyOverrideRefused) or case["input"].get("override")
    else:
        answer = decide(case["input"])
        assert case["expect"] == "accept" or answer == case["expect"]


@pytest.mark.skipif(not POLICY.exists(), reason="needs ../shared/reference/policy_cn.yaml")
def test_the_chinese_pack_holds_every_published_row_and_three_of_its_own() -> None:
    published = Pack.load(POLICY)
    facts = ("id", "value", "applies_to", "effective_from", "effective_to", "mode", "when", "anchor", "unit", "binding",
             "evidence", "verify", "source", "article")  # fmt: skip

    def listed(pack: Pack) -> dict[str, str]:
        rows = [tuple(getattr(row, name) for name in facts) for row in pack.rows]
        return {repr(row): row[0] for row in rows}

    ours, theirs = listed(CN), listed(published)
    assert theirs.keys() <= ours.keys()
    own = {ours[row] for row in ours.keys() - theirs.keys()}
    assert own == {"billing.due_day_of_month", "billing.day_clamp", "decision.two_people_from"}
    assert published.parents == CN.parents
