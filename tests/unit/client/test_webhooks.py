"""A message is believed when the secret signed it, just now, as it stands; as Standard Webhooks 1.0 says."""

import base64
import hmac
import json

import pytest

from tiao_client import SignatureInvalid, event_of

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdefghijklmn").decode()
AT = 1_790_000_000
BODY = json.dumps(
    {
        "id": "evt_1",
        "type": "purchase.captured",
        "timestamp": "2026-09-21T10:00:00+00:00",
        "data": {"object": "purchase", "id": "pur_1"},
    }
).encode()


def signed(body: bytes = BODY, at: int = AT, secret: str = SECRET) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"evt_1.{at}.".encode() + body, "sha256")).decode()
    return {"Webhook-Id": "evt_1", "Webhook-Timestamp": str(at), "Webhook-Signature": f"v1,{signature}"}


def test_the_example_of_the_specification_is_believed() -> None:
    """Source: Standard Webhooks, reference libraries' test vector."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    # The vector's body is no event of ours: its signature holds, and only then reading it fails.
    with pytest.raises(SignatureInvalid, match="cannot be read"):
        event_of(secret, headers, b'{"test": 2432232314}', now=1614265330)


def test_a_message_of_ours_is_read() -> None:
    event = event_of(SECRET, signed(), BODY, now=AT + 299)
    assert (event.type, event.purchase) == ("purchase.captured", "pur_1")


def test_one_of_several_signatures_is_enough_while_a_secret_changes() -> None:
    headers = signed()
    headers["Webhook-Signature"] = "v1,AAAA v1a,BBBB " + headers["Webhook-Signature"]
    assert event_of(SECRET, headers, BODY, now=AT).id == "evt_1"


@pytest.mark.parametrize(
    ("headers", "body", "now"),
    [
        (signed(), BODY + b" ", AT),
        (signed(), BODY, AT + 301),
        (signed(), BODY, AT - 301),
        (signed(at=AT + 1) | {"Webhook-Timestamp": str(AT)}, BODY, AT),
        (signed() | {"Webhook-Id": "evt_2"}, BODY, AT),
        (signed(secret="whsec_" + base64.b64encode(b"x" * 24).decode()), BODY, AT),
        (signed() | {"Webhook-Signature": ""}, BODY, AT),
        (signed() | {"Webhook-Timestamp": "yesterday"}, BODY, AT),
        ({}, BODY, AT),
    ],
)
def test_what_was_altered_is_old_or_is_not_ours_is_refused(headers: dict[str, str], body: bytes, now: int) -> None:
    with pytest.raises(SignatureInvalid):
        event_of(SECRET, headers, body, now=now)
