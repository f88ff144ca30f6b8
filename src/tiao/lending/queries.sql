-- name: book_loans
-- Write loans with their instalments and postings (see sql/functions/lending.sql).
select lending_book(
  %(l_bucket)s::smallint[], %(l_id)s::uuid[], %(l_purchase)s::uuid[], %(l_line)s::uuid[], %(l_customer)s::uuid[],
  %(l_merchant)s::uuid[], %(l_currency)s::text[], %(l_plan)s::text[], %(l_mode)s::text[], %(l_principal)s::bigint[],
  %(l_fee)s::bigint[], %(l_subsidy)s::bigint[], %(l_discount)s::bigint[], %(l_penalty_ppm)s::integer[],
  %(l_version)s::integer[], %(l_cost_kind)s::text[], %(l_held)s::bigint[], %(i_loan)s::integer[], %(i_number)s::smallint[], %(i_statement_on)s::date[],
  %(i_due_on)s::date[], %(i_principal)s::bigint[], %(i_fee)s::bigint[], %(i_subsidy)s::bigint[],
  %(i_interest_from_on)s::date[], %(i_interest_on)s::bigint[], %(l_first)s::integer[], %(e_account)s::integer[], %(e_owner)s::uuid[], %(e_amount)s::bigint[], %(today)s::date,
  %(recorded_at)s::timestamptz);

-- name: insert_loans
-- Write loans, one row each.
insert into loan (bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, plan_code, mode, principal_minor,
                  fee_minor, subsidy_minor, discount_minor, penalty_ppm, taken_on, kind, refinances_statement_on, refinances_loan_id,
                  product_version, cost_kind, recorded_at)
select u.*, %(recorded_at)s::timestamptz from unnest(
  %(bucket)s::smallint[], %(id)s::uuid[], %(purchase)s::uuid[], %(line)s::uuid[], %(customer)s::uuid[],
  %(merchant)s::uuid[], %(currency)s::text[], %(plan_code)s::text[], %(mode)s::text[], %(principal)s::bigint[],
  %(fee)s::bigint[], %(subsidy)s::bigint[], %(discount)s::bigint[], %(penalty_ppm)s::integer[], %(taken_on)s::date[],
  %(kind)s::text[], %(refinances_statement_on)s::date[], %(refinances_loan)s::uuid[],
  %(product_version)s::integer[], %(cost_kind)s::text[]) as u;

-- name: insert_instalments
-- Write instalments, one row each.
insert into loan_instalment (bucket, loan_id, number, line_id, statement_on, due_on, principal_minor, fee_minor,
                             subsidy_minor, penalty_ppm, interest_from_on, interest_on_minor, agreed_fee_minor,
                             agreed_due_on)
select u.*, u.fee, u.due_on from unnest(
  %(bucket)s::smallint[], %(loan)s::uuid[], %(number)s::smallint[], %(line)s::uuid[], %(statement_on)s::date[],
  %(due_on)s::date[], %(principal)s::bigint[], %(fee)s::bigint[], %(subsidy)s::bigint[], %(penalty_ppm)s::integer[],
  %(interest_from_on)s::date[], %(interest_on)s::bigint[])
  as u (bucket, loan, number, line, statement_on, due_on, principal, fee, subsidy, penalty_ppm, interest_from_on,
        interest_on);

-- name: open_instalments
-- What lines still owe, oldest due first; of one due date plans, then what bears interest, then what may be carried on.
select bucket, loan_id, number, line_id, statement_on, due_on, principal_minor, fee_minor, subsidy_minor,
       principal_paid_minor, principal_refunded_minor, principal_written_off_minor, fee_paid_minor, fee_cancelled_minor,
       fee_written_off_minor, subsidy_cancelled_minor, penalty_minor, penalty_paid_minor, penalty_waived_minor,
       penalty_charged_minor, penalty_micros, penalty_through, is_billed, settled_on, agreed_fee_minor, agreed_due_on,
       interest_from_on, interest_on_minor,
       carry_ppm, carry_micros, carry_through
  from loan_instalment
 where line_id = any (%(lines)s::uuid[]) and bucket = any (%(buckets)s::smallint[]) and settled_on is null
 order by due_on,
          (select count(*) from loan_instalment s
            where s.bucket = loan_instalment.bucket and s.loan_id = loan_instalment.loan_id) = 1,
          carry_ppm = 0, loan_id, number;

