-- name: people
-- How many customers and merchants there are.
select (select count(*) from customer) as customers, (select count(*) from merchant) as merchants;

-- name: applications
-- What became of applications and of limits.
select count(*) filter (where kind = 'application') as received,
       count(*) filter (where outcome = 'approved') as approved,
       count(*) filter (where outcome = 'declined') as declined,
       coalesce(sum(limit_after_minor) filter (where outcome = 'approved'), 0)::bigint as granted_minor,
       count(*) filter (where outcome = 'raised') as raised,
       count(*) filter (where outcome = 'frozen') as frozen
  from credit_decision;

-- name: purchases
-- What became of purchases.
select count(*) as asked, coalesce(sum(amount_minor), 0)::bigint as asked_minor,
       count(*) filter (where outcome = 'authorised') as authorised,
       coalesce(sum(amount_minor) filter (where outcome = 'authorised'), 0)::bigint as authorised_minor,
       count(*) filter (where outcome = 'declined') as declined,
       coalesce(sum(amount_minor) filter (where outcome = 'declined'), 0)::bigint as declined_minor,
       count(*) filter (where outcome in ('step_up', 'in_review')) as suspended,
       coalesce(sum(amount_minor) filter (where outcome in ('step_up', 'in_review')), 0)::bigint as suspended_minor,
       coalesce(sum(captured_minor), 0)::bigint as captured_minor,
       coalesce(sum(refunded_minor), 0)::bigint as refunded_minor,
       coalesce(sum(amount_minor - captured_minor - released_minor) filter (where outcome <> 'declined'), 0)::bigint
         as held_minor
  from purchase;

-- name: decline_reasons
-- Why purchases were declined; a purchase with two reasons counts under both.
select r.reason, count(*) as purchases, sum(p.amount_minor)::bigint as amount_minor
  from purchase p cross join unnest(p.decline_reasons) as r (reason)
 where p.outcome = 'declined' group by r.reason order by count(*) desc, r.reason;

-- name: stages
-- What active loans owe, by stage of days past due: principal, billed fees, penalties.
select n.stage, count(distinct (n.bucket, n.id)) as loans,
       sum(i.principal_minor - i.principal_paid_minor - i.principal_refunded_minor - i.principal_written_off_minor)::bigint
         as principal_minor,
       coalesce(sum(i.fee_minor - i.fee_paid_minor - i.fee_cancelled_minor - i.fee_written_off_minor)
                  filter (where i.is_billed), 0)::bigint as fee_minor,
       sum(i.penalty_minor - i.penalty_paid_minor - i.penalty_waived_minor)::bigint as penalty_minor
  from loan n join loan_instalment i on i.bucket = n.bucket and i.loan_id = n.id
 where n.status = 'active' group by n.stage order by n.stage;

-- name: written_off
-- What was written off.
select 7 as stage, count(*) as loans, coalesce(sum(principal_minor), 0)::bigint as principal_minor,
       coalesce(sum(fee_minor), 0)::bigint as fee_minor, coalesce(sum(penalty_minor), 0)::bigint as penalty_minor
  from loan_write_off;

-- name: roll_rates
-- Where loans went that entered a stage. Every loan begins in stage 0.
with moved as (
  select stage_before, stage_after, count(*) as loans from loan_stage_change group by stage_before, stage_after
), now as (
  select stage, count(*) as loans, count(*) filter (where status = 'settled') as paid,
         count(*) filter (where status = 'written_off') as written_off,
         count(*) filter (where status = 'active') as still
    from loan group by stage
)
select s.stage,
       (coalesce((select sum(m.loans) from moved m where m.stage_after = s.stage), 0)
         + case when s.stage = 0 then (select count(*) from loan) else 0 end)::bigint as entered,
       coalesce((select sum(m.loans) from moved m where m.stage_before = s.stage and m.stage_after > s.stage), 0)::bigint
         as worse,
       coalesce((select sum(m.loans) from moved m where m.stage_before = s.stage and m.stage_after < s.stage), 0)::bigint
         as better,
       coalesce((select n.paid from now n where n.stage = s.stage), 0) as paid,
       coalesce((select n.written_off from now n where n.stage = s.stage), 0) as written_off,
       coalesce((select n.still from now n where n.stage = s.stage), 0) as still
  from generate_series(0, 7) as s (stage) order by s.stage;

