-- name: keep_and_release
-- Keep, draw and release what was paid before a service, for what was booked on a day.
select payments_prepaid(%(first)s::smallint, %(last)s::smallint, %(day)s::date, %(scenes)s::text[], %(shares)s::numeric[],
                        %(steps)s::smallint[], %(step_days)s::smallint[], %(at)s::timestamptz);

-- name: holds
-- What is kept of a merchant's captures, the latest first, from a cursor on.
select bucket, loan_id, purchase_id, merchant_id, currency, held_minor, left_minor, steps, step_days, steps_done, held_on,
       next_on
  from prepaid_hold
 where merchant_id = %(merchant)s::uuid and left_minor > 0
   and (held_on, loan_id) < (%(before_on)s::date, %(before_id)s::uuid)
 order by held_on desc, loan_id desc limit %(limit)s::integer;

-- name: purchases_kept_of
-- The purchases of which something was kept from a merchant, used up or not, the latest captures first, from a cursor on.
select purchase_id, held_on, loan_id from prepaid_hold
 where merchant_id = %(merchant)s::uuid and (held_on, loan_id) < (%(before_on)s::date, %(before_id)s::uuid)
 order by held_on desc, loan_id desc limit %(limit)s::integer;

-- name: steps_to_come
-- What is released to a merchant, by day, if nothing comes between; the parts of a capture add up to what is left of it.
select h.next_on + (k.number - 1) * h.step_days as releases_on,
       sum(trunc(h.left_minor::numeric * k.number / n.left_steps)
           - trunc(h.left_minor::numeric * (k.number - 1) / n.left_steps))::bigint as amount_minor
  from prepaid_hold h
 cross join lateral (select h.steps - h.steps_done as left_steps) n
 cross join lateral generate_series(1, n.left_steps) as k (number)
 where h.merchant_id = %(merchant)s::uuid and h.left_minor > 0
 group by 1 having sum(h.left_minor) > 0 order by 1;

-- name: insert_failure
-- Write that a merchant gives its service no more.
insert into merchant_failure (merchant_id, failed_on, proposed_by, agreed_by)
values (%(merchant)s, %(failed_on)s::date, %(proposed_by)s, %(agreed_by)s)
on conflict on constraint merchant_failure_pk do nothing;

-- name: has_failed
-- Whether a merchant gives its service no more.
select exists (select from merchant_failure where merchant_id = %(merchant)s::uuid);

-- name: delete_failure
-- A merchant gives its service again.
delete from merchant_failure where merchant_id = %(merchant)s::uuid;

-- name: failures_mark
-- What tells one state of who has failed from another.
select coalesce(md5(string_agg(merchant_id::text || failed_on::text, ',' order by merchant_id)), '') as mark
  from merchant_failure;

-- name: failures
-- Who has failed, and who said so.
select merchant_id, failed_on, proposed_by, agreed_by from merchant_failure order by merchant_id;

-- name: forget_failures
-- Who has failed is about to be written anew.
delete from merchant_failure;
