-- name: put_receiver
-- Name a receiver; one that was named before is named again.
insert into share_receiver (merchant_id, receiver_id, relation, added_at)
values (%(merchant)s, %(receiver)s, %(relation)s, %(at)s::timestamptz)
on conflict on constraint share_receiver_pk do update set relation = excluded.relation;

-- name: delete_receiver
-- Name a receiver no more.
delete from share_receiver where merchant_id = %(merchant)s and receiver_id = %(receiver)s;

-- name: receivers
-- Whom a merchant has named.
select merchant_id, receiver_id, relation, added_at from share_receiver where merchant_id = %(merchant)s;

-- name: lock_pool
-- What may be shared of a payment, locked.
select source_id, merchant_id, currency, amount_minor, kept_minor, given_minor, opened_at, keeps_until
  from share_pool where source_id = %(source)s for update;

-- name: insert_pool
-- Open what may be shared of a payment.
insert into share_pool (source_id, merchant_id, currency, amount_minor, kept_minor, given_minor, opened_at, keeps_until)
values (%(source)s, %(merchant)s, %(currency)s, %(amount)s, 0, 0, %(at)s::timestamptz, %(until)s::timestamptz)
on conflict on constraint share_pool_pk do nothing;

-- name: change_pool
-- Write what is where now.
update share_pool set amount_minor = %(amount)s, kept_minor = %(kept)s, given_minor = %(given)s where source_id = %(source)s;

-- name: due_pools
-- Pools that keep money past their time.
select source_id, merchant_id, currency, amount_minor, kept_minor, given_minor, opened_at, keeps_until
  from share_pool where kept_minor > 0 and keeps_until <= %(at)s::timestamptz
 order by keeps_until limit %(limit)s::integer for update skip locked;

-- name: insert_share
-- Write a share; under a number that is there already nothing is written.
insert into share (id, source_id, merchant_id, form, number, digest, is_final, released_minor, made_at)
values (%(id)s, %(source)s, %(merchant)s, %(form)s, %(number)s, %(digest)s::bytea, %(is_final)s, %(released)s,
        %(at)s::timestamptz)
on conflict on constraint share_number_used do nothing;

-- name: share_of_number
-- A merchant's share by its number.
select id, source_id, merchant_id, form, number, digest, is_final, released_minor, made_at
  from share where merchant_id = %(merchant)s and form = %(form)s and number = %(number)s;

-- name: share
-- One share of a merchant.
select id, source_id, merchant_id, form, number, digest, is_final, released_minor, made_at
  from share where id = %(id)s and merchant_id = %(merchant)s;

-- name: insert_parts
-- Write what receivers get.
insert into share_part (share_id, place, receiver_id, named, amount_minor, description)
select %(share)s, p.place, p.receiver, p.named, p.amount, p.description
  from unnest(%(place)s::integer[], %(receiver)s::uuid[], %(named)s::text[], %(amount)s::bigint[], %(description)s::text[])
    as p (place, receiver, named, amount, description);

-- name: parts
-- What receivers got of a share.
select share_id, place, receiver_id, named, amount_minor, returned_minor, description
  from share_part where share_id = %(share)s order by place;

-- name: add_returned
-- Count what came back of a part.
update share_part set returned_minor = returned_minor + %(amount)s where share_id = %(share)s and place = %(place)s;

-- name: insert_return
-- Write a return.
insert into share_return (id, share_id, merchant_id, form, number, receiver_id, amount_minor, description, made_at)
values (%(id)s, %(share)s, %(merchant)s, %(form)s, %(number)s, %(receiver)s, %(amount)s, %(description)s,
        %(at)s::timestamptz);

-- name: return_of_number
-- A merchant's return by its number.
select id, share_id, merchant_id, form, number, receiver_id, amount_minor, description, made_at
  from share_return where merchant_id = %(merchant)s and form = %(form)s and number = %(number)s;

-- name: shares_between
-- A merchant's shares of a while, in the order in which they were made.
select id, source_id, merchant_id, form, number, digest, is_final, released_minor, made_at
  from share where merchant_id = %(merchant)s and form = %(form)s
   and made_at >= %(since)s::timestamptz and made_at < %(until)s::timestamptz order by made_at, id;

-- name: returns_between
-- A merchant's returns of a while, in the order in which they were made.
select id, share_id, merchant_id, form, number, receiver_id, amount_minor, description, made_at
  from share_return where merchant_id = %(merchant)s and form = %(form)s
   and made_at >= %(since)s::timestamptz and made_at < %(until)s::timestamptz order by made_at, id;

-- name: shares_of_source
-- What was shared of a payment, the latest first.
select id, source_id, merchant_id, form, number, digest, is_final, released_minor, made_at
  from share where source_id = %(source)s order by made_at desc, id;
