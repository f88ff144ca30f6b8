-- name: insert_sublimits
-- Write new sublimits.
insert into credit_sublimit (bucket, id, line_id, customer_id, kind, scene, merchant_id, amount_minor, ends_on,
                             granted_id, granted_at)
select * from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(line)s::uuid[], %(customer)s::uuid[], %(kind)s::text[],
                     %(scene)s::text[], %(merchant)s::uuid[], %(amount)s::bigint[], %(ends_on)s::date[],
                     %(granted)s::uuid[], %(at)s::timestamptz[]);

-- name: sublimits
-- What is in force on these lines, and what is over and not taken back yet.
select bucket, id, line_id, customer_id, kind, scene, merchant_id, amount_minor, ends_on, granted_id, granted_at, ended_at
  from credit_sublimit
 where bucket = any (%(buckets)s::smallint[]) and line_id = any (%(lines)s::uuid[]) and ended_at is null
 order by line_id, granted_at, id;

-- name: over
-- Sublimits of a range of buckets whose last day is past.
select bucket, id, line_id, customer_id, kind, scene, merchant_id, amount_minor, ends_on, granted_id, granted_at, ended_at
  from credit_sublimit
 where bucket between %(first)s and %(last)s and ended_at is null and ends_on <= %(day)s::date
 order by line_id, granted_at, id;

-- name: end_sublimits
-- Take sublimits back.
update credit_sublimit set ended_at = %(at)s::timestamptz
 where bucket = any (%(buckets)s::smallint[]) and id = any (%(ids)s::uuid[]);

-- name: count_sublimits
-- Count on each line what is in force.
update credit_line l
   set sublimits = (select count(*) from credit_sublimit s
                     where s.bucket = l.bucket and s.line_id = l.id and s.ended_at is null)
 where l.bucket = any (%(buckets)s::smallint[]) and l.id = any (%(lines)s::uuid[]);
