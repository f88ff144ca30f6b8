-- A line is lived again from its refunds too; without this each of them was looked for in the whole bucket.
create index refund_line on refund (bucket, line_id);

-- Refunds that no account has taken are few among all payouts there ever were.
create index payout_failed_refund on payout (query_after) where state = 'failed' and kind = 'refund' and query_after is not null;
