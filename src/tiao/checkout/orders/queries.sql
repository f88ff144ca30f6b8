-- name: insert_order
-- Write an order; under a number that is there already nothing is written.
insert into merchant_order (id, account_id, surface, out_trade_no, trade_no, trade_type, digest, currency, amount_minor, subject,
                            terms, fee_payer, plans, notify_url, return_url, attach, is_shared, payer_openid, is_by_key_id,
                            cashier_token, state, made_at, expires_at)
values (%(id)s, %(account)s, %(surface)s, %(out_trade_no)s, %(trade_no)s, %(trade_type)s, %(digest)s::bytea, %(currency)s,
        %(amount)s, %(subject)s, %(terms)s::smallint, %(fee_payer)s::text, %(plans)s::text[], %(notify_url)s::text, %(return_url)s::text,
        %(attach)s::text, %(is_shared)s, %(payer_openid)s::text, %(is_by_key_id)s, %(cashier_token)s, 'open',
        %(at)s::timestamptz, %(expires_at)s::timestamptz)
on conflict on constraint order_number_used do nothing;

-- name: order_of_number
-- An order by the merchant's number.
select id, account_id, surface, out_trade_no, trade_no, trade_type, digest, currency, amount_minor, subject, terms, fee_payer,
       plans, notify_url, return_url, attach, is_shared, cashier_token, state, attempts, payer_state, payer_openid,
       is_by_key_id, customer_id, quote_id, purchase_id, plan_code, refunded_minor, made_at, expires_at, paid_at, closed_at,
       reversed_at
  from merchant_order where account_id = %(account)s and surface = %(surface)s and out_trade_no = %(number)s;

-- name: order_of_trade_no
-- A merchant's order by the platform's number.
select id, account_id, surface, out_trade_no, trade_no, trade_type, digest, currency, amount_minor, subject, terms, fee_payer,
       plans, notify_url, return_url, attach, is_shared, cashier_token, state, attempts, payer_state, payer_openid,
       is_by_key_id, customer_id, quote_id, purchase_id, plan_code, refunded_minor, made_at, expires_at, paid_at, closed_at,
       reversed_at
  from merchant_order where account_id = %(account)s and surface = %(surface)s and trade_no = %(number)s;

-- name: order_of_id
-- One order of a merchant.
select id, account_id, surface, out_trade_no, trade_no, trade_type, digest, currency, amount_minor, subject, terms, fee_payer,
       plans, notify_url, return_url, attach, is_shared, cashier_token, state, attempts, payer_state, payer_openid,
       is_by_key_id, customer_id, quote_id, purchase_id, plan_code, refunded_minor, made_at, expires_at, paid_at, closed_at,
       reversed_at
  from merchant_order where id = %(id)s and account_id = %(account)s;

-- name: native_orders
-- A merchant's orders of the platform's own form, latest first, from a cursor on.
select id, account_id, surface, out_trade_no, trade_no, trade_type, digest, currency, amount_minor, subject, terms, fee_payer,
       plans, notify_url, return_url, attach, is_shared, cashier_token, state, attempts, payer_state, payer_openid,
       is_by_key_id, customer_id, quote_id, purchase_id, plan_code, refunded_minor, made_at, expires_at, paid_at, closed_at,
       reversed_at
  from merchant_order
 where account_id = %(account)s and surface = 'native'
   and (made_at, id) < (%(before_at)s::timestamptz, %(before_id)s::uuid)
 order by made_at desc, id desc limit %(limit)s;

-- name: order_of_cashier
-- The order that a cashier's page is about.
select id, account_id, surface, out_trade_no, trade_no, trade_type, digest, currency, amount_minor, subject, terms, fee_payer,
       plans, notify_url, return_url, attach, is_shared, cashier_token, state, attempts, payer_state, payer_openid,
       is_by_key_id, customer_id, quote_id, purchase_id, plan_code, refunded_minor, made_at, expires_at, paid_at, closed_at,
       reversed_at
  from merchant_order where cashier_token = %(token)s;