-- name: instalments_of_loans
-- Every instalment of loans, in order.
select bucket, loan_id, number, line_id, statement_on, due_on, principal_minor, fee_minor, subsidy_minor,
       principal_paid_minor, principal_refunded_minor, principal_written_off_minor, fee_paid_minor, fee_cancelled_minor,
       fee_written_off_minor, subsidy_cancelled_minor, penalty_minor, penalty_paid_minor, penalty_waived_minor,
       penalty_charged_minor, penalty_micros, penalty_through, is_billed, settled_on, agreed_fee_minor, agreed_due_on,
       interest_from_on, interest_on_minor,
       carry_ppm, carry_micros, carry_through
  from loan_instalment
 where bucket = any (%(buckets)s::smallint[]) and loan_id = any (%(loans)s::uuid[]) order by loan_id, number;

-- name: change_instalments
-- Add to what became of instalments; one that owes nothing any more is settled.
update loan_instalment i
   set principal_paid_minor = i.principal_paid_minor + c.principal_paid,
       fee_paid_minor = i.fee_paid_minor + c.fee_paid,
       penalty_paid_minor = i.penalty_paid_minor + c.penalty_paid,
       principal_refunded_minor = i.principal_refunded_minor + c.principal_refunded,
       fee_cancelled_minor = i.fee_cancelled_minor + c.fee_cancelled,
       subsidy_cancelled_minor = i.subsidy_cancelled_minor + c.subsidy_cancelled,
       principal_written_off_minor = i.principal_written_off_minor + c.principal_written_off,
       fee_written_off_minor = i.fee_written_off_minor + c.fee_written_off,
       penalty_waived_minor = i.penalty_waived_minor + c.penalty_waived,
       is_billed = i.is_billed or c.becomes_billed,
       settled_on = case
         when i.principal_minor + i.fee_minor + i.penalty_minor
              = i.principal_paid_minor + i.fee_paid_minor + i.penalty_paid_minor + i.principal_refunded_minor
              + i.fee_cancelled_minor + i.principal_written_off_minor + i.fee_written_off_minor + i.penalty_waived_minor
              + c.principal_paid + c.fee_paid + c.penalty_paid + c.principal_refunded + c.fee_cancelled
              + c.principal_written_off + c.fee_written_off + c.penalty_waived
         -- One that was settled stays so since its day: a refund may still take a merchant's subsidy off it.
         then coalesce(i.settled_on, c.effective_on) end
  from unnest(
    %(bucket)s::smallint[], %(loan)s::uuid[], %(number)s::smallint[], %(effective_on)s::date[],
    %(principal_paid)s::bigint[], %(fee_paid)s::bigint[], %(penalty_paid)s::bigint[], %(principal_refunded)s::bigint[],
    %(fee_cancelled)s::bigint[], %(subsidy_cancelled)s::bigint[], %(principal_written_off)s::bigint[],
    %(fee_written_off)s::bigint[], %(penalty_waived)s::bigint[], %(becomes_billed)s::boolean[])
    as c (bucket, loan_id, number, effective_on, principal_paid, fee_paid, penalty_paid, principal_refunded,
          fee_cancelled, subsidy_cancelled, principal_written_off, fee_written_off, penalty_waived, becomes_billed)
 where i.bucket = c.bucket and i.loan_id = c.loan_id and i.number = c.number;

-- name: settle_loans
-- Loans whose instalments all owe nothing are settled.
update loan n set status = 'settled', settled_on = %(on)s::date
 where n.bucket = any (%(buckets)s::smallint[]) and n.id = any (%(loans)s::uuid[]) and n.status = 'active'
   and not exists (
     select from loan_instalment i where i.bucket = n.bucket and i.loan_id = n.id and i.settled_on is null);

-- name: settle_bills
-- Bills of which nothing is open any more are settled, on the day the last of it was.
update bill b set settled_on = %(on)s::date
 where b.bucket = any (%(buckets)s::smallint[]) and b.line_id = any (%(lines)s::uuid[]) and b.settled_on is null
   and not exists (
     select from loan_instalment i
       join loan n on n.bucket = i.bucket and n.id = i.loan_id and n.mode = 'statement'
      where i.bucket = b.bucket and i.line_id = b.line_id and i.settled_on is null
        and i.statement_on = b.statement_on);

