-- name: insert_store
-- Write a store; one that is there stays as it is.
insert into merchant_store (id, merchant_id, name, address, city, made_at)
values (%(id)s, %(merchant)s, %(name)s, %(address)s, %(city)s, %(at)s::timestamptz)
on conflict on constraint merchant_store_pk do nothing;

-- name: stores
-- A merchant's stores in the order in which they were made.
select id, merchant_id, name, address, city, made_at from merchant_store where merchant_id = %(merchant)s order by id;

-- name: store
-- One store of a merchant.
select id, merchant_id, name, address, city, made_at from merchant_store where id = %(id)s and merchant_id = %(merchant)s;

-- name: insert_terminal
-- Write a terminal; one that is there stays as it is.
insert into merchant_terminal (id, store_id, merchant_id, label, static_token, made_at)
values (%(id)s, %(store)s, %(merchant)s, %(label)s, %(token)s::text, %(at)s::timestamptz)
on conflict on constraint merchant_terminal_pk do nothing;

-- name: terminals
-- A store's terminals in the order in which they were made.
select id, store_id, merchant_id, label, static_token, misses, locked_until, made_at
  from merchant_terminal where store_id = %(store)s order by id;

-- name: terminal
-- One terminal of a merchant.
select id, store_id, merchant_id, label, static_token, misses, locked_until, made_at
  from merchant_terminal where id = %(id)s and merchant_id = %(merchant)s;

-- name: terminal_of_token
-- The terminal of a printed code.
select id, store_id, merchant_id, label, static_token, misses, locked_until, made_at
  from merchant_terminal where static_token = %(token)s;

-- name: terminal_missed
-- Count a code that was none; after too many the terminal rests, and counts anew.
update merchant_terminal
   set misses = case when misses + 1 >= %(most)s then 0 else misses + 1 end,
       locked_until = case when misses + 1 >= %(most)s then %(until)s::timestamptz else locked_until end
 where id = %(id)s;

-- name: terminal_read
-- A code was one: misses are forgotten.
update merchant_terminal set misses = 0 where id = %(id)s and misses > 0;

-- name: insert_device
-- Write a device and what was agreed.
insert into pay_device (bucket, id, customer_id, label, agreed_digest, agreed_minor, agreed_late_rate, shown_at,
                        confirmed_at, made_at)
values (%(bucket)s, %(id)s, %(customer)s, %(label)s, %(digest)s, %(agreed)s, %(late_rate)s, %(shown_at)s, %(confirmed_at)s,
        %(at)s);

-- name: device
-- One device of a customer.
select bucket, id, customer_id, label, agreed_digest, agreed_minor, agreed_late_rate, shown_at, confirmed_at, made_at,
       ended_at
  from pay_device where bucket = %(bucket)s and id = %(id)s and customer_id = %(customer)s;

-- name: end_device
-- A device shows no codes any more.
update pay_device set ended_at = coalesce(ended_at, %(at)s::timestamptz) where bucket = %(bucket)s and id = %(id)s;

-- name: forget_slots
-- A device's slots mean nothing any more.
delete from pay_slot where device_id = %(device)s;

-- name: insert_slot
-- Take a slot, if nobody has it; one whose time is over is free.
insert into pay_slot as s (slot, device_id, customer_id, secret_sealed, granted_at, ends_at)
values (%(slot)s, %(device)s, %(customer)s, %(secret)s, %(at)s::timestamptz, %(ends_at)s::timestamptz)
on conflict (slot) do update
   set device_id = excluded.device_id, customer_id = excluded.customer_id, secret_sealed = excluded.secret_sealed,
       granted_at = excluded.granted_at, ends_at = excluded.ends_at, burnt_step = 0, misses = 0
 where s.ends_at <= excluded.granted_at;

-- name: lock_slot
-- One slot, locked: two tills that read one code wait for each other.
select slot, device_id, customer_id, secret_sealed, granted_at, ends_at, burnt_step, misses
  from pay_slot where slot = %(slot)s for update;

-- name: burn_step
-- A step was used; it and those before it are burnt.
update pay_slot set burnt_step = %(step)s where slot = %(slot)s;

-- name: slot_missed
-- Count a number that was not the slot's.
update pay_slot set misses = misses + 1 where slot = %(slot)s;

-- name: insert_sale
-- Write where and how a sale is made; asked again it is there already.
insert into counter_sale (order_id, merchant_id, store_id, terminal_id, kind, made_at)
values (%(order)s, %(merchant)s, %(store)s, %(terminal)s, %(kind)s, %(at)s::timestamptz)
on conflict (order_id) do nothing;

-- name: sale
-- The sale in person that an order is, if it is one.
select order_id, merchant_id, store_id, terminal_id, kind, payer_id, paid_on, code_class, made_at
  from counter_sale where order_id = %(order)s;

-- name: bind_payer
-- Whose code was read: nobody else may pay this sale.
update counter_sale set payer_id = %(payer)s::uuid where order_id = %(order)s;

-- name: lock_payer
-- One payer's sales are counted one at a time.
select pg_advisory_xact_lock(hashtextextended(%(payer)s::uuid::text, 1720));

-- name: counted
-- What a payer pays by codes on a day: what is paid or being paid, and what was begun a moment ago.
select coalesce(sum(o.amount_minor), 0)::bigint
  from counter_sale s join merchant_order o on o.id = s.order_id
 where s.payer_id = %(payer)s and s.paid_on = %(on)s and s.code_class = any (%(classes)s::text[]) and s.order_id <> %(order)s
   and (o.state in ('paying', 'paid') or (o.state = 'open' and s.reserved_at > %(since)s::timestamptz));

-- name: reserve
-- Count a sale against its payer's day.
update counter_sale
   set payer_id = %(payer)s, paid_on = %(on)s, code_class = %(code_class)s, reserved_at = %(at)s::timestamptz
 where order_id = %(order)s;

-- name: purge_slots
-- Forget slots whose time was over before an instant, so many at once: their codes mean nothing any more. Sales stay.
delete from pay_slot s
 using (select slot from pay_slot where ends_at < %(before)s::timestamptz limit %(limit)s::integer
           for update skip locked) o
 where s.slot = o.slot;