-- name: accounts
-- Every account as the entries have it now, unclosed days included.
select a.code, a.name, a.name_zh, a.class as account_class,
       coalesce(sum(e.amount_minor) filter (where e.amount_minor > 0), 0)::bigint as debit_minor,
       coalesce(-sum(e.amount_minor) filter (where e.amount_minor < 0), 0)::bigint as credit_minor,
       coalesce(sum(case when a.class in ('asset', 'expense') then e.amount_minor else -e.amount_minor end), 0)::bigint
         as balance_minor
  from ledger_account a left join ledger_entry e on e.account = a.code
 group by a.code, a.name, a.name_zh, a.class order by a.code;

-- name: settlement
-- What merchants were settled for.
select count(*) as settlements, count(distinct merchant_id) as merchants,
       coalesce(sum(gross_minor), 0)::bigint as gross_minor, coalesce(sum(discount_minor), 0)::bigint as discount_minor,
       coalesce(sum(subsidy_minor), 0)::bigint as subsidy_minor,
       coalesce(sum(refunded_minor), 0)::bigint as refunded_minor,
       coalesce(sum(gross_minor - discount_minor - subsidy_minor - refunded_minor), 0)::bigint as net_minor
  from settlement;

-- name: payouts
-- Payouts by kind and state.
select kind, state, count(*) as payouts, sum(amount_minor)::bigint as amount_minor
  from payout group by kind, state order by kind, state;

-- name: debits
-- Debits by purpose and state.
select purpose, state, count(*) as debits, sum(amount_minor)::bigint as amount_minor
  from debit group by purpose, state order by purpose, state;

-- name: days
-- What each day booked: sales, money in and out, and by how much what customers owe moved.
select e.booked_on as day,
       count(distinct (e.bucket, e.posting_id)) filter (where p.kind = 'purchase_captured') as purchases,
       coalesce(sum(e.amount_minor) filter (where e.account = 1011 and p.kind = 'purchase_captured'), 0)::bigint
         as captured_minor,
       coalesce(sum(e.amount_minor) filter (where e.account = 1001 and e.amount_minor > 0
                                              and p.kind <> 'owner_funded'), 0)::bigint as received_minor,
       coalesce(-sum(e.amount_minor) filter (where e.account = 1001 and e.amount_minor < 0), 0)::bigint
         as paid_out_minor,
       coalesce(sum(e.amount_minor) filter (where e.account in (1011, 1012, 1013, 1014)), 0)::bigint as owed_delta_minor
  from ledger_entry e join ledger_posting p on p.bucket = e.bucket and p.id = e.posting_id
 where e.account in (1001, 1011, 1012, 1013, 1014)
 group by e.booked_on order by e.booked_on;

