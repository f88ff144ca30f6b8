-- name: terms_of
-- How a merchant is settled, the latest terms first.
select merchant_id, from_on, schedule, reserve_rate, reserve_days, proposed_by, agreed_by, made_at
  from settlement_terms where merchant_id = %(merchant)s::uuid order by from_on desc;

-- name: insert_terms
-- Agree settlement terms; those agreed before from the same day give way.
insert into settlement_terms (merchant_id, from_on, schedule, reserve_rate, reserve_days, proposed_by, agreed_by, made_at)
values (%(merchant)s, %(from_on)s, %(schedule)s, %(reserve_rate)s, %(reserve_days)s, %(proposed_by)s, %(agreed_by)s,
        %(at)s)
on conflict on constraint settlement_terms_pk do update
   set schedule = excluded.schedule, reserve_rate = excluded.reserve_rate, reserve_days = excluded.reserve_days,
       proposed_by = excluded.proposed_by, agreed_by = excluded.agreed_by, made_at = excluded.made_at;

-- name: shares_of
-- What platforms get of the discount a merchant pays, the latest first.
select platform_id, merchant_id, from_on, share_rate, proposed_by, agreed_by, made_at
  from income_share where merchant_id = %(merchant)s::uuid order by from_on desc, platform_id;

-- name: insert_share
-- Agree a platform's share; one agreed before from the same day gives way.
insert into income_share (platform_id, merchant_id, from_on, share_rate, proposed_by, agreed_by, made_at)
values (%(platform)s, %(merchant)s, %(from_on)s, %(share_rate)s, %(proposed_by)s, %(agreed_by)s, %(at)s)
on conflict on constraint income_share_pk do update
   set share_rate = excluded.share_rate, proposed_by = excluded.proposed_by, agreed_by = excluded.agreed_by,
       made_at = excluded.made_at;

-- name: shared_with
-- What a platform got for a day, merchant by merchant.
select platform_id, merchant_id, business_date, currency, discount_minor, share_minor
  from income_shared where platform_id = %(platform)s::uuid and business_date = %(day)s::date order by merchant_id;

-- name: lock_settling
-- Keep settlements and withdrawals from crossing.
select pg_advisory_xact_lock(7104)::text;

-- name: owed
-- What a merchant's last settlement carries on, less what was withdrawn since; its reserve; its payouts under way.
select coalesce((
         select s.net_minor - s.paid_minor - coalesce((
                  select sum(w.amount_minor) from settlement_withdrawal w
                   where w.merchant_id = s.merchant_id and w.booked_on > s.business_date), 0)
           from settlement s where s.merchant_id = %(merchant)s::uuid
          order by s.business_date desc limit 1), 0)::bigint as unpaid_minor,
       coalesce((select sum(r.amount_minor) from settlement_reserve r
                  where r.merchant_id = %(merchant)s::uuid and r.released_on is null), 0)::bigint as reserve_minor,
       coalesce((select sum(p.amount_minor) from payout p
                  where p.kind = 'settlement' and p.beneficiary_id = %(merchant)s::uuid
                    and p.state in ('created', 'sent', 'unknown')), 0)::bigint as in_transit_minor;

-- name: reserves_of
-- What is kept back of a merchant, by the day it is released on.
select business_date, releases_on as expected_on, amount_minor from settlement_reserve
 where merchant_id = %(merchant)s::uuid and released_on is null order by releases_on, business_date;

-- name: payouts_under_way
-- A merchant's payouts that the bank has not answered for good, by the day they fall due.
select null::date as business_date, due_on as expected_on, amount_minor from payout
 where kind = 'settlement' and beneficiary_id = %(merchant)s::uuid and state in ('created', 'sent', 'unknown')
 order by due_on, id;

-- name: insert_withdrawal
-- Write a withdrawal.
insert into settlement_withdrawal (id, merchant_id, currency, amount_minor, booked_on, payout_id, asked_at)
values (%(id)s, %(merchant)s, %(currency)s, %(amount)s, %(booked_on)s, %(payout)s, %(at)s);

-- name: insert_payout
-- Write the payout of a withdrawal, due at once.
insert into payout (bucket, id, kind, beneficiary_id, source_id, channel, agreement, currency, amount_minor, state, due_on,
                    created_at)
values (0, %(id)s, 'settlement', %(merchant)s, %(source)s, %(channel)s, %(agreement)s, %(currency)s, %(amount)s, 'created',
        %(due_on)s, %(at)s);

-- name: withdrawals_of
-- A merchant's withdrawals, latest first, from a cursor on.
select id, merchant_id, currency, amount_minor, booked_on, payout_id, asked_at
  from settlement_withdrawal
 where merchant_id = %(merchant)s::uuid and (asked_at, id) < (%(before_at)s::timestamptz, %(before_id)s::uuid)
 order by asked_at desc, id desc limit %(limit)s::integer;

-- name: withdrawal
-- One withdrawal.
select id, merchant_id, currency, amount_minor, booked_on, payout_id, asked_at
  from settlement_withdrawal where id = %(id)s::uuid;

-- name: insert_adjustment
-- Write what people decided.
insert into merchant_adjustment (id, merchant_id, currency, amount_minor, reason, proposed_by, agreed_by, booked_on, made_at)
values (%(id)s, %(merchant)s, %(currency)s, %(amount)s, %(reason)s, %(proposed_by)s, %(agreed_by)s, %(booked_on)s, %(at)s);

-- name: file_lines
-- What moved a merchant's payable on a day, with the sale or refund it comes from; paged by posting.
select p.bucket, p.id as posting_id, p.kind, p.source_id,
       coalesce(n.purchase_id, r.purchase_id) as purchase_id, coalesce(u.reference, r.reference) as reference,
       case when p.kind = 'purchase_captured' then m.amount + m.discount + m.subsidy else 0 end::bigint as gross_minor,
       case when p.kind = 'purchase_captured' then m.discount else 0 end::bigint as discount_minor,
       case when p.kind = 'purchase_captured' then m.subsidy else 0 end::bigint as subsidy_minor,
       m.amount::bigint as amount_minor, p.recorded_at
  from ledger_posting p
 cross join lateral (
   select -coalesce(sum(e.amount) filter (where e.account = 2001), 0) as amount,
          -coalesce(sum(e.amount) filter (where e.account = 4001), 0) as discount,
          -coalesce(sum(e.amount) filter (where e.account = 2002), 0) as subsidy
     from unnest(p.accounts, p.owners, p.amounts_minor) as e (account, owner, amount)
    where e.account <> 2001 or e.owner = %(merchant)s::uuid) m
  left join loan n on p.kind = 'purchase_captured' and n.bucket = p.bucket and n.id = p.source_id
  left join refund r on p.kind = 'refund_given' and r.bucket = p.bucket and r.id = p.source_id
  left join purchase u on u.bucket = p.bucket and u.id = n.purchase_id
 where p.booked_on = %(day)s::date and p.accounts @> array[2001] and p.owners @> array[%(merchant)s::uuid]
   and p.kind not in ('settlement_paid', 'settlement_withdrawn', 'settlement_forwarded', 'settlement_gathered')
   and (p.bucket, p.id) > (%(after_bucket)s::smallint, %(after_id)s::uuid)
   and exists (select from unnest(p.accounts, p.owners) as e (account, owner)
                where e.account = 2001 and e.owner = %(merchant)s::uuid)
 order by p.bucket, p.id limit %(limit)s::integer;
