-- name: bind_source
-- Bind an account, or bind again one that was unbound; no row when it is bound already.
insert into funding_source (bucket, id, customer_id, channel, agreement, display, autopay_agreed_at, bound_at, issuer,
                            card_kind, account_class)
values (%(bucket)s::smallint, %(id)s::uuid, %(customer)s::uuid, %(channel)s::text, %(agreement)s::text,
        %(display)s::text, %(autopay_agreed_at)s::timestamptz, %(bound_at)s::timestamptz, %(issuer)s::text,
        %(card_kind)s::text, %(account_class)s::smallint)
on conflict on constraint funding_source_already_bound
  do update set status = 'active', display = excluded.display, autopay_agreed_at = excluded.autopay_agreed_at,
                bound_at = excluded.bound_at, issuer = excluded.issuer, card_kind = excluded.card_kind,
                account_class = excluded.account_class
     where funding_source.status = 'unbound'
returning bucket, id, customer_id, channel, agreement, display, status, autopay_agreed_at, bound_at, issuer, card_kind,
            account_class, position;

-- name: sources
-- Bound accounts by id.
select bucket, id, customer_id, channel, agreement, display, status, autopay_agreed_at, bound_at,
       issuer, card_kind, account_class, position
  from funding_source where bucket = any (%(buckets)s::smallint[]) and id = any (%(ids)s::uuid[]);

-- name: lock_source
-- A customer's account, locked until the transaction ends.
select bucket, id, customer_id, channel, agreement, display, status, autopay_agreed_at, bound_at,
       issuer, card_kind, account_class, position
  from funding_source
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid and customer_id = %(customer)s::uuid for update;

-- name: sources_of
-- The accounts a customer has bound now, in the customer's own order, of equals the newest first.
select bucket, id, customer_id, channel, agreement, display, status, autopay_agreed_at, bound_at,
       issuer, card_kind, account_class, position
  from funding_source
 where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid and status = 'active'
 order by position, bound_at desc, id desc;

-- name: sources_of_many
-- The accounts that customers have bound now, each customer's in their own order.
select bucket, id, customer_id, channel, agreement, display, status, autopay_agreed_at, bound_at,
       issuer, card_kind, account_class, position
  from funding_source
 where bucket = any (%(buckets)s::smallint[]) and customer_id = any (%(customers)s::uuid[]) and status = 'active'
 order by customer_id, position, bound_at desc, id desc;

-- name: autopay_sources
-- For each customer the first, in the customer's own order, of the accounts that may be used for automatic payment.
select distinct on (bucket, customer_id)
       bucket, id, customer_id, channel, agreement, display, status, autopay_agreed_at, bound_at,
       issuer, card_kind, account_class, position
  from funding_source
 where bucket = any (%(buckets)s::smallint[]) and customer_id = any (%(customers)s::uuid[])
   and status = 'active' and autopay_agreed_at is not null
 order by bucket, customer_id, position, bound_at desc, id desc;

-- name: set_source
-- Write what may change about a bound account.
update funding_source set status = %(status)s::text, autopay_agreed_at = %(autopay_agreed_at)s::timestamptz
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid;

-- name: put_first
-- Put an account before all others of its customer.
update funding_source set position = (
         select coalesce(min(position), 0) - 1 from funding_source
          where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid and status = 'active')
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid and customer_id = %(customer)s::uuid and status = 'active';

-- name: has_open_debit
-- Whether a payment from an account is under way.
select exists (select from debit where bucket = %(bucket)s::smallint and funding_source_id = %(source)s::uuid
                                   and state in ('created', 'unknown')) as has_open_debit;

-- name: begin_debits
-- Write debits down, in the order of their lines so that two sets never deadlock. Left out are those of a line with an
-- open debit, those begun before, and those whose account may not be used. Without a channel it is the account's own.
insert into debit (bucket, id, line_id, customer_id, funding_source_id, channel, agreement, purpose, currency,
                   amount_minor, state, created_at, query_after, order_id, attempt)
select s.bucket, a.id, a.line_id, s.customer_id, s.id, coalesce(a.channel, s.channel), coalesce(a.agreement, s.agreement),
       a.purpose, a.currency, a.amount_minor, 'created', %(created_at)s::timestamptz, %(query_after)s::timestamptz,
       a.order_id, a.attempt
  from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(line)s::uuid[], %(customer)s::uuid[], %(source)s::uuid[],
              %(purpose)s::text[], %(currency)s::text[], %(amount)s::bigint[], %(channel)s::text[], %(agreement)s::text[],
              %(order)s::uuid[], %(attempt)s::smallint[]) with ordinality
    as a (bucket, id, line_id, customer_id, source_id, purpose, currency, amount_minor, channel, agreement, order_id,
          attempt, ord)
  join funding_source s on s.bucket = a.bucket and s.id = a.source_id and s.customer_id = a.customer_id
   and s.status = 'active' and (a.purpose <> 'autopay' or s.autopay_agreed_at is not null)
 order by a.bucket, a.line_id, a.ord
