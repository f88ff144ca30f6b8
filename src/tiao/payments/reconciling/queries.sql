-- name: reconcile
-- Hold the staged file against our books (see sql/functions/reconciling.sql).
select matched, different from payments_reconcile(
  %(channel)s::text, %(day)s::date, %(starts)s::timestamptz, %(ends)s::timestamptz, %(late_from)s::timestamptz,
  %(bps)s::integer, %(fixed)s::bigint, %(at)s::timestamptz);

-- name: hold_statement
-- Hold the staged statement against the staged file (see sql/functions/reconciling.sql).
select payments_hold_statement(%(channel)s::text, %(day)s::date, %(is_net)s::boolean, %(at)s::timestamptz) as total;

-- name: absent_debits
-- Debits without an answer whose own day's file, and the one after it, did not have them either.
select d.id from debit d
  join channel_day f on f.channel = d.channel and f.state = 'reconciled'
   and f.business_date = (d.created_at at time zone %(zone)s::text)::date
  join channel_day n on n.channel = d.channel and n.business_date = f.business_date + 1
   and (n.state = 'reconciled' or n.business_date = %(day)s::date)
 where d.channel = %(channel)s::text and d.state in ('created', 'unknown') and d.created_at < %(starts)s::timestamptz;

-- name: lock_channel_day
-- A channel's day, locked.
select channel, business_date, state, file_digest, statement_digest, rows, matched, different, debited_minor,
       paid_out_minor, channel_fee_minor, statement_minor, expected_at, reconciled_at, fault, fetches, statement_sequence
  from channel_day where channel = %(channel)s::text and business_date = %(day)s::date for update;

-- name: await_file
-- Write down that a file is awaited; it may have come already.
insert into channel_day (channel, business_date, state, expected_at)
values (%(channel)s::text, %(day)s::date, 'waiting', %(expected_at)s::timestamptz)
on conflict on constraint channel_day_pk do nothing;

-- name: set_channel_day
-- Write down what a channel's day came to.
update channel_day
   set state = 'reconciled', file_digest = %(file_digest)s::text, statement_digest = %(statement_digest)s::text,
       rows = %(rows)s::integer, matched = %(matched)s::integer, different = %(different)s::integer,
       debited_minor = %(debited_minor)s::bigint, paid_out_minor = %(paid_out_minor)s::bigint,
       channel_fee_minor = %(channel_fee_minor)s::bigint, statement_minor = %(statement_minor)s::bigint,
       statement_sequence = %(statement_sequence)s::bigint, reconciled_at = %(reconciled_at)s::timestamptz, fault = %(fault)s::text
 where channel = %(channel)s::text and business_date = %(day)s::date;

-- name: channel_days
-- Channels' days, latest first.
select channel, business_date, state, file_digest, statement_digest, rows, matched, different, debited_minor,
       paid_out_minor, channel_fee_minor, statement_minor, expected_at, reconciled_at, fault, fetches, statement_sequence
  from channel_day
 where (%(channel)s::text is null or channel = %(channel)s::text) and (state = 'waiting' or not %(is_waiting)s::boolean)
   and (business_date, channel) < (coalesce(%(before_day)s::date, 'infinity'), %(before_channel)s::text)
 order by business_date desc, channel desc limit %(limit)s::integer;

-- name: latest_day
-- The latest day of a channel that was reconciled or is awaited.
select max(business_date) as latest from channel_day where channel = %(channel)s::text;

-- name: waiting_days
-- The days of a channel whose file has not come, or is at fault and not too old to come again; oldest first.
select business_date from channel_day
 where channel = %(channel)s::text
   and (state = 'waiting' or (fault is not null and business_date >= %(since)s::date))
 order by business_date;

-- name: note_fetch
-- Note that a file was fetched, and what was wrong with it.
update channel_day set fault = %(fault)s::text, fetches = fetches + 1
 where channel = %(channel)s::text and business_date = %(day)s::date;

-- name: day_of_file
-- Which other day of a channel had a file of the very same content.
select business_date from channel_day
 where channel = %(channel)s::text and file_digest = %(digest)s::text and business_date <> %(day)s::date
 order by business_date limit 1;

-- name: day_of_sequence
-- Which other day of a channel has a statement whose number should be lower, or higher, than this day's.
select business_date from channel_day
 where channel = %(channel)s::text and business_date <> %(day)s::date
   and (statement_sequence = %(sequence)s::bigint
        or (statement_sequence < %(sequence)s::bigint) <> (business_date < %(day)s::date))
 order by business_date limit 1;

-- name: differences
-- Differences, the oldest first: what waits longest is worked first.
select bucket, id, channel, business_date, kind, flow, request_no, subject_id, channel_no, ours_minor, theirs_minor, state,
       resolution, explained_on, proposed, note, maker, checker, opened_at, changed_at
  from channel_difference
 where (state <> 'closed' or not %(is_open)s::boolean) and (%(channel)s::text is null or channel = %(channel)s::text)
   and (%(kind)s::text is null or kind = %(kind)s::text)
   and (opened_at, id) > (coalesce(%(after_at)s::timestamptz, '-infinity'), %(after_id)s::uuid)
 order by opened_at, id limit %(limit)s::integer;

-- name: difference
-- One difference.
select bucket, id, channel, business_date, kind, flow, request_no, subject_id, channel_no, ours_minor, theirs_minor, state,
       resolution, explained_on, proposed, note, maker, checker, opened_at, changed_at
  from channel_difference where bucket = %(bucket)s::smallint and id = %(id)s::uuid;

-- name: lock_difference
-- One difference, locked.
select bucket, id, channel, business_date, kind, flow, request_no, subject_id, channel_no, ours_minor, theirs_minor, state,
       resolution, explained_on, proposed, note, maker, checker, opened_at, changed_at
  from channel_difference where bucket = %(bucket)s::smallint and id = %(id)s::uuid for update;

-- name: set_difference
-- Write what people decided about a difference that is locked.
update channel_difference
   set state = %(state)s::text, resolution = %(resolution)s::text, proposed = %(proposed)s::text, note = %(note)s::text,
       maker = %(maker)s::text, checker = %(checker)s::text, changed_at = %(changed_at)s::timestamptz
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid;

-- name: alarms
-- What somebody has to look at: what is past its time, and what stands in suspense.
select (select count(*) from channel_day where state = 'waiting' and expected_at < %(at)s::timestamptz)::integer
         as files_late,
       (select count(*) from channel_day
         where fault is not null and (state = 'waiting' or reconciled_at > %(open_before)s::timestamptz))::integer
         as files_at_fault,
       (select count(*) from debit where state in ('created', 'unknown')
                                     and created_at < %(unknown_before)s::timestamptz)::integer
         + (select count(*) from payout where state in ('sent', 'unknown')
                                          and created_at < %(unknown_before)s::timestamptz)::integer as unknown_late,
       (select count(*) from channel_difference where state = 'open'
                                                  and opened_at < %(open_before)s::timestamptz)::integer
         as differences_late,
       (select coalesce(sum(abs(case when kind in ('status', 'duplicate') then coalesce(theirs_minor, 0)
                                     else coalesce(theirs_minor, 0) - coalesce(ours_minor, 0) end)), 0)
          from channel_difference where state = 'suspended')::bigint as suspended_minor;
