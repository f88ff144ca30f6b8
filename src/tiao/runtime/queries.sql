-- name: test_clock
-- The programme's own time; no row or null when it runs on real time.
select case when is_test_clock then now_at end as now_at from programme;

-- name: programme
-- The programme of this database.
select name, currency, time_zone, market, lender_type, is_test_clock, now_at, cut_off_on, closed_through, opened_on
  from programme;

-- name: insert_programme
-- Write the programme of a new database.
insert into programme (name, currency, time_zone, market, lender_type, is_test_clock, now_at, cut_off_on, closed_through,
                       opened_on)
values (%(name)s, %(currency)s, %(time_zone)s, %(market)s, %(lender_type)s, %(is_test_clock)s, %(now_at)s,
        %(cut_off_on)s, %(closed_through)s, %(opened_on)s);

-- name: move_clock
-- Move the test clock.
update programme set now_at = %(to)s::timestamptz;

-- name: finish_day
-- A business day is closed.
update programme set closed_through = greatest(closed_through, %(day)s::date);

-- name: begin_close_step
-- Claim a step of a close; no row when it is done already. A second closer waits here for the first.
insert into close_step (business_date, step, bucket_from, bucket_to, rows_changed, finished_at)
values (%(day)s, %(step)s, %(first)s, %(last)s, 0, %(at)s)
on conflict on constraint close_step_pk do nothing returning 1 as claimed;

-- name: plan_each_anew
-- What a day finds is nothing like an average day's rows: plans are made for its own values, which costs little beside the work.
select set_config('plan_cache_mode', 'force_custom_plan', true) as mode;

-- name: end_close_step
-- Note how much a step changed.
update close_step set rows_changed = %(rows)s
 where business_date = %(day)s and step = %(step)s and bucket_from = %(first)s;

-- name: close_steps
-- How far the close of a day has come.
select step, bucket_from, bucket_to, rows_changed, finished_at from close_step
 where business_date = %(day)s order by finished_at, step, bucket_from;

-- name: insert_policy_override
-- Write a proposed override.
insert into policy_override (id, rule, applies_to, kind, value, reason, person, actor, from_on, review_on, expires_on,
                             proposed_on, recorded_at)
values (%(id)s, %(rule)s, %(applies_to)s, %(kind)s, %(value)s, %(reason)s, %(person)s, %(actor)s, %(from_on)s,
        %(review_on)s, %(expires_on)s, %(proposed_on)s, %(recorded_at)s);

-- name: insert_policy_override_step
-- Write what was decided about an override.
insert into policy_override_step (override_id, step, person, actor, reason, counts_from_on, decided_on, recorded_at)
values (%(id)s, %(step)s, %(person)s, %(actor)s, %(reason)s, %(counts_from_on)s, %(decided_on)s, %(recorded_at)s);

-- name: lock_policy_overrides
-- Decide about overrides one at a time: each is held against all that stand.
select id from programme for update;

-- name: policy_overrides
-- Every override with what was decided about it, in the order in which they came into force, proposals last.
select o.id, o.rule, o.applies_to, o.kind, o.value, o.reason, o.person, o.actor, o.from_on, o.review_on, o.expires_on,
       o.proposed_on, o.recorded_at, a.person as approved_by, a.actor as approved_with, a.reason as approval_reason,
       a.decided_on as approved_on, a.counts_from_on as starts_on, w.person as withdrawn_by, w.actor as withdrawn_with,
       w.reason as withdrawal_reason, w.counts_from_on as ends_on
  from policy_override o
  left join policy_override_step a on a.override_id = o.id and a.step = 'approved'
  left join policy_override_step w on w.override_id = o.id and w.step = 'withdrawn'
 order by a.recorded_no nulls last, o.recorded_no;

-- name: policy_override_mark
-- A number that changes whenever something was decided about an override.
select coalesce(max(recorded_no), 0) as mark from policy_override_step;

-- name: placement
-- Which share of the buckets this database holds; no row when it holds them all.
select shard, map_digest, buckets from placement;

-- name: record_placement
-- Write down which share of the buckets this database holds.
insert into placement (shard, map_digest, buckets)
values (%(shard)s::smallint, %(map_digest)s::text, %(buckets)s::smallint[]);

-- name: foreign_buckets
-- Buckets of customers who are here and should not be.
select distinct bucket from customer where not bucket = any (%(buckets)s::smallint[])
union
select distinct bucket from credit_line where not bucket = any (%(buckets)s::smallint[])
order by bucket;

-- name: policy_override_facts
-- Everything that was proposed and decided about overrides, for servers that follow this one.
select coalesce((select jsonb_agg(to_jsonb(o)) from policy_override o), '[]') as proposed,
       coalesce((select jsonb_agg(to_jsonb(s)) from policy_override_step s), '[]') as decided;

-- name: follow_policy_overrides
-- Write what was proposed at home, as it is there.
insert into policy_override overriding system value
select * from jsonb_populate_recordset(null::policy_override, %(rows)s::jsonb) on conflict do nothing;

-- name: follow_policy_override_steps
-- Write what was decided at home, as it is there.
insert into policy_override_step overriding system value
select * from jsonb_populate_recordset(null::policy_override_step, %(rows)s::jsonb) on conflict do nothing;

-- name: try_lock
-- Become the one process that does something, until it lets go or this connection ends.
select pg_try_advisory_lock(%(lock)s::bigint) as is_held;

-- name: unlock
-- Let go of it.
select pg_advisory_unlock(%(lock)s::bigint) as was_held;