on conflict do nothing
returning id;

-- name: debits
-- Debits by id.
select d.bucket, d.id, d.line_id, d.customer_id, d.funding_source_id, d.channel, d.agreement, d.purpose, d.currency,
       d.amount_minor, d.state, d.code, d.created_at, d.answered_at, d.query_after, d.queries, d.order_id, d.attempt,
       d.next_id
  from debit d
 where d.bucket = any (%(buckets)s::smallint[]) and d.id = any (%(ids)s::uuid[]);

-- name: lock_debits
-- Debits by id, locked in id order.
select d.bucket, d.id, d.line_id, d.customer_id, d.funding_source_id, d.channel, d.agreement, d.purpose, d.currency,
       d.amount_minor, d.state, d.code, d.created_at, d.answered_at, d.query_after, d.queries, d.order_id, d.attempt,
       d.next_id
  from debit d
 where d.bucket = any (%(buckets)s::smallint[]) and d.id = any (%(ids)s::uuid[])
 order by d.bucket, d.id for update of d;

-- name: due_debits
-- Debits whose outcome must be asked: no answer came, or none that says anything.
select d.bucket, d.id, d.line_id, d.customer_id, d.funding_source_id, d.channel, d.agreement, d.purpose, d.currency,
       d.amount_minor, d.state, d.code, d.created_at, d.answered_at, d.query_after, d.queries, d.order_id, d.attempt,
       d.next_id
  from debit d
 where d.state in ('created', 'unknown') and d.query_after <= %(at)s::timestamptz
 order by d.query_after, d.id limit %(limit)s::integer;

-- name: open_debit
-- The debit of a line that is under way, if any.
select d.bucket, d.id, d.line_id, d.customer_id, d.funding_source_id, d.channel, d.agreement, d.purpose, d.currency,
       d.amount_minor, d.state, d.code, d.created_at, d.answered_at, d.query_after, d.queries, d.order_id, d.attempt,
       d.next_id
  from debit d
 where d.bucket = %(bucket)s::smallint and d.line_id = %(line)s::uuid and d.state in ('created', 'unknown');

-- name: set_debits
-- Write what answers did to debits that are locked.
update debit d
   set state = n.state, code = n.code, answered_at = n.answered_at, query_after = n.query_after, queries = n.queries
  from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(state)s::text[], %(code)s::text[],
              %(answered_at)s::timestamptz[], %(query_after)s::timestamptz[], %(queries)s::smallint[])
    as n (bucket, id, state, code, answered_at, query_after, queries)
 where d.bucket = n.bucket and d.id = n.id;

-- name: begin_payouts
-- Write refunds to pay out down; those begun before are left out.
insert into payout (bucket, id, kind, beneficiary_id, source_id, channel, agreement, currency, amount_minor, state,
                    due_on, created_at)
select a.bucket, a.id, 'refund', a.customer_id, a.source_id, a.channel, a.agreement, a.currency, a.amount_minor,
       'created', a.due_on, %(created_at)s::timestamptz
  from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(customer)s::uuid[], %(source)s::uuid[], %(channel)s::text[],
              %(agreement)s::text[], %(currency)s::text[], %(amount)s::bigint[], %(due_on)s::date[])
    as a (bucket, id, customer_id, source_id, channel, agreement, currency, amount_minor, due_on)
 order by a.bucket, a.id
on conflict on constraint payout_pk do nothing
returning id;

-- name: payouts
-- Payouts by id.
select bucket, id, kind, beneficiary_id, source_id, channel, agreement, currency, amount_minor, state, code, due_on,
       created_at, answered_at, query_after, tries
  from payout where bucket = any (%(buckets)s::smallint[]) and id = any (%(ids)s::uuid[]);

-- name: payouts_of_source
-- The payouts of a settlement or refund, in the order in which they were begun.
select bucket, id, kind, beneficiary_id, source_id, channel, agreement, currency, amount_minor, state, code, due_on,
       created_at, answered_at, query_after, tries
  from payout where source_id = %(source)s::uuid order by created_at, id;

