-- Charge overdue penalties through a day: simple, on the overdue principal, exact in millionths, booked in whole units.
--
-- A payment made on a day is taken off before that day is charged. An instalment remembers through which day it has
-- been charged, so running again, or for a few lines ahead of the close, charges nothing twice.
--   Dr  consumer receivable, penalties (loan)
--   Cr  penalty income
create or replace function lending_accrue_penalties(
  p_from smallint, p_to smallint, p_lines uuid[], p_through date,
  p_booked_on date, p_recorded_at timestamptz, p_is_close boolean, p_cause text
) returns bigint language plpgsql as $$
declare
  v_count bigint;
  v_bucket smallint[];
  v_account integer[];
  v_owner uuid[];
  v_currency text[];
  v_amount bigint[];
begin
  with late as (
    select i.bucket, i.loan_id, i.number, i.penalty_minor,
           i.penalty_micros
             + (i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor - i.principal_written_off_minor)
             * i.penalty_ppm
             * (p_through - greatest(i.due_on, coalesce(i.penalty_through, i.due_on))
                - (select count(distinct d.day)
                     from loan_adjustment a,
                          generate_series(greatest(a.from_on, i.due_on + 1, coalesce(i.penalty_through, i.due_on) + 1),
                                          least(a.to_on, p_through), interval '1 day') as d (day)
                    where a.line_id = i.line_id and a.kind = 'penalty_pause'
                      and not exists (
                        select from loan_adjustment u where u.bucket = a.bucket and u.undoes_id = a.id))) as micros,
           i.penalty_charged_minor
      from loan_instalment i
     where i.bucket between p_from and p_to
       and (p_lines is null or i.line_id = any (p_lines))
       and i.settled_on is null
       and i.due_on < p_through
       and coalesce(i.penalty_through, i.due_on) < p_through
     order by i.bucket, i.loan_id, i.number
       for update
  ), charged as (
    update loan_instalment i
       set penalty_micros = l.micros, penalty_minor = l.micros / 1000000 + l.penalty_charged_minor,
           penalty_through = p_through
      from late l
     where i.bucket = l.bucket and i.loan_id = l.loan_id and i.number = l.number
    returning i.bucket, i.loan_id, l.micros / 1000000 + l.penalty_charged_minor - l.penalty_minor as added
  ), by_loan as (
    select c.bucket, c.loan_id, sum(c.added)::bigint as added, count(*) as instalments
      from charged c group by c.bucket, c.loan_id
  ), entries as (
    select b.bucket, 1013 as account, b.loan_id as owner, n.currency::text as currency, b.added as amount
      from by_loan b join loan n on n.bucket = b.bucket and n.id = b.loan_id where b.added > 0
    union all
    select b.bucket, 4004, '00000000-0000-0000-0000-000000000000', n.currency::text, -sum(b.added)::bigint
      from by_loan b join loan n on n.bucket = b.bucket and n.id = b.loan_id where b.added > 0
     group by b.bucket, n.currency
  )
  select (select coalesce(sum(b.instalments), 0) from by_loan b),
         array_agg(e.bucket), array_agg(e.account), array_agg(e.owner), array_agg(e.currency), array_agg(e.amount)
    into v_count, v_bucket, v_account, v_owner, v_currency, v_amount
    from entries e;
  perform ledger_post_by_bucket('penalty_accrued', p_cause, v_bucket, v_account, v_owner, v_currency, v_amount,
                                p_through, p_booked_on, p_recorded_at, p_is_close);
  return v_count;
end $$;

-- Bill the instalments whose statement day has come: their fee or interest falls due, the merchant's subsidy is earned.
--   Dr  consumer receivable, fees or interest (loan)    Dr  merchant subsidy, unearned (loan)
--   Cr  instalment fee income, or interest income       Cr  merchant subsidy income
-- and cut a bill for each line that pays by statement, with what earlier bills still owe carried in.
create or replace function lending_bill(
  p_from smallint, p_to smallint, p_statement_on date, p_booked_on date, p_recorded_at timestamptz
) returns bigint language plpgsql
-- A plan made for any day would expect a handful of rows where a statement day brings a twentieth of the book.
set plan_cache_mode = force_custom_plan as $$
declare
  v_count bigint;
  v_bucket smallint[];
  v_account integer[];
  v_owner uuid[];
  v_currency text[];
  v_amount bigint[];
