"""What can be done with accounts in other forms, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from tiao.partners.accounts import store
from tiao.partners.accounts.model import Account, KeyPair, NewAccount, Opened
from tiao.partners.accounts.refusals import (
    AccountUnknown,
    PaymentCodeInvalid,
    PlatformKeyMissing,
    RequestReplayed,
    TestTokenUnknown,
)
from tiao.runtime.db import Tx
from tiao.runtime.secrets import FieldCipher, token_hash
from tiao.values.moment import Moment

#: How long a payment code can be read. Source: reference values of the field, one minute, doubled for slow test desks.
CODE_TIME = timedelta(minutes=2)
#: A request is good for five minutes either way; what was seen is remembered for longer than both together.
NONCE_TIME = timedelta(minutes=15)
_SECRET_BYTES = 16
#: Payment codes of our own begin so (18 digits in all).
_CODE_PREFIX = "36"


async def open_account(
    tx: Tx, now: Moment, vault: FieldCipher, new: NewAccount, *, random_bytes: Callable[[int], bytes]
) -> Opened:
    """Give a merchant its numbers and its symmetric key; the key in the answer is shown once."""
    account_id = now.new_id()
    secret = random_bytes(_SECRET_BYTES).hex()
    account = Account(
        id=account_id,
        merchant_id=new.merchant_id,
        app_id=f"2021{_digits(random_bytes, 12)}",
        mchid=f"19{_digits(random_bytes, 8)}",
        appid=f"wx{random_bytes(8).hex()}",
        public_key=new.public_key,
        certificate_serial=new.certificate_serial,
        secret_key_sealed=vault.encrypt(secret, context=_secret_context(account_id)),
        notify_allow=list(new.notify_allow),
        test_payer_id=new.test_payer_id,
        opened_at=now.at,
    )
    await store.insert_account(tx, account, None if new.test_token is None else token_hash(new.test_token))
    return Opened(account, secret)


async def account_of_number(tx: Tx, number: str) -> Account:
    """Find the account of an app_id or a mchid. Refuses: AccountUnknown."""
    found = await store.read_account_of_number(tx, number)
    if found is None:
        raise AccountUnknown
    return found


async def account(tx: Tx, account_id: UUID) -> Account:
    """Read one account. Refuses: AccountUnknown."""
    found = await store.read_account(tx, account_id)
    if found is None:
        raise AccountUnknown
    return found


async def accounts_of(tx: Tx, merchant_id: UUID) -> list[Account]:
    """Read a merchant's accounts in the order in which they were opened."""
    return await store.read_accounts(tx, merchant_id)


def secret_key(vault: FieldCipher, account: Account) -> str:
    """Open a merchant's symmetric key. Refuses: FieldUnreadable."""
    return vault.decrypt(account.secret_key_sealed, context=_secret_context(account.id))


async def see_nonce(tx: Tx, account: Account, nonce: str, at: datetime) -> None:
    """Note that a signed request was seen. Refuses: RequestReplayed."""
    if not await store.insert_nonce(tx, account.id, nonce, at):
        raise RequestReplayed


async def forget_nonces(tx: Tx, at: datetime) -> int:
    """Forget requests that are too old to be taken again anyway, and count them."""
    return await store.delete_nonces(tx, at - NONCE_TIME)


async def account_of_token(tx: Tx, token: str) -> Account:
    """Find the sandbox that a test token opens. Refuses: TestTokenUnknown."""
    found = await store.read_account_of_token(tx, token_hash(token))
    if found is None:
        raise TestTokenUnknown
    return found


async def platform_key(tx: Tx) -> KeyPair:
    """Read the platform's key. Refuses: PlatformKeyMissing."""
    found = await store.read_platform_key(tx)
    if found is None:
        raise PlatformKeyMissing
    return found


async def ensure_platform_key(tx: Tx, make: Callable[[], KeyPair]) -> KeyPair:
    """Read the platform's key, or keep the one that *make* gives."""
    await store.lock_platform_key(tx)
    found = await store.read_platform_key(tx)
    if found is None:
        found = make()
        await store.insert_platform_key(tx, found)
    return found


def private_key_context(key_id: UUID) -> str:
    """Say what the private half of a key is sealed for."""
    return f"platform_key.private_key:{key_id}"


async def new_payment_code(
    tx: Tx, account: Account, *, behaviour: str, at: datetime, random_bytes: Callable[[int], bytes]
) -> str:
    """Show a payment code of the test payer, good for two minutes of real time."""
    code = _CODE_PREFIX + _digits(random_bytes, 16)
    await store.insert_payment_code(tx, account.id, code=code, behaviour=behaviour, expires_at=at + CODE_TIME)
    return code


async def knows_code(tx: Tx, account: Account, code: str) -> bool:
    """Tell whether a code was ever one of a sandbox's payer, used and old ones too."""
    return await store.is_payment_code(tx, account.id, code)


async def burn_payment_code(tx: Tx, account: Account, *, code: str, at: datetime) -> str:
    """Read a payment code: it burns, whatever comes of it. Refuses: PaymentCodeInvalid."""
    found = await store.burn_payment_code(tx, account.id, code=code, at=at)
    if found is None:
        raise PaymentCodeInvalid
    return found


def _digits(random_bytes: Callable[[int], bytes], count: int) -> str:
    return str(int.from_bytes(random_bytes(16), "big") % 10**count).zfill(count)


def _secret_context(account_id: UUID) -> str:
    return f"merchant_account.secret_key:{account_id}"