-- name: lock_payouts
-- Payouts by id, locked in id order.
select bucket, id, kind, beneficiary_id, source_id, channel, agreement, currency, amount_minor, state, code, due_on,
       created_at, answered_at, query_after, tries
  from payout where bucket = any (%(buckets)s::smallint[]) and id = any (%(ids)s::uuid[])
 order by bucket, id for update;

-- name: due_payouts
-- Payouts to send, locked; those another sender has just taken are left to it, those of drained channels wait.
select bucket, id, kind, beneficiary_id, source_id, channel, agreement, currency, amount_minor, state, code, due_on,
       created_at, answered_at, query_after, tries
  from payout p where state = 'created' and due_on <= %(today)s::date and channel <> all (%(drained)s::text[])
   and not (kind = 'settlement' and exists (
         select from settlement_hold h where h.merchant_id = p.beneficiary_id and h.freed_at is null))
 order by due_on, bucket, id limit %(limit)s::integer for update skip locked;

-- name: limited_refunds
-- Refunds to accounts that take only so much a day: the account's class, and what was sent to it since an instant.
select p.id, s.account_class, coalesce((
         select sum(o.amount_minor) from payout o
          where o.bucket = p.bucket and o.beneficiary_id = p.beneficiary_id and o.kind = 'refund'
            and o.agreement = p.agreement and o.channel = p.channel and o.state in ('sent', 'unknown', 'succeeded')
            and o.sent_at >= %(since)s::timestamptz), 0)::bigint as used_minor
  from payout p
  join funding_source s on s.bucket = p.bucket and s.customer_id = p.beneficiary_id and s.channel = p.channel
   and s.agreement = p.agreement
 where p.bucket = any (%(buckets)s::smallint[]) and p.id = any (%(ids)s::uuid[]) and p.kind = 'refund'
   and s.account_class between 2 and 3;

-- name: postpone_payouts
-- Let payouts wait for another day.
update payout set due_on = %(due_on)s::date
 where bucket = any (%(buckets)s::smallint[]) and id = any (%(ids)s::uuid[]) and state = 'created';

-- name: hold_settlements
-- Let merchants wait for their money; who waits already waits on.
insert into settlement_hold (merchant_id, held_at, held_by, reason)
select m.id, %(at)s::timestamptz, %(actor)s, m.reason
  from unnest(%(merchant)s::uuid[], %(reason)s::text[]) as m (id, reason)
on conflict do nothing returning merchant_id;

-- name: free_settlements
-- Let a merchant be paid again.
update settlement_hold set freed_at = %(at)s::timestamptz, freed_by = %(actor)s
 where merchant_id = %(merchant)s and freed_at is null;

-- name: settlements_held
-- Since when a merchant waits for its money, and why; no row when it does not.
select merchant_id, held_at, held_by, reason from settlement_hold where merchant_id = %(merchant)s and freed_at is null;

-- name: due_payout_queries
-- Payouts whose outcome must be asked.
select bucket, id, kind, beneficiary_id, source_id, channel, agreement, currency, amount_minor, state, code, due_on,
       created_at, answered_at, query_after, tries
  from payout where state in ('sent', 'unknown') and query_after <= %(at)s::timestamptz
 order by query_after, bucket, id limit %(limit)s::integer;

-- name: failed_refunds
-- Refunds, of everybody or one customer, whose payout failed for good: somebody must find another account to pay them to.
select bucket, id, kind, beneficiary_id, source_id, channel, agreement, currency, amount_minor, state, code, due_on,
       created_at, answered_at, query_after, tries
  from payout where state = 'failed' and kind = 'refund' and query_after is not null
   and (%(customer)s::uuid is null or beneficiary_id = %(customer)s::uuid)
 order by query_after, bucket, id limit %(limit)s::integer;

-- name: set_payouts
-- Write what sending and answers did to payouts that are locked.
update payout p
   set state = n.state, code = n.code, answered_at = n.answered_at, query_after = n.query_after, tries = n.tries
  from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(state)s::text[], %(code)s::text[],
              %(answered_at)s::timestamptz[], %(query_after)s::timestamptz[], %(tries)s::smallint[])
    as n (bucket, id, state, code, answered_at, query_after, tries)
 where p.bucket = n.bucket and p.id = n.id;

-- name: note_sent
-- Note when payouts were sent; one that is sent again, since the bank had never seen it, was sent then.
update payout set sent_at = %(at)s::timestamptz
 where bucket = any (%(buckets)s::smallint[]) and id = any (%(ids)s::uuid[]);

-- name: is_settled
-- Whether a day was settled.
select exists (select from settlement where business_date = %(day)s::date) as is_settled;