begin
  with billed as (
    update loan_instalment i set is_billed = true
     where i.bucket between p_from and p_to and not i.is_billed and i.statement_on <= p_statement_on
    returning i.bucket, i.loan_id, i.fee_minor - i.fee_cancelled_minor as fee,
              i.subsidy_minor - i.subsidy_cancelled_minor as subsidy
  ), by_loan as (
    select b.bucket, b.loan_id, n.currency::text as currency, n.cost_kind, sum(b.fee)::bigint as fee,
           sum(b.subsidy)::bigint as subsidy, count(*) as instalments
      from billed b join loan n on n.bucket = b.bucket and n.id = b.loan_id
     group by b.bucket, b.loan_id, n.currency, n.cost_kind
  ), entries as (
    select b.bucket, case b.cost_kind when 'interest' then 1014 else 1012 end as account, b.loan_id as owner, b.currency,
           b.fee as amount
      from by_loan b where b.fee > 0
    union all
    select b.bucket, case b.cost_kind when 'interest' then 4006 else 4002 end, '00000000-0000-0000-0000-000000000000',
           b.currency, -sum(b.fee)::bigint
      from by_loan b where b.fee > 0 group by b.bucket, b.currency, b.cost_kind
    union all
    select b.bucket, 2002, b.loan_id, b.currency, b.subsidy from by_loan b where b.subsidy > 0
    union all
    select b.bucket, 4003, '00000000-0000-0000-0000-000000000000', b.currency, -sum(b.subsidy)::bigint
      from by_loan b where b.subsidy > 0 group by b.bucket, b.currency
  )
  select (select coalesce(sum(b.instalments), 0) from by_loan b),
         array_agg(e.bucket), array_agg(e.account), array_agg(e.owner), array_agg(e.currency), array_agg(e.amount)
    into v_count, v_bucket, v_account, v_owner, v_currency, v_amount
    from entries e;
  perform ledger_post_by_bucket('instalment_billed', 'close', v_bucket, v_account, v_owner, v_currency, v_amount,
                                p_statement_on, p_booked_on, p_recorded_at, true);

  insert into bill (bucket, id, line_id, customer_id, currency, statement_on, due_on, principal_minor, fee_minor,
                    carried_minor)
  select i.bucket, overlay(md5(format('bill/%s/%s', i.line_id, p_statement_on)) placing
                           lpad(to_hex(i.bucket::integer), 2, '0') from 31 for 2)::uuid,
         i.line_id, l.customer_id, l.currency, p_statement_on,
         max(i.due_on) filter (where i.statement_on = p_statement_on),
         sum(i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor)
           filter (where i.statement_on = p_statement_on),
         sum(i.fee_minor - i.fee_paid_minor - i.fee_cancelled_minor) filter (where i.statement_on = p_statement_on),
         coalesce(sum(i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor
                      + i.fee_minor - i.fee_paid_minor - i.fee_cancelled_minor
                      + i.penalty_minor - i.penalty_paid_minor - i.penalty_waived_minor)
                    filter (where i.statement_on < p_statement_on), 0)
    from loan_instalment i
    join loan n on n.bucket = i.bucket and n.id = i.loan_id and n.mode = 'statement'
    join credit_line l on l.bucket = i.bucket and l.id = i.line_id
   where i.bucket between p_from and p_to and i.settled_on is null and i.is_billed
     -- The bucket too, although a line has only one: without it each instalment looked its line up in every bucket.
     and (i.bucket, i.line_id) in (
       select s.bucket, s.line_id from loan_instalment s
         join loan m on m.bucket = s.bucket and m.id = s.loan_id and m.mode = 'statement'
        where s.bucket between p_from and p_to and s.statement_on = p_statement_on and s.settled_on is null)
   group by i.bucket, i.line_id, l.customer_id, l.currency
  on conflict on constraint bill_cut_once do nothing;
  return v_count;
end $$;

-- Age loans at the end of a day: days past due count from the day after the due date; only changes of stage are kept.
create or replace function lending_age(p_from smallint, p_to smallint, p_on date) returns bigint
language plpgsql as $$
declare
  v_count bigint;
begin
  with late as (
    select i.bucket, i.loan_id, p_on - min(i.due_on) as days
      from loan_instalment i
     where i.bucket between p_from and p_to and i.settled_on is null and i.due_on < p_on
     group by i.bucket, i.loan_id
  ), staged as (
    -- In two parts, so that late loans are found by their key; joining every active loan to the late ones took a plan
    -- that compared each with each.
    select n.bucket, n.id, n.stage as before, least((l.days + 29) / 30, 7) as after
      from late l join loan n on n.bucket = l.bucket and n.id = l.loan_id
     where n.status = 'active'
    union all
    select n.bucket, n.id, n.stage, 0
      from loan n
     where n.bucket between p_from and p_to and n.status = 'active' and n.stage > 0
       and not exists (
         select from loan_instalment i
          where i.bucket = n.bucket and i.loan_id = n.id and i.settled_on is null and i.due_on < p_on)
  ), changed as (
    insert into loan_stage_change (bucket, loan_id, changed_on, stage_before, stage_after)
    select s.bucket, s.id, p_on, s.before, s.after from staged s where s.before <> s.after
    returning bucket, loan_id, stage_after
  )
  update loan n set stage = c.stage_after from changed c where n.bucket = c.bucket and n.id = c.loan_id;
  get diagnostics v_count = row_count;
  return v_count;
end $$;
