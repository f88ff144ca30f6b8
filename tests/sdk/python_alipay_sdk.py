"""A merchant's program on `python-alipay-sdk`, unmodified: trades, then verifies what it was told."""

import json
import sys
from urllib.parse import parse_qsl

from alipay import AliPay

#: What takes its fields as they are named.
PLAIN = {"close": "close", "cancel": "cancel", "query": "query", "settle": "order_settle"}


def client(asked):
    made = AliPay(
        appid=asked["app_id"],
        app_notify_url=asked["notify_url"],
        app_private_key_string=asked["private_key"],
        alipay_public_key_string=asked["platform_key"],
        sign_type="RSA2",
    )
    made._gateway = f"{asked['url']}/gateway.do"
    return made


def call(made, step):
    say = dict(step["say"])
    if step["do"] in PLAIN:
        return getattr(made, f"api_alipay_trade_{PLAIN[step['do']]}")(**say)
    match step["do"]:
        case "create":
            subject, number, total = (say.pop(each) for each in ("subject", "out_trade_no", "total_amount"))
            return made.api_alipay_trade_precreate(subject, number, total, **say)
        case "scan":
            scene, code, subject, number = (say.pop(each) for each in ("scene", "auth_code", "subject", "out_trade_no"))
            return made.api_alipay_trade_pay(number, scene, code, subject, **say)
        case "refund":
            return made.api_alipay_trade_refund(say.pop("refund_amount"), **say)
        case "refund_query":
            return made.api_alipay_trade_fastpay_refund_query(say.pop("out_request_no"), **say)
        case "bill":
            return made.server_api("alipay.data.dataservice.bill.downloadurl.query", say)


def verify(made, told):
    said = dict(parse_qsl(told["body"]))
    sign = said.pop("sign")
    return made.verify(dict(said), sign), said


asked = json.load(sys.stdin)
made = client(asked)
answers = [call(made, each) for each in asked.get("steps", [])]
told = [verify(made, each) for each in asked.get("told", [])]
json.dump({"answers": answers, "told": told}, sys.stdout)
