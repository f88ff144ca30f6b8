"""What is signed, and what is not believed."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tiao.api.compat.alipay import signing as alipay
from tiao.api.compat.keys import PublicKeyInvalid, is_signed, public_key, signature_of
from tiao.api.compat.request import Request
from tiao.api.compat.verifying import verified as verified_documents
from tiao.api.compat.wechatpay import signing as wechatpay

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
FORM = {"content-type": "application/x-www-form-urlencoded"}
PARAMETERS = {
    "app_id": "1",
    "method": "alipay.trade.query",
    "sign_type": "RSA2",
    "format": "",
    "biz_content": '{"out_trade_no":"订单 1&2=3"}',
}
AT = 1_700_000_000


def signed(parameters: dict[str, str]) -> dict[str, str]:
    content = alipay.signed_content(parameters)
    return {**parameters, "sign": signature_of(content.encode(), KEY)}


def asked(request: Request, surface: str, at: int | None = AT) -> dict[str, Any]:
    question = {
        "surface": surface,
        "request": {
            "method": request.method,
            "target": request.target,
            "headers": request.headers,
            "body": request.body,
        },
        "merchant_public_key": PEM,
        "at": at,
    }
    answer: dict[str, Any] = json.loads(verified_documents(json.dumps(question).encode())[0])
    return answer


def posted(parameters: dict[str, str], target: str = "/gateway.do") -> Request:
    return Request("POST", target, FORM, urlencode(parameters))


@pytest.mark.parametrize(
    "target", ["/gateway.do", "http://host/gateway.do", "http://host:80/gateway.do?charset=utf-8", "?charset=utf-8"]
)
def test_parameters_count_wherever_they_stand(target: str) -> None:
    parameters = dict(PARAMETERS)
    if "charset" in target:
        everything = signed({**parameters, "charset": "utf-8"})
        everything.pop("charset")
        assert asked(posted(everything, target), "alipay")["ok"]
    else:
        assert asked(posted(signed(parameters), target), "alipay")["ok"]


ALTERED = [
    ("no signature", lambda it: it.pop("sign"), "isv.missing-signature"),
    ("an empty signature", lambda it: it.update(sign=""), "isv.missing-signature"),
    ("no Base64", lambda it: it.update(sign="***"), "isv.invalid-signature"),
    ("another amount", lambda it: it.update(biz_content="{}"), "isv.invalid-signature"),
    ("one more parameter", lambda it: it.update(notify_url="http://x"), "isv.invalid-signature"),
    ("another signature type", lambda it: it.update(sign_type="RSA"), "isv.invalid-signature"),
]


@pytest.mark.parametrize(("alter", "code"), [row[1:] for row in ALTERED], ids=[row[0] for row in ALTERED])
def test_an_altered_request_is_refused(alter: Any, code: str) -> None:  # noqa: ANN401  a lambda of the table
    parameters = signed(PARAMETERS)
    alter(parameters)
    assert asked(posted(parameters), "alipay")["error"]["code"] == code


def test_a_parameter_given_twice_with_two_values_is_refused_although_the_signature_fits_one() -> None:
    request = posted(signed(PARAMETERS), "/gateway.do?app_id=2")
    assert asked(request, "alipay")["error"]["code"] == "isv.invalid-parameter"


def test_content_that_is_no_object_is_refused_although_it_is_signed() -> None:
    request = posted(signed({**PARAMETERS, "biz_content": "[1]"}))
    assert asked(request, "alipay")["error"]["code"] == "isv.invalid-parameter"


def test_an_answer_is_signed_over_its_own_bytes_and_its_braces_can_be_counted() -> None:
    node = {"code": "10000", "subject": 'a {b} "{c}" \\{'}
    answer = alipay.signed_answer("alipay.trade.query", node, KEY)
    read = json.loads(answer)
    assert read["alipay_trade_query_response"] == node
    begin = answer.index(b":") + 1
    end = answer.index(b',"sign"')
    assert is_signed(answer[begin:end], read["sign"], KEY.public_key())
    assert (answer[begin:end].count(b"{"), answer[begin:end].count(b"}")) == (1, 1)


def test_a_notice_is_signed_without_its_signature_type() -> None:
    notice = alipay.signed_notice({"trade_no": "1", "empty": ""}, KEY)
    assert is_signed(b"trade_no=1", notice["sign"], KEY.public_key())


def wechat_request(body: str = '{"a":1}', at: int = AT, **changed: str) -> Request:
    target = changed.pop("target", "/v3/pay/transactions/id/1?&mchid=1")
    content = f"POST\n{target}\n{at}\nnonce\n{body}\n"
    said = {
        "serial_no": "S",
        "timestamp": str(at),
        "signature": signature_of(content.encode(), KEY),
        "nonce_str": "nonce",
        "mchid": "1",
        **changed,
    }
    parts = ",".join(f'{name}="{value}"' for name, value in said.items())
    return Request("POST", target, {"Authorization": f"{wechatpay.SCHEME} {parts}"}, body)


def test_a_request_verifies_with_its_query_as_received() -> None:
    answer = asked(wechat_request(), "wechatpay_v3")
    assert answer == {
        "ok": True,
        "mchid": "1",
        "serial_no": "S",
        "method": "POST",
        "path": "/v3/pay/transactions/id/1",
        "query": "&mchid=1",
        "body": '{"a":1}',
    }


@pytest.mark.parametrize(("skew", "is_good"), [(300, True), (-300, True), (301, False), (-301, False)])
def test_a_request_is_good_for_300_seconds_either_way(skew: int, is_good: bool) -> None:  # noqa: FBT001  a table
    assert asked(wechat_request(at=AT + skew), "wechatpay_v3")["ok"] is is_good


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer x",
        wechatpay.SCHEME,
        f'{wechatpay.SCHEME} mchid="1"',
        f'{wechatpay.SCHEME} mchid="1",mchid="2"',
        f"{wechatpay.SCHEME} mchid=1",
    ],
)
def test_a_header_that_is_no_signature_is_refused(header: str) -> None:
    request = Request("GET", "/v3/certificates", {"authorization": header})
    assert asked(request, "wechatpay_v3")["error"]["code"] == "SIGN_ERROR"


def test_a_time_that_is_no_number_is_refused() -> None:
    assert asked(wechat_request(timestamp="soon"), "wechatpay_v3")["error"]["code"] == "SIGN_ERROR"


@pytest.mark.parametrize("text", ["", "x", "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(PublicKeyInvalid):
        public_key(text)


def test_a_key_may_come_as_bare_base64() -> None:
    bare = "".join(PEM.splitlines()[1:-1])
    assert public_key(bare).public_numbers() == KEY.public_key().public_numbers()


@pytest.mark.parametrize("document", [b"{", b"3", b"{}", b'{"surface": "x"}'])
def test_a_question_of_another_form_is_refused(document: bytes) -> None:
    text, was_answered = verified_documents(document)
    assert not was_answered
    assert json.loads(text)["error"]["code"] == "bad_document"
