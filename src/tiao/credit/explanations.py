"""A decision in the customer's words, in Chinese and English; every decision says where an objection goes."""

from __future__ import annotations

from collections.abc import Mapping

from tiao.credit import rules
from tiao.credit.model import Decision, DecisionOutcome, Explanation, ReasonText
from tiao.credit.scoring import Reason
from tiao.values.money import Money

#: Words for the policy's own reasons; the model's come with its bundle.
_POLICY_TEXTS = {
    rules.THIN_FILE: (
        "您的信用记录还较少，先从较低额度开始",
        "You have little credit history yet, so the line starts small",
    ),
    rules.BUREAU_UNAVAILABLE: (
        "暂时未能取得征信报告，先按较低额度授信",
        "The credit report could not be obtained just now, so the line starts small",
    ),
    rules.GRADE_BELOW_POLICY: (
        "综合评估未达到授信要求",
        "The overall assessment does not meet what the programme asks for",
    ),
    rules.RISK_ABOVE_POLICY: ("综合评估的违约风险过高", "The assessed risk of default is too high for the programme"),
    rules.LIMIT_BY_INCOME: ("额度按您申报的月收入核定", "The limit follows from the monthly income you declared"),
    rules.LIMIT_BY_FLOOR: ("额度按您所在等级的最低额度核定", "The limit is the smallest of your grade"),
    rules.LIMIT_BY_GRADE: ("额度已达您所在等级的上限", "The limit is the highest of your grade"),
    rules.LIMIT_BY_PROGRAMME: ("额度已达本产品的上限", "The limit is the highest the programme gives"),
    rules.BILLS_PAID_ON_TIME: ("连续多期账单按时足额还款", "Several bills in a row were paid in full and on time"),
    rules.SERIOUSLY_OVERDUE: ("有账单逾期超过30天", "A payment is more than 30 days overdue"),
    rules.DECIDED_BY_PERSON: ("由工作人员处理，或应您本人要求", "Decided by a member of staff, or at your own request"),
}

_OUTCOMES = {
    DecisionOutcome.APPROVED: (
        "授信申请已通过，额度为 {limit}。",
        "Your application was approved with a limit of {limit}.",
    ),
    DecisionOutcome.DECLINED: ("授信申请未通过。", "Your application was declined."),
    DecisionOutcome.RAISED: ("您的额度已调高至 {limit}。", "Your limit was raised to {limit}."),
    DecisionOutcome.CUT: ("您的额度已调低至 {limit}。", "Your limit was lowered to {limit}."),
    DecisionOutcome.FROZEN: ("您的额度已暂停使用。", "Your credit line was frozen."),
    DecisionOutcome.UNFROZEN: ("您的额度已恢复使用。", "Your credit line can be used again."),
}

#: Personal Information Protection Law, art. 24: whom an automated decision concerns may ask for reasons and refuse it.
_ROUTE = (
    "如对结果有异议，您可要求说明，并申请人工复核。",
    "If you disagree, you may ask for an explanation and for a person to look at it again.",
)


def explain(decision: Decision, texts: Mapping[str, Reason], *, currency: str) -> Explanation:
    """Put a decision into words; *texts* are the reasons of the model that decided (`Engine.texts`).

    A reason without words, from a model no longer at hand, is told in general terms.
    """
    zh, en = _OUTCOMES[decision.outcome]
    limit = Money(decision.limit_after_minor, currency)
    return Explanation(
        zh=zh.format(limit=f" {limit} ") + _ROUTE[0],
        en=f"{en.format(limit=limit)} {_ROUTE[1]}",
        reasons=tuple(reason_text(code, texts) for code in decision.reasons),
    )


def reason_text(code: str, texts: Mapping[str, Reason]) -> ReasonText:
    """Put one reason into words."""
    if code in _POLICY_TEXTS:
        return ReasonText(code, *_POLICY_TEXTS[code])
    if code in texts:
        return ReasonText(code, texts[code].customer_zh, texts[code].customer_en)
    return ReasonText(code, "与您的信用记录有关", "Something in your credit record")
