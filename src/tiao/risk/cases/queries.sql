-- name: insert_cases
-- Write cases, but not a second one about what is looked into already.
insert into risk_case (bucket, id, subject, purchase_id, customer_id, merchant_id, maker, reasons, currency, amount_minor,
                       probability_ppm, loss_minor, approvers_needed, opened_at, due_at, expires_at)
select c.bucket, c.id, c.subject, c.purchase_id, c.customer_id, c.merchant_id, c.maker, string_to_array(c.reasons, ','),
       c.currency, c.amount_minor, c.probability_ppm, c.loss_minor, c.approvers_needed, %(at)s::timestamptz, c.due_at,
       c.expires_at
  from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(subject)s::text[], %(purchase)s::uuid[], %(customer)s::uuid[],
              %(merchant)s::uuid[], %(maker)s::text[], %(reasons)s::text[], %(currency)s::text[], %(amount)s::bigint[],
              %(probability)s::integer[], %(loss)s::bigint[], %(needed)s::smallint[], %(due_at)s::timestamptz[],
              %(expires_at)s::timestamptz[])
    as c (bucket, id, subject, purchase_id, customer_id, merchant_id, maker, reasons, currency, amount_minor,
          probability_ppm, loss_minor, approvers_needed, due_at, expires_at)
on conflict do nothing returning id;

-- name: insert_steps
-- Note what was done about cases.
insert into risk_case_step (bucket, case_id, number, kind, actor, said, digest, made_at)
select s.bucket, s.case_id, 1 + (select count(*) from risk_case_step k where k.bucket = s.bucket and k.case_id = s.case_id),
       s.kind, s.actor, s.said, s.digest, %(at)s::timestamptz
  from unnest(%(bucket)s::smallint[], %(case)s::uuid[], %(kind)s::text[], %(actor)s::text[], %(said)s::text[],
              %(digest)s::bytea[]) as s (bucket, case_id, kind, actor, said, digest);

-- name: unasked
-- Suspended purchases that wait for a person and about which there is no case yet.
select p.bucket, p.id, p.customer_id, p.merchant_id, p.currency, p.amount_minor, p.expires_at, d.score,
       coalesce(d.reasons, '{}') as reasons
  from purchase p left join risk_decision d on d.bucket = p.bucket and d.purchase_id = p.id
 where p.outcome = 'in_review' and p.closed_as is null and p.expires_at > %(at)s::timestamptz
   and not exists (select from risk_case c where c.bucket = p.bucket and c.purchase_id = p.id)
 order by p.bucket, p.id limit %(limit)s::integer;

-- name: cleared
-- Merchants that people looked into and released not long ago: nobody is asked about the same again.
select distinct merchant_id from risk_case
 where merchant_id = any (%(merchants)s::uuid[]) and subject = 'merchant' and state = 'released'
   and closed_at > %(since)s::timestamptz;

-- name: looked_into
-- Customers about whom there was a case since an instant, whatever became of it.
select distinct customer_id from risk_case
 where bucket = any (%(buckets)s::smallint[]) and customer_id = any (%(customers)s::uuid[]) and subject = 'customer'
   and opened_at > %(since)s::timestamptz;

-- name: lapse
-- Close cases about purchases that are over, whoever ended them.
update risk_case c set state = 'lapsed', closed_at = %(at)s::timestamptz, claimed_by = null, claimed_until = null
  from purchase p
 where c.state = 'open' and c.subject = 'purchase' and p.bucket = c.bucket and p.id = c.purchase_id
   and (p.outcome <> 'in_review' or p.closed_as is not null)
returning c.bucket, c.id;

-- name: case
-- One case.
select bucket, id, subject, purchase_id, customer_id, merchant_id, maker, reasons, currency, amount_minor, probability_ppm,
       loss_minor, approvers_needed, state, opened_at, due_at, expires_at, assigned_to, claimed_by, claimed_until, closed_at
  from risk_case where bucket = %(bucket)s and id = %(id)s;

-- name: lock_case
-- One case, locked.
select bucket, id, subject, purchase_id, customer_id, merchant_id, maker, reasons, currency, amount_minor, probability_ppm,
       loss_minor, approvers_needed, state, opened_at, due_at, expires_at, assigned_to, claimed_by, claimed_until, closed_at
  from risk_case where bucket = %(bucket)s and id = %(id)s for update;

-- name: steps
-- What was done about a case, in order.
select bucket, case_id, number, kind, actor, said, digest, made_at
  from risk_case_step where bucket = %(bucket)s and case_id = %(case)s order by number;

