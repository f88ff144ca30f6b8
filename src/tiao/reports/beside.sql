-- name: side
-- What limits and losses came to, and what moved limits.
select (select count(*) from credit_line) as lines,
       (select coalesce(sum(limit_target_minor), 0)::bigint from credit_line) as limits_minor,
       (select coalesce(sum(used_minor), 0)::bigint from credit_line) as used_minor,
       (select coalesce(sum(captured_minor), 0)::bigint from purchase) as captured_minor,
       (select count(*) from purchase where outcome = 'declined') as declined,
       (select count(*) from loan_write_off) as lost_loans,
       (select coalesce(sum(principal_minor), 0)::bigint from loan_write_off) as lost_minor,
       (select coalesce(sum(recovered_minor), 0)::bigint from repayment) as recovered_minor,
       (select coalesce(sum(i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor
                            - i.principal_written_off_minor), 0)::bigint
          from loan_instalment i join loan n on n.bucket = i.bucket and n.id = i.loan_id
         where n.status = 'active' and n.stage >= 3) as late_minor,
       (select coalesce(-sum(e.amount_minor), 0)::bigint from ledger_entry e join ledger_account a on a.code = e.account
         where a.class = 'income') as income_minor,
       (select count(*) from credit_decision where kind = 'review' and outcome = 'raised') as raised,
       (select count(*) from credit_decision where kind = 'review' and outcome = 'cut') as cut,
       (select count(*) from credit_decision where kind = 'review' and outcome = 'frozen') as frozen,
       (select count(*) from credit_behaviour) as scores,
       (select count(*) from credit_watch where warned_on is not null) as warned;

-- name: lost_by_day
-- Principal written off, day by day.
select effective_on as day, sum(principal_minor)::bigint as minor from loan_write_off group by effective_on order by day;

-- name: limits_by_day
-- How the limits of all lines moved, day by day, in the programme's time zone.
select (d.decided_at at time zone p.time_zone)::date as day,
       sum(d.limit_after_minor - d.limit_before_minor)::bigint as minor
  from credit_decision d cross join programme p
 where d.outcome in ('approved', 'raised', 'cut') and d.line_id is not null
 group by 1 order by 1;

-- name: by_customer
-- Each customer with a line: limit and use over all days (minor units times days), what was bought, and what is lost or 61 days late.
with days as (
  select min(day) as first, max(day) as last from (
    select (decided_at at time zone p.time_zone)::date as day from credit_decision cross join programme p
    union all select booked_on from ledger_posting) d
), allowed as (
  select d.customer_id,
         sum((d.limit_after_minor - d.limit_before_minor)
             * (y.last - (d.decided_at at time zone p.time_zone)::date + 1))::bigint as limit_days
    from credit_decision d cross join programme p cross join days y
   where d.outcome in ('approved', 'raised', 'cut') and d.line_id is not null group by d.customer_id
), used as (
  select l.customer_id, sum(e.amount_minor * (y.last - e.booked_on + 1))::bigint as used_days
    from ledger_entry e
    join ledger_account a on a.code = e.account and a.is_line_use
    join ledger_posting p on p.bucket = e.bucket and p.id = e.posting_id
    join credit_line l on l.bucket = p.bucket and l.id = p.line_id
    cross join days y
   group by l.customer_id
), bought as (
  select customer_id, sum(captured_minor)::bigint as minor from purchase group by customer_id
), lost as (
  select customer_id, sum(minor)::bigint as minor from (
    select n.customer_id, w.principal_minor as minor
      from loan_write_off w join loan n on n.bucket = w.bucket and n.id = w.loan_id
    union all
    select n.customer_id, i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor
                          - i.principal_written_off_minor
      from loan_instalment i join loan n on n.bucket = i.bucket and n.id = i.loan_id
     where n.status = 'active' and n.stage >= 3) x
   group by customer_id
)
select l.customer_id, y.last - y.first + 1 as days, coalesce(g.limit_days, 0) as limit_days,
       coalesce(u.used_days, 0) as used_days, coalesce(b.minor, 0) as bought_minor, coalesce(t.minor, 0) as lost_minor
  from credit_line l cross join days y
  left join allowed g on g.customer_id = l.customer_id
  left join used u on u.customer_id = l.customer_id
  left join bought b on b.customer_id = l.customer_id
  left join lost t on t.customer_id = l.customer_id
 order by l.customer_id;
