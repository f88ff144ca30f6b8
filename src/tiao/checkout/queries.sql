-- name: insert_quote
-- Write a quote.
insert into quote (bucket, id, merchant_id, customer_id, line_id, currency, amount_minor, plans, plan_codes, fee_payer,
                   created_at, expires_at)
values (%(bucket)s, %(id)s, %(merchant)s, %(customer)s, %(line)s, %(currency)s, %(amount)s, %(plans)s,
        %(plan_codes)s::text[], %(fee_payer)s, %(created_at)s, %(expires_at)s);

-- name: quotes
-- Quotes by id.
select bucket, id, merchant_id, customer_id, line_id, currency, amount_minor, plans, created_at, expires_at,
       accepted_plan, accepted_at, encode(cost_sheet_digest, 'hex') as cost_sheet_digest
  from quote where bucket = any (%(buckets)s::smallint[]) and id = any (%(ids)s::uuid[]);

-- name: quoted
-- What of quotes orders are made from.
select q.id, q.merchant_id, q.customer_id, q.line_id, q.currency, q.amount_minor, q.fee_payer, q.plan_codes
  from unnest(%(buckets)s::smallint[], %(ids)s::uuid[]) as u (bucket, id)
  join quote q on q.bucket = u.bucket and q.id = u.id;

-- name: lock_quote
-- One quote, locked.
select bucket, id, merchant_id, customer_id, line_id, currency, amount_minor, plans, created_at, expires_at,
       accepted_plan, accepted_at, encode(cost_sheet_digest, 'hex') as cost_sheet_digest
  from quote where bucket = %(bucket)s and id = %(id)s for update;

-- name: accept_quote
-- The customer accepts one plan of a quote.
update quote set accepted_plan = %(plan)s, accepted_at = %(at)s, cost_sheet_digest = decode(%(digest)s, 'hex')
 where bucket = %(bucket)s and id = %(id)s;

-- name: signed_quotes
-- What orders are held against, and whether a purchase was made from it.
select q.id, q.merchant_id, q.customer_id, q.currency, q.amount_minor, q.expires_at, q.accepted_plan,
       encode(q.cost_sheet_digest, 'hex') as cost_sheet_digest,
       exists (select from purchase p
                where p.bucket = q.bucket and p.quote_id = q.id and p.outcome <> 'declined') as is_used
  from unnest(%(buckets)s::smallint[], %(ids)s::uuid[]) as u (bucket, id)
  join quote q on q.bucket = u.bucket and q.id = u.id;

-- name: facts
-- What orders are decided by, in their order (see sql/functions/checkout.sql).
select has_line, currency, limit_minor, held_minor, used_minor, statement_day, line_status, oldest_due_on,
       merchant_status, discount_rate, sublimits, scene, known, test_time
  from checkout_facts(%(bucket)s::smallint[], %(line)s::uuid[], %(merchant)s::uuid[], %(key)s::uuid[]);

-- name: authorise
-- Write purchases and the loans of those captured at once (see sql/functions/checkout.sql).
select checkout_authorise(
  %(bucket)s::smallint[], %(id)s::uuid[], %(key)s::uuid[], %(line)s::uuid[], %(customer)s::uuid[],
  %(merchant)s::uuid[], %(quote)s::uuid[], %(plan)s::text[], %(fee_payer)s::text[], %(reference)s::text[],
  %(currency)s::text[], %(amount)s::bigint[], %(reasons)s::text[], %(is_capture_asked)s::boolean[], %(outcome)s::text[],
  %(lease_seconds)s::integer[], %(l_mode)s::text[],
  %(l_fee)s::bigint[], %(l_subsidy)s::bigint[], %(l_discount)s::bigint[], %(l_penalty_ppm)s::integer[],
  %(l_version)s::integer[], %(l_cost_kind)s::text[], %(i_loan)s::integer[], %(i_number)s::smallint[], %(i_statement_on)s::date[], %(i_due_on)s::date[],
  %(i_principal)s::bigint[], %(i_fee)s::bigint[], %(i_subsidy)s::bigint[], %(i_interest_from_on)s::date[],
  %(i_interest_on)s::bigint[], %(l_first)s::integer[],
  %(e_account)s::integer[], %(e_owner)s::uuid[], %(e_amount)s::bigint[], %(today)s::date, %(recorded_at)s::timestamptz);

-- name: purchase
-- One purchase.
select bucket, id, idempotency_id, line_id, customer_id, merchant_id, quote_id, plan_code, fee_payer, reference,
       currency, amount_minor, captured_minor, released_minor, refunded_minor, outcome, decline_reasons, closed_as,
       authorised_at, expires_at, is_capture_asked, decided_at
  from purchase where bucket = %(bucket)s and id = %(id)s;

-- name: purchases
-- Purchases by id.
select p.bucket, p.id, p.idempotency_id, p.line_id, p.customer_id, p.merchant_id, p.quote_id, p.plan_code, p.fee_payer,
       p.reference, p.currency, p.amount_minor, p.captured_minor, p.released_minor, p.refunded_minor, p.outcome,
       p.decline_reasons, p.closed_as, p.authorised_at, p.expires_at, p.is_capture_asked, p.decided_at
  from unnest(%(bucket)s::smallint[], %(id)s::uuid[]) as u (bucket, id)
  join purchase p on p.bucket = u.bucket and p.id = u.id;

-- name: purchase_of_key
-- The purchase that a key of idempotency stands for.
select bucket, id, idempotency_id, line_id, customer_id, merchant_id, quote_id, plan_code, fee_payer, reference,
       currency, amount_minor, captured_minor, released_minor, refunded_minor, outcome, decline_reasons, closed_as,
       authorised_at, expires_at, is_capture_asked, decided_at
  from purchase where idempotency_id = %(key)s;

