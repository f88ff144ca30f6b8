-- name: line_months
-- How active lines in use, whose statement day is a day, stood at their last six statements; who never had a bill is left
-- out.
with asked as (
  select l.bucket, l.id, l.customer_id, l.limit_target_minor, l.used_minor, l.statement_day
    from credit_line l
   where l.bucket between %(first)s and %(last)s and l.status = 'active' and l.used_minor > 0
     and least(l.statement_day, extract(day from date_trunc('month', %(day)s::date) + interval '1 month' - interval '1 day'))
         = extract(day from %(day)s::date)
     and exists (select from bill b where b.bucket = l.bucket and b.line_id = l.id and b.statement_on <= %(day)s::date)
), month as (
  select a.bucket, a.id as line_id, n.number,
         (date_trunc('month', %(day)s::date) - make_interval(months => n.number - 1))::date as begins_on, a.statement_day
    from asked a cross join generate_series(1, 7) as n (number)
), cut as (
  select m.bucket, m.line_id, m.number,
         m.begins_on + least(m.statement_day, extract(day from m.begins_on + interval '1 month' - interval '1 day')::integer)
         - 1 as statement_on
    from month m
), span as (
  -- A statement and the one before it.
  select c.bucket, c.line_id, c.number, c.statement_on,
         lead(c.statement_on) over (partition by c.bucket, c.line_id order by c.number) as since_on
    from cut c
)
select a.id as line_id, a.customer_id, a.limit_target_minor as limit_minor, a.used_minor, s.number::integer as number,
       case when late.oldest_on is not null then (s.statement_on - late.oldest_on) / 30 + 1
            when carried.is_carried then 0
            when before.id is not null then -1
            else -2 end::integer as months_late,
       coalesce(own.principal_minor + own.fee_minor + own.carried_minor, late.open_minor, 0)::bigint as owed_minor,
       coalesce((
         select sum(r.amount_minor) from repayment r
          where r.bucket = s.bucket and r.line_id = s.line_id and r.kind in ('debit', 'transfer')
            and r.effective_on > s.since_on and r.effective_on <= s.statement_on
            and (r.reversed_on is null or r.reversed_on > s.statement_on)), 0)::bigint as paid_minor
  from span s
  join asked a on a.bucket = s.bucket and a.id = s.line_id
  left join bill own on own.bucket = s.bucket and own.line_id = s.line_id and own.statement_on = s.statement_on
  left join lateral (
    select b.id from bill b
     where b.bucket = s.bucket and b.line_id = s.line_id and b.statement_on >= s.since_on and b.statement_on < s.statement_on
     limit 1) before on true
  left join lateral (
    -- What was due and not settled at the end of the statement's day.
    select min(b.due_on) as oldest_on, sum(b.principal_minor + b.fee_minor) as open_minor from bill b
     where b.bucket = s.bucket and b.line_id = s.line_id and b.due_on < s.statement_on
       and (b.settled_on is null or b.settled_on > s.statement_on)) late on true
  left join lateral (
    select exists (
      select from carry_agreement g join loan n on n.bucket = g.bucket and n.id = g.loan_id and n.principal_minor > 0
       where g.bucket = s.bucket and g.line_id = s.line_id and g.next_statement_on = s.statement_on and g.is_carried)
      as is_carried) carried on true
 where s.number <= 6
 order by a.bucket, a.id, s.number;

-- name: late_after
-- When a loan of each line first came to a stage of lateness after a day of the line's own.
select a.place, min(c.changed_on) as late_on
  from unnest(%(buckets)s::smallint[], %(lines)s::uuid[], %(days)s::date[], %(places)s::integer[])
         as a (bucket, line_id, day, place)
  join loan n on n.bucket = a.bucket and n.line_id = a.line_id
  join loan_stage_change c on c.bucket = n.bucket and c.loan_id = n.id
 where c.changed_on > a.day and c.stage_after >= %(stage)s::smallint
 group by a.place order by a.place;
