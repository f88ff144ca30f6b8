"""The closed list of what a key may be allowed to do, as data."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from tiao.partners.model import Role


class Scope(StrEnum):
    """One thing a key may do; everything an endpoint asks for is here."""

    QUOTES_WRITE = "quotes:write"
    PURCHASES_WRITE = "purchases:write"
    PURCHASES_READ = "purchases:read"
    REFUNDS_WRITE = "refunds:write"
    SETTLEMENTS_READ = "settlements:read"
    DISPUTES_READ = "disputes:read"
    DISPUTES_WRITE = "disputes:write"
    WITHDRAWALS_WRITE = "withdrawals:write"
    EVENTS_READ = "events:read"
    WEBHOOKS_WRITE = "webhooks:write"
    APPLICATIONS_WRITE = "applications:write"
    DECISIONS_READ = "decisions:read"
    LINE_READ = "line:read"
    LINE_WRITE = "line:write"
    BILLS_READ = "bills:read"
    REPAYMENTS_WRITE = "repayments:write"
    FUNDING_WRITE = "funding:write"
    CUSTOMERS_READ = "customers:read"
    CUSTOMERS_WRITE = "customers:write"
    PERSONS_READ = "persons:read"
    CREDIT_WRITE = "credit:write"
    CASES_WRITE = "cases:write"
    MERCHANTS_READ = "merchants:read"
    MERCHANTS_WRITE = "merchants:write"
    KEYS_WRITE = "keys:write"
    LOANS_WRITE = "loans:write"
    PAYMENTS_WRITE = "payments:write"
    LEDGER_READ = "ledger:read"
    CLOSE_WRITE = "close:write"
    CLOCK_WRITE = "clock:write"
    POLICY_WRITE = "policy:write"
    RISK_WRITE = "risk:write"
    MESSAGES_READ = "messages:read"
    RISK_LISTS = "risk_lists:write"
    PASSKEYS_WRITE = "passkeys:write"
    ONBOARDING_WRITE = "onboarding:write"
    COLLECTIONS_WRITE = "collections:write"
    AUDIT_READ = "audit:read"
    EXPORTS_WRITE = "exports:write"


class ScopeRow(NamedTuple):
    """What a scope allows, which roles may hold it, and which get it when nothing is asked for."""

    scope: Scope
    allowed_to: frozenset[Role]
    default_for: frozenset[Role]
    text: str


_C, _M, _O = Role.CONSUMER, Role.MERCHANT, Role.OPERATOR


def _row(scope: Scope, roles: str, text: str) -> ScopeRow:
    """Read *roles*: c, m, o for consumer, merchant, operator; a capital letter when it is the role's default."""
    letters = {"c": _C, "m": _M, "o": _O}
    return ScopeRow(
        scope,
        frozenset(letters[letter.lower()] for letter in roles),
        frozenset(letters[letter.lower()] for letter in roles if letter.isupper()),
        text,
    )


SCOPES: dict[Scope, ScopeRow] = {
    row.scope: row
    for row in (
        _row(Scope.QUOTES_WRITE, "CMO", "Ask what a purchase would cost under each plan."),
        _row(Scope.PURCHASES_WRITE, "CMO", "Authorise, capture and void purchases; a consumer only agrees to its own."),
        _row(Scope.PURCHASES_READ, "CMO", "Read purchases of the key's own subject; an operator reads all."),
        _row(Scope.REFUNDS_WRITE, "MO", "Refund purchases."),
        _row(Scope.SETTLEMENTS_READ, "MO", "Read and download settlements."),
        _row(Scope.DISPUTES_READ, "CMO", "Read disputes and the evidence in them."),
        _row(Scope.DISPUTES_WRITE, "CMO", "Open a dispute, answer it, take it back; an operator decides it."),
        _row(Scope.WITHDRAWALS_WRITE, "MO", "Be paid on demand."),
        _row(Scope.EVENTS_READ, "MO", "Read the log of events, and how far telling them has come."),
        _row(Scope.WEBHOOKS_WRITE, "MO", "Say where events are told; tell them again."),
        _row(Scope.APPLICATIONS_WRITE, "CO", "Apply for a credit line; contest a decision."),
        _row(Scope.DECISIONS_READ, "CO", "Read credit decisions and their reasons."),
        _row(Scope.LINE_READ, "CO", "Read a credit line: limit, what is held and used."),
        _row(Scope.LINE_WRITE, "CO", "Lower a limit, freeze a line."),
        _row(Scope.BILLS_READ, "CO", "Read bills, loans and instalments."),
        _row(Scope.REPAYMENTS_WRITE, "CO", "Repay, settle early, agree to autopay."),
        _row(Scope.FUNDING_WRITE, "CO", "Bind and unbind bank accounts and cards."),
        _row(Scope.CUSTOMERS_READ, "CO", "Read a customer, masked."),
        _row(Scope.CUSTOMERS_WRITE, "mO", "Register customers; a merchant only when it was agreed with it."),
        _row(Scope.PERSONS_READ, "o", "See a customer's full name, identity number and phone; never given by default."),
        _row(Scope.CREDIT_WRITE, "O", "Freeze and unfreeze lines, cut limits, run decisions again."),
        _row(Scope.CASES_WRITE, "O", "Work the queue of cases: claim, agree, refuse; propose limits."),
        _row(Scope.MERCHANTS_READ, "MO", "Read merchants; a merchant only itself."),
        _row(Scope.MERCHANTS_WRITE, "O", "Take on, change and suspend merchants."),
        _row(Scope.KEYS_WRITE, "mO", "Issue, rotate and revoke keys; a merchant only its own."),
        _row(Scope.LOANS_WRITE, "O", "Write loans off, waive penalties."),
        _row(Scope.PAYMENTS_WRITE, "O", "Query, answer and retry debits and payouts."),
        _row(Scope.LEDGER_READ, "O", "Read postings, balances and the trial balance; run the invariants."),
        _row(Scope.CLOSE_WRITE, "O", "Run the close of day."),
        _row(Scope.CLOCK_WRITE, "O", "Move a test clock."),
        _row(Scope.POLICY_WRITE, "O", "Read, propose, approve and withdraw overrides of dated rules."),
        _row(Scope.RISK_WRITE, "O", "Write, try, test and activate rules of risk control, and take them back."),
        _row(Scope.MESSAGES_READ, "CMO", "Read what was said to the key's own subject; an operator reads all."),
        _row(Scope.RISK_LISTS, "O", "Read lists; block, watch and allow, the last by two people."),
        _row(Scope.PASSKEYS_WRITE, "C", "Add, name and remove passkeys; confirm with one."),
        _row(
            Scope.ONBOARDING_WRITE,
            "MO",
            "Apply as a company, show documents, sign contracts; an operator looks at all of it, with a reason.",
        ),
        _row(Scope.COLLECTIONS_WRITE, "O", "Read what is overdue; write down who was spoken to about it."),
        _row(Scope.AUDIT_READ, "O", "Read who changed, saw and exported what."),
        _row(Scope.EXPORTS_WRITE, "O", "Take lists out as files; each is noted with its reason."),
    )
}


