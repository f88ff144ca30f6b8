-- name: register
-- Write new customers, one row each.
insert into customer (bucket, id, identity_hmac, name_sealed, identity_sealed, phone_sealed, phone_tail, phone_hmac,
                      born_on, registered_at)
select c.bucket, c.id, c.identity_hmac, c.name, c.identity, c.phone, c.phone_tail, c.phone_hmac, c.born_on,
       %(registered_at)s::timestamptz
  from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(identity_hmac)s::bytea[], %(name)s::bytea[],
              %(identity)s::bytea[], %(phone)s::bytea[], %(phone_tail)s::text[], %(phone_hmac)s::bytea[],
              %(born_on)s::date[])
    as c (bucket, id, identity_hmac, name, identity, phone, phone_tail, phone_hmac, born_on);

-- name: customers
-- Read customers by id.
select bucket, id, identity_hmac, name_sealed, identity_sealed, phone_sealed, phone_tail, phone_hmac, born_on,
       registered_at
  from customer where id = any (%(ids)s::uuid[]) and bucket = any (%(buckets)s::smallint[]);

-- name: customers_of_identities
-- Find customers by the keyed digest of their identity number.
select bucket, id, identity_hmac, name_sealed, identity_sealed, phone_sealed, phone_tail, phone_hmac, born_on,
       registered_at
  from customer
 where identity_hmac = any (%(identity_hmacs)s::bytea[]) and bucket = any (%(buckets)s::smallint[]);

-- name: customers_of_phone
-- Find customers by the keyed digest of their phone; those from before it was kept, by its last four digits.
select bucket, id, identity_hmac, name_sealed, identity_sealed, phone_sealed, phone_tail, phone_hmac, born_on,
       registered_at
  from customer
 where phone_hmac = %(phone_hmac)s::bytea or (phone_hmac is null and phone_tail = %(phone_tail)s::text)
 order by registered_at, id;
