"""What a merchant asks beside orders: the platform's certificate, and who could pay in instalments."""

from __future__ import annotations

from tiao.api.compat.openids import TEST_PAYER
from tiao.api.compat.refusals import WechatParameterInvalid
from tiao.api.compat.wechatpay.asked import ExposureAsked, asked, check_merchant
from tiao.api.compat.wechatpay.asking import Asking, Reply
from tiao.api.compat.wechatpay.sealing import sealed
from tiao.api.compat.wechatpay.values import time_of
from tiao.checkout.orders import actions as orders
from tiao.ledger import actions as ledger
from tiao.partners.accounts import actions as accounts
from tiao.values.ids import bucket_of

_CERTIFICATE = "certificate"
_RANDOM_BYTES = 6


async def certificates(asking: Asking) -> Reply:
    """Give the platform's certificate, encrypted under the merchant's own key."""
    till, signer = asking.till, asking.signer
    secret = accounts.secret_key(till.home.vault, till.account)
    random = till.services.random_bytes(_RANDOM_BYTES)
    return Reply(
        {
            "data": [
                {
                    "serial_no": signer.certificate_serial,
                    "effective_time": time_of(signer.valid_from),
                    "expire_time": time_of(signer.valid_until),
                    "encrypt_certificate": sealed(
                        signer.certificate, key=secret, associated_data=_CERTIFICATE, random=random
                    ),
                }
            ]
        }
    )


async def exposure(asking: Asking) -> Reply:
    """Tell whether it is worth showing a payer that instalments are to be had: there is a line with room.

    *Refuses:* WechatParameterInvalid.
    """
    what = asked(asking.call.body, ExposureAsked)
    check_merchant(asking.till.account, mchid=what.mchid, appid=what.appid)
    match what.user_id_type:
        case "OPENID" if what.openid:
            is_worth_it = await _has_room(asking, what.openid)
        case "PHONE_NO" if what.phone_number_hash:
            # An unkeyed hash of a phone is as good as the phone: none is kept here, so nobody is found by one.
            is_worth_it = False
        case _:
            raise WechatParameterInvalid("user_id_type is OPENID with openid, or PHONE_NO with phone_number_hash")
    return Reply({"fqf_exposure": is_worth_it})


async def _has_room(asking: Asking, openid: str) -> bool:
    till = asking.till
    customer_id = till.account.test_payer_id if openid == TEST_PAYER else None
    if customer_id is None:
        async with till.home.db.begin() as tx:
            customer_id = await orders.payer_of_openid(tx, till.account.id, openid)
    if customer_id is None:
        return False
    async with till.services.shards.platform(bucket_of(customer_id)).db.begin() as tx:
        lines = await ledger.lines_of_customers(tx, [customer_id])
    return customer_id in lines and lines[customer_id].available_minor > 0
