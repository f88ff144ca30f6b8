-- Book a set of loans: the loans, their instalments and what they mean in the ledger.
--
-- Arrays named l_ describe loans; i_ instalments, each pointing at its loan by ordinal; e_ the entries of the loans'
-- postings, loan after loan, l_first saying where each begins (the recipe is lending/postings.py).
create or replace function lending_book(
  l_bucket smallint[], l_id uuid[], l_purchase uuid[], l_line uuid[], l_customer uuid[], l_merchant uuid[],
  l_currency text[], l_plan text[], l_mode text[], l_principal bigint[], l_fee bigint[], l_subsidy bigint[],
  l_discount bigint[], l_penalty_ppm integer[], l_version integer[], l_cost_kind text[], l_held bigint[],
  i_loan integer[], i_number smallint[], i_statement_on date[], i_due_on date[], i_principal bigint[], i_fee bigint[],
  i_subsidy bigint[], i_interest_from_on date[], i_interest_on bigint[], l_first integer[], e_account integer[], e_owner uuid[], e_amount bigint[],
  p_today date, p_recorded_at timestamptz
) returns void language plpgsql as $$
begin
  insert into loan (bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, plan_code, mode,
                    principal_minor, fee_minor, subsidy_minor, discount_minor, penalty_ppm, product_version, cost_kind, taken_on,
                    recorded_at)
  select l.*, p_today, p_recorded_at
    from unnest(l_bucket, l_id, l_purchase, l_line, l_customer, l_merchant, l_currency, l_plan, l_mode, l_principal,
                l_fee, l_subsidy, l_discount, l_penalty_ppm, l_version, l_cost_kind) as l;

  insert into loan_instalment (bucket, loan_id, number, line_id, statement_on, due_on, principal_minor, fee_minor,
                               subsidy_minor, interest_from_on, interest_on_minor, penalty_ppm, agreed_fee_minor,
                               agreed_due_on)
  select l_bucket[i.loan], l_id[i.loan], i.number, l_line[i.loan], i.statement_on, i.due_on, i.principal, i.fee,
         i.subsidy, i.interest_from_on, i.interest_on, l_penalty_ppm[i.loan], i.fee, i.due_on
    from unnest(i_loan, i_number, i_statement_on, i_due_on, i_principal, i_fee, i_subsidy, i_interest_from_on,
                i_interest_on)
      as i (loan, number, statement_on, due_on, principal, fee, subsidy, interest_from_on, interest_on);

  perform ledger_post_new(l_bucket, l_id, 'purchase_captured', l_line, l_currency, l_held, l_first, e_account, e_owner,
                          e_amount, p_today, p_recorded_at);
