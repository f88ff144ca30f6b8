"""What can be done about money in and out, inside the caller's transaction. Nothing here calls the network."""

from tiao.payments.actions.contradictions import (
    close_contradiction,
    contradictions,
    due_contradictions,
    settle_contradiction,
)
from tiao.payments.actions.debits import (
    OnSucceeded,
    apply_debit_answers,
    begin_debits,
    debit,
    debits,
    due_queries,
    latest_attempt,
    open_debit,
    record_debit_answers,
)
from tiao.payments.actions.holds import free_settlements, hold_settlements, settlements_held
from tiao.payments.actions.notices import receive_notice
from tiao.payments.actions.payouts import (
    begin_payout,
    begin_payouts,
    due_payout_queries,
    due_payouts,
    failed_refunds,
    mark_sent,
    payouts_of,
    record_payout_answers,
    retry_refund,
)
from tiao.payments.actions.routes import agreements_of, attempts_of, decided_between, decisions_of, keep_agreement
from tiao.payments.actions.settlements import (
    fund,
    merchant_balance,
    settle,
    settlement,
    settlement_lines,
    settlements_of,
)
from tiao.payments.actions.sources import autopay_sources, bind_source, set_autopay, source, sources_of, unbind

__all__ = [
    "OnSucceeded",
    "agreements_of",
    "apply_debit_answers",
    "attempts_of",
    "autopay_sources",
    "begin_debits",
    "begin_payout",
    "begin_payouts",
    "bind_source",
    "close_contradiction",
    "contradictions",
    "debit",
    "debits",
    "decided_between",
    "decisions_of",
    "due_contradictions",
    "due_payout_queries",
    "due_payouts",
    "due_queries",
    "failed_refunds",
    "free_settlements",
    "fund",
    "hold_settlements",
    "keep_agreement",
    "latest_attempt",
    "mark_sent",
    "merchant_balance",
    "open_debit",
    "payouts_of",
    "receive_notice",
    "record_debit_answers",
    "record_payout_answers",
    "retry_refund",
    "set_autopay",
    "settle",
    "settle_contradiction",
    "settlement",
    "settlement_lines",
    "settlements_held",
    "settlements_of",
    "source",
    "sources_of",
    "unbind",
]
