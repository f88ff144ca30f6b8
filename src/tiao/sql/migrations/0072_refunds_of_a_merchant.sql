-- A merchant lists all its refunds, latest first.
create index refund_merchant on refund (merchant_id, recorded_at, id);
