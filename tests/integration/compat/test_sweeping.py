"""What a killed process left half done is ended by another."""

import httpx
import psycopg

from support.sandbox import Sandbox, wait_until
from support.wechatpay import TRANSACTIONS, ask, order, refund

#: As a process leaves it that is killed between the purchase and its note, and between a refund and its note.
KILLED = """
update merchant_order
   set state = 'paying', paid_at = null, purchase_id = null, begun_at = begun_at - interval '1 minute'
 where out_trade_no = 'k1';
update merchant_order_refund
   set state = 'processing', refunded_at = null, begun_at = begun_at - interval '1 minute'
 where out_refund_no = 'kr2';
"""


def test_a_payment_and_a_refund_that_were_begun_are_ended_once(sandbox: Sandbox) -> None:
    for number in ("k1", "k2"):
        assert ask(sandbox, f"{TRANSACTIONS}/native", order(sandbox, number))[0] == 200
        sandbox.helper("pay", out_trade_no=number, mchid=sandbox.credentials["mchid"])
    assert refund(sandbox, "k2", "kr2", 10_000)[0] == 200
    with psycopg.connect(sandbox.environment["TIAO_DATABASE_URL"], autocommit=True) as connection:

        def counted(query: str) -> int:
            row = connection.execute(query).fetchone()
            assert row is not None
            return int(row[0])

        before = counted("select count(*) from purchase"), counted("select count(*) from refund")
        connection.execute(KILLED)
        wait_until(lambda: counted("select count(*) from merchant_order where state = 'paying'") == 0, 15.0, "sweep")
        open_refunds = "select count(*) from merchant_order_refund where state = 'processing'"
        wait_until(lambda: counted(open_refunds) == 0, 15.0, "sweep")
        assert counted("select count(*) from merchant_order where state = 'paid'") == 2
        assert counted("select count(*) from merchant_order_refund where state = 'succeeded'") == 1
        assert (counted("select count(*) from purchase"), counted("select count(*) from refund")) == before
    assert httpx.get(f"{sandbox.url}/health/ready").status_code == 200