-- name: queue
-- Open cases, the dearest expected loss first; those of one person where that is asked.
select bucket, id, subject, purchase_id, customer_id, merchant_id, maker, reasons, currency, amount_minor, probability_ppm,
       loss_minor, approvers_needed, state, opened_at, due_at, expires_at, assigned_to, claimed_by, claimed_until, closed_at
  from risk_case
 where state = 'open' and (%(subject)s::text is null or subject = %(subject)s::text)
   and (%(actor)s::text is null or assigned_to = %(actor)s::text or claimed_by = %(actor)s::text)
   and (-loss_minor, id) > (-%(after_loss)s::bigint, %(after_id)s::uuid)
 order by -loss_minor, id limit %(limit)s::integer;

-- name: next_case
-- The case to take on next, locked: late ones first, then the dearest; not one's own, none that somebody is at.
select bucket, id, subject, purchase_id, customer_id, merchant_id, maker, reasons, currency, amount_minor, probability_ppm,
       loss_minor, approvers_needed, state, opened_at, due_at, expires_at, assigned_to, claimed_by, claimed_until, closed_at
  from risk_case c
 where state = 'open' and (%(subject)s::text is null or subject = %(subject)s::text) and maker <> %(actor)s
   and (expires_at is null or expires_at > %(at)s::timestamptz)
   and (claimed_until is null or claimed_until <= %(at)s::timestamptz)
   and (assigned_to is null or assigned_to = %(actor)s)
   and not exists (select from risk_case_step s where s.bucket = c.bucket and s.case_id = c.id and s.actor = %(actor)s
                      and s.kind in ('release', 'refuse'))
 order by (assigned_to = %(actor)s) is true desc, (due_at < %(at)s::timestamptz) desc, loss_minor desc, id
 limit 1 for update skip locked;

-- name: claim
-- Note who is at a case.
update risk_case set claimed_by = %(actor)s, claimed_until = %(until)s::timestamptz
 where bucket = %(bucket)s and id = %(id)s;

-- name: assign
-- Note whose a case is.
update risk_case set assigned_to = %(assignee)s where bucket = %(bucket)s and id = %(id)s;

-- name: close_case
-- Write how a case ended.
update risk_case set state = %(state)s, closed_at = %(at)s::timestamptz, claimed_by = null, claimed_until = null
 where bucket = %(bucket)s and id = %(id)s;

-- name: queue_state
-- How the queue stands, by subject.
select subject, count(*) as open,
       count(*) filter (where claimed_until is null or claimed_until <= %(at)s::timestamptz) as unclaimed,
       count(*) filter (where due_at < %(at)s::timestamptz) as late, sum(loss_minor)::bigint as loss_minor,
       (extract(epoch from %(at)s::timestamptz - min(opened_at)) / 60)::bigint as oldest_minutes,
       min(due_at) as next_due_at
  from risk_case where state = 'open' group by subject order by subject;

-- name: related
-- Payments that hang together with a case: of the customer, of customers linked to it, and those of the merchant that
-- were suspended, declined or said to be fraud.
select r.by, p.id as purchase_id, p.customer_id, p.merchant_id, p.currency, p.amount_minor, p.outcome, p.authorised_at,
       (select l.is_fraud from risk_label l where l.bucket = p.bucket and l.purchase_id = p.id
         order by l.told_at desc, l.id desc limit 1) as is_fraud
  from (
    select 'customer' as by, o.bucket, o.id from purchase o
     where o.bucket = %(bucket)s and o.customer_id = %(customer)s::uuid and o.authorised_at >= %(since)s::timestamptz
    union all
    select 'link', o.bucket, o.id
      from risk_member own
      join risk_member m on m.component_id = own.component_id and m.customer_id <> own.customer_id
      join purchase o on o.bucket = m.bucket and o.customer_id = m.customer_id and o.authorised_at >= %(since)s::timestamptz
     where own.bucket = %(bucket)s and own.customer_id = %(customer)s::uuid
    union all
    select 'merchant', o.bucket, o.id from purchase o
     where o.merchant_id = %(merchant)s::uuid and o.authorised_at >= %(since)s::timestamptz
       and (o.outcome <> 'authorised' or exists (
              select from risk_label l where l.bucket = o.bucket and l.purchase_id = o.id and l.is_fraud))) r
  join purchase p on p.bucket = r.bucket and p.id = r.id
 where p.id is distinct from %(purchase)s::uuid
 order by p.authorised_at desc, p.id, r.by limit %(limit)s::integer;

-- name: home_bucket
-- A bucket of this server: where cases that are no customer's lie.
select coalesce((select buckets[1] from placement), 0)::smallint;