def default_scopes(role: Role) -> tuple[str, ...]:
    """Name what a key of *role* may do when nothing else is asked for."""
    return tuple(row.scope.value for row in SCOPES.values() if role in row.default_for)


#: What people of a team do, as sets of scopes to begin a key with. A key may hold any others of its role instead.
TEAM_ROLES: dict[Role, dict[str, tuple[Scope, ...]]] = {
    _M: {
        "owner": (*(row.scope for row in SCOPES.values() if _M in row.default_for), Scope.KEYS_WRITE),
        "finance": (Scope.PURCHASES_READ, Scope.SETTLEMENTS_READ, Scope.WITHDRAWALS_WRITE, Scope.MERCHANTS_READ),
        "service": (
            Scope.PURCHASES_READ,
            Scope.REFUNDS_WRITE,
            Scope.DISPUTES_READ,
            Scope.DISPUTES_WRITE,
            Scope.MERCHANTS_READ,
            Scope.MESSAGES_READ,
        ),
        "developer": (
            Scope.PURCHASES_READ,
            Scope.EVENTS_READ,
            Scope.WEBHOOKS_WRITE,
            Scope.MERCHANTS_READ,
            Scope.KEYS_WRITE,
        ),
        "till": (
            Scope.QUOTES_WRITE,
            Scope.PURCHASES_WRITE,
            Scope.PURCHASES_READ,
            Scope.REFUNDS_WRITE,
            Scope.MERCHANTS_READ,
        ),
    },
    _O: {
        "risk": (
            Scope.CASES_WRITE,
            Scope.RISK_WRITE,
            Scope.RISK_LISTS,
            Scope.PURCHASES_READ,
            Scope.CUSTOMERS_READ,
            Scope.DECISIONS_READ,
            Scope.LINE_READ,
            Scope.MERCHANTS_READ,
            Scope.DISPUTES_READ,
            Scope.MESSAGES_READ,
        ),
        "credit": (
            Scope.CASES_WRITE,
            Scope.CREDIT_WRITE,
            Scope.POLICY_WRITE,
            Scope.CUSTOMERS_READ,
            Scope.DECISIONS_READ,
            Scope.LINE_READ,
            Scope.LINE_WRITE,
            Scope.BILLS_READ,
            Scope.MESSAGES_READ,
        ),
        "servicing": (
            Scope.CUSTOMERS_READ,
            Scope.LINE_READ,
            Scope.BILLS_READ,
            Scope.REPAYMENTS_WRITE,
            Scope.LOANS_WRITE,
            Scope.COLLECTIONS_WRITE,
            Scope.PURCHASES_READ,
            Scope.DECISIONS_READ,
            Scope.DISPUTES_READ,
            Scope.DISPUTES_WRITE,
            Scope.MESSAGES_READ,
        ),
        "finance": (
            Scope.LEDGER_READ,
            Scope.PAYMENTS_WRITE,
            Scope.CLOSE_WRITE,
            Scope.SETTLEMENTS_READ,
            Scope.PURCHASES_READ,
            Scope.MERCHANTS_READ,
        ),
        "merchants": (
            Scope.MERCHANTS_READ,
            Scope.MERCHANTS_WRITE,
            Scope.ONBOARDING_WRITE,
            Scope.SETTLEMENTS_READ,
            Scope.PURCHASES_READ,
            Scope.DISPUTES_READ,
            Scope.EVENTS_READ,
        ),
        "audit": (
            Scope.AUDIT_READ,
            Scope.LEDGER_READ,
            Scope.SETTLEMENTS_READ,
            Scope.PURCHASES_READ,
            Scope.MERCHANTS_READ,
            Scope.DISPUTES_READ,
            Scope.EVENTS_READ,
            Scope.CUSTOMERS_READ,
            Scope.DECISIONS_READ,
            Scope.LINE_READ,
            Scope.BILLS_READ,
            Scope.MESSAGES_READ,
        ),
    },
}
