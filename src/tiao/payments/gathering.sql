-- name: is_forwarded
-- Whether what this server owes for a day is on its way.
select exists (select from settlement_part where business_date = %(day)s::date and gathered_on is null) as is_forwarded;

-- name: forward
-- Send what this server owes merchants on its way home (see sql/functions/payments.sql).
select payments_forward(%(shard)s::smallint, %(bucket)s::smallint, %(day)s::date, %(recorded_at)s::timestamptz) as count;

-- name: parts_sent
-- What this server sent on its way, for the days after one and through another.
select shard, merchant_id, business_date, currency, gross_minor, discount_minor, subsidy_minor, refunded_minor,
       returned_minor, adjusted_minor, net_minor, gathered_on
  from settlement_part
 where gathered_on is null and business_date > %(after)s::date and business_date <= %(through)s::date
 order by business_date, merchant_id, currency;

-- name: parts_gathered_through
-- The latest day of each server whose parts were gathered.
select shard, max(business_date) as through from settlement_part where gathered_on is not null group by shard;

-- name: gather
-- Take over what another server sent on its way (see sql/functions/payments.sql).
select payments_gather(
  %(shard)s::smallint, %(business_date)s::date, %(merchant)s::uuid[], %(currency)s::text[], %(gross)s::bigint[],
  %(discount)s::bigint[], %(subsidy)s::bigint[], %(refunded)s::bigint[], %(returned)s::bigint[], %(adjusted)s::bigint[],
  %(net)s::bigint[], %(day)s::date, %(recorded_at)s::timestamptz) as count;

-- name: parts_of_settlement
-- Which days of which other servers a merchant's settlement covers.
select shard, merchant_id, business_date, currency, gross_minor, discount_minor, subsidy_minor, refunded_minor,
       returned_minor, adjusted_minor, net_minor, gathered_on
  from settlement_part where gathered_on = %(day)s::date and merchant_id = %(merchant)s::uuid
 order by shard, business_date;

-- name: parts_gathered
-- Everything that was gathered of one server, for holding it against what that server sent.
select shard, merchant_id, business_date, currency, gross_minor, discount_minor, subsidy_minor, refunded_minor,
       returned_minor, adjusted_minor, net_minor, gathered_on
  from settlement_part where gathered_on is not null and shard = %(shard)s::smallint
 order by business_date, merchant_id, currency;
