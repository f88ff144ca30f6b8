"""How much, how long and with whom: limits, tenors, shares. A rule decides one figure that the caller has added up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tiao.policy.pack import Pack
from tiao.policy.refusals import (
    CertificateTenorTooLong,
    CodeDayLimitExceeded,
    ConcentrationTooHigh,
    ConsumerLimitAboveRule,
    LoanTenorTooLong,
    PartnerShareTooSmall,
    PurposeProhibited,
)

#: Shares that may not be exceeded, and what each is measured against.
CONCENTRATIONS = (
    "concentration.single_borrower_of_net_assets",
    "concentration.group_of_net_assets",
    "joint.single_partner_of_tier1",
    "joint.total_of_all_loans",
    "portfolio.guaranteed_share_max",
)


def check_consumer_limit(
    total_minor: int, *, pack: Pack, lender_type: str, on: date, is_business: bool = False
) -> None:
    """Decide whether one person may have so much at one lender: all products and holds added up, the new one included.

    Refuses: ConsumerLimitAboveRule. Where no rule names a maximum for this kind of lender, there is none.
    """
    rule = "limit.business_max" if is_business else "limit.consumer_max"
    found = pack.find(rule, on=on, lender_type=lender_type)
    if found is not None and total_minor > pack.integer(rule, on=on, lender_type=lender_type):
        raise ConsumerLimitAboveRule(rule=rule, source=found.row.source, total_minor=total_minor)


def check_tenor(months: int, *, pack: Pack, lender_type: str, on: date, is_bullet: bool = False) -> None:
    """Decide whether a contract may run so many months. Refuses: LoanTenorTooLong."""
    for rule in ("tenor.max_months", "tenor.bullet_max_months") if is_bullet else ("tenor.max_months",):
        found = pack.find(rule, on=on, lender_type=lender_type)
        if found is not None and months > pack.integer(rule, on=on, lender_type=lender_type):
            raise LoanTenorTooLong(rule=rule, source=found.row.source, months=months)


def check_certificate_tenor(days: int, *, pack: Pack, on: date) -> None:
    """Decide whether a receivable certificate may run so many days. Refuses: CertificateTenorTooLong."""
    rule = "scf.cert.tenor_max_days"
    if days > pack.integer(rule, on=on, lender_type="scf_platform"):
        raise CertificateTenorTooLong(rule=rule, days=days)


def check_partner_share(share: Decimal, *, pack: Pack, lender_type: str, on: date) -> None:
    """Decide whether a partner funds enough of one joint loan. Refuses: PartnerShareTooSmall."""
    rule = "joint.partner_min_share"
    found = pack.find(rule, on=on, lender_type=lender_type)
    if found is not None and share < pack.decimal(rule, on=on, lender_type=lender_type):
        raise PartnerShareTooSmall(rule=rule, source=found.row.source, share=str(share))


def check_concentration(rule: str, share: Decimal, *, pack: Pack, lender_type: str, on: date) -> None:
    """Decide whether a share, with the new loan in it, stays within its maximum. Refuses: ConcentrationTooHigh."""
    assert rule in CONCENTRATIONS, f"{rule} is not a concentration"
    found = pack.find(rule, on=on, lender_type=lender_type)
    if found is not None and share > pack.decimal(rule, on=on, lender_type=lender_type):
        raise ConcentrationTooHigh(rule=rule, source=found.row.source, share=str(share))


def check_code_day(day_total_minor: int, *, code: str, pack: Pack, on: date) -> None:
    """Decide whether a customer's payments of a day by one class of code stay within its limit.

    Refuses: CodeDayLimitExceeded. A class whose limit is left to the contract is not refused here.
    Source: policy `qr.limit_per_day`; classes from ``D_static``, the lowest, to ``A_certificate_or_signature``.
    """
    found = pack.find("qr.limit_per_day", on=on, lender_type="psp")
    if found is None:
        return
    assert isinstance(found.value, dict), "limits by class of code"
    assert code in found.value, f"no class of code is called {code}"
    limit = found.value[code]
    if isinstance(limit, int) and day_total_minor > limit:
        raise CodeDayLimitExceeded(rule=found.row.id, code_class=code, limit_minor=limit)


def check_purpose(purpose: str, *, pack: Pack, lender_type: str, on: date) -> None:
    """Decide whether credit may pay for this kind of purchase. Refuses: PurposeProhibited."""
    found = pack.find("usage.prohibited", on=on, lender_type=lender_type)
    if found is not None:
        assert isinstance(found.value, list), "a list of purposes"
        if purpose in found.value:
            raise PurposeProhibited(rule=found.row.id, purpose=purpose)
