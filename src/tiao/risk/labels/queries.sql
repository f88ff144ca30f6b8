-- name: insert_labels
-- Write what payments were said to be.
insert into risk_label (bucket, id, purchase_id, customer_id, source, is_fraud, actor, known_at, told_at)
select l.bucket, l.id, l.purchase_id, l.customer_id, l.source, l.is_fraud, l.actor,
       least(coalesce(l.known_at, %(at)s::timestamptz), %(at)s::timestamptz), %(at)s::timestamptz
  from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(purchase)s::uuid[], %(customer)s::uuid[], %(source)s::text[],
              %(is_fraud)s::boolean[], %(actor)s::text[], %(known_at)s::timestamptz[])
    as l (bucket, id, purchase_id, customer_id, source, is_fraud, actor, known_at);

-- name: unlearned
-- Payments of which something was said that the features do not know yet, the longest waiting first.
select bucket, purchase_id, min(told_at) as told_at from risk_label where learned_at is null
 group by bucket, purchase_id order by told_at, purchase_id limit %(limit)s::integer;

-- name: labels_of
-- Everything said of payments, in the order in which it was.
select bucket, id, purchase_id, customer_id, source, is_fraud, actor, known_at, told_at, learned_at
  from risk_label where bucket = any (%(buckets)s::smallint[]) and purchase_id = any (%(purchases)s::uuid[])
 order by purchase_id, told_at, id;

-- name: labels_of_customers
-- Everything said of the payments of customers.
select bucket, id, purchase_id, customer_id, source, is_fraud, actor, known_at, told_at, learned_at
  from risk_label where bucket = any (%(buckets)s::smallint[]) and customer_id = any (%(customers)s::uuid[])
 order by purchase_id, told_at, id;

-- name: learned
-- Note that the features know labels now.
update risk_label set learned_at = %(at)s::timestamptz
 where bucket = any (%(buckets)s::smallint[]) and id = any (%(ids)s::uuid[]) and learned_at is null;

-- name: learning
-- How long labels took to be learned, of those told since an instant. Units: seconds.
select count(*) as told, count(learned_at) as learned,
       coalesce(percentile_disc(0.5) within group (order by extract(epoch from learned_at - told_at))
                filter (where learned_at is not null), 0)::float8 as p50_seconds,
       coalesce(percentile_disc(0.95) within group (order by extract(epoch from learned_at - told_at))
                filter (where learned_at is not null), 0)::float8 as p95_seconds
  from risk_label where told_at >= %(since)s::timestamptz;

-- name: of_collections
-- What was said because a debt went unpaid, in a range of buckets, in order.
select bucket, id, purchase_id, customer_id, source, is_fraud, actor, known_at, told_at, learned_at
  from risk_label where bucket between %(first)s::smallint and %(last)s::smallint and source = 'collections'
 order by purchase_id, told_at, id;
