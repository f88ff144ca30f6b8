"""A merchant's own way to speak WeChat Pay's form, written for tests from its document."""

import base64
import json
import secrets
import time
from typing import Any

import httpx
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from support.sandbox import Sandbox
from tiao.api.compat.keys import is_signed, public_key, signature_of
from tiao.api.compat.wechatpay.signing import SCHEME

TRANSACTIONS = "/v3/pay/transactions"
REFUNDS = "/v3/refund/domestic/refunds"


def authorization(sandbox: Sandbox, method: str, target: str, body: str, **other: str) -> str:
    said = {
        "mchid": sandbox.credentials["mchid"],
        "nonce_str": secrets.token_hex(16),
        "timestamp": str(int(time.time())),
        "serial_no": sandbox.merchant.serial,
        **other,
    }
    key: Any = load_pem_private_key(sandbox.merchant.private_key.encode(), password=None)
    content = f"{method}\n{target}\n{said['timestamp']}\n{said['nonce_str']}\n{body}\n"
    said["signature"] = signature_of(content.encode(), key)
    return f"{SCHEME} " + ",".join(f'{name}="{value}"' for name, value in said.items())


def send(
    sandbox: Sandbox, method: str, target: str, said: str | None, body: str = "", **headers: str
) -> httpx.Response:
    named = {"Content-Type": "application/json", **headers, **({"Authorization": said} if said else {})}
    return httpx.request(method, f"{sandbox.url}{target}", content=body, headers=named, timeout=30)


def ask(sandbox: Sandbox, target: str, biz: dict[str, Any] | None = None, **headers: str) -> tuple[int, Any]:
    """Ask, and check the signature of whatever comes back."""
    method, body = ("GET", "") if biz is None else ("POST", json.dumps(biz, ensure_ascii=False))
    answer = send(sandbox, method, target, authorization(sandbox, method, target, body), body, **headers)
    check_signed(sandbox, answer.headers, answer.text)
    return answer.status_code, answer.json() if answer.text else None


def check_signed(sandbox: Sandbox, headers: Any, body: str) -> None:  # noqa: ANN401  of either library
    content = f"{headers['Wechatpay-Timestamp']}\n{headers['Wechatpay-Nonce']}\n{body}\n"
    platform = public_key(sandbox.credentials["platform_public_key"])
    assert is_signed(content.encode(), headers["Wechatpay-Signature"], platform)
    assert headers["Wechatpay-Signature-Type"] == SCHEME


def order(sandbox: Sandbox, number: str, total: int = 30_000, **more: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    return {
        "appid": sandbox.credentials["appid"],
        "mchid": sandbox.credentials["mchid"],
        "description": "书",
        "out_trade_no": number,
        "notify_url": "https://shop.example/notify",
        "amount": {"total": total, "currency": "CNY"},
        **more,
    }


def query(sandbox: Sandbox, number: str) -> Any:  # noqa: ANN401  JSON
    status, found = ask(sandbox, f"{TRANSACTIONS}/out-trade-no/{number}?mchid={sandbox.credentials['mchid']}")
    assert status == 200, found
    return found


def refund(sandbox: Sandbox, number: str, refund_no: str, amount: int, total: int = 30_000, **more: str) -> Any:  # noqa: ANN401
    said = {
        "out_trade_no": number,
        "out_refund_no": refund_no,
        "amount": {"refund": amount, "total": total, "currency": "CNY"},
        **more,
    }
    return ask(sandbox, REFUNDS, said)


def opened(sandbox: Sandbox, resource: dict[str, str]) -> Any:  # noqa: ANN401  JSON or a certificate
    cipher = AESGCM(sandbox.credentials["apiv3_key"].encode())
    sealed = base64.b64decode(resource["ciphertext"])
    return cipher.decrypt(resource["nonce"].encode(), sealed, resource["associated_data"].encode()).decode()
