-- Debits and payouts over channels, and what their files say. Each query must return no row; what it returns is what is wrong.

-- name: debits_become_repayments_once
-- A debit that succeeded brought exactly one repayment of its amount; any other brought none.
select d.bucket, d.id, d.state, d.amount_minor, r.amount_minor as repaid_minor from debit d
  left join repayment r on r.bucket = d.bucket and r.debit_id = d.id
 where (d.state = 'succeeded') <> (r.id is not null) or r.amount_minor <> d.amount_minor;

-- name: contradictions_are_what_they_say
-- What a bank contradicted is final as it was recorded, until it was booked; open ones on late money are being asked about.
select c.bucket, c.id, c.subject, c.subject_id, c.stood, coalesce(d.state, p.state) as state, c.resolution
  from bank_contradiction c
  left join debit d on c.subject = 'debit' and d.bucket = c.bucket and d.id = c.subject_id
  left join payout p on c.subject = 'payout' and p.bucket = c.bucket and p.id = c.subject_id
 where coalesce(d.state, p.state, '') <> case when c.resolution = 'booked' then c.told else c.stood end
    or (c.resolution is null and c.query_after is null and c.subject = 'debit' and c.told = 'succeeded');

-- name: no_contradiction_is_left_lying
-- Nobody lets a bank's contradiction lie for more than a week of closed days: somebody's money is in the wrong place.
select c.bucket, c.id, c.subject, c.subject_id, c.stood, c.told, c.first_seen_at,
       g.closed_through - s.seen_on as days_open
  from bank_contradiction c cross join programme g
 cross join lateral (select (c.first_seen_at at time zone g.time_zone)::date as seen_on) s
 where c.resolution is null and s.seen_on < g.closed_through - 7;

-- name: an_order_is_debited_once
-- Of the attempts of an order one at most took money, but for late money of an attempt given up, which was booked as such.
select d.bucket, d.order_id, count(*) as succeeded from debit d
 where d.state = 'succeeded'
   and not exists (select from bank_contradiction c
                    where c.bucket = d.bucket and c.subject_id = d.id and c.resolution = 'booked')
 group by d.bucket, d.order_id having count(*) > 1;

-- name: attempts_follow_definite_failures
-- A further attempt exists only where the one before it has failed for good, or has brought money late.
select n.bucket, n.order_id, n.attempt, d.state from debit n
  left join debit d on d.bucket = n.bucket and d.next_id = n.id
 where n.attempt > 1
   and (d.id is null or d.attempt <> n.attempt - 1 or d.order_id <> n.order_id
        or (d.state <> 'failed' and not exists (
              select from bank_contradiction c where c.bucket = d.bucket and c.subject_id = d.id and c.told = 'succeeded')));

-- name: routes_say_where_debits_went
-- A kept decision names the channel its debit was sent through.
select r.bucket, r.debit_id, r.chosen, d.channel from route_decision r
  left join debit d on d.bucket = r.bucket and d.id = r.debit_id
 where d.id is null or d.channel <> r.chosen;

-- name: suspense_equals_suspended_differences
-- What stands in suspense in the books is what the suspended differences say.
with effect as (
  select case when flow = 'payout' then -1 else 1 end
         * case when kind in ('status', 'duplicate') then coalesce(theirs_minor, 0)
                when kind = 'fee' then 0
                else coalesce(theirs_minor, 0) - coalesce(ours_minor, 0) end as cash
    from channel_difference where state = 'suspended'
)
select e.more, e.less, b.payable, b.receivable
  from (select coalesce(sum(cash) filter (where cash > 0), 0) as more,
               coalesce(-sum(cash) filter (where cash < 0), 0) as less from effect) e,
       (select coalesce(-sum(amount_minor) filter (where account = 2007), 0) as payable,
               coalesce(sum(amount_minor) filter (where account = 1021), 0) as receivable
          from ledger_entry where account in (1021, 2007)) b
 where e.more <> b.payable or e.less <> b.receivable;

-- name: channel_fees_equal_files
-- What the books say channels took is what their files say.
select f.fees as file_minor, b.booked as booked_minor
  from (select coalesce(sum(channel_fee_minor), 0) as fees from channel_day where state = 'reconciled') f,
       (select coalesce(sum(amount_minor), 0) as booked from ledger_entry where account = 5003) b
 where f.fees <> b.booked;

