-- name: post
-- Post a set of postings (see sql/functions/ledger.sql).
select ordinal, outcome from ledger_post(
  %(bucket)s::smallint[], %(id)s::uuid[], %(kind)s::text[], %(line)s::uuid[], %(source)s::uuid[],
  %(effective_on)s::date[], %(currency)s::text[], %(held)s::bigint[], %(first)s::integer[],
  %(e_account)s::integer[], %(e_owner)s::uuid[], %(e_amount)s::bigint[], %(booked_on)s::date,
  %(recorded_at)s::timestamptz, false);

-- name: hold
-- Move the held balance of lines.
select ledger_hold(%(bucket)s::smallint[], %(line)s::uuid[], %(amount)s::bigint[]) as count;

-- name: lock_lines
-- Lock lines in id order and read them.
select bucket, id, customer_id, currency, limit_minor, limit_target_minor, held_minor, used_minor, statement_day,
       status, opened_on, sublimits
  from unnest(%(buckets)s::smallint[], %(lines)s::uuid[]) as u (of_bucket, line)
  join credit_line on bucket = of_bucket and id = line
 order by bucket, id for update of credit_line;

-- name: lines
-- Read lines by id.
select bucket, id, customer_id, currency, limit_minor, limit_target_minor, held_minor, used_minor, statement_day,
       status, opened_on, sublimits
  from unnest(%(buckets)s::smallint[], %(lines)s::uuid[]) as u (of_bucket, line)
  join credit_line on bucket = of_bucket and id = line;

-- name: lines_of_customers
-- Read the lines of customers.
select bucket, id, customer_id, currency, limit_minor, limit_target_minor, held_minor, used_minor, statement_day,
       status, opened_on, sublimits
  from unnest(%(buckets)s::smallint[], %(customers)s::uuid[]) as u (of_bucket, customer)
  join credit_line on bucket = of_bucket and customer_id = customer;

-- name: open_lines
-- Open credit lines, one row each.
insert into credit_line (bucket, id, customer_id, currency, limit_minor, limit_target_minor, statement_day, opened_on)
select * from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(customer)s::uuid[], %(currency)s::text[],
                     %(limit)s::bigint[], %(limit)s::bigint[], %(statement_day)s::smallint[], %(opened_on)s::date[]);

-- name: set_limits
-- Set limits; one below what is in use is reached as the use falls.
update credit_line l
   set limit_target_minor = n.limit_minor,
       limit_minor = greatest(n.limit_minor, l.used_minor + l.held_minor)
  from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(limit)s::bigint[]) as n (bucket, id, limit_minor)
 where l.bucket = n.bucket and l.id = n.id;

-- name: set_status
-- Freeze, release or close a line.
update credit_line set status = %(status)s where bucket = %(bucket)s and id = %(id)s;

-- name: postings_of_source
-- The postings that a purchase, repayment or refund caused.
select bucket, id, kind, line_id, source_id, effective_on, booked_on, recorded_at
  from ledger_posting where bucket = %(bucket)s and source_id = %(source_id)s order by recorded_at, id;

-- name: journal
-- A page of what was booked on a day, in order of bucket and id; of one account, what touches it.
select bucket, id, kind, line_id, source_id, effective_on, booked_on, recorded_at
  from ledger_posting
 where booked_on = %(day)s and (%(account)s::integer is null or %(account)s = any (accounts))
   and (bucket, id) > (%(bucket)s, %(id)s)
 order by bucket, id limit %(count)s;

-- name: entries_of_postings
-- The entries of postings, in order.
select e.posting_id, e.number, e.account, a.name, e.owner_id, e.currency, e.amount_minor, e.booked_on
  from ledger_entry e join ledger_account a on a.code = e.account
 where e.bucket = any (%(buckets)s::smallint[]) and e.posting_id = any (%(ids)s::uuid[])
 order by e.posting_id, e.number;

-- name: trial_balance
-- Every account at the end of a closed day, from the daily totals.
select a.code as account, a.name, a.name_zh, a.class as account_class, t.currency,
       sum(t.debit_minor)::bigint as debit_minor, sum(t.credit_minor)::bigint as credit_minor,
       (case when a.class in ('asset', 'expense') then 1 else -1 end
         * sum(t.debit_minor - t.credit_minor))::bigint as balance_minor
  from ledger_day_total t join ledger_account a on a.code = t.account
 where t.booked_on <= %(on)s::date
 group by a.code, a.name, a.name_zh, a.class, t.currency order by a.code, t.currency;

-- name: owner_balance
-- What an owner's account stands at now: the rolled-up balance and what came since. Credits are negative.
-- A bucket is rolled up before its day is finished, so what came since is counted from the bucket's own roll-up.
with rolled as (
  select s.bucket_from, s.bucket_to, max(s.business_date) as through
    from close_step s
   where s.step = 'roll_up' and s.business_date >= (select closed_through from programme)
   group by s.bucket_from, s.bucket_to
)
select (coalesce((select sum(balance_minor) from ledger_owner_balance
                   where owner_id = %(owner)s and account = %(account)s), 0)
      + coalesce((select sum(e.amount_minor) from ledger_entry e
                   where e.booked_on > (select closed_through from programme)
                     and e.booked_on > coalesce((select max(r.through) from rolled r
                                                  where e.bucket between r.bucket_from and r.bucket_to), '-infinity')
                     and e.owner_id = %(owner)s and e.account = %(account)s), 0))::bigint as balance_minor;

-- name: roll_up
-- Roll a day up for a range of buckets.
select ledger_roll_up(%(first)s::smallint, %(last)s::smallint, %(day)s::date) as count;

-- name: cut_off
-- Cut a day off.
select ledger_cut_off(%(day)s::date);

-- name: digest_rows
-- Every entry in an order that follows from its content: the number of an entry within a posting of a set-based step
-- is as the server happened to find it.
select p.kind, e.account, e.owner_id, e.currency, e.amount_minor, e.booked_on, p.effective_on
  from ledger_entry e join ledger_posting p on p.bucket = e.bucket and p.id = e.posting_id
 order by e.booked_on, p.recorded_at, p.kind, e.bucket, e.posting_id, e.account, e.owner_id, e.amount_minor;

-- name: entry_blocks
-- Where the blocks of a day's entries begin, bucket by bucket, and how many entries each has.
select bucket, posting_id, number, least(%(size)s::integer, of_bucket - place + 1)::integer as entries
  from (select bucket, posting_id, number,
               row_number() over (partition by bucket order by posting_id, number) as place,
               count(*) over (partition by bucket) as of_bucket
          from ledger_entry
         where booked_on = %(day)s::date and (%(account)s::integer is null or account = %(account)s::integer)) n
 where mod(place - 1, %(size)s::integer) = 0
 order by bucket, posting_id, number;

-- name: entries_from
-- The entries of a day from a place on, within its bucket, with what caused them.
select e.bucket, e.posting_id, e.number, p.kind, e.account, e.owner_id, p.line_id, e.currency, e.amount_minor, p.recorded_at
  from (select bucket, posting_id, number, account, owner_id, currency, amount_minor
          from ledger_entry
         where bucket = %(bucket)s::smallint and (posting_id, number) >= (%(posting)s::uuid, %(number)s::smallint)
           and booked_on = %(day)s::date and (%(account)s::integer is null or account = %(account)s::integer)
         order by posting_id, number limit %(limit)s::integer) e
  join ledger_posting p on p.bucket = e.bucket and p.id = e.posting_id
 order by e.posting_id, e.number;
