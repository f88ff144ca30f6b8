-- name: insert_tries
-- Keep why bills were debited at their hour; a try kept before stays as it is.
insert into collection_try (bucket, order_id, line_id, customer_id, due_on, tried_at, due_minor, amount_minor, why)
select t.bucket, t.order_id, t.line_id, t.customer_id, t.due_on, %(tried_at)s::timestamptz, t.due_minor, t.amount_minor,
       t.why::jsonb
  from unnest(%(bucket)s::smallint[], %(order_id)s::uuid[], %(line_id)s::uuid[], %(customer_id)s::uuid[],
              %(due_on)s::date[], %(due_minor)s::bigint[], %(amount_minor)s::bigint[], %(why)s::text[])
    as t (bucket, order_id, line_id, customer_id, due_on, due_minor, amount_minor, why)
on conflict on constraint collection_try_pk do nothing;

-- name: tries_of
-- The tries at lines' bills since an instant, each with how its latest attempt stands, in their order.
select t.line_id, t.order_id, t.due_on, t.tried_at, d.state, d.code
  from collection_try t
  join lateral (select state, code from debit
                 where bucket = t.bucket and order_id = t.order_id order by attempt desc limit 1) d on true
 where t.bucket = any (%(buckets)s::smallint[]) and t.line_id = any (%(lines)s::uuid[])
   and t.tried_at >= %(since)s::timestamptz
 order by t.tried_at, t.order_id;

-- name: tries_shown
-- The latest tries at a line's bills.
select bucket, order_id, line_id, customer_id, due_on, tried_at, due_minor, amount_minor, why
  from collection_try where bucket = %(bucket)s::smallint and line_id = %(line)s::uuid
 order by tried_at desc, order_id limit %(limit)s::integer;

-- name: outcomes_of
-- What became of debits from accounts since an instant, where it says whether there was money, in their order.
select customer_id, created_at, state, code from debit
 where bucket = any (%(buckets)s::smallint[]) and funding_source_id = any (%(sources)s::uuid[])
   and created_at >= %(since)s::timestamptz
   and (state = 'succeeded' or (state = 'failed' and code = 'insufficient_funds'))
 order by created_at, id;