-- name: figures
-- The sums that must agree: each from the records, or, named booked, from the books.
with i as (
  select coalesce(sum(principal_minor - principal_paid_minor - principal_refunded_minor - principal_written_off_minor
                      + penalty_minor - penalty_paid_minor - penalty_waived_minor), 0)
         + coalesce(sum(fee_minor - fee_paid_minor - fee_cancelled_minor - fee_written_off_minor)
                      filter (where is_billed), 0) as outstanding,
         coalesce(sum(fee_cancelled_minor), 0) as fees_fallen
    from loan_instalment
), n as (
  select coalesce(sum(principal_minor) filter (where kind = 'purchase'), 0) as lent,
         coalesce(sum(principal_minor) filter (where kind <> 'purchase'), 0) as arranged_anew,
         coalesce(sum(discount_minor), 0) as discounts, coalesce(sum(subsidy_minor), 0) as subsidies from loan
), r as (
  select coalesce(sum(amount_minor) filter (where kind = 'debit'), 0) as debits,
         coalesce(sum(amount_minor) filter (where kind = 'transfer'), 0) as transfers,
         coalesce(sum(amount_minor) filter (where kind = 'recovery'), 0) as recoveries,
         coalesce(sum(amount_minor) filter (where kind in ('debit', 'transfer', 'recovery')
                                              and reversed_on is not null), 0) as taken_back,
         coalesce(sum(amount_minor) filter (where kind = 'goodwill' and reversed_on is null), 0) as goodwill,
         coalesce(sum(amount_minor) filter (where kind = 'credit_balance' and reversed_on is null), 0) as balances_used,
         coalesce(sum(amount_minor) filter (where kind = 'refund' and reversed_on is null), 0) as refunds_used,
         coalesce(sum(amount_minor) filter (where kind = 'refinancing' and reversed_on is null), 0) as replaced,
         coalesce(sum(overpaid_minor) filter (where reversed_on is null), 0) as overpaid,
         coalesce(sum(recovered_minor) filter (where reversed_on is null), 0) as recovered,
         coalesce(sum(amount_minor) filter (where is_payoff and kind = 'debit'), 0) as settling
    from repayment
), s as (
  select coalesce(sum(t.minor) filter (where p.kind in ('debit', 'transfer', 'recovery')), 0) as in_cash,
         coalesce(sum(t.minor) filter (where p.kind = 'goodwill'), 0) as by_goodwill,
         coalesce(sum(t.minor) filter (where p.kind in ('credit_balance', 'refund')), 0) as from_balances,
         coalesce(sum(t.minor) filter (where p.kind = 'refinancing'), 0) as by_new_plans,
         coalesce(sum(t.fee_cancelled_minor), 0) as fees_fallen
    from (select *, principal_minor + fee_minor + penalty_minor as minor from repayment_part) t
    join repayment p on p.bucket = t.bucket and p.id = t.repayment_id
), w as (
  select coalesce(sum(fee_minor), 0) as fees, coalesce(sum(penalty_minor), 0) as penalties from waiver_part
), f as (
  select coalesce(sum(amount_minor), 0) as refunded,
         coalesce(sum(offset_principal_minor - shortfall_minor), 0) as off_plans,
         coalesce(sum(shortfall_minor), 0) as shortfall, coalesce(sum(recovered_minor), 0) as recovered,
         coalesce(sum(returned_minor), 0) as returned, coalesce(sum(fee_cancelled_minor), 0) as fees,
         coalesce(sum(subsidy_cancelled_minor), 0) as subsidies
    from refund
), o as (
  select coalesce(sum(amount_minor) filter (where kind = 'settlement' and state = 'succeeded'), 0) as merchants,
         coalesce(sum(amount_minor) filter (where kind = 'refund' and state = 'succeeded'), 0) as customers,
         coalesce(sum(amount_minor) filter (where kind = 'settlement' and state in ('created', 'sent', 'unknown')), 0)
           as merchants_open,
         coalesce(sum(amount_minor) filter (where kind = 'refund' and state in ('created', 'sent', 'unknown')), 0)
           as customers_open
    from payout
), b as (
  select coalesce(sum(e.amount_minor) filter (where e.account = 1011 and p.kind = 'purchase_captured'), 0) as lent,
         coalesce(-sum(e.amount_minor) filter (where e.account = 2003 and p.kind = 'refund_kept_as_credit'), 0) as kept
    from ledger_entry e join ledger_posting p on p.bucket = e.bucket and p.id = e.posting_id
   where e.account in (1011, 2003)
)
select (select coalesce(sum(captured_minor), 0)::bigint from purchase) as captured, n.lent::bigint as lent,
       n.arranged_anew::bigint as arranged_anew, n.discounts::bigint as discounts, n.subsidies::bigint as subsidies,
       i.outstanding::bigint as outstanding, i.fees_fallen::bigint as fees_fallen,
       s.in_cash::bigint as paid_in_cash, s.by_goodwill::bigint as paid_by_goodwill,
       s.from_balances::bigint as paid_from_balances, s.by_new_plans::bigint as paid_by_new_plans,
       s.fees_fallen::bigint as fees_fallen_by_payments, r.debits::bigint as debits, r.transfers::bigint as transfers,
       r.recoveries::bigint as recoveries, r.taken_back::bigint as taken_back, r.goodwill::bigint as goodwill,
       r.balances_used::bigint as balances_used, r.refunds_used::bigint as refunds_used,
       r.replaced::bigint as replaced, r.overpaid::bigint as overpaid, r.recovered::bigint as recovered,
       r.settling::bigint as settling,
       (select coalesce(sum(p.quoted_minor), 0)::bigint
          from loan_payoff p join debit d on d.bucket = p.bucket and d.id = p.debit_id and d.state = 'succeeded')
         as payoffs_quoted,
       w.fees::bigint as fees_waived, w.penalties::bigint as penalties_waived,
       (select coalesce(sum(amount_minor), 0)::bigint from credit_payout) as balances_paid_out,
       (select coalesce(sum(principal_minor + fee_minor + penalty_minor), 0)::bigint from loan_write_off) as written_off,
       f.refunded::bigint as refunded, f.off_plans::bigint as refunded_off_plans, f.shortfall::bigint as refund_shortfall,
       f.recovered::bigint as recovered_by_refunds, f.returned::bigint as refunds_returned,
       f.fees::bigint as fees_fallen_by_refunds, f.subsidies::bigint as subsidies_returned,
       o.merchants::bigint as paid_to_merchants, o.customers::bigint as paid_to_customers,
       o.merchants_open::bigint as on_way_to_merchants, o.customers_open::bigint as on_way_to_customers,
       (select coalesce(sum(used_minor), 0)::bigint from credit_line) as line_use,
       (select coalesce(sum(penalty_minor), 0)::bigint from loan_instalment) as penalties_charged,
       b.lent::bigint as booked_lent, b.kept::bigint as booked_kept_as_credit
  from i, n, r, s, w, f, o, b;