-- name: insert_repayments
-- Write repayments; one already written is left alone, and only new ones are answered.
insert into repayment (bucket, id, line_id, customer_id, kind, debit_id, funding_source_id, currency, amount_minor,
                       overpaid_minor, recovered_minor, effective_on, is_payoff, for_loan_id, actor, reason, recorded_at)
select u.*, %(recorded_at)s::timestamptz from unnest(
  %(bucket)s::smallint[], %(id)s::uuid[], %(line)s::uuid[], %(customer)s::uuid[], %(kind)s::text[], %(debit)s::uuid[],
  %(funding_source)s::uuid[], %(currency)s::text[], %(amount)s::bigint[], %(overpaid)s::bigint[],
  %(recovered)s::bigint[], %(effective_on)s::date[], %(is_payoff)s::boolean[], %(for_loan)s::uuid[], %(actor)s::text[],
  %(reason)s::text[]) as u;

-- name: known_repayments
-- Which of these repayments are written already.
select id from repayment where bucket = any (%(buckets)s::smallint[]) and id = any (%(ids)s::uuid[]);

-- name: insert_repayment_parts
-- Write what of repayments went where.
insert into repayment_part (bucket, repayment_id, loan_id, number, principal_minor, fee_minor, penalty_minor,
                            fee_cancelled_minor)
select * from unnest(
  %(bucket)s::smallint[], %(repayment)s::uuid[], %(loan)s::uuid[], %(number)s::smallint[], %(principal)s::bigint[],
  %(fee)s::bigint[], %(penalty)s::bigint[], %(fee_cancelled)s::bigint[]);

-- name: repayment
-- One repayment.
select bucket, id, line_id, customer_id, kind, debit_id, funding_source_id, currency, amount_minor, overpaid_minor,
       recovered_minor, returned_minor, effective_on, recorded_at, reversed_on, is_payoff, for_loan_id, actor, reason,
       recorded_no
  from repayment where bucket = %(bucket)s and id = %(id)s;

-- name: repayments_of_line
-- A line's repayments, latest first, from a cursor on.
select bucket, id, line_id, customer_id, kind, debit_id, funding_source_id, currency, amount_minor, overpaid_minor,
       recovered_minor, returned_minor, effective_on, recorded_at, reversed_on, is_payoff, for_loan_id, actor, reason,
       recorded_no
  from repayment
 where bucket = %(bucket)s and line_id = %(line)s and recorded_no < %(before)s::bigint
 order by recorded_no desc limit %(limit)s;

-- name: repayment_parts
-- What of a repayment went where.
select p.repayment_id, p.loan_id, p.number, p.principal_minor, p.fee_minor, p.penalty_minor, p.fee_cancelled_minor,
       i.interest_from_on is not null or i.carry_ppm > 0 as is_interest
  from repayment_part p
  join loan_instalment i on i.bucket = p.bucket and i.loan_id = p.loan_id and i.number = p.number
 where p.bucket = %(bucket)s and p.repayment_id = any (%(ids)s::uuid[]) order by p.loan_id, p.number;

-- name: returnable_repayments
-- The line's repayments that can still take money back, latest first, for a refund to its sources.
select bucket, id, line_id, customer_id, kind, debit_id, funding_source_id, currency, amount_minor, overpaid_minor,
       recovered_minor, returned_minor, effective_on, recorded_at, reversed_on, is_payoff, for_loan_id, actor, reason,
       recorded_no
  from repayment
 where bucket = %(bucket)s and line_id = %(line)s and kind = 'debit' and returned_minor < amount_minor
   and reversed_on is null
   and (%(loans)s::uuid[] is null
        or id in (select p.repayment_id from repayment_part p
                   where p.bucket = %(bucket)s and p.loan_id = any (%(loans)s::uuid[])))
 order by recorded_no desc;

-- name: return_repayments
-- Note what refunds send back along repayments.
update repayment r set returned_minor = r.returned_minor + c.amount
  from unnest(%(id)s::uuid[], %(amount)s::bigint[]) as c (id, amount)
 where r.bucket = %(bucket)s and r.id = c.id;

-- name: insert_refund
-- Write a refund.
insert into refund (bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, amount_minor,
                    offset_principal_minor, returned_minor, fee_cancelled_minor, subsidy_cancelled_minor, recovered_minor, reference,
                    effective_on, recorded_at)
