-- name: facts
-- What is recorded about customers and could be known from an instant up to another, each fact with the day it counts for.
-- Facts are read where they lie and never change; a purchase's captures and an instalment's state are not among them.
with here as materialized (select coalesce((select time_zone from programme), 'UTC') as zone)
select f.customer_id, f.kind, f.id, f.on_day, f.available_at, f.amount, f.label, f.until_on
  from (
    select a.bucket, a.customer_id, 'applied' as kind, a.id, (a.received_at at time zone (select zone from here))::date as on_day,
           a.received_at as available_at, a.income_minor as amount, '' as label, null::date as until_on
      from credit_application a
    union all
    select s.bucket, s.customer_id, 'bound', s.id, (s.bound_at at time zone (select zone from here))::date, s.bound_at, 0, s.channel,
           null
      from funding_source s
    union all
    select p.bucket, p.customer_id, case p.outcome when 'authorised' then 'bought' else 'declined' end, p.id,
           (coalesce(p.decided_at, p.authorised_at) at time zone (select zone from here))::date,
           coalesce(p.decided_at, p.authorised_at), p.amount_minor, p.merchant_id::text, null
      from purchase p where p.outcome in ('authorised', 'declined')
    union all
    select r.bucket, r.customer_id, 'returned', r.id, r.effective_on, r.recorded_at, r.amount_minor, r.merchant_id::text,
           null
      from refund r
    union all
    select b.bucket, b.customer_id, 'billed', b.id, b.statement_on,
           b.statement_on::timestamp at time zone (select zone from here), b.principal_minor + b.fee_minor, '', b.due_on
      from bill b
    union all
    select y.bucket, y.customer_id, 'repaid', y.id, y.effective_on, y.recorded_at, y.amount_minor, y.kind, null
      from repayment y where y.kind in ('debit', 'credit_balance')
    union all
    select d.bucket, d.customer_id, case d.state when 'succeeded' then 'debited' else 'debit_failed' end, d.id,
           (d.answered_at at time zone (select zone from here))::date, d.answered_at, d.amount_minor, coalesce(d.code, ''), null
      from debit d where d.state in ('succeeded', 'failed') and d.answered_at is not null
    union all
    select g.bucket, g.customer_id, g.source, g.id, (g.observed_at at time zone (select zone from here))::date, g.received_at,
           g.value, g.name, null
      from profile_signal g) f
 where f.bucket = any (%(buckets)s::smallint[]) and f.customer_id = any (%(customers)s::uuid[])
   and f.available_at >= %(since)s::timestamptz and f.available_at <= %(until)s::timestamptz
 order by f.customer_id, f.available_at, f.id;

-- name: stirred
-- Customers of a range of buckets about whom something was recorded since an instant.
select customer_id from purchase
 where bucket between %(first)s and %(last)s
   and (authorised_at >= %(since)s::timestamptz or decided_at >= %(since)s::timestamptz)
union
select customer_id from repayment where bucket between %(first)s and %(last)s and recorded_at >= %(since)s::timestamptz
union
select customer_id from refund where bucket between %(first)s and %(last)s and recorded_at >= %(since)s::timestamptz
union
select customer_id from debit where bucket between %(first)s and %(last)s and answered_at >= %(since)s::timestamptz
union
select customer_id from bill
 where bucket between %(first)s and %(last)s and statement_on >= (%(since)s::timestamptz at time zone 'UTC')::date
union
select customer_id from credit_application
 where bucket between %(first)s and %(last)s and received_at >= %(since)s::timestamptz
union
select customer_id from profile_signal
 where bucket between %(first)s and %(last)s and received_at >= %(since)s::timestamptz
 order by customer_id;

-- name: lock_states
-- The folds of customers, locked in order.
select customer_id, version, state, folded_at from profile_state
 where bucket = any (%(buckets)s::smallint[]) and customer_id = any (%(customers)s::uuid[])
 order by bucket, customer_id for update;

-- name: keep_states
-- Keep the folds of customers.
insert into profile_state (bucket, customer_id, version, state, folded_at)
select s.bucket, s.customer_id, %(version)s, s.state, %(at)s::timestamptz
  from unnest(%(bucket)s::smallint[], %(customer)s::uuid[], %(state)s::bytea[]) as s (bucket, customer_id, state)
on conflict on constraint profile_state_pk
  do update set version = excluded.version, state = excluded.state, folded_at = excluded.folded_at;

-- name: customers_with_states
-- Customers of a bucket whose features are under way.
select customer_id from profile_state where bucket = %(bucket)s order by customer_id;

-- name: insert_signal
-- Write what was told of a customer.
insert into profile_signal (bucket, id, customer_id, source, name, value, observed_at, received_at)
values (%(bucket)s, %(id)s, %(customer)s, %(source)s, %(name)s, %(value)s, %(observed_at)s, %(received_at)s);