-- name: merchant_movements
-- What moved a merchant's account on a day, posting by posting: what was sold or given back at its price, what of it the merchant
-- bore, and what was left; with the purchase it is about, if any.
select p.bucket, p.id as posting_id, p.kind, p.recorded_at, coalesce(n.purchase_id, r.purchase_id) as purchase_id,
       r.id as refund_id, r.reference, m.moved_minor,
       case p.kind when 'purchase_captured' then m.credited_minor + m.borne_minor
                   when 'refund_given' then -m.debited_minor else m.moved_minor end as amount_minor,
       case p.kind when 'purchase_captured' then m.borne_minor
                   when 'refund_given' then -m.credited_minor else 0 end as fee_minor
  from ledger_posting p
 cross join lateral (
   select -sum(e.amount) filter (where e.account = 2001 and e.owner = %(merchant)s::uuid)::bigint as moved_minor,
          coalesce(-sum(e.amount) filter (where e.account = 2001 and e.owner = %(merchant)s::uuid and e.amount < 0),
                   0)::bigint as credited_minor,
          coalesce(sum(e.amount) filter (where e.account = 2001 and e.owner = %(merchant)s::uuid and e.amount > 0),
                   0)::bigint as debited_minor,
          coalesce(-sum(e.amount) filter (where e.account in (4001, 2002)), 0)::bigint as borne_minor
     from unnest(p.accounts, p.owners, p.amounts_minor) as e (account, owner, amount)) m
  left join loan n on p.kind = 'purchase_captured' and n.bucket = p.bucket and n.id = p.source_id
  left join refund r on p.kind = 'refund_given' and r.bucket = p.bucket and r.id = p.source_id
 where p.booked_on = %(day)s::date and %(merchant)s::uuid = any (p.owners) and m.moved_minor is not null
 order by p.recorded_at, p.bucket, p.id;

