-- Hold a channel's file of a day, staged in the temporary table channel_row, against our books. Whatever agrees leaves no
-- trace but its count; each difference becomes a ticket, once, however often the day is run. Answers what the file settles
-- about requests whose outcome we do not know, or know otherwise, through the temporary table channel_answer.
create or replace function payments_reconcile(
  p_channel text, p_day date, p_starts timestamptz, p_ends timestamptz, p_late_from timestamptz, p_bps integer,
  p_fixed bigint, p_at timestamptz
) returns table (matched bigint, different bigint) language plpgsql as $$
declare
  v_matched bigint;
  v_different bigint;
begin
  create temp table file_row on commit drop as
    select r.line, rtrim(r.request_no) as request_no, rtrim(r.channel_no) as channel_no, rtrim(r.flow) as flow,
           r.amount_minor, r.fee_minor, case when r.request_no ~ '^[0-9a-f]{32}$' then r.request_no::uuid end as id,
           false as is_copy
      from channel_row r;
  update file_row f set is_copy = true
    from (select request_no, min(line) as first from file_row group by request_no having count(*) > 1) d
   where f.request_no = d.request_no and f.line > d.first;
  analyze file_row;

  create temp table difference on commit drop as
    with ours as (
      select d.id, 'debit' as flow, d.amount_minor, d.created_at as at from debit d
       where d.channel = p_channel and d.state = 'succeeded' and d.created_at >= p_starts and d.created_at < p_ends
      union all
      select p.id, 'payout', p.amount_minor, p.sent_at from payout p
       where p.channel = p_channel and p.state = 'succeeded' and p.sent_at >= p_starts and p.sent_at < p_ends
    )
    select f.line, f.request_no, f.channel_no, coalesce(f.id, o.id) as id, coalesce(f.flow, o.flow) as flow,
           o.amount_minor as ours, f.amount_minor as theirs, o.at,
           coalesce(f.fee_minor, 0) as fee,
           case when f.flow = 'debit' then (f.amount_minor * p_bps + 5000) / 10000 + p_fixed else 0 end as fee_agreed
      from (select * from file_row where not is_copy) f full join ours o on o.id = f.id and o.flow = f.flow
     where f.line is null or o.id is null or o.amount_minor <> f.amount_minor
        or (f.flow = 'debit' and f.fee_minor <> (f.amount_minor * p_bps + 5000) / 10000 + p_fixed);

  select count(*) - (select count(*) from difference d where d.line is not null) into v_matched
    from file_row where not is_copy;

  -- What the file alone has on this day, beside what the books know of its request. Ours counts on the day it was sent.
  create temp table theirs_only on commit drop as
    select x.line, x.id, x.request_no, x.channel_no, x.flow, x.theirs, coalesce(d.state, p.state) as state,
           coalesce(d.amount_minor, p.amount_minor) as ours, coalesce(d.created_at, p.sent_at) as at
      from difference x
      left join debit d on x.flow = 'debit' and d.bucket = get_byte(uuid_send(x.id), 15) and d.id = x.id
       and d.channel = p_channel
      left join payout p on x.flow = 'payout' and p.bucket in (0, get_byte(uuid_send(x.id), 15)) and p.id = x.id
       and p.channel = p_channel
     where x.ours is null;

  -- What is still open, or was told otherwise: the file is the channel's definite word. The caller records it.
  create temp table channel_answer on commit drop as
    select flow, id, channel_no, theirs as amount_minor, state from theirs_only
     where state in ('created', 'sent', 'unknown', 'failed');

  -- Tickets that this file explains: the side that was missing has come.
  -- What stands in suspense stays there until people undo it, and says that it may be.
  update channel_difference t
     set state = case when t.state = 'open' then 'closed' else t.state end,
         resolution = case when t.state = 'open' then 'matched_later' end,
         explained_on = p_day, changed_at = p_at, proposed = null
    from theirs_only o
   where o.state = 'succeeded' and o.theirs = o.ours and t.subject_id = o.id and t.channel = p_channel
     and t.bucket = get_byte(uuid_send(o.id), 15) and t.state <> 'closed' and t.kind in ('cut_off', 'doubtful', 'short')
     and t.business_date < p_day;
  -- And those of this very day, when its file comes again and is longer.
  update channel_difference t
     set state = 'closed', resolution = 'corrected', explained_on = p_day, changed_at = p_at, proposed = null
    from file_row f
   where f.id = t.subject_id and not f.is_copy and t.channel = p_channel and t.business_date = p_day
     and t.state = 'open' and t.theirs_minor is null and f.amount_minor = t.ours_minor;

  insert into channel_difference (bucket, id, channel, business_date, kind, flow, request_no, subject_id, channel_no,
                                  ours_minor, theirs_minor, state, resolution, explained_on, opened_at, changed_at)
  select case when n.id is null then 0 else get_byte(uuid_send(n.id), 15) end,
         payments_difference_id(p_channel, p_day, n.kind, n.request_no, n.line, n.id),
         p_channel, p_day, n.kind, n.flow, n.request_no, n.id, n.channel_no, n.ours, n.theirs,
         case when n.is_explained then 'closed' else 'open' end, case when n.is_explained then 'matched_later' end,
         case when n.is_explained then p_day + 1 end, p_at, p_at
    from (
      -- 短款 or 日切: we have it, the file has not. Near the end of the day it is expected in the next file; the file of
      -- the day before may have had it already.
      select case when x.at >= p_late_from then 'cut_off' else 'doubtful' end as kind, x.flow,
             replace(x.id::text, '-', '') as request_no, 0 as line, x.id, null as channel_no, x.ours, null::bigint as theirs,
             false as is_explained
        from difference x
       where x.line is null
         and not exists (select from channel_difference t
                          where t.bucket = get_byte(uuid_send(x.id), 15) and t.subject_id = x.id and t.kind = 'cut_off'
                            and t.explained_on = p_day and t.business_date < p_day)
      union all
      select 'amount', x.flow, x.request_no, x.line, x.id, x.channel_no, x.ours, x.theirs, false
        from difference x where x.line is not null and x.ours <> x.theirs
      union all
      select 'fee', x.flow, x.request_no, x.line, x.id, x.channel_no, x.fee_agreed, x.fee, false
        from difference x where x.line is not null and x.ours = x.theirs and x.fee <> x.fee_agreed
      union all
      -- 长款: the file has it, we have never asked for it.
      select 'long', o.flow, o.request_no, o.line, null, o.channel_no, null, o.theirs, false
        from theirs_only o where o.state is null
      union all
      select 'status', o.flow, o.request_no, o.line, o.id, o.channel_no, o.ours, o.theirs, false
        from theirs_only o where o.state = 'failed'
      union all
      -- 日切 from their side: in this file, and in our books on the next day.
      select case when o.ours = o.theirs then 'cut_off' else 'amount' end, o.flow, o.request_no, o.line, o.id,
             o.channel_no, o.ours, o.theirs, o.ours = o.theirs
        from theirs_only o where o.state = 'succeeded' and o.at >= p_ends
      union all
      -- In our books on an earlier day, and not awaited: that day's file had it too.
      select 'duplicate', o.flow, o.request_no, o.line, o.id, o.channel_no, o.ours, o.theirs, false
        from theirs_only o
       where o.state = 'succeeded' and o.at < p_starts
         and not exists (select from channel_difference t
                          where t.bucket = get_byte(uuid_send(o.id), 15) and t.subject_id = o.id
                            and t.channel = p_channel and t.explained_on = p_day)
      union all
      select 'duplicate', f.flow, f.request_no, f.line, f.id, f.channel_no, null, f.amount_minor, false
        from file_row f where f.is_copy
    ) n
  on conflict on constraint channel_difference_pk do nothing;

  -- Tickets age: what the next file did not bring is doubtful (存疑), and short (短款) two days after its own.
  update channel_difference t set kind = 'doubtful', changed_at = p_at
   where t.channel = p_channel and t.kind = 'cut_off' and t.state = 'open' and t.business_date < p_day;
  update channel_difference t set kind = 'short', changed_at = p_at
   where t.channel = p_channel and t.kind = 'doubtful' and t.state = 'open' and t.business_date <= p_day - 2;

  -- What the books said had failed, and has been booked after all.
  update channel_difference t
     set state = 'closed', resolution = 'answered', explained_on = p_day, changed_at = p_at, proposed = null
    from debit d
   where t.channel = p_channel and t.kind = 'status' and t.state = 'open' and d.bucket = t.bucket and d.id = t.subject_id
     and d.state = 'succeeded';

  select count(*) into v_different from channel_difference t
   where t.channel = p_channel and t.business_date = p_day and t.kind <> 'statement';
  return query select v_matched, v_different;
