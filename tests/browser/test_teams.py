"""Everybody in a team opens what their menu shows: no page that it leads to is refused to who sees it there."""

import secrets

import pytest
from playwright.sync_api import Browser

from browser.walking import Watch, settled, went, with_session
from support.living import Living
from tiao.partners.model import Role
from tiao.partners.scopes import TEAM_ROLES

TEAM = [
    *(("ops", "operator", name) for name in TEAM_ROLES[Role.OPERATOR]),
    *(("merchant", "merchant", name) for name in TEAM_ROLES[Role.MERCHANT]),
]
#: What is left out of a menu for want of rights, and what must be there: what the person is here for.
HERE_FOR = {
    "risk": {"/risk", "/queue", "/rules", "/lists", "/models"},
    "credit": {"/queue", "/petitions", "/policy", "/models", "/early-warning"},
    "servicing": {"/collections", "/disputes", "/money-proposals", "/failed-refunds"},
    "merchants": {"/merchants", "/onboarding", "/contracts", "/proposals"},
    "audit": {"/audit", "/ledger", "/merchants", "/disputes"},
    "owner": {"/orders", "/disputes", "/statements", "/onboarding", "/webhooks", "/keys"},
    "service": {"/orders", "/refunds", "/disputes"},
    "developer": {"/orders", "/webhooks", "/keys"},
    "till": {"/orders", "/stores"},
}
FINANCE = {
    "ops": {"/ledger", "/close", "/reconciliation", "/routing"},
    "merchant": {"/settlements", "/statements", "/money"},
}


@pytest.mark.parametrize(("face", "role", "name"), TEAM, ids=lambda each: each)
def test_the_menu_leads_nobody_to_a_refusal(living: Living, chromium: Browser, face: str, role: str, name: str) -> None:
    context = chromium.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    watch = Watch(context, {f"{face}.localhost:{living.port}"})
    watch.expected = {404}  # a merchant that never applied, a customer without a profile: told so on the page
    page = context.new_page()
    with_session(page, living.url(face), issued(living, role, name))
    went(page, living, face, "/")
    menu = page.locator("nav a")
    places = [str(each.get_attribute("href")) for each in menu.all()]
    assert HERE_FOR.get(name, FINANCE[face]) <= set(places)
    for place in places:
        menu.and_(page.locator(f'[href="{place}"]')).click()
        settled(page)
    for path in found_by(living, face, role, name):
        went(page, living, face, path)
    context.close()
    assert watch.faults == []


def issued(living: Living, role: str, name: str) -> str:
    """Take somebody on with a role's rights, as the owner and the first operator may."""
    scopes = [scope.value for scope in TEAM_ROLES[Role(role)][name]]
    once = {"Idempotency-Key": secrets.token_hex(8)}
    subject = living.credentials[role]["id"] if role == "merchant" else None
    with living.client(role) as client:
        body = {"role": role, "label": f"{name} {secrets.token_hex(4)}", "scopes": scopes, "subject": subject}
        made = client.post("/v1/api_keys", json=body, headers=once)
        return str(made.raise_for_status().json()["token"])


def found_by(living: Living, face: str, role: str, name: str) -> list[str]:
    """Name what is reached by an id, of what the role may read."""
    scopes = {scope.value for scope in TEAM_ROLES[Role(role)][name]}
    consumer, merchant = living.credentials["consumer"], living.credentials["merchant"]
    if face == "merchant":
        return []
    with living.client("consumer") as client:
        decision = client.get("/v1/decisions").json()["data"][0]["id"]
    known = (
        ("customers:read", f"/customers/{consumer['id']}"),
        ("merchants:read", f"/merchants/{merchant['id']}"),
        ("decisions:read", f"/decisions/{decision}"),
    )
    return [path for scope, path in known if scope in scopes]
