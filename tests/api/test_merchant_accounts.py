"""An operator opens an account in the other forms; its merchant sees its numbers and what it was told."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

from support.sandbox import new_merchant


async def test_an_account_is_opened_once_and_its_key_shown_once(town: Any) -> None:
    keys = new_merchant()
    body = {"public_key": keys.public_key, "certificate": keys.certificate}
    path = f"/v1/merchants/{town.merchant_id}/accounts"
    made = (await town.operator.post(path, body, key="one")).json()
    assert (await town.operator.post(path, body, key="one")).json() == made
    assert len(made["apiv3_key"]) == 32
    assert made["account"]["certificate_serial"] == keys.serial
    listed = await town.merchant.got(path)
    assert listed["data"] == [made["account"]]
    assert made["apiv3_key"] not in str(listed)
    assert (await town.merchant.got("/v1/order_notices"))["data"] == []
    assert (await town.merchant.post(path, body)).json()["code"] == "role_not_allowed"
    for wrong in ({"public_key": "none"}, {"certificate": "none"}):
        assert (await town.operator.post(path, body | wrong)).json()["code"] == "public_key_invalid"
