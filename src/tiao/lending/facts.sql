-- name: replacing_loans
-- The loans of a line that took the place of another: hardship plans and loans arranged anew, the first one first.
select bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, plan_code, mode, principal_minor, fee_minor,
       subsidy_minor, discount_minor, penalty_ppm, taken_on, stage, status, settled_on, kind,
       refinances_statement_on, refinances_loan_id, recorded_at, recorded_no, product_version, cost_kind
  from loan where bucket = %(bucket)s and line_id = %(line)s and refinances_loan_id is not null
 order by recorded_no;

-- name: write_lived_write_offs
-- Write what was lost with loans after their line was lived again.
update loan_write_off w set principal_minor = c.principal, fee_minor = c.fee, penalty_minor = c.penalty
  from unnest(%(ids)s::uuid[], %(principal)s::bigint[], %(fee)s::bigint[], %(penalty)s::bigint[])
    as c (id, principal, fee, penalty)
 where w.bucket = %(bucket)s and w.id = c.id;

-- name: all_loans_of_line
-- Every loan of a line, in order.
select bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, plan_code, mode, principal_minor, fee_minor,
       subsidy_minor, discount_minor, penalty_ppm, taken_on, stage, status, settled_on, kind,
       refinances_statement_on, refinances_loan_id, recorded_at, recorded_no, product_version, cost_kind
  from loan where bucket = %(bucket)s and line_id = %(line)s order by id;

-- name: all_repayments_of_line
-- Every repayment of a line, in order.
select bucket, id, line_id, customer_id, kind, debit_id, funding_source_id, currency, amount_minor, overpaid_minor,
       recovered_minor, returned_minor, effective_on, recorded_at, reversed_on, is_payoff, for_loan_id, actor, reason,
       recorded_no
  from repayment where bucket = %(bucket)s and line_id = %(line)s order by recorded_no;

-- name: insert_credit_payout
-- Write that a credit balance goes back.
insert into credit_payout (bucket, id, line_id, customer_id, funding_source_id, currency, amount_minor, reason, actor,
                           effective_on, recorded_at)
values (%(bucket)s, %(id)s, %(line)s, %(customer)s, %(source)s, %(currency)s, %(amount)s, %(reason)s, %(actor)s,
        %(effective_on)s, %(recorded_at)s);

-- name: credit_payouts_of_line
-- The credit balances of a line that went back, in order.
select bucket, id, line_id, customer_id, funding_source_id, currency, amount_minor, reason, actor, effective_on,
       recorded_at, recorded_no
  from credit_payout where bucket = %(bucket)s and line_id = %(line)s order by recorded_no;

-- name: all_refunds_of_line
-- Every refund of a line, in order.
select bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, amount_minor, offset_principal_minor,
       returned_minor, fee_cancelled_minor, subsidy_cancelled_minor, recovered_minor, reference, effective_on,
       recorded_at, shortfall_minor, recorded_no
  from refund where bucket = %(bucket)s and line_id = %(line)s order by recorded_at, id;

-- name: all_write_offs_of_line
-- Every write-off of a line's loans.
select w.id, w.loan_id, w.effective_on, w.recorded_no
  from loan_write_off w join loan n on n.bucket = w.bucket and n.id = w.loan_id
 where n.bucket = %(bucket)s and n.line_id = %(line)s order by w.recorded_no;

-- name: adjustments_of_line
-- What people decided about a line's loans, in order.
select bucket, id, line_id, loan_id, number, kind, component, amount_minor, from_on, to_on, undoes_id, reason, actor,
       effective_on, recorded_at, recorded_no
  from loan_adjustment where bucket = %(bucket)s and line_id = %(line)s order by recorded_at, id;

-- name: line_of_adjustment
-- Whose line a decision is about.
select line_id from loan_adjustment where bucket = %(bucket)s and id = %(id)s;

-- name: insert_adjustment
-- Write what somebody decided.
insert into loan_adjustment (bucket, id, line_id, loan_id, number, kind, component, amount_minor, from_on, to_on, undoes_id,
                             reason, actor, effective_on, recorded_at)
values (%(bucket)s, %(id)s, %(line_id)s, %(loan_id)s, %(number)s, %(kind)s, %(component)s, %(amount_minor)s, %(from_on)s,
        %(to_on)s, %(undoes_id)s, %(reason)s, %(actor)s, %(effective_on)s, %(recorded_at)s);

