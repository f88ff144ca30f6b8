"""What people pay with: a phone each that is changed now and then, a tablet that a home shares, and an address.

So the graph has something honest in it: couples who share, and devices that are new to their owner without any fraud.
"""

from __future__ import annotations

from datetime import date
from ipaddress import ip_address

from tiao.checkout.model import Context
from tiao.risk.entities import EntityKind, digest_of
from tiao.runtime.secrets import FieldCipher
from tiao.simulator.chance import draw, number

#: Of homes of two, so many share a tablet, and so many of their purchases are made on it. Own choices.
_SHARING_PPM, _ON_TABLET_PPM = 300_000, 200_000
#: A phone lasts so many days; away from home a carrier gives out another of its addresses each day.
_PHONE_DAYS, _AWAY_PPM, _CARRIER = 540, 300_000, 1 << 22


def context_of(vault: FieldCipher, seed: str, key: str, day: date, reference: str) -> Context:
    """Say where a purchase of a person comes from. *key* ends with the person's number: neighbours share a home."""
    place = int(key[-5:])
    home = str(place // 2)
    is_shared = draw(seed, "shares", home) < _SHARING_PPM
    if is_shared and draw(seed, "on tablet", key, reference) < _ON_TABLET_PPM:
        device = f"{seed} tablet of home {home}"
    else:
        bought = number(seed, "phone bought", key) % _PHONE_DAYS
        device = f"{seed} phone {(day.toordinal() + bought) // _PHONE_DAYS} of {key}"
    if draw(seed, "away", key, reference) < _AWAY_PPM:
        address = ip_address((100 << 24) + (64 << 16) + number(seed, "carrier", key, str(day)) % _CARRIER)
    else:
        address = ip_address((10 << 24) + number(seed, "home", home if is_shared else key) % (1 << 24))
    return Context(digest_of(vault, EntityKind.DEVICE, device), digest_of(vault, EntityKind.IP, str(address)))
