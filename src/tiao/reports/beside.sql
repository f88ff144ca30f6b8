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
