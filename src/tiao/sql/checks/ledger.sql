-- Entries, postings, their sums and where they lie. Each query must return no row; what it returns is what is wrong.

-- name: entries_of_a_posting_sum_to_zero
-- Double entry: debits equal credits in every posting and currency.
select bucket, posting_id, currency, sum(amount_minor) as difference_minor
  from ledger_entry group by bucket, posting_id, currency having sum(amount_minor) <> 0;

-- name: every_posting_has_entries
-- A posting without entries says that something happened and books nothing.
select p.bucket, p.id, p.kind from ledger_posting p
 where not exists (select from ledger_entry e where e.bucket = p.bucket and e.posting_id = p.id);

-- name: every_entry_has_its_posting_and_account
-- An entry belongs to a posting booked the same day, on an account of the chart.
select e.bucket, e.posting_id, e.number, e.account from ledger_entry e
  left join ledger_posting p on p.bucket = e.bucket and p.id = e.posting_id
  left join ledger_account a on a.code = e.account
 where p.id is null or a.code is null or p.booked_on <> e.booked_on;

-- name: roll_up_equals_entries
-- The trial balance of every day rolled up is what its entries say.
with rolled as (
  select b.bucket, max(s.business_date) as through
    from generate_series(0, 255) as b (bucket)
    join close_step s on s.step = 'roll_up' and b.bucket between s.bucket_from and s.bucket_to
   group by b.bucket
), e as (
  select e.bucket, e.booked_on, e.account, e.currency,
         coalesce(sum(e.amount_minor) filter (where e.amount_minor > 0), 0) as debit,
         coalesce(-sum(e.amount_minor) filter (where e.amount_minor < 0), 0) as credit
    from ledger_entry e join rolled r on r.bucket = e.bucket and e.booked_on <= r.through
   group by e.bucket, e.booked_on, e.account, e.currency
), t as (
  select * from ledger_day_total
)
select coalesce(e.booked_on, t.booked_on) as booked_on, coalesce(e.account, t.account) as account,
       e.debit, t.debit_minor, e.credit, t.credit_minor
  from e full join t on t.bucket = e.bucket and t.booked_on = e.booked_on and t.account = e.account
                    and t.currency = e.currency
 where e.debit is distinct from t.debit_minor or e.credit is distinct from t.credit_minor;

-- name: owner_balances_equal_entries
-- A running balance is the sum of its owner's entries through the last day rolled up.
with rolled as (
  select b.bucket, max(s.business_date) as through
    from generate_series(0, 255) as b (bucket)
    join close_step s on s.step = 'roll_up' and b.bucket between s.bucket_from and s.bucket_to
   group by b.bucket
), e as (
  select e.bucket, e.account, e.owner_id, e.currency, sum(e.amount_minor) as balance
    from ledger_entry e
    join ledger_account a on a.code = e.account and a.is_balance_kept
    join rolled r on r.bucket = e.bucket and e.booked_on <= r.through
   group by e.bucket, e.account, e.owner_id, e.currency
)
select coalesce(e.account, o.account) as account, coalesce(e.owner_id, o.owner_id) as owner_id,
       e.balance, o.balance_minor
  from e full join ledger_owner_balance o
    on o.bucket = e.bucket and o.account = e.account and o.owner_id = e.owner_id and o.currency = e.currency
 where coalesce(e.balance, 0) <> coalesce(o.balance_minor, 0);

-- name: postings_are_of_their_facts_day
-- What is booked of a fact counts on the fact's day; nothing counts after the day it is booked on, but what the close books
-- ahead of a statement.
with fact as (
  select bucket, id, 'purchase_captured' as kind, taken_on as day from loan where kind = 'purchase'
  union all
  select bucket, id, 'repayment_received', effective_on from repayment
  union all
  select bucket, id, 'refund_given', effective_on from refund
  union all
  select bucket, id, 'loan_written_off', effective_on from loan_write_off
)
select p.bucket, p.id, p.kind, p.effective_on, p.booked_on from ledger_posting p
  left join fact f on f.bucket = p.bucket and f.id = p.source_id and f.kind = p.kind
 where (p.kind in ('purchase_captured', 'repayment_received', 'refund_given', 'loan_written_off')
        and f.day is distinct from p.effective_on)
    or p.effective_on > p.booked_on + (p.kind in ('instalment_billed', 'interest_accrued'))::integer;

-- name: postings_move_what_their_kind_says
-- A posting touches the accounts that its kind is about: settlements read merchants' days by the kinds of their postings.
select p.bucket, p.id, p.kind, p.accounts from ledger_posting p
  join (values ('penalty_accrued', array[1013, 4004]), ('settlement_paid', array[2001, 2005]),
               ('settlement_withdrawn', array[2001, 2005]), ('settlement_forwarded', array[2001, 2006]),
               ('settlement_gathered', array[2001, 2006]), ('reserve_moved', array[2001, 2008]),
               ('dispute_held', array[2001, 2009]), ('dispute_released', array[2001, 2009]),
               ('kept_for_sharing', array[2001, 2015]), ('released_from_sharing', array[2001, 2015]),
               ('prepaid_held', array[2001, 2018]), ('prepaid_drawn', array[2001, 2018]),
               ('prepaid_released', array[2001, 2018]), ('income_shared', array[2001, 5005]),
               ('merchant_adjusted', array[2001, 4007]), ('purchase_captured', array[1011, 2001]))
    as k (kind, accounts) on k.kind = p.kind
 where not p.accounts @> k.accounts
union all
select p.bucket, p.id, p.kind, p.accounts from ledger_posting p
 where p.kind = 'instalment_billed' and not p.accounts && array[1012, 1014, 2002];

-- name: customer_rows_stay_in_their_bucket
-- The bucket of a row is the last byte of its id and of its customer's.
select 'credit_line' as relation, id from credit_line
 where bucket <> get_byte(uuid_send(id), 15) or bucket <> get_byte(uuid_send(customer_id), 15)
union all
select 'purchase', id from purchase
 where bucket <> get_byte(uuid_send(id), 15) or bucket <> get_byte(uuid_send(line_id), 15)
union all
select 'loan', id from loan where bucket <> get_byte(uuid_send(id), 15) or bucket <> get_byte(uuid_send(line_id), 15);

-- name: customers_stay_on_their_server
-- Where several servers share the buckets, each holds customers of its own only.
select 'customer' as relation, c.bucket, c.id from customer c, placement p where not c.bucket = any (p.buckets)
union all
select 'credit_line', l.bucket, l.id from credit_line l, placement p where not l.bucket = any (p.buckets);
