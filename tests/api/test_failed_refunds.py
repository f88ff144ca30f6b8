"""A refund that its bank does not take waits, is seen, and goes to another account of its customer, once."""

# ruff: noqa: ANN401  what conftest makes has no type that could be imported here

from typing import Any

import pytest

from tiao.servicing import days
from tiao.simulator.bank.books import BankAccount

DEAD, OTHER = "6222020000000001", "6222020000000002"


async def stuck(town: Any) -> tuple[Any, str, Any]:
    """A customer who has paid, sent everything back, and whose account is closed to what goes back."""
    client, customer = await town.customer()
    bought = await town.bought(client, customer, 30_000)
    source = (await client.made("/v1/funding_sources", {"account_no": DEAD}))["id"]
    await client.made("/v1/repayments", {"funding_source": source, "amount_minor": 30_000})
    town.bank.books.set_account(BankAccount(DEAD, is_frozen=True))
    await town.merchant.made(
        f"/v1/purchases/{bought['id']}/refunds", {"amount_minor": 30_000, "reference": "all of it"}
    )
    await town.advance("2026-09-03T04:00:00Z")
    [waiting] = (await client.got("/v1/failed_refunds"))["data"]
    return client, customer, waiting


async def test_money_that_found_no_account_is_seen_and_paid_to_another(town: Any) -> None:
    client, customer, waiting = await stuck(town)
    assert (waiting["payout"]["state"], waiting["payout"]["amount_minor"]) == ("failed", 30_000)
    for shown in (
        await town.operator.got("/v1/failed_refunds"),
        await town.operator.got("/v1/failed_refunds", customer=customer),
    ):
        assert [each["payout"]["id"] for each in shown["data"]] == [waiting["payout"]["id"]]
    path = f"/v1/failed_refunds/{waiting['payout']['id']}/retry"
    [bought] = (await client.got("/v1/purchases"))["data"]
    [dead] = (await client.got("/v1/funding_sources"))["data"]
    told = (waiting["purchase"], waiting["payout"]["code"], waiting["failed_at"], waiting["others"])
    assert told == (bought["id"], "account_frozen", dead["display"], [])
    bound = await client.made("/v1/funding_sources", {"account_no": OTHER})
    other = bound["id"]
    [shown] = (await town.operator.got("/v1/failed_refunds"))["data"]
    assert shown["others"] == [{"id": other, "display": bound["display"]}]
    held = town.bank.books.balances[OTHER]
    again = await client.made(path, {"funding_source": other}, key="once")
    assert (again["state"], again["amount_minor"]) == ("created", 30_000)
    assert await client.made(path, {"funding_source": other}, key="once") == again
    twice = await client.post(path, {"funding_source": other})
    assert (twice.status_code, twice.json()["code"]) == (409, "payout_not_failed")
    assert (await client.got("/v1/failed_refunds"))["data"] == []
    await town.advance("2026-09-04T04:00:00Z")
    assert town.bank.books.balances[OTHER] == held + 30_000
    await town.assert_sound()


async def test_what_is_wrong_with_one_dispute_keeps_no_money_back(town: Any) -> None:
    """The morning says that a part of it failed, so it is looked at and tried again; money has moved all the same."""
    client, _, waiting = await stuck(town)
    other = (await client.made("/v1/funding_sources", {"account_no": OTHER}))["id"]
    held = town.bank.books.balances[OTHER]
    await client.made(f"/v1/failed_refunds/{waiting['payout']['id']}/retry", {"funding_source": other})

    async def broken() -> int:
        msg = "one dispute cannot be dealt with"
        raise AssertionError(msg)

    servicer = town.services.platform.servicer
    with pytest.raises(AssertionError, match="one dispute"):
        await days.morning(servicer._replace(lapse_disputes=broken))
    assert town.bank.books.balances[OTHER] == held + 30_000
    await days.morning(servicer)
    assert town.bank.books.balances[OTHER] == held + 30_000
    await town.assert_sound()


async def test_a_refund_goes_to_an_account_of_its_own_customer_and_at_nobody_elses_word(town: Any) -> None:
    client, customer, waiting = await stuck(town)
    path = f"/v1/failed_refunds/{waiting['payout']['id']}/retry"
    stranger, _ = await town.customer(with_line=False)
    theirs = (await stranger.made("/v1/funding_sources", {"account_no": OTHER}))["id"]
    assert (await stranger.got("/v1/failed_refunds"))["data"] == []
    assert (await stranger.get("/v1/failed_refunds", customer=customer)).json()["code"] == "customer_unknown"
    before = await town.state()
    for who, source, code in (
        (stranger, theirs, "payout_unknown"),
        (client, theirs, "funding_source_unknown"),
        (town.operator, theirs, "funding_source_unknown"),
        (town.merchant, theirs, "role_not_allowed"),
    ):
        assert (await who.post(path, {"funding_source": source})).json()["code"] == code
    assert await town.state() == before
    mine = (await client.made("/v1/funding_sources", {"account_no": "6222020000000003"}))["id"]
    assert (await town.operator.made(path, {"funding_source": mine}))["state"] == "created"
    await town.assert_sound()