-- name: merchant_balance_before
-- What a merchant was owed when a day began.
select coalesce(-sum(e.amount_minor), 0)::bigint as balance_minor from ledger_entry e
 where e.account = 2001 and e.owner_id = %(merchant)s::uuid and e.booked_on < %(day)s::date;

-- name: merchant_month
-- What moved a merchant's account in a range of days, by kind of posting; what was sold and given back at its price, and what of
-- it the merchant bore.
select p.kind, count(*)::bigint as count, sum(m.moved_minor)::bigint as moved_minor,
       sum(case p.kind when 'purchase_captured' then m.credited_minor + m.discount_minor + m.subsidy_minor
                       when 'refund_given' then -m.debited_minor else m.moved_minor end)::bigint as amount_minor,
       sum(case p.kind when 'purchase_captured' then m.discount_minor else 0 end)::bigint as discount_minor,
       sum(case p.kind when 'purchase_captured' then m.subsidy_minor
                       when 'refund_given' then -m.credited_minor else 0 end)::bigint as subsidy_minor
  from ledger_posting p
 cross join lateral (
   select -sum(e.amount) filter (where e.account = 2001 and e.owner = %(merchant)s::uuid)::bigint as moved_minor,
          coalesce(-sum(e.amount) filter (where e.account = 2001 and e.owner = %(merchant)s::uuid and e.amount < 0),
                   0)::bigint as credited_minor,
          coalesce(sum(e.amount) filter (where e.account = 2001 and e.owner = %(merchant)s::uuid and e.amount > 0),
                   0)::bigint as debited_minor,
          coalesce(-sum(e.amount) filter (where e.account = 4001), 0)::bigint as discount_minor,
          coalesce(-sum(e.amount) filter (where e.account = 2002), 0)::bigint as subsidy_minor
     from unnest(p.accounts, p.owners, p.amounts_minor) as e (account, owner, amount)) m
 where p.booked_on >= %(from_on)s::date and p.booked_on < %(until)s::date
   and p.owners @> array[%(merchant)s::uuid] and m.moved_minor is not null
 group by p.kind order by p.kind;

-- name: merchant_stood
-- What stood to a merchant's name when a day began: owed, in reserve, held for disputes, kept to be shared.
select coalesce(-sum(e.amount_minor) filter (where e.account = 2001), 0)::bigint as payable_minor,
       coalesce(-sum(e.amount_minor) filter (where e.account = 2008), 0)::bigint as reserve_minor,
       coalesce(-sum(e.amount_minor) filter (where e.account = 2009), 0)::bigint as held_minor,
       coalesce(-sum(e.amount_minor) filter (where e.account = 2015), 0)::bigint as to_share_minor
  from ledger_entry e
 where e.account in (2001, 2008, 2009, 2015) and e.owner_id = %(merchant)s::uuid and e.booked_on < %(day)s::date;

