"""Who in a team may do what: written down by hand beside what each is for, and asked of the server route by route."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any, NamedTuple

import pytest

from api.test_rights import FILLED, PARAMETER
from tiao.api.operation import Access
from tiao.api.routes import ROUTES
from tiao.partners.model import Role
from tiao.partners.scopes import TEAM_ROLES, Scope
from tiao.values.ids import derived_id, read_id

#: Risk looks at suspicion and writes rules; credit decides about lines and owns policy and models; servicing speaks
#: with customers and works out what they owe; finance closes, pays and reconciles; merchants takes companies on and
#: agrees terms; audit reads what anybody did and changes nothing.
OPERATORS = {"R": "risk", "C": "credit", "S": "servicing", "F": "finance", "M": "merchants", "A": "audit"}
#: What a path begins with, who reads below it, who changes anything there. A line of one operation goes before.
BY_OPERATORS = """
  adjustments            -      S
  api_keys               -      -
  applications           RCSA   -
  balance                FMA    -
  bills                  CSA    S
  case_claims            -      RC
  case_queue             RC     -
  cases                  RC     RC
  channel_days           FA     -
  channel_differences    FA     F
  checkout_sessions      RSFMA  -
  close                  F      F
  collections            S      -
  consents               RCSA   -
  contradictions         FA     F
  credit_balance         RCSA   -
  customers              RCSA   -
  read_links             RC     -
  decisions              RCSA   -
  read_record            C      -
  rerun_decision         C      -
  disputes               RSMA   S
  early_warning          C      C
  entries                FA     -
  entry_blocks           FA     -
  events                 MA     -
  experiments            RSFMA  -
  exports                -      -
  failed_refunds         CSA    S
  funding_sources        -      -
  journal                FA     -
  line                   CSA    -
  read_line              RCSA   -
  lines                  RCSA   S
  list_adjustments       CSA    -
  list_contacts          S      -
  freeze_line            -      C
  unfreeze_line          -      C
  cut_limit              -      C
  propose_limit          -      RC
  loans                  CSA    S
  merchant_applications  M      M
  list_merchant_applications  RFMA  -
  list_company_checks    RFMA   -
  list_company_grades    RFMA   -
  list_paper_views       RFMA   -
  merchants              RFMA   M
  money_proposals        S      S
  read_merchant_risk     RC     -
  hold_settlements       -      RC
  give_back_prepaid      -      -
  messages               RCSA   -
  models                 C      C
  objections             RCSA   -
  operator_acts          A      -
  operators              -      -
  order_notices          MA     -
  payment_alarms         FA     -
  petitions              RCSA   RC
  policy_overrides       C      C
  policy_rules           C      -
  postings               FA     -
  prepaid                FMA    -
  profile                RCSA   -
  proposals              RFMA   M
  purchases              RSFMA  -
  read_risk_decision     RC     -
  read_labels            RC     -
  label_purchase         -      RC
  quotes                 -      -
  receivables            FMA    -
  refunds                RSFMA  -
  repayments             CSA    S
  list_attempts          FA     -
  risk                   R      R
  risk_case_claims       -      RC
  risk_case_queue        RC     -
  risk_cases             RC     RC
  risk_lists             R      R
  routing                FA     F
  ask_what_if            -      FA
  ask_backtest           -      FA
  scenes                 M      M
  settlements            FMA    -
  signals                -      -
  statements             FMA    -
  team_roles             -      -
  test_clock             -      -
  trial_balance          FA     -
  webhook_endpoints      MA     -
  withdrawals            FMA    -
  write_off_proposals    CSA    S
