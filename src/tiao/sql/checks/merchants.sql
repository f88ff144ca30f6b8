-- What merchants are owed, paid, kept and given to others. Each query must return no row; what it returns is what is wrong.

-- name: merchants_are_paid_what_is_booked
-- Once a day is settled, a merchant's account stands at what its last settlement carries on, less what was withdrawn since.
with settled as (
  select max(business_date) as through from close_step where step = 'settle'
), last as (
  select distinct on (s.merchant_id) s.merchant_id, s.net_minor - s.paid_minor - coalesce((
           select sum(w.amount_minor) from settlement_withdrawal w join settled t on w.booked_on <= t.through
            where w.merchant_id = s.merchant_id and w.booked_on > s.business_date), 0) as carried
    from settlement s order by s.merchant_id, s.business_date desc
), booked as (
  select e.owner_id, -sum(e.amount_minor) as owed
    from ledger_entry e join settled on e.booked_on <= settled.through
   where e.account = 2001 group by e.owner_id
)
select coalesce(b.owner_id, l.merchant_id) as merchant_id, b.owed as owed_minor, l.carried as carried_minor
  from booked b full join last l on l.merchant_id = b.owner_id
 where coalesce(b.owed, 0) <> coalesce(l.carried, 0)
   and exists (select from settled where through is not null);

-- name: settlements_equal_their_lines
-- A settlement's net is what was booked to its merchant that day, here or gathered, with what the one before carried on.
with line as (
  select e.owner_id as merchant_id, e.booked_on, -sum(e.amount_minor) as booked
    from ledger_entry e join ledger_posting p on p.bucket = e.bucket and p.id = e.posting_id
   where e.account = 2001 and p.kind not in ('settlement_paid', 'settlement_withdrawn', 'settlement_forwarded')
   group by e.owner_id, e.booked_on
), chain as (
  select s.*, coalesce(lag(s.net_minor - s.paid_minor) over (
           partition by s.merchant_id order by s.business_date), 0) as before_minor
    from settlement s
)
select c.merchant_id, c.business_date, c.net_minor, l.booked, c.before_minor, c.withdrawn_minor from chain c
  left join line l on l.merchant_id = c.merchant_id and l.booked_on = c.business_date
 where c.net_minor <> coalesce(l.booked, 0) + c.before_minor - c.withdrawn_minor;

-- name: reserves_equal_ledger
-- What settlements keep back is what they say, is released once its time has come, and stands in the ledger as reserve.
select r.merchant_id, r.business_date, r.amount_minor, s.reserved_minor from settlement_reserve r
  full join (select * from settlement where reserved_minor > 0) s
    on s.merchant_id = r.merchant_id and s.business_date = r.business_date
 where r.amount_minor is distinct from s.reserved_minor
union all
select r.merchant_id, r.releases_on, r.amount_minor, null from settlement_reserve r
  join (select max(business_date) as through from close_step where step = 'settle') t on r.releases_on <= t.through
 where r.released_on is null
union all
select coalesce(r.merchant_id, b.owner_id), null, r.kept, b.booked
  from (select merchant_id, sum(amount_minor) filter (where released_on is null) as kept
          from settlement_reserve group by merchant_id) r
  full join (select owner_id, -sum(amount_minor) as booked from ledger_entry where account = 2008 group by owner_id) b
    on b.owner_id = r.merchant_id
 where coalesce(r.kept, 0) <> coalesce(b.booked, 0);

-- name: shares_adjustments_and_withdrawals_equal_ledger
-- What platforms got, what people booked by hand and what was withdrawn stand in the ledger, for the same merchants.
with told as (
  select 'income_shared' as kind, platform_id as merchant_id, sum(share_minor) as amount from income_shared group by platform_id
  union all
  select 'merchant_adjusted', merchant_id, sum(amount_minor) from merchant_adjustment group by merchant_id
  union all
  select 'settlement_withdrawn', merchant_id, -sum(amount_minor) from settlement_withdrawal group by merchant_id
), booked as (
  select p.kind, e.owner_id as merchant_id, -sum(e.amount_minor) as amount
    from ledger_entry e join ledger_posting p on p.bucket = e.bucket and p.id = e.posting_id
   where e.account = 2001 and p.kind in ('income_shared', 'merchant_adjusted', 'settlement_withdrawn')
   group by p.kind, e.owner_id
)
select coalesce(t.kind, b.kind) as kind, coalesce(t.merchant_id, b.merchant_id) as merchant_id, t.amount, b.amount as booked
  from told t full join booked b on b.kind = t.kind and b.merchant_id = t.merchant_id
 where coalesce(t.amount, 0) <> coalesce(b.amount, 0)