values (%(bucket)s, %(id)s, %(purchase)s, %(line)s, %(customer)s, %(merchant)s, %(currency)s, %(amount)s, %(offset)s,
        %(returned)s, %(fee_cancelled)s, %(subsidy_cancelled)s, %(recovered)s, %(reference)s, %(effective_on)s, %(recorded_at)s);

-- name: insert_refund_parts
-- Write what a refund took off which instalments.
insert into refund_part (bucket, refund_id, loan_id, number, principal_minor, fee_minor, subsidy_minor)
select %(bucket)s::smallint, %(refund)s::uuid, u.* from unnest(
  %(loan)s::uuid[], %(number)s::smallint[], %(principal)s::bigint[], %(fee)s::bigint[], %(subsidy)s::bigint[]) as u;

-- name: refund
-- One refund.
select bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, amount_minor, offset_principal_minor,
       returned_minor, fee_cancelled_minor, subsidy_cancelled_minor, recovered_minor, reference, effective_on,
       recorded_at, shortfall_minor, recorded_no
  from refund where bucket = %(bucket)s and id = %(id)s;

-- name: refunds
-- Some refunds.
select bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, amount_minor, offset_principal_minor,
       returned_minor, fee_cancelled_minor, subsidy_cancelled_minor, recovered_minor, reference, effective_on,
       recorded_at, shortfall_minor, recorded_no
  from refund where bucket = any (%(buckets)s::smallint[]) and id = any (%(ids)s::uuid[]);

-- name: refunds_of_purchase
-- The refunds of a purchase, in order.
select bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, amount_minor, offset_principal_minor,
       returned_minor, fee_cancelled_minor, subsidy_cancelled_minor, recovered_minor, reference, effective_on,
       recorded_at, shortfall_minor, recorded_no
  from refund where bucket = %(bucket)s and purchase_id = %(purchase)s order by recorded_at, id;

-- name: refunds_of_merchant
-- A merchant's refunds, latest first, from a cursor on: of some days, under one reference, or all.
select bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, amount_minor, offset_principal_minor,
       returned_minor, fee_cancelled_minor, subsidy_cancelled_minor, recovered_minor, reference, effective_on,
       recorded_at, shortfall_minor, recorded_no
  from refund
 where merchant_id = %(merchant)s::uuid and (recorded_at, id) < (%(before_at)s::timestamptz, %(before_id)s::uuid)
   and effective_on >= coalesce(%(from_on)s::date, effective_on) and effective_on <= coalesce(%(until_on)s::date, effective_on)
   and reference = coalesce(%(reference)s::text, reference)
 order by recorded_at desc, id desc limit %(limit)s::integer;

-- name: loans
-- Loans by id.
select bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, plan_code, mode, principal_minor, fee_minor,
       subsidy_minor, discount_minor, penalty_ppm, taken_on, stage, status, settled_on, kind,
       refinances_statement_on, refinances_loan_id, recorded_at, recorded_no, product_version, cost_kind
  from loan where bucket = any (%(buckets)s::smallint[]) and id = any (%(ids)s::uuid[]);

-- name: loans_of_purchase
-- The loans of a purchase's captures, latest first.
select bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, plan_code, mode, principal_minor, fee_minor,
       subsidy_minor, discount_minor, penalty_ppm, taken_on, stage, status, settled_on, kind,
       refinances_statement_on, refinances_loan_id, recorded_at, recorded_no, product_version, cost_kind
  from loan
 where bucket = %(bucket)s and (id = %(purchase)s or (purchase_id = %(purchase)s and purchase_id <> id))
   and purchase_id = %(purchase)s
 order by id desc;

-- name: loans_of_line
-- A line's loans, latest first, from a cursor on.
select bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, plan_code, mode, principal_minor, fee_minor,
       subsidy_minor, discount_minor, penalty_ppm, taken_on, stage, status, settled_on, kind,
       refinances_statement_on, refinances_loan_id, recorded_at, recorded_no, product_version, cost_kind
  from loan where bucket = %(bucket)s and line_id = %(line)s and id < %(before)s::uuid
 order by id desc limit %(limit)s;

