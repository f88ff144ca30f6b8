-- name: late_lines
-- Lines that owe something past its due date, the longest first, with what is known of reaching them; or one of them.
with late as (
  select i.bucket, i.line_id, min(i.due_on) as oldest_due_on,
         sum(i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor - i.principal_written_off_minor
             + i.fee_minor - i.fee_paid_minor - i.fee_cancelled_minor - i.fee_written_off_minor
             + i.penalty_minor - i.penalty_paid_minor - i.penalty_waived_minor)::bigint as overdue_minor
    from loan_instalment i join loan l on l.bucket = i.bucket and l.id = i.loan_id
   where l.status = 'active' and i.is_billed and i.settled_on is null and i.due_on < %(today)s::date
     and (%(line)s::uuid is null or i.line_id = %(line)s::uuid)
   group by i.bucket, i.line_id
), page as (
  select * from late
   where overdue_minor > 0 and oldest_due_on between %(due_from)s::date and %(due_to)s::date
     and (oldest_due_on, line_id) > (%(after_day)s::date, %(after_line)s::uuid)
   order by oldest_due_on, line_id limit %(limit)s::integer
)
select p.bucket, p.line_id, c.customer_id, c.currency, p.overdue_minor, p.oldest_due_on, t.last_contact_at,
       coalesce(t.unanswered, 0)::integer as unanswered, o.promise_minor, o.promise_on,
       exists (select from dispute d where d.bucket = p.bucket and d.line_id = p.line_id and d.closed_at is null)
         as has_dispute,
       exists (select from loan h where h.bucket = p.bucket and h.line_id = p.line_id and h.kind = 'hardship_plan'
                                    and h.status = 'active') as has_hardship_plan
  from page p
  join credit_line c on c.bucket = p.bucket and c.id = p.line_id
  left join lateral (
    select max(a.at) as last_contact_at,
           count(*) filter (where a.on_day = %(today)s::date and a.at > coalesce(
             (select max(b.at) from collection_contact b
               where b.bucket = p.bucket and b.line_id = p.line_id and b.outcome not in ('no_answer', 'wrong_person')),
             '-infinity')) as unanswered
      from collection_contact a where a.bucket = p.bucket and a.line_id = p.line_id) t on true
  left join lateral (
    select a.promise_minor, a.promise_on from collection_contact a
     where a.bucket = p.bucket and a.line_id = p.line_id and a.outcome = 'promised'
     order by a.at desc limit 1) o on true
 order by p.oldest_due_on, p.line_id;

-- name: insert_contact
-- Write down what came of an attempt.
insert into collection_contact (bucket, id, line_id, customer_id, channel, outcome, script, note, promise_minor,
                                promise_on, operator, on_day, at)
values (%(bucket)s, %(id)s, %(line)s, %(customer)s, %(channel)s, %(outcome)s, %(script)s, %(note)s,
        %(promise_minor)s::bigint, %(promise_on)s::date, %(operator)s, %(on_day)s::date, %(at)s::timestamptz);

-- name: contacts
-- The contacts about a line, latest first, each with what was paid since by the day of its promise.
select c.bucket, c.id, c.line_id, c.customer_id, c.channel, c.outcome, c.script, c.note, c.promise_minor, c.promise_on,
       c.operator, c.on_day, c.at,
       coalesce((select sum(r.amount_minor) from repayment r
                  where r.bucket = c.bucket and r.line_id = c.line_id and r.kind in ('debit', 'transfer')
                    and r.recorded_at >= c.at and r.effective_on <= c.promise_on and r.reversed_on is null),
                0)::bigint as paid_minor
  from collection_contact c where c.bucket = %(bucket)s and c.line_id = %(line)s
 order by c.at desc, c.id desc limit %(limit)s::integer;