union all
select 'share', i.merchant_id, i.discount_minor, s.discount_minor from income_shared i
  left join settlement s on s.merchant_id = i.merchant_id and s.business_date = i.business_date
 where i.discount_minor is distinct from s.discount_minor
union all
select 'withdrawal', w.merchant_id, w.amount_minor, p.amount_minor from settlement_withdrawal w
  left join payout p on p.bucket = 0 and p.id = w.payout_id and p.source_id = w.id and p.beneficiary_id = w.merchant_id
 where p.amount_minor is distinct from w.amount_minor;

-- name: money_to_share_equals_ledger
-- What pools keep for sharing is what the ledger keeps from their merchants.
select coalesce(k.merchant_id, b.owner_id) as merchant_id, k.kept, b.booked
  from (select merchant_id, sum(kept_minor) as kept from share_pool group by merchant_id) k
  full join (select owner_id, -sum(amount_minor) as booked from ledger_entry where account = 2015 group by owner_id) b
    on b.owner_id = k.merchant_id
 where coalesce(k.kept, 0) <> coalesce(b.booked, 0);

-- name: shares_add_up
-- What receivers have of a payment is what they were given less what they gave back, and each return is of a part's receiver.
select p.source_id, p.given_minor, coalesce(g.given, 0) as parts_minor from share_pool p
  left join (select s.source_id, sum(t.amount_minor - t.returned_minor) as given
               from share s join share_part t on t.share_id = s.id group by s.source_id) g on g.source_id = p.source_id
 where p.given_minor <> coalesce(g.given, 0)
union all
select coalesce(t.share_id, r.share_id), t.returned, r.returned
  from (select share_id, receiver_id, sum(returned_minor) as returned from share_part
         group by share_id, receiver_id having sum(returned_minor) > 0) t
  full join (select share_id, receiver_id, sum(amount_minor) as returned from share_return
              group by share_id, receiver_id) r on r.share_id = t.share_id and r.receiver_id = t.receiver_id
 where t.returned is distinct from r.returned;

-- name: shares_and_returns_equal_ledger
-- Every share and every return is booked once, in its amount, to its receivers.
select coalesce(t.id, b.source_id) as id, t.amount, b.booked
  from (select share_id as id, sum(amount_minor) as amount from share_part group by share_id
        union all select id, amount_minor from share_return) t
  full join (select p.source_id, sum(-e.amount_minor) filter (where e.amount_minor < 0) as booked
               from ledger_posting p join ledger_entry e on e.bucket = p.bucket and e.posting_id = p.id
              where p.kind in ('share_given', 'share_returned') group by p.source_id) b on b.source_id = t.id
 where t.amount is distinct from b.booked;

-- name: parts_between_servers_equal_ledger
-- What one server sent on its way to the merchants' settlement, or another took over, is what its ledger says.
select coalesce(p.net, 0) as parts_minor, coalesce(b.booked, 0) as booked_minor
  from (select sum(case when gathered_on is null then -net_minor else net_minor end) as net from settlement_part) p,
       (select sum(amount_minor) as booked from ledger_entry where account = 2006) b
 where coalesce(p.net, 0) <> coalesce(b.booked, 0);

-- name: prepaid_money_equals_ledger
-- What is kept of what customers paid before a service is what the ledger keeps from their merchants; what is over is empty.
select coalesce(h.merchant_id, b.owner_id) as merchant_id, h.kept, b.booked
  from (select merchant_id, sum(left_minor) as kept from prepaid_hold group by merchant_id) h
  full join (select owner_id, -sum(amount_minor) as booked from ledger_entry where account = 2018 group by owner_id) b
    on b.owner_id = h.merchant_id
 where coalesce(h.kept, 0) <> coalesce(b.booked, 0)
union all
select h.loan_id, h.left_minor, h.steps_done from prepaid_hold h where h.steps_done = h.steps and h.left_minor <> 0;

-- name: companies_are_approved_by_two_people
-- Who is a merchant by an application was proposed by one person and approved by another, and signed for its scene.
select a.id, d.merchant_id from merchant_application a
  join merchant_admission d on d.application_id = a.id
 where a.state <> 'active' or a.proposed_by is null or a.decided_by is null or a.proposed_by = a.decided_by
    or not exists (select from contract_signature s where s.application_id = a.id and s.scene = d.scene)
    or not exists (select from merchant m where m.id = d.merchant_id and m.category = d.scene)
union all
select s.application_id, s.id from contract_signature s
  join contract_text t on t.scene = s.scene and t.version = s.version
 where s.digest <> t.digest or t.announced_at is null or t.announced_at > s.signed_at;
