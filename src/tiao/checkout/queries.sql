-- name: insert_quote
-- Write a quote.
insert into quote (bucket, id, merchant_id, customer_id, line_id, currency, amount_minor, plans, created_at, expires_at)
values (%(bucket)s, %(id)s, %(merchant)s, %(customer)s, %(line)s, %(currency)s, %(amount)s, %(plans)s, %(created_at)s,
        %(expires_at)s);

-- name: quotes
-- Quotes by id.
select bucket, id, merchant_id, customer_id, line_id, currency, amount_minor, plans, created_at, expires_at,
       accepted_plan, accepted_at, encode(cost_sheet_digest, 'hex') as cost_sheet_digest
  from quote where bucket = any (%(buckets)s::smallint[]) and id = any (%(ids)s::uuid[]);

-- name: lock_quote
-- One quote, locked.
select bucket, id, merchant_id, customer_id, line_id, currency, amount_minor, plans, created_at, expires_at,
       accepted_plan, accepted_at, encode(cost_sheet_digest, 'hex') as cost_sheet_digest
  from quote where bucket = %(bucket)s and id = %(id)s for update;

-- name: accept_quote
-- The customer accepts one plan of a quote.
update quote set accepted_plan = %(plan)s, accepted_at = %(at)s, cost_sheet_digest = decode(%(digest)s, 'hex')
 where bucket = %(bucket)s and id = %(id)s;

-- name: known_purchases
-- Purchases that these keys stand for already.
select bucket, id, idempotency_id, digest, line_id, customer_id, merchant_id, quote_id, plan_code, fee_payer, reference,
       currency, amount_minor, captured_minor, released_minor, refunded_minor, outcome, decline_reasons, closed_as,
       authorised_at, expires_at
  from purchase where idempotency_id = any (%(ids)s::uuid[]);

-- name: used_quotes
-- Which of these quotes a purchase was made from.
select quote_id from purchase
 where bucket = any (%(buckets)s::smallint[]) and quote_id = any (%(ids)s::uuid[]) and outcome = 'authorised';

-- name: insert_purchases
-- Write purchases, authorised and declined.
insert into purchase (bucket, id, idempotency_id, digest, line_id, customer_id, merchant_id, quote_id, plan_code,
                      fee_payer, reference, currency, amount_minor, captured_minor, outcome, decline_reasons, closed_as,
                      authorised_at, expires_at)
select u.bucket, u.id, u.idempotency_id, u.digest, u.line_id, u.customer_id, u.merchant_id, u.quote_id, u.plan_code,
       u.fee_payer, u.reference, u.currency, u.amount_minor, u.captured_minor, u.outcome,
       coalesce(string_to_array(nullif(u.reasons, ''), ','), '{}'), u.closed_as, %(at)s::timestamptz,
       %(expires_at)s::timestamptz
  from unnest(
    %(bucket)s::smallint[], %(id)s::uuid[], %(idempotency)s::uuid[], %(digest)s::bytea[], %(line)s::uuid[],
    %(customer)s::uuid[], %(merchant)s::uuid[], %(quote)s::uuid[], %(plan_code)s::text[], %(fee_payer)s::text[],
    %(reference)s::text[], %(currency)s::text[], %(amount)s::bigint[], %(captured)s::bigint[], %(outcome)s::text[],
    %(reasons)s::text[], %(closed_as)s::text[])
    as u (bucket, id, idempotency_id, digest, line_id, customer_id, merchant_id, quote_id, plan_code, fee_payer,
          reference, currency, amount_minor, captured_minor, outcome, reasons, closed_as);

-- name: purchase
-- One purchase.
select bucket, id, idempotency_id, digest, line_id, customer_id, merchant_id, quote_id, plan_code, fee_payer, reference,
       currency, amount_minor, captured_minor, released_minor, refunded_minor, outcome, decline_reasons, closed_as,
       authorised_at, expires_at
  from purchase where bucket = %(bucket)s and id = %(id)s;

-- name: purchases_of_merchant
-- A merchant's purchases, latest first, from a cursor on.
select bucket, id, idempotency_id, digest, line_id, customer_id, merchant_id, quote_id, plan_code, fee_payer, reference,
       currency, amount_minor, captured_minor, released_minor, refunded_minor, outcome, decline_reasons, closed_as,
       authorised_at, expires_at
  from purchase where merchant_id = %(merchant)s and (authorised_at, id) < (%(before_at)s, %(before_id)s::uuid)
 order by authorised_at desc, id desc limit %(limit)s;

-- name: purchases_of_customer
-- A customer's purchases, latest first, from a cursor on.
select bucket, id, idempotency_id, digest, line_id, customer_id, merchant_id, quote_id, plan_code, fee_payer, reference,
       currency, amount_minor, captured_minor, released_minor, refunded_minor, outcome, decline_reasons, closed_as,
       authorised_at, expires_at
  from purchase
 where bucket = %(bucket)s and customer_id = %(customer)s
   and (authorised_at, id) < (%(before_at)s, %(before_id)s::uuid)
 order by authorised_at desc, id desc limit %(limit)s;

-- name: change_purchase
-- Add what was captured, released and refunded; note how the hold ended.
update purchase
   set captured_minor = captured_minor + %(captured)s, released_minor = released_minor + %(released)s,
       refunded_minor = refunded_minor + %(refunded)s, closed_as = coalesce(closed_as, %(closed_as)s)
 where bucket = %(bucket)s and id = %(id)s;

-- name: expire
-- Let authorisations go whose time has run out.
select checkout_expire(%(first)s::smallint, %(last)s::smallint, %(at)s::timestamptz) as count;