-- name: differences_are_ended_by_two_people
-- A difference that people ended, or put into suspense, has one who proposed it and another who agreed.
select bucket, id, kind, state, resolution, maker, checker from channel_difference
 where (state = 'suspended' or resolution in ('accepted', 'written_off', 'taken_in'))
   and (maker is null or checker is null or maker = checker);

-- name: autopay_stands_on_a_mandate
-- Automatic payment is allowed exactly where a mandate is in force.
select coalesce(s.bucket, m.bucket) as bucket, coalesce(s.id, m.source_id) as source_id
  from (select bucket, id from funding_source where autopay_agreed_at is not null) s
  full join (select bucket, source_id from mandate where revoked_at is null) m on m.bucket = s.bucket and m.source_id = s.id
 where s.id is null or m.source_id is null;

-- name: payouts_in_transit_equal_ledger
-- What is on its way to merchants and customers is what the ledger has in transit.
select coalesce(p.open, 0) as open_minor, coalesce(b.booked, 0) as booked_minor
  from (select sum(amount_minor) as open from payout where state in ('created', 'sent', 'unknown')) p,
       (select -sum(amount_minor) as booked from ledger_entry where account = 2005) b
 where coalesce(p.open, 0) <> coalesce(b.booked, 0);

-- name: payouts_go_to_whom_they_are_owed
-- A settlement is paid to its merchant, a refund or credit balance to its customer, in one payout of that amount.
select s.business_date, s.merchant_id as owed_to, p.beneficiary_id, s.paid_minor, p.amount_minor from settlement s
  left join payout p on p.id = s.payout_id and p.source_id = s.id and p.kind = 'settlement'
 where (s.paid_minor > 0 or s.payout_id is not null)
   and (p.beneficiary_id is distinct from s.merchant_id or p.amount_minor <> s.paid_minor)
union all
select null, coalesce(r.customer_id, c.customer_id), p.beneficiary_id, null, p.amount_minor from payout p
  left join refund r on r.bucket = p.bucket and r.id = p.source_id
  left join credit_payout c on c.bucket = p.bucket and c.id = p.source_id
 where p.kind = 'refund' and p.beneficiary_id <> coalesce(r.customer_id, c.customer_id);

-- name: refunds_to_pay_out_wait_for_an_account
-- What we owe customers as refunds, and is not on its way, is what failed and waits for another account.
select coalesce(b.owner_id, w.beneficiary_id) as customer_id, b.owed, w.waiting
  from (select owner_id, -sum(amount_minor) as owed from ledger_entry where account = 2004 group by owner_id) b
  full join (select beneficiary_id, sum(amount_minor) as waiting from payout
              where kind = 'refund' and state = 'failed' and query_after is not null
              group by beneficiary_id) w on w.beneficiary_id = b.owner_id
 where coalesce(b.owed, 0) <> coalesce(w.waiting, 0);

-- name: what_goes_back_is_paid_out
-- What refunds send back along a line's repayments, and each credit balance given back, is in payouts of that amount.
with paid as (
  select bucket, source_id, sum(amount_minor) as amount from payout
   where kind = 'refund' and (state <> 'failed' or query_after is not null) group by bucket, source_id
)
select 'line' as relation, r.bucket, r.line_id as id, r.returned, coalesce(p.paid, 0) as paid
  from (select bucket, line_id, sum(returned_minor) as returned from repayment group by bucket, line_id) r
  left join (select f.bucket, f.line_id, sum(p.amount) as paid
               from refund f join paid p on p.bucket = f.bucket and p.source_id = f.id
              group by f.bucket, f.line_id) p on p.bucket = r.bucket and p.line_id = r.line_id
 where r.returned <> coalesce(p.paid, 0)
union all
select 'credit_payout', c.bucket, c.id, c.amount_minor, coalesce(p.amount, 0)
  from credit_payout c left join paid p on p.bucket = c.bucket and p.source_id = c.id
 where c.amount_minor <> coalesce(p.amount, 0);
