"""A decision in the customer's words, in Chinese and English; every decision says where an objection goes."""

from __future__ import annotations

from collections.abc import Mapping

from tiao.credit.model import (
    ApplicationInputs,
    CaseInputs,
    Decision,
    DecisionKind,
    DecisionOutcome,
    Explanation,
    ManualInputs,
    ReasonText,
)
from tiao.credit.reasons import TEXTS
from tiao.credit.records import read_canonical
from tiao.learning.forms import Reason
from tiao.profile.model import Source
from tiao.values.money import Money

_OUTCOMES = {
    DecisionOutcome.APPROVED: (
        "授信申请已通过，额度为{limit}。",
        "Your application was approved with a limit of {limit}.",
    ),
    DecisionOutcome.DECLINED: ("授信申请未通过。", "Your application was declined."),
    DecisionOutcome.REFERRED: (
        "授信申请已进入人工审批，拟定额度为{limit}。",
        "Your application is with our staff; the limit proposed is {limit}.",
    ),
    DecisionOutcome.LAPSED: (
        "审批未在期限内完成，您可以重新申请。",
        "Approval was not completed in time; you may ask again.",
    ),
    DecisionOutcome.UPHELD: ("经人工复核，维持原决定。", "A person looked at it again, and the decision stands."),
    DecisionOutcome.GRANTED: (
        "您获得了额外额度，总额度为{limit}。",
        "An extra limit was granted; in all it is {limit}.",
    ),
    DecisionOutcome.ENDED: (
        "额外额度已到期，总额度为{limit}。",
        "An extra limit has ended; in all it is {limit}.",
    ),
    DecisionOutcome.RAISED: ("您的额度已调高至{limit}。", "Your limit was raised to {limit}."),
    DecisionOutcome.CUT: ("您的额度已调低至{limit}。", "Your limit was lowered to {limit}."),
    DecisionOutcome.FROZEN: ("您的额度已暂停使用。", "Your credit line was frozen."),
    DecisionOutcome.UNFROZEN: ("您的额度已恢复使用。", "Your credit line can be used again."),
}

#: Personal Information Protection Law, art. 24: whom an automated decision concerns may ask for reasons and refuse it.
_ROUTE = (
    "如对结果有异议，您可要求说明，并申请人工复核。",
    "If you disagree, you may ask for an explanation and for a person to look at it again.",
)


#: Sources that a customer decides about.
_SOURCES = {
    Source.PARTNER: ("合作平台信息", "what partners know"),
    Source.SOCIAL: ("社交信息", "social networks"),
}

#: What a score is for, where it acts and where it does not.
_ACTING = (
    "我们每月根据您的用款与还款情况评估一次风险，评估结果会参与额度调整，也用于提前提醒您还款。每次额度调整都会单独通知您并说明理由，",
    "Each month the use and repayment of your line are assessed, to move its limit and to remind you early;",
)
_IN_SHADOW = (
    "我们每月根据您的用款与还款情况试算一次风险，试算结果不影响您的额度，",
    "Once a month the use and repayment of your line are assessed on trial; the result moves nothing;",
)


def behaviour_told(*, is_acting: bool) -> tuple[str, str]:
    """Say in Chinese and English what monthly scores are for, and where an objection goes."""
    zh, en = _ACTING if is_acting else _IN_SHADOW
    return zh + _ROUTE[0], f"{en} {_ROUTE[1][0].lower()}{_ROUTE[1][1:]}"


def explain(decision: Decision, texts: Mapping[str, Reason], *, currency: str) -> Explanation:
    """Put a decision into words; *texts* are the reasons of the model that decided (`Engine.texts`).

    A reason without words, from a model no longer at hand, is told in general terms.
    """
    zh, en = _OUTCOMES[decision.outcome]
    missing = _missing(decision)
    limit = Money(decision.limit_after_minor, currency)
    return Explanation(
        zh=zh.format(limit=limit) + missing[0] + _ROUTE[0],
        en=f"{en.format(limit=limit)} {missing[1]}{_ROUTE[1]}",
        reasons=tuple(reason_text(code, texts) for code in decision.reasons),
        words=_words(decision),
    )


def _missing(decision: Decision) -> tuple[str, str]:
    """Say which sources that need a consent were not there; what is missing refuses nobody."""
    if decision.kind is not DecisionKind.APPLICATION:
        return ("", "")
    inputs = read_canonical(decision.inputs)
    absent = inputs.absent if isinstance(inputs, ApplicationInputs) else ()
    named = [_SOURCES[Source(each)] for each in absent if Source(each) in _SOURCES]
    if not named:
        return ("", "")
    return (
        f"本次未参考{'、'.join(zh for zh, _ in named)}（未获授权或暂无记录），这本身不会导致拒绝。",
        f"Without a consent or records of {', '.join(en for _, en in named)}, which declines nobody. ",
    )


def _words(decision: Decision) -> str | None:
    """Give what a person wrote about a decision of theirs."""
    if decision.kind not in {DecisionKind.MANUAL, DecisionKind.CASE} or decision.outcome is DecisionOutcome.LAPSED:
        return None
    inputs = read_canonical(decision.inputs)
    return inputs.reason if isinstance(inputs, ManualInputs | CaseInputs) else None


def reason_text(code: str, texts: Mapping[str, Reason]) -> ReasonText:
    """Put one reason into words."""
    if code in TEXTS:
        return ReasonText(code, *TEXTS[code])
    if code in texts:
        return ReasonText(code, texts[code].customer_zh, texts[code].customer_en)
    return ReasonText(code, "与您的信用记录有关", "Something in your credit record")
