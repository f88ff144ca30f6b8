"""A merchant's own way to speak Alipay's form, written for tests from its document."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from support.sandbox import Sandbox
from tiao.api.compat.alipay.signing import signed_content
from tiao.api.compat.keys import is_signed, public_key, signature_of

PLAN = {"hb_fq_num": "3", "hb_fq_seller_percent": "0"}


def signed(sandbox: Sandbox, method: str, biz: dict[str, Any], **more: str) -> dict[str, str]:
    said = {
        "app_id": sandbox.credentials["app_id"],
        "method": method if method.startswith("alipay.") else f"alipay.trade.{method}",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "version": "1.0",
        "timestamp": datetime.now(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M:%S"),
        "biz_content": json.dumps(biz, ensure_ascii=False),
        **more,
    }
    key: Any = load_pem_private_key(sandbox.merchant.private_key.encode(), password=None)
    return {**said, "sign": signature_of(signed_content(said).encode(), key)}


def node_of(sandbox: Sandbox, text: str, method: str) -> dict[str, Any]:
    """Read an answer's node, having checked the signature of its exact bytes."""
    full = method if method.startswith("alipay.") else f"alipay.trade.{method}"
    name = f'"{full.replace(".", "_")}_response":'
    inner, _, rest = text.partition(name)[2].rpartition(',"sign":"')
    platform = public_key(sandbox.credentials["platform_public_key"])
    assert is_signed(inner.encode(), rest.removesuffix('"}'), platform), text
    read: dict[str, Any] = json.loads(inner)
    return read


def ask(sandbox: Sandbox, method: str, biz: dict[str, Any], **more: str) -> dict[str, Any]:
    answer = httpx.post(f"{sandbox.url}/gateway.do", data=signed(sandbox, method, biz, **more), timeout=30)
    assert answer.status_code == 200
    return node_of(sandbox, answer.text, method)