-- name: lock_order
-- One order, locked.
select id, account_id, surface, out_trade_no, trade_no, trade_type, digest, currency, amount_minor, subject, terms, fee_payer,
       plans, notify_url, return_url, attach, is_shared, cashier_token, state, attempts, payer_state, payer_openid,
       is_by_key_id, customer_id, quote_id, purchase_id, plan_code, refunded_minor, made_at, expires_at, paid_at, closed_at,
       reversed_at
  from merchant_order where id = %(id)s for update;

-- name: begin_paying
-- Note what the payer agreed to, before the purchase is made.
update merchant_order
   set state = 'paying', attempts = attempts + 1, customer_id = %(customer)s, quote_id = %(quote)s, plan_code = %(plan)s,
       payer_openid = %(openid)s, begun_at = %(begun_at)s::timestamptz
 where id = %(id)s;

-- name: end_paying
-- Note what became of the purchase.
update merchant_order set state = %(state)s, purchase_id = %(purchase)s::uuid, paid_at = %(at)s::timestamptz
 where id = %(id)s;

-- name: payer_of_openid
-- The customer whom a merchant knows by this name, having been paid.
select customer_id from merchant_order
 where account_id = %(account)s and payer_openid = %(openid)s and paid_at is not null
 order by paid_at limit 1;

-- name: note_payer
-- Note what the payer did when a payment code was read.
update merchant_order set payer_state = %(state)s where id = %(id)s;

-- name: note_reversed
-- Note that the merchant takes an order back, whether it was paid or not.
update merchant_order set reversed_at = %(at)s::timestamptz where id = %(id)s and reversed_at is null;

-- name: take_begun_orders
-- Take orders whose payment was begun before an instant, of the real clock, and not ended; nobody else takes them for a while.
update merchant_order o set begun_at = %(at)s::timestamptz
  from (select id from merchant_order where state = 'paying' and begun_at < %(before)s::timestamptz
         order by begun_at limit %(limit)s::integer for update skip locked) as left_lying
 where o.id = left_lying.id
returning o.id, o.account_id, o.surface, o.out_trade_no, o.trade_no, o.trade_type, o.digest, o.currency, o.amount_minor,
          o.subject, o.terms, o.fee_payer, o.plans, o.notify_url, o.return_url, o.attach, o.is_shared, o.cashier_token,
          o.state, o.attempts, o.payer_state, o.payer_openid, o.is_by_key_id, o.customer_id, o.quote_id, o.purchase_id,
          o.plan_code, o.refunded_minor, o.made_at, o.expires_at, o.paid_at, o.closed_at, o.reversed_at;

-- name: take_begun_refunds
-- Take refunds begun before an instant, of the real clock, and not ended; nobody else takes them for a while.
update merchant_order_refund r set begun_at = %(at)s::timestamptz
  from (select id from merchant_order_refund where state = 'processing' and begun_at < %(before)s::timestamptz
         order by begun_at limit %(limit)s::integer for update skip locked) as left_lying
 where r.id = left_lying.id
returning r.order_id, r.out_refund_no, r.id, r.account_id, r.amount_minor, r.reason, r.notify_url, r.state, r.asked_at,
          r.refunded_at;

-- name: close_order
-- Let nobody pay an order any more.
update merchant_order set state = 'closed', closed_at = %(at)s::timestamptz where id = %(id)s;

-- name: add_refunded
-- Count what is given back, or take back what was counted.
update merchant_order set refunded_minor = refunded_minor + %(amount)s::bigint where id = %(id)s;

-- name: insert_refund
-- Write a refund that is about to be made.
insert into merchant_order_refund (order_id, out_refund_no, id, account_id, amount_minor, reason, notify_url, state, asked_at,
                                   begun_at)
values (%(order)s, %(number)s, %(id)s, %(account)s, %(amount)s, %(reason)s::text, %(notify_url)s::text, 'processing',
        %(at)s::timestamptz, %(begun_at)s::timestamptz);

-- name: refund
-- One refund of an order.
select order_id, out_refund_no, id, account_id, amount_minor, reason, notify_url, state, asked_at, refunded_at
  from merchant_order_refund where order_id = %(order)s and out_refund_no = %(number)s;

