-- Charge the daily interest of balances that were carried on: simple, exact in millionths, booked in whole units, for the
-- days before the statement that asks for it. A payment made on a day is taken off before that day is charged.
--   Dr  consumer receivable, interest (loan)
--   Cr  interest income
create or replace function lending_accrue_interest(
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
  with running as (
    select i.bucket, i.loan_id, i.number, i.carry_micros as before, least(p_through, i.statement_on - 1) as through,
           i.carry_micros
             + (i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor - i.principal_written_off_minor)
             * i.carry_ppm * (least(p_through, i.statement_on - 1) - i.carry_through) as micros
      from loan_instalment i
     where i.bucket between p_from and p_to
       and (p_lines is null or i.line_id = any (p_lines))
       and i.settled_on is null
       and i.carry_ppm > 0
       and i.carry_through < least(p_through, i.statement_on - 1)
     order by i.bucket, i.loan_id, i.number
       for update
  ), charged as (
    update loan_instalment i
       set carry_micros = r.micros, carry_through = r.through,
           fee_minor = i.fee_minor + r.micros / 1000000 - r.before / 1000000
      from running r
     where i.bucket = r.bucket and i.loan_id = r.loan_id and i.number = r.number
    returning i.bucket, i.loan_id, r.micros / 1000000 - r.before / 1000000 as added
  ), loans as (
    -- A balance that was carried on is one instalment.
    update loan n set fee_minor = n.fee_minor + c.added from charged c where n.bucket = c.bucket and n.id = c.loan_id
    returning n.bucket, n.id, n.currency::text as currency, c.added
  ), entries as (
    select l.bucket, 1014 as account, l.id as owner, l.currency, l.added as amount from loans l where l.added > 0
    union all
    select l.bucket, 4006, '00000000-0000-0000-0000-000000000000', l.currency, -sum(l.added)::bigint
      from loans l where l.added > 0 group by l.bucket, l.currency
  )
  select (select count(*) from loans),
         array_agg(e.bucket), array_agg(e.account), array_agg(e.owner), array_agg(e.currency), array_agg(e.amount)
    into v_count, v_bucket, v_account, v_owner, v_currency, v_amount
    from entries e;
  perform ledger_post_by_bucket('interest_accrued', p_cause, v_bucket, v_account, v_owner, v_currency, v_amount,
                                p_through, p_booked_on, p_recorded_at, p_is_close);
  return v_count;
end $$;
