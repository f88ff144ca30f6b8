"""Keys of a merchant and of UnionPay's gateway, made once a run."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tiao.payments.providers import unionpay_wire


@cache
def rsa() -> tuple[unionpay_wire.Keys, unionpay_wire.Keys]:
    """Ours, and the gateway's."""
    folder = Path(mkdtemp(prefix="tiao-keys-"))
    unionpay_wire.make_keys(folder)
    ours = unionpay_wire.read_keys(folder, side="merchant", other="gateway")
    return ours, unionpay_wire.read_keys(folder, side="gateway", other="merchant")
