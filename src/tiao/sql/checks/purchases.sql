-- Purchases from quote to dispute. Each query must return no row; what it returns is what is wrong.

-- name: captures_become_loans
-- What a purchase captured is the principal of its loans; a declined one has none.
select p.bucket, p.id, p.captured_minor, coalesce(n.lent, 0) as lent_minor from purchase p
  left join (select bucket, purchase_id, sum(principal_minor) as lent from loan group by bucket, purchase_id) n
    on n.bucket = p.bucket and n.purchase_id = p.id
 where p.captured_minor <> coalesce(n.lent, 0);

-- name: holds_end_exactly
-- A closed authorisation holds nothing, an open one holds something.
select bucket, id, amount_minor, captured_minor, released_minor, closed_as from purchase
 where outcome <> 'declined' and (closed_as is null) = (captured_minor + released_minor = amount_minor);

-- name: quotes_name_the_plans_they_offer
-- What an order is made from, plans and who bears their fee, is what the quote's offers say.
select q.bucket, q.id from quote q,
       lateral (select coalesce(jsonb_agg(o.offer -> 'plan' order by o.number), '[]') as plans,
                       coalesce(bool_and(o.offer ->> 'fee_payer' = q.fee_payer), true) as is_agreed
                  from jsonb_array_elements(convert_from(q.plans, 'UTF8')::jsonb) with ordinality as o (offer, number)) s
 where s.plans <> to_jsonb(q.plan_codes) or not s.is_agreed;

-- name: facts_and_events_agree
-- Since there are events, every purchase, refund and settlement has its own, and none tells of what is not.
with begun as (
  select min(happened_at) as at from merchant_event
), first_told as (
  select distinct on (e.bucket, e.key_id) e.bucket, e.key_id, e.kind, e.happened_at from merchant_event e
   where e.kind like 'purchase.%' order by e.bucket, e.key_id, e.number
)
select p.bucket, p.id, 'purchase' as what from purchase p
  cross join begun b left join first_told f on f.bucket = p.bucket and f.key_id = p.id
 where p.authorised_at >= b.at
   and (f.kind is null or f.happened_at <> p.authorised_at
        or f.kind not in ('purchase.in_review', 'purchase.authorised', 'purchase.declined', 'purchase.captured')
        or (f.kind = 'purchase.in_review') <> (p.decided_at is not null or p.outcome in ('step_up', 'in_review'))
        or (f.kind <> 'purchase.in_review' and (f.kind = 'purchase.declined') <> (p.outcome = 'declined')))
union all
select r.bucket, r.id, 'refund' from refund r cross join begun b
  left join merchant_event e on e.bucket = r.bucket and e.subject_id = r.id and e.kind = 'refund.created'
 where r.recorded_at >= b.at group by r.bucket, r.id having count(e.number) <> 1
union all
select 0, s.id, 'settlement' from settlement s cross join begun b
  left join merchant_event e on e.subject_id = s.id and e.kind = 'settlement.created'
 where s.business_date > b.at::date group by s.id having count(e.number) <> 1
union all
select e.bucket, e.subject_id, e.kind from merchant_event e
  left join purchase p on p.bucket = e.bucket and p.id = e.subject_id and p.merchant_id = e.merchant_id
 where e.kind like 'purchase.%'
   and not coalesce(case e.kind when 'purchase.declined' then p.outcome = 'declined'
                                when 'purchase.captured' then p.captured_minor > 0
                                when 'purchase.authorised' then p.outcome = 'authorised'
                                when 'purchase.in_review' then p.decided_at is not null
                                  or p.outcome in ('step_up', 'in_review')
                                else 'purchase.' || p.closed_as = e.kind end, false)
union all
select e.bucket, e.subject_id, e.kind from merchant_event e
  left join settlement s on s.id = e.subject_id and s.merchant_id = e.merchant_id
 where e.kind like 'settlement.%' and s.id is null;

-- name: declined_and_ended_purchases_are_so
-- A declined purchase says why and never held anything; how a hold ended is what became of it.
select bucket, id, outcome, closed_as, captured_minor, released_minor from purchase
 where case outcome when 'declined' then cardinality(decline_reasons) = 0 or captured_minor + released_minor > 0
                                         or closed_as is not null
                    else cardinality(decline_reasons) > 0 or (closed_as = 'captured' and captured_minor = 0)
                         or (closed_as in ('voided', 'expired') and released_minor = 0) end;

-- name: suspended_purchases_only_hold
-- A suspended purchase has lent nothing and was captured by nobody; what was decided later was suspended before.
select p.bucket, p.id, p.outcome, p.closed_as, p.captured_minor from purchase p
 where (p.outcome in ('step_up', 'in_review')
        and (p.captured_minor > 0 or p.closed_as = 'captured'
             or exists (select from loan n where n.bucket = p.bucket and n.id = p.id)))
    or p.decided_at < p.authorised_at
union all
select c.bucket, c.purchase_id, p.outcome, p.closed_as, c.attempts_left from purchase_challenge c
  left join purchase p on p.bucket = c.bucket and p.id = c.purchase_id
 where p.id is null or (c.confirmed_at is not null and (p.outcome <> 'authorised' or p.decided_at is null));

-- name: what_is_held_is_what_is_disputed
-- Of a merchant's money is held exactly what open disputes are about; what was awarded went back as one refund.
select coalesce(d.merchant_id, b.owner_id) as merchant_id, d.held, b.booked
  from (select merchant_id, sum(held_minor) as held from dispute where closed_at is null group by merchant_id) d
  full join (select owner_id, -sum(amount_minor) as booked from ledger_entry where account = 2009 group by owner_id) b
    on b.owner_id = d.merchant_id
 where coalesce(d.held, 0) <> coalesce(b.booked, 0)
union all
select d.id, d.awarded_minor, r.amount_minor from dispute d
  left join refund r on r.bucket = d.bucket and r.id = d.refund_id and r.purchase_id = d.purchase_id
 where coalesce(d.awarded_minor, 0) <> coalesce(r.amount_minor, 0);

-- name: a_dispute_gives_back_no_more_than_is_disputed
-- What was given back from the claim to its decision, the award with it, is at most what was disputed, where anything was
-- awarded at all.
select d.bucket, d.id, d.amount_minor, g.given_minor, d.refunded_before_minor from dispute d
  join refund a on a.bucket = d.bucket and a.id = d.refund_id
 cross join lateral (select sum(r.amount_minor) as given_minor from refund r
                      where r.bucket = d.bucket and r.purchase_id = d.purchase_id and r.recorded_no <= a.recorded_no) g
 where g.given_minor - d.refunded_before_minor > d.amount_minor;