-- name: settle
-- Settle a closed day (see sql/functions/payments.sql).
select payments_settle(%(day)s::date, %(pays_on)s::date, %(channel)s::text, %(recorded_at)s::timestamptz) as count;

-- name: settlements_of
-- A merchant's settlements, newest first, before a day.
select merchant_id, business_date, id, currency, gross_minor, discount_minor, subsidy_minor, refunded_minor,
       adjusted_minor, reserved_minor, released_minor, carried_minor, withdrawn_minor, net_minor, paid_minor, pays_on,
       payout_id
  from settlement
 where merchant_id = %(merchant)s::uuid and business_date < coalesce(%(before)s::date, 'infinity')
 order by business_date desc limit %(limit)s::integer;

-- name: settlement
-- One settlement.
select merchant_id, business_date, id, currency, gross_minor, discount_minor, subsidy_minor, refunded_minor,
       adjusted_minor, reserved_minor, released_minor, carried_minor, withdrawn_minor, net_minor, paid_minor, pays_on,
       payout_id
  from settlement where merchant_id = %(merchant)s::uuid and business_date = %(day)s::date;

-- name: settlement_lines
-- What moved a merchant's payable on a day, the payment of the settlement itself left out; paged by posting.
select p.bucket, p.id as posting_id, p.kind, p.source_id, -sum(e.amount_minor)::bigint as amount_minor, p.recorded_at
  from ledger_entry e join ledger_posting p on p.bucket = e.bucket and p.id = e.posting_id
 where e.booked_on = %(day)s::date and e.account = 2001 and e.owner_id = %(merchant)s::uuid
   and p.kind not in ('settlement_paid', 'settlement_withdrawn', 'settlement_forwarded', 'settlement_gathered')
   and (e.bucket, e.posting_id) > (%(after_bucket)s::smallint, %(after_id)s::uuid)
 group by p.bucket, p.id, p.kind, p.source_id, p.recorded_at
 order by p.bucket, p.id limit %(limit)s::integer;

-- name: upsert_contradiction
-- Write down what a bank says against its own word; said again it is counted, and what was upheld is open again.
insert into bank_contradiction as c (bucket, id, subject, subject_id, channel, stood, told, channel_no, amount_minor,
                                     currency, code, first_seen_at, last_seen_at, times, query_after, queries)
values (%(bucket)s, %(id)s, %(subject)s, %(subject_id)s, %(channel)s, %(stood)s, %(told)s, %(channel_no)s,
        %(amount_minor)s, %(currency)s, %(code)s, %(first_seen_at)s, %(last_seen_at)s, %(times)s, %(query_after)s,
        %(queries)s)
on conflict on constraint bank_contradiction_pk do update
   set times = c.times + 1, last_seen_at = excluded.last_seen_at,
       query_after = case when c.resolution = 'upheld' then excluded.query_after else c.query_after end,
       resolved_at = case when c.resolution = 'upheld' then null else c.resolved_at end,
       resolution = case when c.resolution = 'upheld' then null else c.resolution end;

-- name: due_contradictions
-- Contradictions about which the bank must be asked.
select bucket, id, subject, subject_id, channel, stood, told, channel_no, amount_minor, currency, code, first_seen_at,
       last_seen_at, times, query_after, queries, resolution, note, actor, resolved_at
  from bank_contradiction where query_after <= %(at)s::timestamptz
 order by query_after, bucket, id limit %(limit)s::integer;

-- name: lock_contradiction
-- One contradiction, locked.
select bucket, id, subject, subject_id, channel, stood, told, channel_no, amount_minor, currency, code, first_seen_at,
       last_seen_at, times, query_after, queries, resolution, note, actor, resolved_at
  from bank_contradiction where bucket = %(bucket)s::smallint and id = %(id)s::uuid for update;

-- name: contradictions
-- Contradictions, open ones or all, latest first.
select bucket, id, subject, subject_id, channel, stood, told, channel_no, amount_minor, currency, code, first_seen_at,
       last_seen_at, times, query_after, queries, resolution, note, actor, resolved_at
  from bank_contradiction
 where (resolution is null or not %(is_open)s::boolean)
   and (first_seen_at, id) < (coalesce(%(before_at)s::timestamptz, 'infinity'), %(before_id)s::uuid)
 order by first_seen_at desc, id desc limit %(limit)s::integer;

-- name: set_contradiction
-- Write what became of a contradiction that is locked.
update bank_contradiction
   set query_after = %(query_after)s::timestamptz, queries = %(queries)s::smallint, resolution = %(resolution)s::text,
       note = %(note)s::text, actor = %(actor)s::text, resolved_at = %(resolved_at)s::timestamptz
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid;