"""
#: The owner does everything; accounts follow the money; customer service gives back and answers claims; developers
#: connect programs; a till sells and gives back.
MERCHANTS = {"O": "owner", "F": "finance", "S": "service", "D": "developer", "T": "till"}
BY_MERCHANTS = """
  api_keys               OD     OD
  balance                OF     -
  checkout_sessions      OFSDT  OT
  counter_sales          OFSDT  OT
  disputes               OS     OS
  events                 OD     -
  experiments            OFSDT  OT
  merchant_applications  O      O
  merchants              OFSDT  -
  messages               OS     -
  order_notices          OD     -
  prepaid                OF     -
  prequalifications      -      OT
  purchases              OFSDT  OT
  refund_purchase        -      OST
  quotes                 OT     OT
  receivables            OF     -
  refunds                OFSDT  -
  scenes                 O      -
  settlements            OF     -
  statements             OF     -
  stores                 OFSDT  OT
  team_roles             OD     -
  webhook_endpoints      OD     OD
  withdrawals            OF     OF
"""


class Route(NamedTuple):
    """An endpoint that asks for a right."""

    method: str
    address: str
    name: str
    what: str
    access: Access


def routes_for(role: Role) -> list[Route]:
    """Read from the application which endpoints keys of a role may hold the right to."""
    found = []
    for route in ROUTES:
        access = route.opt.get("access")
        if not isinstance(access, Access) or role not in access.roles or access.scope is None:
            continue
        assert route.operation_id is not None, route
        for path in sorted(route.paths):
            (method,) = route.http_methods - {"HEAD", "OPTIONS"}
            address = PARAMETER.sub(lambda named: FILLED[named[1]], path)
            found.append(Route(str(method), address, str(route.operation_id), path.split("/")[2], access))
    return found


def read_table(text: str) -> dict[str, tuple[str, str]]:
    rows = [line.split() for line in text.strip().splitlines()]
    assert len({row[0] for row in rows}) == len(rows), "a line stands twice"
    return {what: (reads.strip("-"), changes.strip("-")) for what, reads, changes in rows}


def allowed(table: dict[str, tuple[str, str]], route: Route) -> str:
    reads, changes = table[route.name if route.name in table else route.what]
    return reads if route.method == "GET" else changes


TEAMS = [(Role.OPERATOR, OPERATORS, BY_OPERATORS), (Role.MERCHANT, MERCHANTS, BY_MERCHANTS)]


@pytest.mark.parametrize(("role", "team", "text"), TEAMS)
def test_the_table_names_every_place_and_everybody(role: Role, team: dict[str, str], text: str) -> None:
    routes, table = routes_for(role), read_table(text)
    named = {route.name for route in routes} | {route.what for route in routes}
    assert {route.what for route in routes} <= set(table) | {
        route.what for route in routes if all(other.name in table for other in routes if other.what == route.what)
    }
    assert set(table) <= named, "a line of nothing that there is"
    assert set(team.values()) == set(TEAM_ROLES[role])


@pytest.mark.anyio
@pytest.mark.parametrize(("role", "team", "text"), TEAMS)
async def test_each_in_a_team_is_let_in_where_the_table_says_and_nowhere_else(
    town: Any, role: Role, team: dict[str, str], text: str
) -> None:
    subject = derived_id("somebody else", bucket=1) if role is Role.OPERATOR else read_id("mer", town.merchant_id)
    table, wrong = read_table(text), []
    for letter, name in team.items():
        token = await town.bare_key(role, subject, TEAM_ROLES[role][name])
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        for route in routes_for(role):
            # What is no body at all is refused after the guard, so that nothing is done.
            answer = await town.http.request(route.method, route.address, headers=headers, content=b"?")
            code = answer.json()["code"] if answer.status_code == 403 else None
            is_in = code != "scope_missing"
            if is_in != (letter in allowed(table, route)) or code == "role_not_allowed":
                wrong.append((name, route.method, route.name, answer.status_code, code))
    assert wrong == []


def test_nobody_sees_people_unmasked_takes_lists_out_or_moves_the_clock_by_role_alone() -> None:
    """Such a right is given to a person, by name."""
    given = {scope for scopes in TEAM_ROLES[Role.OPERATOR].values() for scope in scopes}
    assert not given & {Scope.PERSONS_READ, Scope.EXPORTS_WRITE, Scope.CLOCK_WRITE, Scope.KEYS_WRITE}
    audit = TEAM_ROLES[Role.OPERATOR]["audit"]
    assert all(scope.value.endswith(":read") for scope in audit)
