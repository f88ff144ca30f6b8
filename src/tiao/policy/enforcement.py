"""Which rule is decided where, and what it refuses: the answer to "is this rule only written down?".

A rule without a place here is pending: the pack holds its number and nothing reads it yet. *called_from* names the
journeys that ask the deciding function; while it is empty the rule can be decided but stops nobody. tests/unit/policy
holds every path and every refusal to what exists.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from tiao.policy.refusals import PolicyOverrideRefused


class Enforcement(NamedTuple):
    """The function that decides a rule, the refusal it gives, and the functions that call it in earnest."""

    decided_by: str
    refuses: str | None = None
    called_from: tuple[str, ...] = ()


class Standing(Enum):
    """How far a rule has come."""

    ENFORCED = "enforced"
    DECIDABLE = "decidable"
    PENDING = "pending"


_OFFERS = ("tiao.checkout.offers.OfferBook",)
_ACCEPT = ("tiao.checkout.actions.accept",)

_BILLING = Enforcement("tiao.lending.billing.billing_policy", None, _OFFERS)
_REFUND = Enforcement("tiao.lending.refunds.refund_policy", None, _OFFERS)
#: Decided in the rule's figure, which no refund pays out yet.
_FEE_BACK = Enforcement("tiao.lending.refunds.refund_plan")
_CAP = Enforcement("tiao.lending.pricing.check_price", "PriceAboveCap", _OFFERS)
_LPR = Enforcement("tiao.lending.pricing.cap_on", "BenchmarkRateStale", ("tiao.lending.pricing.check_price",))
_SUBSIDY = Enforcement("tiao.lending.pricing.government_subsidy")
_PENALTY = Enforcement("tiao.lending.penalties.check_penalty_rate", "PenaltyAboveCap")
_LATE = Enforcement("tiao.lending.penalties.penalty_policy")
_ACK = Enforcement("tiao.lending.disclosure.check_acknowledged", "CostSheetNotAcknowledged", _ACCEPT)
_READ = Enforcement("tiao.lending.disclosure.check_acknowledged", "ReadingTimeNotOver", _ACCEPT)
_LIMIT = Enforcement(
    "tiao.policy.exposure.check_consumer_limit", "ConsumerLimitAboveRule", ("tiao.wiring.check_engine",)
)
_TENOR = Enforcement("tiao.policy.exposure.check_tenor", "LoanTenorTooLong", _OFFERS)
_CONCENTRATION = Enforcement("tiao.policy.exposure.check_concentration", "ConcentrationTooHigh")
_RETENTION = Enforcement("tiao.policy.conduct.check_retention", "RetentionTooShort")
_MINIMUM = Enforcement(
    "tiao.lending.revolving.carry_terms", "MinimumPaymentNotOffered", ("tiao.api.routes.minimum_payments",)
)
_STAGE = Enforcement("tiao.policy.ageing.impairment_stage")

#: Rule id to where it is decided. Whoever wires a rule into a journey adds the caller.
ENFORCED: dict[str, Enforcement] = {
    "decision.two_people_from": Enforcement(
        "tiao.lending.seconding.rules.check_alone",
        "AmountTakesTwoPeople",
        ("tiao.lending.seconding.actions.check_alone", "tiao.api.routes.adjustments", "tiao.api.routes.loan_changes"),
    ),
    "price.all_in_cap": _CAP,
    "price.cap_method": _CAP,
    "instalment.fee_rate_per_term": _CAP,
    "price.soft_target": Enforcement("tiao.lending.pricing.is_above_soft_target"),
    "price.apr_methods": Enforcement("tiao.lending.pricing.annual_rates", None, _OFFERS),
    "price.fee_counts_in_all_in_cost": Enforcement("tiao.lending.disclosure.cost_sheet", "FeeTypeUndecided", _OFFERS),
    "price.upfront_deduction_allowed": Enforcement("tiao.lending.pricing.check_payout", "PayoutBelowPrincipal"),
    "lpr_1y": _LPR,
    "lpr_1y.stale_after_days": _LPR,
    "subsidy.gov.rate_max": _SUBSIDY,
    "subsidy.gov.share_of_rate_max": _SUBSIDY,
    "subsidy.gov.cap_per_borrower_year": _SUBSIDY,
    "subsidy.merchant_shares": Enforcement("tiao.lending.plans.make_plan", None, _OFFERS),
    "disclosure.cost_sheet_required": _ACK,
    "disclosure.cost_sheet_fields": Enforcement("tiao.lending.disclosure.cost_sheet", "FeeWithoutPayee", _OFFERS),
    "disclosure.popup_and_confirm": _READ,
    "disclosure.forced_read_seconds": _READ,
    "penalty.daily_rate": _PENALTY,
    "penalty.annual_cap": _PENALTY,
    "penalty.total_ceiling": _PENALTY,
    "penalty.base": _LATE,
    "penalty.compounding": Enforcement("tiao.lending.penalties.accrue"),
    "grace_days": _LATE,
    "accrual.calendar": Enforcement("tiao.lending.penalties.accrue"),
    "billing.mode": Enforcement("tiao.lending.plans.make_plan", None, _OFFERS),
    "billing.due_rule": _BILLING,
    "billing.due_offset_days": _BILLING,
    "billing.due_day_of_month": _BILLING,
    "billing.day_clamp": _BILLING,
    "billing.order_mode_due": _BILLING,
    "instalment.fee_remainder_to": _BILLING,
    "instalment.terms": Enforcement("tiao.lending.plans.check_offer", "TermsNotOffered", _OFFERS),
    "instalment.min_amount": Enforcement("tiao.lending.plans.check_offer", "InstalmentAmountBelowMinimum", _OFFERS),
    "instalment.bill_plan_first_due": Enforcement(
        "tiao.lending.billing.bill_plan_statements", "BillInstalmentWindowClosed"
    ),
    "autopay.run_offset_days": Enforcement("tiao.lending.billing.autopay_on"),
    "deferral.max_days": Enforcement(
        "tiao.lending.adjusting.deferral_days_max",
        "DeferralNotOffered",
        ("tiao.api.routes.loan_changes",),
    ),
    "min_payment.ratio": _MINIMUM,
    "min_payment.carry_daily_rate": _MINIMUM,
    "due_date.shift": Enforcement("tiao.lending.billing.shifted_due_on"),
    "calendar.provisional_rows_allowed": Enforcement("tiao.values.calendar.china_calendar"),
    "terms.change_notice_days": Enforcement(
        "tiao.partners.onboarding.rules.check_notice",
        "NoticeTooShort",
        ("tiao.partners.onboarding.contracting.announce_text",),
    ),
    "refund.window_days": Enforcement(
        "tiao.lending.refunds.check_refund", "RefundWindowClosed", ("tiao.checkout.refunding.refund",)
    ),
    "refund.offset_order": _REFUND,
    "refund.unpaid_fee_rule": _REFUND,
    "refund.paid_fee_returned": _FEE_BACK,
    "refund.bill_plan_fee_returned": _FEE_BACK,
    "refund.statement_mode_order": Enforcement("tiao.lending.refunding.refund"),
    "refund.to_source_order": Enforcement(
        "tiao.lending.refunds.return_to_sources", None, ("tiao.lending.refunding._send_back",)
    ),
    "subsidy.clawback_on_refund": Enforcement(
        "tiao.lending.refunds.refund_plan", None, ("tiao.lending.refunding.refund",)
    ),
    "mdr.returned_on_refund": Enforcement("tiao.lending.refunds.merchant_debit"),
    "return.no_reason_days": Enforcement("tiao.policy.conduct.check_return", "ReturnPeriodOver"),
    "limit.consumer_max": _LIMIT,
    "limit.business_max": _LIMIT,
    "tenor.max_months": _TENOR,
    "tenor.bullet_max_months": _TENOR,
    "usage.prohibited": Enforcement("tiao.policy.exposure.check_purpose", "PurposeProhibited"),
    "joint.partner_min_share": Enforcement("tiao.policy.exposure.check_partner_share", "PartnerShareTooSmall"),
    "joint.single_partner_of_tier1": _CONCENTRATION,
    "joint.total_of_all_loans": _CONCENTRATION,
    "concentration.single_borrower_of_net_assets": _CONCENTRATION,
    "concentration.group_of_net_assets": _CONCENTRATION,
    "portfolio.guaranteed_share_max": _CONCENTRATION,
    "qr.limit_per_day": Enforcement("tiao.policy.exposure.check_code_day", "CodeDayLimitExceeded"),
    "scf.cert.tenor_max_days": Enforcement("tiao.policy.exposure.check_certificate_tenor", "CertificateTenorTooLong"),
    "dpd.first_day": Enforcement("tiao.policy.ageing.days_past_due"),
    "class5.from_dpd": Enforcement("tiao.policy.ageing.class_floor"),
    "class5.card_from_dpd": Enforcement("tiao.policy.ageing.class_floor"),
    "ecl.stage2_from_dpd": _STAGE,
    "ecl.stage3_from_dpd": _STAGE,
    "applicant.min_age": Enforcement(
        "tiao.policy.conduct.has_reached", None, ("tiao.credit.actions._checked_applicant",)
    ),
    "applicant.student_blocked": Enforcement("tiao.policy.conduct.check_applicant", "StudentBarred"),
    "applicant.enhanced_check_ages": Enforcement("tiao.policy.conduct.check_applicant"),
    "collect.quiet_hours": Enforcement("tiao.policy.conduct.check_contact_time", "ContactInQuietHours"),
    "collect.max_attempts_per_contact_day": Enforcement(
        "tiao.policy.conduct.check_contact_attempt", "ContactAttemptsExhausted"
    ),
    "bureau.query_requires_consent": Enforcement(
        "tiao.policy.conduct.check_bureau_query", "BureauQueryWithoutConsent", ("tiao.api.routes.credit.consented",)
    ),
    "bureau.negative_prenotice_days": Enforcement(
        "tiao.policy.conduct.check_negative_record", "NegativeRecordWithoutNotice"
    ),
    "aml.retention_years": _RETENTION,
    "collect.record_years": _RETENTION,
    "pia.retention_years": _RETENTION,
    "marketing.banned_terms": Enforcement("tiao.policy.conduct.check_marketing_text", "MarketingTermBanned"),
}


def standing(rule: str) -> Standing:
    """Say how far a rule has come."""
    place = ENFORCED.get(rule)
    if place is None:
        return Standing.PENDING
    return Standing.ENFORCED if place.called_from else Standing.DECIDABLE


def check_choice(rule: str) -> None:
    """Refuse a choice that would be taken, told and change nothing. Refuses: PolicyOverrideRefused."""
    if standing(rule) is not Standing.ENFORCED:
        raise PolicyOverrideRefused("nothing acts on this rule yet: a choice would change nothing", rule=rule)