-- name: bills_of_line
-- A line's bills, latest first, with what is still open of each.
select b.bucket, b.id, b.line_id, b.customer_id, b.currency, b.statement_on, b.due_on, b.principal_minor, b.fee_minor,
       b.carried_minor, b.settled_on,
       coalesce((
         select sum(i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor
                    - i.principal_written_off_minor + i.fee_minor - i.fee_paid_minor - i.fee_cancelled_minor
                    - i.fee_written_off_minor + i.penalty_minor - i.penalty_paid_minor - i.penalty_waived_minor)
           from loan_instalment i
           join loan n on n.bucket = i.bucket and n.id = i.loan_id and n.mode = 'statement'
          where i.bucket = b.bucket and i.line_id = b.line_id and i.settled_on is null
            and i.statement_on = b.statement_on), 0)::bigint as open_minor
  from bill b
 where b.bucket = %(bucket)s and b.line_id = %(line)s and b.statement_on < %(before)s::date
 order by b.statement_on desc limit %(limit)s;

-- name: bill
-- One bill, with what is still open of it.
select b.bucket, b.id, b.line_id, b.customer_id, b.currency, b.statement_on, b.due_on, b.principal_minor, b.fee_minor,
       b.carried_minor, b.settled_on,
       coalesce((
         select sum(i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor
                    - i.principal_written_off_minor + i.fee_minor - i.fee_paid_minor - i.fee_cancelled_minor
                    - i.fee_written_off_minor + i.penalty_minor - i.penalty_paid_minor - i.penalty_waived_minor)
           from loan_instalment i
           join loan n on n.bucket = i.bucket and n.id = i.loan_id and n.mode = 'statement'
          where i.bucket = b.bucket and i.line_id = b.line_id and i.settled_on is null
            and i.statement_on = b.statement_on), 0)::bigint as open_minor
  from bill b where b.bucket = %(bucket)s and b.id = %(id)s;

-- name: instalments_of_bill
-- The instalments that a bill asks for.
select i.bucket, i.loan_id, i.number, i.line_id, i.statement_on, i.due_on, i.principal_minor, i.fee_minor,
       i.subsidy_minor, i.principal_paid_minor, i.principal_refunded_minor, i.principal_written_off_minor,
       i.fee_paid_minor, i.fee_cancelled_minor, i.fee_written_off_minor, i.subsidy_cancelled_minor, i.penalty_minor,
       i.penalty_paid_minor, i.penalty_waived_minor, i.penalty_charged_minor, i.penalty_micros, i.penalty_through,
       i.is_billed, i.settled_on, i.agreed_fee_minor, i.agreed_due_on, i.interest_from_on, i.interest_on_minor,
       i.carry_ppm, i.carry_micros, i.carry_through
  from loan_instalment i
  join loan n on n.bucket = i.bucket and n.id = i.loan_id and n.mode = 'statement'
 where i.bucket = %(bucket)s and i.line_id = %(line)s and i.statement_on = %(statement_on)s::date
 order by i.loan_id, i.number;

-- name: accrue_lines
-- Bring the penalties of lines up to a day (see sql/functions/lending.sql).
select lending_accrue_penalties(0::smallint, 255::smallint, %(lines)s::uuid[], %(through)s::date, %(booked_on)s::date,
                                %(recorded_at)s::timestamptz, false, %(cause)s::text) as count;

-- name: uncharged_lines
-- Which of these lines owe something of which a penalty or daily interest is not yet charged through a day.
select distinct line_id from loan_instalment
 where line_id = any (%(lines)s::uuid[]) and bucket = any (%(buckets)s::smallint[]) and settled_on is null
   and ((due_on < %(through)s::date and coalesce(penalty_through, due_on) < %(through)s::date)
        or (carry_ppm > 0 and carry_through < least(%(through)s::date, statement_on - 1)));

-- name: accrue_day
-- Close of day: charge penalties for a range of buckets.
select lending_accrue_penalties(%(first)s::smallint, %(last)s::smallint, null, %(day)s::date, %(day)s::date,
                                %(recorded_at)s::timestamptz, true, 'close') as count;

-- name: bill_day
-- Close of day: bill and cut statements for a range of buckets.
select lending_bill(%(first)s::smallint, %(last)s::smallint, %(statement_on)s::date, %(day)s::date,
                    %(recorded_at)s::timestamptz) as count;

-- name: age_day
-- Close of day: age loans of a range of buckets.
select lending_age(%(first)s::smallint, %(last)s::smallint, %(day)s::date) as count;