-- name: refund_of_number
-- A merchant's refund by its number alone.
select r.order_id, r.out_refund_no, r.id, r.account_id, r.amount_minor, reason, r.notify_url, r.state, asked_at, refunded_at
  from merchant_order_refund r join merchant_order o on o.id = r.order_id
 where r.account_id = %(account)s and r.out_refund_no = %(number)s and o.surface = %(surface)s
 order by r.asked_at limit 1;

-- name: end_refund
-- Note what became of a refund.
update merchant_order_refund set state = %(state)s, refunded_at = %(at)s::timestamptz
 where order_id = %(order)s and out_refund_no = %(number)s and state = 'processing';

-- name: begin_refund_again
-- Try a refund again that was refused before.
update merchant_order_refund
   set state = 'processing', asked_at = %(at)s::timestamptz, begun_at = %(begun_at)s::timestamptz
 where order_id = %(order)s and out_refund_no = %(number)s and state = 'refused';

-- name: insert_notice
-- Write a notice with the fact it tells of.
insert into merchant_notice (id, account_id, order_id, surface, kind, url, content, due_at, made_at)
values (%(id)s, %(account)s, %(order)s, %(surface)s, %(kind)s, %(url)s, %(content)s, %(at)s::timestamptz,
        %(at)s::timestamptz);

-- name: take_due_notices
-- Take notices that are due, for as long as sending them may take: nobody else sends them meanwhile.
update merchant_notice n set due_at = %(until)s::timestamptz, attempts = attempts + 1, tried_at = %(at)s::timestamptz
  from (select id from merchant_notice where due_at <= %(at)s::timestamptz order by due_at limit %(limit)s::integer
           for update skip locked) as due
 where n.id = due.id
returning n.id, n.account_id, n.order_id, n.surface, n.kind, n.url, n.content, n.attempts, n.due_at, n.made_at, n.tried_at,
          n.acknowledged_at, n.answer;

-- name: end_attempt
-- Note what the merchant answered, and when it is told again.
update merchant_notice set answer = %(answer)s, acknowledged_at = %(acknowledged_at)s::timestamptz, due_at = %(due_at)s::timestamptz
 where id = %(id)s and acknowledged_at is null;

-- name: orders_of_purchases
-- A merchant's orders by the purchases they became.
select id, account_id, surface, out_trade_no, trade_no, trade_type, digest, currency, amount_minor, subject, terms, fee_payer,
       plans, notify_url, return_url, attach, is_shared, cashier_token, state, attempts, payer_state, payer_openid,
       is_by_key_id, customer_id, quote_id, purchase_id, plan_code, refunded_minor, made_at, expires_at, paid_at, closed_at,
       reversed_at
  from merchant_order
 where account_id = %(account)s and surface = %(surface)s and purchase_id = any (%(purchases)s::uuid[]);

-- name: refunds_of_orders
-- What was given back, or was to be, of some orders.
select order_id, out_refund_no, id, account_id, amount_minor, reason, notify_url, state, asked_at, refunded_at
  from merchant_order_refund where order_id = any (%(orders)s::uuid[]);

-- name: notices_of
-- What a merchant was or is to be told of its orders, latest first, from a cursor on; only what it has not taken, where asked.
select n.id, n.account_id, n.order_id, n.surface, n.kind, n.url, n.content, n.attempts, n.due_at, n.made_at, n.tried_at,
       n.acknowledged_at, n.answer
  from merchant_notice n join merchant_account a on a.id = n.account_id
 where a.merchant_id = %(merchant)s::uuid and (n.acknowledged_at is null or not %(is_open)s::boolean)
   and (n.made_at, n.id) < (%(before_at)s::timestamptz, %(before_id)s::uuid)
 order by n.made_at desc, n.id desc limit %(limit)s::integer;

-- name: purge_notices
-- Forget notices that were taken, or given up, before an instant, so many at once. Orders and refunds stay.
delete from merchant_notice n
 using (select id from merchant_notice
         where due_at is null and coalesce(acknowledged_at, tried_at) < %(before)s::timestamptz
         limit %(limit)s::integer for update skip locked) o
 where n.id = o.id;
