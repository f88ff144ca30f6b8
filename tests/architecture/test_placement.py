"""Every table and every id says where it lies when several servers share the buckets."""

import re
from pathlib import Path

from tiao.api import ids
from tiao.api.whereabouts import CUSTOMERS, PROGRAMMES_OWN

MIGRATIONS = sorted((Path(__file__).parents[2] / "src" / "tiao" / "sql" / "migrations").glob("*.sql"))
TABLE = re.compile(r"^create table (?:if not exists )?(\w+) \(\n(?:  --[^\n]*\n)*  (\w+) ", re.MULTILINE)
DROPPED = re.compile(r"^drop table (\w+)", re.MULTILINE)
#: Written at home and followed by every server (tiao.sharding.following).
FOLLOWED = {"merchant", "api_key", "policy_override", "policy_override_step", "credit_model_step", "risk_list_entry"}
FOLLOWED |= {"credit_warning_step", "registry_step", "routing_step", "merchant_failure"}
#: Each server has its own: its clock, its close, its share, the answers it gave.
EACH_ITS_OWN = {"programme", "close_step", "idempotent_answer", "placement", "settlement_part", "channel_outcome"}
EACH_ITS_OWN |= {"risk_component", "risk_shared", "channel_day", "risk_merchant_day", "risk_rule_allowance"}
EACH_ITS_OWN |= {"operator_act"}
#: Beside the keys that were issued there: a consumer's where the consumer lives, any other at home.
EACH_ITS_OWN |= {"key_session"}
#: What decided, kept under the digest of its content by each server that decides.
CONTENT = {"credit_model", "credit_policy", "risk_versions", "registry_content"}
#: Only the home has rows: merchants are paid there, and what they order has no customer until it is paid.
HOME = {"settlement", "platform_key", "merchant_account", "merchant_order", "merchant_order_refund"}
HOME |= {"merchant_store", "merchant_terminal", "pay_slot", "counter_sale"}
HOME |= {"experiment", "experiment_observation"}
HOME |= {"merchant_notice", "test_payment_code", "payer_visit", "payer_code", "payer_order", "payer_sheet"}
HOME |= {"code_count"}
HOME |= {"settlement_terms", "settlement_reserve", "settlement_withdrawal"}
HOME |= {"income_share", "income_shared", "merchant_adjustment", "merchant_proposal"}
HOME |= {"share", "share_part", "share_pool", "share_receiver", "share_return"}
HOME |= {"webhook_endpoint", "webhook_secret", "webhook_progress", "webhook_delivery", "webhook_attempt"}
HOME |= {"settlement_hold"}
HOME |= {"merchant_application", "merchant_application_step", "merchant_paper", "merchant_paper_view"}
HOME |= {"merchant_check", "merchant_grade", "merchant_admission", "contract_text", "contract_signature"}
#: The same everywhere, written by migrations.
SCHEMA = {"ledger_account"}


def test_every_table_leads_with_its_bucket_or_says_where_it_lies() -> None:
    texts = [path.read_text() for path in MIGRATIONS]
    tables = dict(pair for text in texts for pair in TABLE.findall(text))
    for dropped in (name for text in texts for name in DROPPED.findall(text)):
        del tables[dropped]
    assert len(tables) > 30
    placed = FOLLOWED | EACH_ITS_OWN | HOME | SCHEMA | CONTENT
    assert {name for name, column in tables.items() if column != "bucket"} == placed


def test_every_prefix_of_an_id_says_whether_it_is_a_customers() -> None:
    named = {
        value for name, value in vars(ids).items() if name.isupper() and isinstance(value, str) and len(value) == 3
    }
    assert named == CUSTOMERS | PROGRAMMES_OWN
    assert not CUSTOMERS & PROGRAMMES_OWN