-- name: timeline
-- What happened to a customer, latest first, from every table that tells of one; suspicious-activity work is in none.
with own as (select bucket, id from credit_line where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid),
happened as (
  select d.decided_at as at, 'decision' as kind, d.outcome as what, 'dec' as prefix, d.id as ref_id,
         nullif(d.limit_after_minor, 0) as amount_minor, null::text as currency, d.kind as detail
    from credit_decision d where d.bucket = %(bucket)s::smallint and d.customer_id = %(customer)s::uuid
  union all
  select p.authorised_at, 'purchase', p.outcome, 'pur', p.id, p.amount_minor, p.currency::text, p.plan_code
    from purchase p where p.bucket = %(bucket)s::smallint and p.customer_id = %(customer)s::uuid
  union all
  select r.decided_at, 'risk', r.outcome, 'pur', r.purchase_id, r.amount_minor, null,
         array_to_string(r.reasons, ', ')
    from risk_decision r where r.bucket = %(bucket)s::smallint and r.customer_id = %(customer)s::uuid
  union all
  select d.created_at, 'routing', d.state, 'rep', d.id, d.amount_minor, d.currency::text,
         concat_ws(' ', d.channel, d.code)
    from debit d where d.bucket = %(bucket)s::smallint and d.customer_id = %(customer)s::uuid
  union all
  select r.recorded_at, 'repayment', r.kind, 'rep', r.id, r.amount_minor, r.currency::text, ''
    from repayment r where r.bucket = %(bucket)s::smallint and r.customer_id = %(customer)s::uuid
  union all
  select m.made_at, 'message', m.kind, 'msg', m.id, null, null, m.text
    from message m where m.bucket = %(bucket)s::smallint and m.recipient_id = %(customer)s::uuid
  union all
  select p.recorded_at, 'ledger', p.kind, 'pos', p.id,
         (select sum(e.amount_minor) from ledger_entry e
           where e.bucket = p.bucket and e.posting_id = p.id and e.amount_minor > 0)::bigint,
         (select min(e.currency)::text from ledger_entry e where e.bucket = p.bucket and e.posting_id = p.id), ''
    from own join ledger_posting p on p.bucket = own.bucket and p.line_id = own.id
  union all
  select a.recorded_at, 'adjustment', a.kind, 'adj', a.id, nullif(a.amount_minor, 0), null, a.reason
    from own join loan_adjustment a on a.bucket = own.bucket and a.line_id = own.id
  union all
  select s.changed_on::timestamp at time zone (select time_zone from programme), 'stage',
         s.stage_before || ' → ' || s.stage_after, 'loa', s.loan_id, null, null, ''
    from own join loan l on l.bucket = own.bucket and l.line_id = own.id
    join loan_stage_change s on s.bucket = l.bucket and s.loan_id = l.id
  union all
  select c.at, 'contact', c.outcome, 'lin', c.line_id, c.promise_minor, null, concat_ws(' ', c.channel, c.note)
    from own join collection_contact c on c.bucket = own.bucket and c.line_id = own.id
  union all
  select c.opened_at, 'case', c.kind, 'cas', c.id, c.limit_minor, null, c.reason
    from credit_case c where c.bucket = %(bucket)s::smallint and c.customer_id = %(customer)s::uuid
  union all
  select c.opened_at, 'risk_case', c.subject, 'rca', c.id, c.amount_minor, c.currency::text,
         array_to_string(c.reasons, ', ')
    from risk_case c where c.bucket = %(bucket)s::smallint and c.customer_id = %(customer)s::uuid
  union all
  select d.opened_at, 'dispute', d.state, 'dsp', d.id, d.amount_minor, d.currency::text, d.reason
    from dispute d where d.bucket = %(bucket)s::smallint and d.customer_id = %(customer)s::uuid
  union all
  select c.given_at, 'consent', 'given', 'app', c.application_id, null, null,
         concat_ws(' ', 'bureau_query', c.text_version, c.language, c.channel)
    from bureau_consent c where c.bucket = %(bucket)s::smallint and c.customer_id = %(customer)s::uuid
  union all
  select c.given_at, 'consent', 'given', 'cus', c.customer_id, null, null, c.purpose
    from consent c where c.bucket = %(bucket)s::smallint and c.customer_id = %(customer)s::uuid
  union all
  select c.revoked_at, 'consent', 'revoked', 'cus', c.customer_id, null, null, c.purpose
    from consent c where c.bucket = %(bucket)s::smallint and c.customer_id = %(customer)s::uuid
                     and c.revoked_at is not null
)
select at, kind || ' ' || what || ' ' || ref_id as key, kind, what, prefix, ref_id, amount_minor, currency, detail
  from happened
 where (at, kind || ' ' || what || ' ' || ref_id) < (%(before_at)s::timestamptz, %(before_key)s::text)
   and (%(kinds)s::text[] is null or kind = any (%(kinds)s::text[]))
 order by at desc, 2 desc limit %(limit)s::integer;
