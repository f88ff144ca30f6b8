"""A merchant's program on `alipay-sdk-python`, unmodified: trades, then verifies what it was told."""

import json
import sys
from urllib.parse import parse_qsl

from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient
from alipay.aop.api.request.AlipayDataDataserviceBillDownloadurlQueryRequest import (
    AlipayDataDataserviceBillDownloadurlQueryRequest,
)
from alipay.aop.api.request.AlipayTradeCancelRequest import AlipayTradeCancelRequest
from alipay.aop.api.request.AlipayTradeCloseRequest import AlipayTradeCloseRequest
from alipay.aop.api.request.AlipayTradeFastpayRefundQueryRequest import AlipayTradeFastpayRefundQueryRequest
from alipay.aop.api.request.AlipayTradeOrderSettleRequest import AlipayTradeOrderSettleRequest
from alipay.aop.api.request.AlipayTradePayRequest import AlipayTradePayRequest
from alipay.aop.api.request.AlipayTradePrecreateRequest import AlipayTradePrecreateRequest
from alipay.aop.api.request.AlipayTradeQueryRequest import AlipayTradeQueryRequest
from alipay.aop.api.request.AlipayTradeRefundRequest import AlipayTradeRefundRequest
from alipay.aop.api.util.SignatureUtils import get_sign_content, verify_with_rsa

REQUESTS = {
    "create": AlipayTradePrecreateRequest,
    "scan": AlipayTradePayRequest,
    "close": AlipayTradeCloseRequest,
    "cancel": AlipayTradeCancelRequest,
    "query": AlipayTradeQueryRequest,
    "refund": AlipayTradeRefundRequest,
    "refund_query": AlipayTradeFastpayRefundQueryRequest,
    "settle": AlipayTradeOrderSettleRequest,
    "bill": AlipayDataDataserviceBillDownloadurlQueryRequest,
}


def client(asked):
    config = AlipayClientConfig()
    config.server_url = f"{asked['url']}/gateway.do"
    config.app_id = asked["app_id"]
    config.app_private_key = asked["private_key_pkcs1"]
    config.alipay_public_key = asked["platform_key_bare"]
    return DefaultAlipayClient(alipay_client_config=config)


def call(asked, step):
    request = REQUESTS[step["do"]]()
    request.biz_content = step["say"]
    if step["do"] == "create":
        request.notify_url = asked["notify_url"]
    # What it gives back it has verified: it raises otherwise.
    return json.loads(client(asked).execute(request))


def verify(asked, told):
    said = dict(parse_qsl(told["body"]))
    sign = said.pop("sign")
    said.pop("sign_type")
    return verify_with_rsa(asked["platform_key_bare"], get_sign_content(said).encode(), sign), said


asked = json.load(sys.stdin)
answers = [call(asked, each) for each in asked.get("steps", [])]
told = [verify(asked, each) for each in asked.get("told", [])]
json.dump({"answers": answers, "told": told}, sys.stdout)