end $$;

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
  perform lending_accrue_interest(p_from, p_to, p_lines, p_through, p_booked_on, p_recorded_at, p_is_close, p_cause);
  with late as (
    select i.ctid as place, i.penalty_minor,
           i.penalty_micros
             + (i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor - i.principal_written_off_minor)
             * i.penalty_ppm
             * (p_through - greatest(i.due_on, coalesce(i.penalty_through, i.due_on))
                -- Few lines are paused; the days of those are counted one by one.
                - case when i.line_id in (select a.line_id from loan_adjustment a where a.kind = 'penalty_pause') then
                    (select count(distinct d.day)
                       from loan_adjustment a,
                            generate_series(greatest(a.from_on, i.due_on + 1, coalesce(i.penalty_through, i.due_on) + 1),
                                            least(a.to_on, p_through), interval '1 day') as d (day)
                      where a.line_id = i.line_id and a.kind = 'penalty_pause'
                        and not exists (
                          select from loan_adjustment u where u.bucket = a.bucket and u.undoes_id = a.id))
                  else 0 end) as micros,
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
     where i.ctid = l.place
    returning i.bucket, i.loan_id, l.micros / 1000000 + l.penalty_charged_minor - l.penalty_minor as added
  ), by_loan as materialized (
    select c.bucket, c.loan_id, n.currency::text as currency, c.added, c.instalments
      from (select h.bucket, h.loan_id, sum(h.added)::bigint as added, count(*) as instalments
              from charged h group by h.bucket, h.loan_id) c
      join loan n on n.bucket = c.bucket and n.id = c.loan_id and n.bucket between p_from and p_to
  ), entries as (
    select b.bucket, 1013 as account, b.loan_id as owner, b.currency, b.added as amount from by_loan b where b.added > 0
    union all
    select b.bucket, 4004, '00000000-0000-0000-0000-000000000000', b.currency, -sum(b.added)::bigint
      from by_loan b where b.added > 0
     group by b.bucket, b.currency
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
) returns bigint language plpgsql as $$
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
     -- The day it is for and no other: days are closed in turn, and no_bill_is_forgotten tells if one was left out.
     where i.bucket between p_from and p_to and i.statement_on = p_statement_on and not i.is_billed
    returning i.bucket, i.loan_id, i.line_id, i.due_on, i.settled_on is null as is_open,
              i.fee_minor - i.fee_cancelled_minor as fee, i.subsidy_minor - i.subsidy_cancelled_minor as subsidy,
              i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor as open_principal,
              i.fee_minor - i.fee_paid_minor - i.fee_cancelled_minor as open_fee, true as is_new
  ), asked as (
    select * from billed
    union all
    -- What was billed ahead of its statement stands on it too.
    select i.bucket, i.loan_id, i.line_id, i.due_on, true, 0, 0,
           i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor,
           i.fee_minor - i.fee_paid_minor - i.fee_cancelled_minor, false
      from loan_instalment i
     where i.bucket between p_from and p_to and i.is_billed and i.statement_on = p_statement_on and i.settled_on is null
  ), item as materialized (
    -- Each loan is looked up once, for its books and for its line's bill.
    select a.*, n.currency, n.cost_kind, n.mode, n.customer_id
      from asked a join loan n on n.bucket = a.bucket and n.id = a.loan_id and n.bucket between p_from and p_to
  ), by_loan as (
    select i.bucket, i.loan_id, i.currency::text as currency, i.cost_kind, sum(i.fee)::bigint as fee,
           sum(i.subsidy)::bigint as subsidy, count(*) as instalments
      from item i where i.is_new
     group by i.bucket, i.loan_id, i.currency, i.cost_kind
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
  ), due as (
    select i.bucket, i.line_id, i.customer_id, i.currency, max(i.due_on) as due_on,
           sum(i.open_principal)::bigint as principal, sum(i.open_fee)::bigint as fee
      from item i where i.mode = 'statement' and i.is_open
     group by i.bucket, i.line_id, i.customer_id, i.currency
  ), cut as (
    insert into bill (bucket, id, line_id, customer_id, currency, statement_on, due_on, principal_minor, fee_minor,
                      carried_minor)
    select d.bucket, overlay(md5(format('bill/%s/%s', d.line_id, p_statement_on)) placing
                             lpad(to_hex(d.bucket::integer), 2, '0') from 31 for 2)::uuid,
           d.line_id, d.customer_id, d.currency, p_statement_on, d.due_on, d.principal, d.fee,
           coalesce((
             select sum(i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor
                        + i.fee_minor - i.fee_paid_minor - i.fee_cancelled_minor
                        + i.penalty_minor - i.penalty_paid_minor - i.penalty_waived_minor)
               from loan_instalment i
               join loan n on n.bucket = i.bucket and n.id = i.loan_id and n.mode = 'statement'
              where i.bucket = d.bucket and i.line_id = d.line_id and i.settled_on is null and i.is_billed
                and i.statement_on < p_statement_on), 0)
      from due d
    on conflict on constraint bill_cut_once do nothing
  )
  select (select coalesce(sum(b.instalments), 0) from by_loan b),
         array_agg(e.bucket), array_agg(e.account), array_agg(e.owner), array_agg(e.currency), array_agg(e.amount)
    into v_count, v_bucket, v_account, v_owner, v_currency, v_amount
    from entries e;
  perform ledger_post_by_bucket('instalment_billed', 'close', v_bucket, v_account, v_owner, v_currency, v_amount,
                                p_statement_on, p_booked_on, p_recorded_at, true);
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
      from late l join loan n on n.bucket = l.bucket and n.id = l.loan_id and n.bucket between p_from and p_to
     where n.status = 'active'
    union all
    select n.bucket, n.id, n.stage, 0
      from loan n
     where n.bucket between p_from and p_to and n.status = 'active' and n.stage > 0
       and not exists (select from late l where l.bucket = n.bucket and l.loan_id = n.id)
  ), changed as (
    insert into loan_stage_change (bucket, loan_id, changed_on, stage_before, stage_after)
    select s.bucket, s.id, p_on, s.before, s.after from staged s where s.before <> s.after
    returning bucket, loan_id, stage_after
  )
  update loan n set stage = c.stage_after from changed c where n.bucket = c.bucket and n.id = c.loan_id;
  get diagnostics v_count = row_count;
  return v_count;
end $$;