-- name: purchases_of_merchant
-- A merchant's purchases, latest first, from a cursor on: all, of one reference, of one outcome.
select bucket, id, idempotency_id, line_id, customer_id, merchant_id, quote_id, plan_code, fee_payer, reference,
       currency, amount_minor, captured_minor, released_minor, refunded_minor, outcome, decline_reasons, closed_as,
       authorised_at, expires_at, is_capture_asked, decided_at
  from purchase
 where merchant_id = %(merchant)s and (authorised_at, id) < (%(before_at)s, %(before_id)s::uuid)
   and (%(reference)s::text is null or reference = %(reference)s::text)
   and (%(outcome)s::text is null or outcome = %(outcome)s::text)
 order by authorised_at desc, id desc limit %(limit)s;

-- name: purchases_of_customer
-- A customer's purchases, latest first, from a cursor on.
select bucket, id, idempotency_id, line_id, customer_id, merchant_id, quote_id, plan_code, fee_payer, reference,
       currency, amount_minor, captured_minor, released_minor, refunded_minor, outcome, decline_reasons, closed_as,
       authorised_at, expires_at, is_capture_asked, decided_at
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

-- name: capture_purchases
-- Add what was captured and released of purchases; the hold of one of which nothing is left has ended.
update purchase p
   set captured_minor = p.captured_minor + u.captured, released_minor = p.released_minor + u.released,
       closed_as = case when p.captured_minor + u.captured + p.released_minor + u.released = p.amount_minor
                        then 'captured' else p.closed_as end
  from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(captured)s::bigint[], %(released)s::bigint[])
       as u (bucket, id, captured, released)
 where p.bucket = u.bucket and p.id = u.id;

-- name: decide_suspended
-- A suspended purchase is released or refused.
update purchase set outcome = %(outcome)s, decline_reasons = %(reasons)s::text[], decided_at = %(at)s,
                    expires_at = %(expires_at)s
 where bucket = %(bucket)s and id = %(id)s;

-- name: challenge
-- The code that was sent for a purchase.
select purchase_id, code_hash, codes_sent, attempts_left, sent_at, expires_at, confirmed_at
  from purchase_challenge where bucket = %(bucket)s and purchase_id = %(purchase)s;

-- name: keep_challenge
-- Keep the code of a purchase in place of the one before; attempts already made stay made.
insert into purchase_challenge (bucket, purchase_id, code_hash, codes_sent, attempts_left, sent_at, expires_at)
values (%(bucket)s, %(purchase)s, %(code_hash)s, 1, %(attempts)s, %(at)s, %(expires_at)s)
on conflict on constraint purchase_challenge_pk do update
   set code_hash = excluded.code_hash, codes_sent = purchase_challenge.codes_sent + 1, sent_at = excluded.sent_at,
       expires_at = excluded.expires_at;

-- name: try_challenge
-- A code was tried: one attempt less, and confirmed if it was right.
update purchase_challenge set attempts_left = attempts_left - 1, confirmed_at = %(confirmed_at)s
 where bucket = %(bucket)s and purchase_id = %(purchase)s;

-- name: expire
-- Let purchases go whose time has run out.
select checkout_expire(%(first)s::smallint, %(last)s::smallint, %(at)s::timestamptz) as count;

-- name: uses
-- What lines owe (open principal) and hold at each merchant, with the merchant's scene.
select u.line_id, u.merchant_id, m.category as scene, sum(u.amount)::bigint as amount_minor
  from (
    select i.line_id, n.merchant_id, i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor
                                     - i.principal_written_off_minor as amount
      from loan_instalment i join loan n on n.bucket = i.bucket and n.id = i.loan_id
     where i.bucket = any (%(buckets)s::smallint[]) and i.line_id = any (%(lines)s::uuid[]) and i.settled_on is null
    union all
    select p.line_id, p.merchant_id, p.amount_minor - p.captured_minor - p.released_minor
      from purchase p
     where p.bucket = any (%(buckets)s::smallint[]) and p.line_id = any (%(lines)s::uuid[])
       and p.outcome <> 'declined' and p.closed_as is null) u
  join merchant m on m.id = u.merchant_id
 group by u.line_id, u.merchant_id, m.category
 order by u.line_id, u.merchant_id;

-- name: note_prequalified
-- Write which amount is asked about a customer today; what was asked on other days is forgotten.
with gone as (
  delete from prequalification
   where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid and merchant_id = %(merchant)s::uuid
     and asked_on < %(on)s::date
)
insert into prequalification (bucket, customer_id, merchant_id, asked_on, amount_minor)
values (%(bucket)s, %(customer)s, %(merchant)s, %(on)s::date, %(amount)s)
on conflict on constraint prequalification_pk do nothing;

-- name: prequalified
-- How many amounts were asked about a customer by a merchant today.
select count(*) from prequalification
 where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid and merchant_id = %(merchant)s::uuid
   and asked_on = %(on)s::date;

-- name: bought
-- What was authorised in a time, by plan, who pays its fee, and amount.
select plan_code, fee_payer, amount_minor, count(*)::integer as purchases
  from purchase
 where authorised_at >= %(since)s::timestamptz and authorised_at < %(until)s::timestamptz and outcome = 'authorised'
 group by plan_code, fee_payer, amount_minor;

-- name: lines_above
-- How many lines that are not closed have a limit above an amount, and by how much in all.
select count(*)::integer as lines, coalesce(sum(limit_minor - %(limit)s::bigint), 0)::bigint as amount_minor
  from credit_line where status <> 'closed' and limit_minor > %(limit)s::bigint;
