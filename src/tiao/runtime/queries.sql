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

-- name: end_close_step
-- Note how much a step changed.
update close_step set rows_changed = %(rows)s
 where business_date = %(day)s and step = %(step)s and bucket_from = %(first)s;

-- name: close_steps
-- How far the close of a day has come.
select step, bucket_from, bucket_to, rows_changed, finished_at from close_step
 where business_date = %(day)s order by finished_at, step, bucket_from;
