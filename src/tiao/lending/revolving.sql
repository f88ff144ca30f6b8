-- name: insert_carry_agreement
-- Write that only the minimum of a statement is going to be paid.
insert into carry_agreement (bucket, id, line_id, customer_id, currency, loan_id, statement_on, due_on, next_statement_on,
                             next_due_on, ratio_ppm, carry_ppm, penalty_ppm, reason, actor, agreed_on, recorded_at)
values (%(bucket)s, %(id)s, %(line_id)s, %(customer_id)s, %(currency)s, %(loan_id)s, %(statement_on)s, %(due_on)s,
        %(next_statement_on)s, %(next_due_on)s, %(ratio_ppm)s, %(carry_ppm)s, %(penalty_ppm)s, %(reason)s, %(actor)s,
        %(agreed_on)s, %(recorded_at)s);

-- name: carry_agreements_of_line
-- Every agreement of a line, in order.
select a.bucket, a.id, a.line_id, a.customer_id, a.currency, a.loan_id, a.statement_on, a.due_on, a.next_statement_on,
       a.next_due_on, a.ratio_ppm, a.carry_ppm, a.penalty_ppm, a.reason, a.actor, a.agreed_on, a.recorded_at,
       a.recorded_no, a.is_carried
  from carry_agreement a where a.bucket = %(bucket)s and a.line_id = %(line)s order by a.recorded_no;

-- name: standing_carry_agreements
-- The agreements of a line that were not undone.
select a.bucket, a.id, a.line_id, a.customer_id, a.currency, a.loan_id, a.statement_on, a.due_on, a.next_statement_on,
       a.next_due_on, a.ratio_ppm, a.carry_ppm, a.penalty_ppm, a.reason, a.actor, a.agreed_on, a.recorded_at,
       a.recorded_no, a.is_carried
  from carry_agreement a
 where a.bucket = %(bucket)s and a.line_id = %(line)s
   and not exists (select from loan_adjustment u where u.bucket = a.bucket and u.undoes_id = a.id)
 order by a.recorded_no;

-- name: carries_waiting_on_lines
-- Agreements of lines that stand and whose due date is over by a day, and nothing has been carried for them yet.
select a.bucket, a.id, a.line_id, a.customer_id, a.currency, a.loan_id, a.statement_on, a.due_on, a.next_statement_on,
       a.next_due_on, a.ratio_ppm, a.carry_ppm, a.penalty_ppm, a.reason, a.actor, a.agreed_on, a.recorded_at,
       a.recorded_no, a.is_carried
  from carry_agreement a
 where a.bucket = any (%(buckets)s::smallint[]) and a.line_id = any (%(lines)s::uuid[]) and not a.is_carried
   and a.due_on <= %(through)s::date
   and not exists (select from loan_adjustment u where u.bucket = a.bucket and u.undoes_id = a.id)
 order by a.due_on, a.line_id;

-- name: lines_that_carry
-- Lines in a range of buckets with such an agreement.
select distinct a.line_id from carry_agreement a
 where a.bucket between %(first)s and %(last)s and not a.is_carried and a.due_on <= %(through)s::date
   and not exists (select from loan_adjustment u where u.bucket = a.bucket and u.undoes_id = a.id)
 order by a.line_id;

-- name: owed_for_carry
-- What lines owe that is due by a day, and all that a statement asked for, as a minimum payment sees it.
select i.line_id, i.loan_id, i.number, i.statement_on, i.due_on,
       (select count(*) from loan_instalment s where s.bucket = i.bucket and s.loan_id = i.loan_id) = 1 as is_single,
       i.principal_minor - i.principal_refunded_minor - i.principal_written_off_minor as lent_minor,
       i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor - i.principal_written_off_minor
         as principal_open_minor,
       i.fee_minor - i.fee_paid_minor - i.fee_cancelled_minor - i.fee_written_off_minor
         + i.penalty_minor - i.penalty_paid_minor - i.penalty_waived_minor as cost_open_minor,
       i.carry_ppm
  from loan n
  join loan_instalment i on i.bucket = n.bucket and i.loan_id = n.id
 where n.bucket = any (%(buckets)s::smallint[]) and n.line_id = any (%(lines)s::uuid[])
   and i.due_on <= %(due_by)s::date and (i.settled_on is null or i.due_on = %(due_by)s::date)
 order by i.line_id, i.due_on, i.loan_id, i.number;

-- name: start_carrying
-- A balance is carried on: it is billed, bears interest, and owes what the days since its last statement cost.
with c as (
  select * from unnest(
    %(bucket)s::smallint[], %(loan)s::uuid[], %(ppm)s::integer[], %(micros)s::bigint[], %(due_on)s::date[],
    %(settled)s::boolean[]) as u (bucket, loan_id, ppm, micros, due_on, is_settled)
), i as (
  update loan_instalment i
     set carry_ppm = c.ppm, carry_micros = c.micros, carry_through = c.due_on, fee_minor = c.micros / 1000000,
         is_billed = true, settled_on = case when c.is_settled then c.due_on end
    from c where i.bucket = c.bucket and i.loan_id = c.loan_id
)
update loan n set fee_minor = c.micros / 1000000, status = case when c.is_settled then 'settled' else 'active' end,
                  settled_on = case when c.is_settled then c.due_on end
  from c where n.bucket = c.bucket and n.id = c.loan_id;

-- name: mark_carried
-- For these agreements it is decided what is carried.
update carry_agreement set is_carried = true where bucket = any (%(buckets)s::smallint[]) and id = any (%(ids)s::uuid[]);

-- name: settle_carried_bills
-- A bill whose rest is carried on was paid as agreed: by its due date.
update bill b set settled_on = b.due_on
  from unnest(%(bucket)s::smallint[], %(line)s::uuid[], %(statement_on)s::date[]) as c (bucket, line_id, statement_on)
 where b.bucket = c.bucket and b.line_id = c.line_id and b.statement_on = c.statement_on and b.settled_on > b.due_on;

-- name: accrue_interest_of_lines
-- Bring the interest of lines up to a day (see sql/functions/revolving.sql).
select lending_accrue_interest(0::smallint, 255::smallint, %(lines)s::uuid[], %(through)s::date, %(booked_on)s::date,
                               %(recorded_at)s::timestamptz, false, %(cause)s::text) as count;

-- name: write_lived_carries
-- Write how much was carried after a line was lived again.
update repayment r set amount_minor = c.amount
  from unnest(%(ids)s::uuid[], %(amount)s::bigint[]) as c (id, amount)
 where r.bucket = %(bucket)s and r.id = c.id;
