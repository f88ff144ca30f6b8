-- name: add_passkey
-- Keep a new passkey.
insert into passkey (bucket, id, customer_id, rp_id, credential_id, public_key, sign_count, name, is_synced, added_at)
values (%(bucket)s::smallint, %(id)s::uuid, %(customer)s::uuid, %(rp_id)s::text, %(credential)s::bytea,
        %(public_key)s::bytea, %(sign_count)s::bigint, %(name)s::text, %(is_synced)s::boolean, %(at)s::timestamptz);

-- name: passkeys_of
-- A customer's passkeys, the oldest first; ended ones too, for a key that was cloned is told of.
select bucket, id, customer_id, rp_id, credential_id, public_key, sign_count, name, is_synced, added_at, used_at,
       ended_at, ended_as
  from passkey where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid order by added_at, id;

-- name: lock_passkey
-- A customer's passkey by the name its device gave it, locked.
select bucket, id, customer_id, rp_id, credential_id, public_key, sign_count, name, is_synced, added_at, used_at,
       ended_at, ended_as
  from passkey
 where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid and credential_id = %(credential)s::bytea
   and ended_at is null
   for update;

-- name: use_passkey
-- A passkey was used: what its device has counted.
update passkey set sign_count = %(sign_count)s::bigint, used_at = %(at)s::timestamptz
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid;

-- name: name_passkey
-- Give a passkey another name.
update passkey set name = %(name)s::text
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid and customer_id = %(customer)s::uuid and ended_at is null;

-- name: end_passkey
-- A passkey opens nothing any more.
update passkey set ended_at = %(at)s::timestamptz, ended_as = %(ended_as)s::text
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid and customer_id = %(customer)s::uuid and ended_at is null;

-- name: ask_passkey
-- Keep what a device is asked to sign; what the customer was asked before and let pass is forgotten.
with over as (
  delete from passkey_challenge
   where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid and expires_at <= %(at)s::timestamptz
)
insert into passkey_challenge (bucket, id, customer_id, purpose, nonce, about_id, amount_minor, currency, expires_at)
values (%(bucket)s::smallint, %(id)s::uuid, %(customer)s::uuid, %(purpose)s::text, %(nonce)s::bytea, %(about)s::uuid,
        %(amount_minor)s::bigint, %(currency)s::text, %(expires_at)s::timestamptz);

-- name: take_challenge
-- What a device was asked to sign, taken away: it is good once.
delete from passkey_challenge
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid and customer_id = %(customer)s::uuid
   and expires_at > %(at)s::timestamptz
returning bucket, id, customer_id, purpose, nonce, about_id, amount_minor, currency, expires_at;