end $$;

-- Name a difference, so that running a day twice finds it once.
create or replace function payments_difference_id(
  p_channel text, p_day date, p_kind text, p_request_no text, p_line integer, p_id uuid
) returns uuid language sql immutable as $$
  select encode(substring(decode(md5(format('%s/%s/%s/%s/%s', p_channel, p_day,
           case when p_kind in ('cut_off', 'doubtful', 'short') then 'absent' else p_kind end, p_request_no,
           case when p_kind in ('duplicate', 'long') then p_line else 0 end)), 'hex') from 1 for 15)
         || case when p_id is null then '\x00'::bytea else substring(uuid_send(p_id) from 16 for 1) end, 'hex')::uuid
$$;

-- Hold the bank's statement, staged in statement_row, against the file that was reconciled in this transaction: the net of
-- the day where the bank shows it so, else each payment. Answers the statement's total.
create or replace function payments_hold_statement(
  p_channel text, p_day date, p_is_net boolean, p_at timestamptz
) returns bigint language plpgsql as $$
declare
  v_total bigint;
begin
  select coalesce(sum(amount_minor), 0) into v_total from statement_row;
  insert into channel_difference (bucket, id, channel, business_date, kind, flow, request_no, subject_id, channel_no,
                                  ours_minor, theirs_minor, state, opened_at, changed_at)
  select case when n.id is null then 0 else get_byte(uuid_send(n.id), 15) end,
         payments_difference_id(p_channel, p_day, 'statement', n.request_no, 0, n.id),
         p_channel, p_day, 'statement', n.flow, n.request_no, n.id, n.channel_no, n.file_minor, n.bank_minor, 'open',
         p_at, p_at
    from (
      select 'day' as flow, to_char(p_day, 'YYYYMMDD') as request_no, null::uuid as id, null as channel_no,
             f.net as file_minor, v_total as bank_minor
        from (select coalesce(sum(case when flow = 'debit' then amount_minor else -amount_minor end - fee_minor), 0)::bigint
                       as net from file_row where not is_copy) f
       where p_is_net and f.net <> v_total
      union all
      select coalesce(f.flow, 'day'), coalesce(f.request_no, s.request_no), f.id, f.channel_no,
             case when f.flow = 'debit' then f.amount_minor else -f.amount_minor end, s.amount_minor
        from (select * from file_row where not is_copy) f
        full join (select rtrim(request_no) as request_no, sum(amount_minor)::bigint as amount_minor from statement_row
                    group by rtrim(request_no)) s on s.request_no = f.request_no
       where not p_is_net
         and case when f.flow = 'debit' then f.amount_minor else -f.amount_minor end is distinct from s.amount_minor
    ) n
  on conflict on constraint channel_difference_pk do nothing;
  return v_total;
end $$;
