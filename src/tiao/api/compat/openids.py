"""How a merchant knows who pays: a name that is the same for every order, and another at every merchant."""

from __future__ import annotations

import base64
from uuid import UUID

from tiao.partners.accounts.model import Account
from tiao.runtime.secrets import FieldCipher

#: The payer of a sandbox.
TEST_PAYER = "o-test-payer"
_LENGTH = 28


def openid_of(vault: FieldCipher, account: Account, customer_id: UUID) -> str:
    """Name a customer to a merchant; nobody can tell from the name who it is, or that two merchants mean the same."""
    if customer_id == account.test_payer_id:
        return TEST_PAYER
    digest = vault.lookup(f"{account.id}/{customer_id}", purpose="openid")
    return f"o{base64.urlsafe_b64encode(digest).decode()}"[:_LENGTH]