-- name: write_lived_instalments
-- Write what instalments became when their line was lived again.
update loan_instalment i
   set due_on = c.due_on, fee_minor = c.fee, principal_paid_minor = c.principal_paid, fee_paid_minor = c.fee_paid,
       penalty_paid_minor = c.penalty_paid, principal_refunded_minor = c.principal_refunded,
       fee_cancelled_minor = c.fee_cancelled, subsidy_cancelled_minor = c.subsidy_cancelled,
       principal_written_off_minor = c.principal_written_off, fee_written_off_minor = c.fee_written_off,
       penalty_waived_minor = c.penalty_waived, penalty_charged_minor = c.penalty_charged,
       penalty_micros = c.penalty_micros, penalty_minor = c.penalty_micros / 1000000 + c.penalty_charged,
       penalty_through = c.penalty_through, is_billed = c.is_billed, settled_on = c.settled_on,
       principal_minor = c.principal, carry_micros = c.carry_micros,
       carry_through = coalesce(c.carry_through, i.carry_through)
  from unnest(
    %(bucket)s::smallint[], %(loan)s::uuid[], %(number)s::smallint[], %(due_on)s::date[], %(fee)s::bigint[],
    %(principal_paid)s::bigint[], %(fee_paid)s::bigint[], %(penalty_paid)s::bigint[], %(principal_refunded)s::bigint[],
    %(fee_cancelled)s::bigint[], %(subsidy_cancelled)s::bigint[], %(principal_written_off)s::bigint[],
    %(fee_written_off)s::bigint[], %(penalty_waived)s::bigint[], %(penalty_charged)s::bigint[],
    %(penalty_micros)s::bigint[], %(penalty_through)s::text[], %(is_billed)s::boolean[], %(settled_on)s::text[],
    %(principal)s::bigint[], %(carry_micros)s::bigint[], %(carry_through)s::text[])
    as r (bucket, loan_id, number, due_on, fee, principal_paid, fee_paid, penalty_paid, principal_refunded, fee_cancelled,
          subsidy_cancelled, principal_written_off, fee_written_off, penalty_waived, penalty_charged, penalty_micros,
          penalty_through_text, is_billed, settled_on_text, principal, carry_micros, carry_through_text),
  lateral (select r.*, r.penalty_through_text::date as penalty_through, r.settled_on_text::date as settled_on,
                  r.carry_through_text::date as carry_through) c
 where i.bucket = c.bucket and i.loan_id = c.loan_id and i.number = c.number;

-- name: write_lived_loans
-- Bring loans in line with their instalments after their line was lived again.
update loan n
   set principal_minor = s.principal, fee_minor = s.fee,
       status = case when n.status = 'written_off' then n.status
                                        when s.open = 0 then 'settled' else 'active' end,
       settled_on = case when n.status = 'written_off' then n.settled_on when s.open = 0 then s.settled_on end
  from (select bucket, loan_id, sum(principal_minor)::bigint as principal, sum(fee_minor)::bigint as fee, count(*) filter (where settled_on is null) as open,
               max(settled_on) as settled_on
          from loan_instalment where bucket = %(bucket)s and loan_id = any (%(loans)s::uuid[])
         group by bucket, loan_id) s
 where n.bucket = s.bucket and n.id = s.loan_id;

-- name: reopen_bills
-- Bring a line's bills in line with its instalments after the line was lived again.
update bill b
   set settled_on = (
     select case when bool_and(i.settled_on is not null) then max(i.settled_on) end
       from loan_instalment i join loan n on n.bucket = i.bucket and n.id = i.loan_id and n.mode = 'statement'
      where i.bucket = b.bucket and i.line_id = b.line_id and i.statement_on = b.statement_on)
 where b.bucket = %(bucket)s and b.line_id = %(line)s;

-- name: delete_repayment_parts
-- Forget where repayments went, to write it anew; the ledger keeps what was booked before.
delete from repayment_part where bucket = %(bucket)s and repayment_id = any (%(ids)s::uuid[]);

-- name: delete_refund_parts
-- Forget what refunds took off, to write it anew.
delete from refund_part where bucket = %(bucket)s and refund_id = any (%(ids)s::uuid[]);

-- name: write_lived_repayments
-- Write what of repayments is too much after their line was lived again, and which are taken back.
update repayment r
   set overpaid_minor = c.overpaid, recovered_minor = c.recovered,
       reversed_on = coalesce(r.reversed_on, c.reversed_on::date)
  from unnest(%(ids)s::uuid[], %(overpaid)s::bigint[], %(recovered)s::bigint[], %(reversed_on)s::text[])
    as c (id, overpaid, recovered, reversed_on)
 where r.bucket = %(bucket)s and r.id = c.id;

-- name: write_lived_refunds
-- Write what refunds came to after their line was lived again; what left as money stays what it was.
update refund r
   set shortfall_minor = c.shortfall, fee_cancelled_minor = c.fee, subsidy_cancelled_minor = c.subsidy,
       recovered_minor = c.recovered, offset_principal_minor = r.amount_minor - r.returned_minor - c.recovered
  from unnest(%(ids)s::uuid[], %(shortfall)s::bigint[], %(recovered)s::bigint[], %(fee)s::bigint[],
              %(subsidy)s::bigint[])
    as c (id, shortfall, recovered, fee, subsidy)
 where r.bucket = %(bucket)s and r.id = c.id;

