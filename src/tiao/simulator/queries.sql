-- name: members
-- What customers have: the line that was opened for them, and the account they bound.
select c.id as customer_id, l.id as line_id, l.statement_day, s.id as source_id,
       s.autopay_agreed_at is not null as is_autopay_agreed
  from customer c
  left join credit_line l on l.bucket = c.bucket and l.customer_id = c.id
  left join funding_source s on s.bucket = c.bucket and s.customer_id = c.id
 where c.bucket = any (%(buckets)s::smallint[]) and c.id = any (%(ids)s::uuid[]);

-- name: application_inputs
-- What the decisions on customers' applications saw.
select customer_id, inputs from credit_decision
 where bucket = any (%(buckets)s::smallint[]) and customer_id = any (%(ids)s::uuid[]) and kind = 'application'
 order by decided_at, id;

-- name: owing
-- What lines owed at the beginning of a day that was due by then, and whether any of it falls due on that very day.
-- What was paid on the day itself still counts as owed, so that a day that is lived again sees the same. Whoever agreed
-- to pay only the minimum of what falls due has paid it, or leaves it to autopay.
select i.line_id,
       sum(i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor - i.principal_written_off_minor
           + i.fee_minor - i.fee_paid_minor - i.fee_cancelled_minor - i.fee_written_off_minor
           + i.penalty_minor - i.penalty_paid_minor - i.penalty_waived_minor)::bigint as open_minor,
       bool_or(i.due_on = %(day)s::date) as is_due_today
  from loan_instalment i
 where i.due_on <= %(day)s::date and (i.settled_on is null or i.settled_on >= %(day)s::date)
   and not exists (
     select from carry_agreement a
      where a.bucket = i.bucket and a.line_id = i.line_id and a.due_on = %(day)s::date
        and not exists (select from loan_adjustment u where u.bucket = a.bucket and u.undoes_id = a.id))
 group by i.line_id order by i.line_id;

-- name: debits_answered
-- Which of these debits have their answer.
select id from debit
 where bucket = any (%(buckets)s::smallint[]) and id = any (%(ids)s::uuid[]) and state in ('succeeded', 'failed');

-- name: lost_loans
-- Loans more than 180 days late, and what they owe.
select n.bucket, n.id as loan_id, n.line_id, n.customer_id, n.currency,
       sum(i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor - i.principal_written_off_minor
           + i.penalty_minor - i.penalty_paid_minor - i.penalty_waived_minor)::bigint as owed_minor
  from loan n join loan_instalment i on i.bucket = n.bucket and i.loan_id = n.id
 where n.status = 'active' and n.stage = 7
 group by n.bucket, n.id, n.line_id, n.customer_id, n.currency order by n.bucket, n.id;

-- name: busiest_merchant
-- The merchant that sold most often.
select m.id, m.name from merchant m
 order by (select count(*) from purchase p where p.merchant_id = m.id) desc, m.id limit 1;

-- name: showable_customer
-- A customer with an active line that is not overdue, an account bound, and the most room to buy; rather one who has a
-- bill to pay, and had bills before, and about whom nothing was ever decided.
select l.customer_id, l.id as line_id, f.id as funding_source_id
  from credit_line l
  join funding_source f on f.bucket = l.bucket and f.customer_id = l.customer_id and f.status = 'active'
 where l.status = 'active'
   and not exists (select from loan n where n.bucket = l.bucket and n.line_id = l.id and n.stage > 0)
 order by exists (select from loan_adjustment a where a.bucket = l.bucket and a.line_id = l.id)
          or exists (select from repayment r where r.bucket = l.bucket and r.line_id = l.id and r.actor is not null),
          not exists (select from bill b where b.bucket = l.bucket and b.line_id = l.id and b.settled_on is null),
          (select count(*) from bill b where b.bucket = l.bucket and b.line_id = l.id) < 2,
          l.limit_minor - l.held_minor - l.used_minor desc, l.id limit 1;

-- name: eventful_line
-- The line about which people decided the most kinds of things.
with decided as (
  select bucket, line_id, kind from loan_adjustment
  union all
  select bucket, line_id, kind from repayment where actor is not null
  union all
  select bucket, line_id, kind from loan where kind <> 'purchase'
)
select line_id from decided group by bucket, line_id
 order by count(distinct kind) desc, count(*) desc, line_id limit 1;

-- name: disputable
-- A purchase of a range of time of which something was captured and is not given back; the same one for the same world.
select id, captured_minor - refunded_minor from purchase
 where outcome = 'authorised' and captured_minor > refunded_minor and authorised_at >= %(from_at)s and authorised_at < %(until_at)s
 order by bucket, idempotency_id limit 1;

-- name: spenders
-- Customers with room for an amount whose loans are all on time, the roomiest first; those shown elsewhere keep quiet.
select l.customer_id, l.id as line_id
  from credit_line l
 where l.status = 'active' and l.limit_minor - l.used_minor - l.held_minor >= 2 * %(amount)s::bigint
   and not exists (select from loan n where n.bucket = l.bucket and n.line_id = l.id and n.status = 'active' and n.stage > 0)
 order by l.limit_minor - l.used_minor - l.held_minor, l.id limit %(count)s::integer;

-- name: sellers
-- The merchants that sold most, of those that may sell.
select m.id from merchant m where m.status = 'active'
 order by (select count(*) from purchase p where p.merchant_id = m.id) desc, m.id limit %(count)s::integer;

-- name: reportable
-- The latest captured payment of somebody who is not one of some customers.
select p.id as purchase_id, p.customer_id
  from purchase p
 where p.captured_minor > 0 and p.refunded_minor = 0 and p.customer_id <> all (%(but)s::uuid[])
 order by p.authorised_at desc, p.id limit 1;
