"""The policy's own reasons, with their words in Chinese and English; the model's come with its bundle."""

from __future__ import annotations

from collections.abc import Sequence

#: An automated decision names at least so many reasons (Personal Information Protection Law, art. 24; own choice).
REASONS_MIN = 3

THIN_FILE = "THIN_FILE"
BUREAU_UNAVAILABLE = "BUREAU_UNAVAILABLE"
STARTS_SMALL = "STARTS_SMALL"
GRADE_WITHIN_POLICY = "GRADE_WITHIN_POLICY"
RISK_WITHIN_POLICY = "RISK_WITHIN_POLICY"
GRADE_BELOW_POLICY = "GRADE_BELOW_POLICY"
RISK_ABOVE_POLICY = "RISK_ABOVE_POLICY"
NOTHING_OUTWEIGHS = "NOTHING_OUTWEIGHS"
NEEDS_APPROVAL = "NEEDS_APPROVAL"
LIMIT_BY_INCOME = "LIMIT_BY_INCOME"
LIMIT_BY_FLOOR = "LIMIT_BY_FLOOR"
LIMIT_BY_GRADE = "LIMIT_BY_GRADE"
LIMIT_BY_PROGRAMME = "LIMIT_BY_PROGRAMME"
BILLS_PAID_ON_TIME = "BILLS_PAID_ON_TIME"
NOTHING_OVERDUE = "NOTHING_OVERDUE"
ROOM_UNDER_CEILING = "ROOM_UNDER_CEILING"
LIMIT_BY_RULE = "LIMIT_BY_RULE"
LIMIT_BY_INFLOW = "LIMIT_BY_INFLOW"
LIMIT_BY_EXPOSURE = "LIMIT_BY_EXPOSURE"
LIMIT_WITHOUT_SOURCES = "LIMIT_WITHOUT_SOURCES"
WARNING_LATE_BILLS = "WARNING_LATE_BILLS"
WARNING_USE = "WARNING_USE"
WARNING_BEHAVIOUR = "WARNING_BEHAVIOUR"
BEHAVIOUR_CALM = "BEHAVIOUR_CALM"
SUBLIMIT_OVER = "SUBLIMIT_OVER"
SERIOUSLY_OVERDUE = "SERIOUSLY_OVERDUE"
BILLS_NOT_ON_TIME = "BILLS_NOT_ON_TIME"
KEEPS_DEBT_FROM_GROWING = "KEEPS_DEBT_FROM_GROWING"
DECIDED_BY_PERSON = "DECIDED_BY_PERSON"
APPROVED_BY_PERSON = "APPROVED_BY_PERSON"
DECLINED_BY_PERSON = "DECLINED_BY_PERSON"
NOT_ANSWERED_IN_TIME = "NOT_ANSWERED_IN_TIME"

#: Code to (Chinese, English).
TEXTS: dict[str, tuple[str, str]] = {
    THIN_FILE: (
        "您的信用记录还较少，先从较低额度开始",
        "You have little credit history yet, so the line starts small",
    ),
    BUREAU_UNAVAILABLE: (
        "暂时未能取得征信报告，先按较低额度授信",
        "The credit report could not be obtained just now, so the line starts small",
    ),
    STARTS_SMALL: ("按时还款后额度可以逐步提高", "The line can grow as bills are paid on time"),
    GRADE_WITHIN_POLICY: ("信用等级符合授信要求", "Your grade is one that the programme lends to"),
    RISK_WITHIN_POLICY: ("评估的违约风险在可接受范围内", "The assessed risk of default is within what is accepted"),
    GRADE_BELOW_POLICY: (
        "综合评估未达到授信要求",
        "The overall assessment does not meet what the programme asks for",
    ),
    RISK_ABOVE_POLICY: ("综合评估的违约风险过高", "The assessed risk of default is too high for the programme"),
    NOTHING_OUTWEIGHS: ("没有其他足够的正面记录可以抵消", "Nothing else on record outweighs this"),
    NEEDS_APPROVAL: ("该额度需要人工审批", "A limit of this size is approved by people"),
    LIMIT_BY_INCOME: ("额度按您申报的月收入核定", "The limit follows from the monthly income you declared"),
    LIMIT_BY_FLOOR: ("额度按您所在等级的最低额度核定", "The limit is the smallest of your grade"),
    LIMIT_BY_GRADE: ("额度已达您所在等级的上限", "The limit is the highest of your grade"),
    LIMIT_BY_PROGRAMME: ("额度已达本产品的上限", "The limit is the highest the programme gives"),
    BILLS_PAID_ON_TIME: ("连续多期账单按时足额还款", "Several bills in a row were paid in full and on time"),
    NOTHING_OVERDUE: ("目前没有逾期款项", "Nothing is overdue at present"),
    ROOM_UNDER_CEILING: ("额度尚未达到您所在等级的上限", "The limit had not reached the highest of your grade"),
    LIMIT_BY_RULE: ("额度已达监管规定的单户上限", "The limit is the highest that the rules let one person have"),
    LIMIT_BY_INFLOW: (
        "额度按合作平台看到的月均进账核定",
        "The limit follows from the money that partners saw come in each month",
    ),
    LIMIT_BY_EXPOSURE: (
        "您在其他平台已有欠款，额度相应减少",
        "You owe money elsewhere already, so the limit is smaller",
    ),
    LIMIT_WITHOUT_SOURCES: (
        "部分信息来源暂缺或未获授权，先按较低额度授信",
        "Some sources are missing or not allowed to be read, so the line starts smaller",
    ),
    WARNING_LATE_BILLS: ("最近六期账单中多次未按时还款", "Several of the last six bills were paid late"),
    WARNING_USE: ("额度长期接近用满", "The line is used almost to its limit"),
    WARNING_BEHAVIOUR: (
        "近期还款与用款情况显示风险上升",
        "Recent use and repayment show a rising risk",
    ),
    BEHAVIOUR_CALM: ("近期用款与还款情况平稳", "Recent use and repayment are calm"),
    SUBLIMIT_OVER: ("临时或专享额度已到期", "The temporary or exclusive limit has reached its last day"),
    SERIOUSLY_OVERDUE: ("有账单逾期超过30天", "A payment is more than 30 days overdue"),
    BILLS_NOT_ON_TIME: ("最近的账单没有按时足额还清", "The latest bill was not paid in full and on time"),
    KEEPS_DEBT_FROM_GROWING: ("继续使用会增加您的债务", "Going on would add to what you owe"),
    DECIDED_BY_PERSON: ("由工作人员处理，或应您本人要求", "Decided by a member of staff, or at your own request"),
    APPROVED_BY_PERSON: ("经工作人员人工审核同意", "A person looked at it and agreed"),
    DECLINED_BY_PERSON: (
        "经工作人员人工审核，维持不变或未予同意",
        "A person looked at it and did not agree to a change",
    ),
    NOT_ANSWERED_IN_TIME: (
        "审批未在期限内完成，您可以随时重新申请",
        "Approval was not completed in time; you may ask again",
    ),
}


def at_least_three(reasons: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    """Fill up with the next that are true as well, until there are three."""
    found = list(dict.fromkeys(reasons))
    for code in more:
        if len(found) >= REASONS_MIN:
            break
        if code not in found:
            found.append(code)
    return tuple(found)