-- name: overtaken_lines
-- Which lines something that counts on a day comes late to: the day is cut off or charged, or a later fact is recorded.
select a.line_id from unnest(%(buckets)s::smallint[], %(lines)s::uuid[], %(days)s::date[]) as a (bucket, line_id, day)
 where a.day <= (select p.cut_off_on from programme p)
    or exists (select from repayment r
                where r.bucket = a.bucket and r.line_id = a.line_id and r.effective_on > a.day)
    or exists (select from refund r where r.bucket = a.bucket and r.line_id = a.line_id and r.effective_on > a.day)
    or exists (select from credit_payout o
                where o.bucket = a.bucket and o.line_id = a.line_id and o.effective_on > a.day)
    or exists (select from loan_adjustment j
                where j.bucket = a.bucket and j.line_id = a.line_id and j.effective_on > a.day)
    or exists (select from loan n
                 left join loan_instalment i on i.bucket = n.bucket and i.loan_id = n.id and i.penalty_through >= a.day
                 left join loan_write_off w on w.bucket = n.bucket and w.loan_id = n.id and w.effective_on > a.day
                where n.bucket = a.bucket and n.line_id = a.line_id
                  and (n.taken_on > a.day or i.loan_id is not null or w.id is not null));

-- name: day_reached
-- The day a line stands on: after what is cut off or charged, and no earlier than any fact.
select greatest(
  (select p.cut_off_on + 1 from programme p),
  (select max(effective_on) from repayment where bucket = %(bucket)s and line_id = %(line)s),
  (select max(effective_on) from credit_payout where bucket = %(bucket)s and line_id = %(line)s),
  (select max(effective_on) from refund where bucket = %(bucket)s and line_id = %(line)s),
  (select max(greatest(n.taken_on, i.penalty_through + 1, w.effective_on))
     from loan n
     join loan_instalment i on i.bucket = n.bucket and i.loan_id = n.id
     left join loan_write_off w on w.bucket = n.bucket and w.loan_id = n.id
    where n.bucket = %(bucket)s and n.line_id = %(line)s),
  (select max(effective_on) from loan_adjustment where bucket = %(bucket)s and line_id = %(line)s)) as reached_on;

-- name: delete_waiver_parts
-- Forget where a line's waivers went, to write it anew.
delete from waiver_part where bucket = %(bucket)s and adjustment_id = any (%(ids)s::uuid[]);

-- name: insert_waiver_parts
-- Write where waivers went.
insert into waiver_part (bucket, adjustment_id, loan_id, number, fee_minor, penalty_minor)
select %(bucket)s::smallint, u.* from unnest(
  %(adjustment)s::uuid[], %(loan)s::uuid[], %(number)s::smallint[], %(fee)s::bigint[], %(penalty)s::bigint[]) as u;

-- name: lines_after
-- Lines that have loans, in id order, from a cursor on.
select l.id from credit_line l
 where l.id > %(after)s::uuid and exists (select from loan n where n.bucket = l.bucket and n.line_id = l.id)
 order by l.id limit %(limit)s::integer;

-- name: outcomes
-- Of customers whose first loan is some days old: whether a loan came to a stage in those days.
with first as (
  select bucket, customer_id, min(taken_on) as taken_on from loan group by bucket, customer_id
   having min(taken_on) + %(days)s::integer <= %(today)s::date
)
select f.customer_id, exists (
         select from loan n join loan_stage_change c on c.bucket = n.bucket and c.loan_id = n.id
          where n.bucket = f.bucket and n.customer_id = f.customer_id and c.stage_after >= %(stage)s::smallint
            and c.changed_on <= f.taken_on + %(days)s::integer) as is_bad
  from first f order by f.bucket, f.customer_id;

-- name: write_off_loan
-- A loan is written off.
update loan set status = 'written_off', settled_on = %(on)s::date where bucket = %(bucket)s and id = %(id)s;

-- name: insert_write_off
-- Write a write-off.
insert into loan_write_off (bucket, id, loan_id, principal_minor, fee_minor, penalty_minor, proposed_by, actor,
                            effective_on, recorded_at)
values (%(bucket)s, %(id)s, %(loan)s, %(principal)s, %(fee)s, %(penalty)s, %(proposed_by)s, %(agreed_by)s,
        %(effective_on)s, %(recorded_at)s);

-- name: never_paid
-- Purchases whose loan came to a stage on a day, on lines on which nothing was ever paid.
select distinct l.purchase_id, l.customer_id
  from loan_stage_change c
  join loan l on l.bucket = c.bucket and l.id = c.loan_id
  join purchase p on p.bucket = l.bucket and p.id = l.purchase_id
 where c.bucket between %(first)s::smallint and %(last)s::smallint and c.changed_on = %(day)s::date
   and c.stage_after = %(stage)s::smallint and c.stage_before < c.stage_after
   and not exists (select from repayment r where r.bucket = l.bucket and r.line_id = l.line_id)
 order by l.purchase_id;

-- name: have_paid
-- Which of some customers have paid something.
select distinct r.customer_id from repayment r
 where r.bucket between %(first)s::smallint and %(last)s::smallint and r.customer_id = any (%(customers)s::uuid[]);
