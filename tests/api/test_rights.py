"""Every route, every role: a key without the route's right is refused, and so is a key of a role it is not for."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

import re
from typing import Any

import pytest

from tiao.api.operation import Access
from tiao.api.routes import ROUTES
from tiao.partners.model import Role
from tiao.partners.scopes import SCOPES
from tiao.values.ids import derived_id, read_id

#: What stands for a parameter of a path, by its type.
FILLED = {"date": "2026-09-01", "int": "1", "str": "x"}
PARAMETER = re.compile(r"\{\w+:(\w+)\}")
DECLARED = [
    (method, path, route.opt["access"])
    for route in ROUTES
    if isinstance(route.opt.get("access"), Access)
    for method in sorted(route.http_methods - {"HEAD", "OPTIONS"})
    for path in sorted(route.paths)
]


def test_the_table_holds_the_api() -> None:
    assert len(DECLARED) > 200
    assert {access.scope for _, _, access in DECLARED if access.scope is not None} <= set(SCOPES)
    for _, path, access in DECLARED:
        if access.scope is not None:
            assert access.roles <= SCOPES[access.scope].allowed_to, f"{path}: a role that cannot hold the right"


@pytest.mark.anyio
async def test_whoever_lacks_the_right_or_the_role_is_refused_on_every_route(town: Any) -> None:
    consumer = derived_id("consumer", bucket=1)
    merchant = read_id("mer", town.merchant_id)
    subjects = {Role.OPERATOR: derived_id("operator"), Role.MERCHANT: merchant, Role.CONSUMER: consumer}
    keys = {role: town.client(await town.bare_key(role, subject)) for role, subject in subjects.items()}
    wrong = []
    for method, path, access in DECLARED:
        address = PARAMETER.sub(lambda found: FILLED[found[1]], path)
        for role, client in keys.items():
            answer = await client.http.request(method, address, headers={"Authorization": f"Bearer {client.token}"})
            code = answer.json().get("code")
            if role not in access.roles:
                expected = "role_not_allowed"
            elif access.scope is None:
                continue
            else:
                expected = "scope_missing"
            if (answer.status_code, code) != (403, expected):
                wrong.append((method, address, role.value, answer.status_code, code))
    assert wrong == []