-- name: due_lines
-- Lines that owe billed money due by a day, with how much, penalties included.
select l.id as line_id, l.customer_id, l.currency,
       sum(i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor - i.principal_written_off_minor
           + i.fee_minor - i.fee_paid_minor - i.fee_cancelled_minor - i.fee_written_off_minor
           + i.penalty_minor - i.penalty_paid_minor - i.penalty_waived_minor)::bigint as amount_minor,
       max(i.due_on) as due_on
  from loan_instalment i
  join credit_line l on l.bucket = i.bucket and l.id = i.line_id
 where i.bucket between %(first)s and %(last)s and i.settled_on is null and i.due_on <= %(due_by)s::date
 group by l.id, l.customer_id, l.currency
having bool_or(i.due_on >= %(due_from)s::date)
 order by l.id;

-- name: lines_to_review
-- Lines that had a bill due on a day or a loan that got later that day, and whose they are.
select line_id, customer_id from bill
 where bucket between %(first)s and %(last)s and due_on = %(day)s::date
union
select n.line_id, n.customer_id from loan_stage_change c
  join loan n on n.bucket = c.bucket and n.id = c.loan_id
 where c.bucket between %(first)s and %(last)s and c.changed_on = %(day)s::date and c.stage_after > c.stage_before
 order by line_id;

-- name: line_histories
-- How lines have been paid by a day: bills paid on time in a row since a day of each line's own, and the worst stage.
with asked as (
  select * from unnest(%(buckets)s::smallint[], %(lines)s::uuid[], %(since)s::date[]) as a (bucket, line_id, since)
), ranked as (
  -- The latest first, so that those since a day come before those until it. Once for all lines: asked line by line, every
  -- line read the bills of all the others.
  select b.bucket, b.line_id, b.due_on > a.since as is_since,
         row_number() over (partition by b.bucket, b.line_id order by b.statement_on desc) as position,
         (b.settled_on is not null and b.settled_on <= b.due_on) as is_on_time
    from bill b join asked a on a.bucket = b.bucket and a.line_id = b.line_id
   where b.due_on <= %(day)s::date
), paid as (
  select r.bucket, r.line_id, count(*) filter (where r.is_since) as bills,
         min(r.position) filter (where r.is_since and not r.is_on_time) - 1 as in_a_row,
         count(*) filter (where r.position <= 6 and not r.is_on_time) as late
    from ranked r group by r.bucket, r.line_id
)
select a.line_id, coalesce(p.in_a_row, p.bills, 0)::integer as bills_on_time_in_a_row,
       coalesce(p.bills, 0)::integer as bills_since_change, coalesce(p.late, 0)::integer as late_bills,
       coalesce((select max(n.stage) from loan n
                  where n.bucket = a.bucket and n.line_id = a.line_id and n.stage > 0 and n.status = 'active'), 0)::integer
         as worst_stage
  from asked a left join paid p on p.bucket = a.bucket and p.line_id = a.line_id order by a.line_id;

-- name: lines_with_credit
-- Lines that have a credit balance and owe something billed: what can be put against it.
select l.id as line_id, l.customer_id, l.currency,
       least(-o.balance_minor, d.open_minor)::bigint as amount_minor
  from ledger_owner_balance o
  join credit_line l on l.bucket = o.bucket and l.id = o.owner_id
  join lateral (
    select sum(i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor - i.principal_written_off_minor
               + i.fee_minor - i.fee_paid_minor - i.fee_cancelled_minor - i.fee_written_off_minor
               + i.penalty_minor - i.penalty_paid_minor - i.penalty_waived_minor) as open_minor
      from loan_instalment i
     where i.bucket = l.bucket and i.line_id = l.id and i.settled_on is null and i.is_billed) d
    on d.open_minor > 0
 where o.account = 2003 and o.balance_minor < 0 and o.bucket between %(first)s and %(last)s
 order by l.id;

-- name: unrecovered
-- What lines still owe of loans that were written off: lost, less what customers and refunds have made good since.
select n.line_id,
       (sum(w.principal_minor + w.fee_minor + w.penalty_minor)
         - (select coalesce(sum(r.recovered_minor), 0) from repayment r
             where r.bucket = n.bucket and r.line_id = n.line_id and r.reversed_on is null)
         - (select coalesce(sum(f.recovered_minor), 0) from refund f
             where f.bucket = n.bucket and f.line_id = n.line_id))::bigint as unrecovered_minor
  from loan n join loan_write_off w on w.bucket = n.bucket and w.loan_id = n.id
 where n.bucket = any (%(buckets)s::smallint[]) and n.line_id = any (%(lines)s::uuid[]) and n.status = 'written_off'
 group by n.bucket, n.line_id;
