-- name: insert_account
-- Write a new account.
insert into merchant_account (id, merchant_id, app_id, mchid, appid, public_key, certificate_serial, secret_key_sealed,
                              notify_allow, test_payer_id, test_token_digest, opened_at)
values (%(id)s, %(merchant)s, %(app_id)s, %(mchid)s, %(appid)s, %(public_key)s, %(serial)s, %(secret)s,
        %(allow)s::text[], %(payer)s::uuid, %(token)s::bytea, %(at)s::timestamptz);

-- name: account_of_number
-- The account that a caller names by its number in either form.
select id, merchant_id, app_id, mchid, appid, public_key, certificate_serial, secret_key_sealed, notify_allow,
       test_payer_id, opened_at
  from merchant_account where app_id = %(number)s or mchid = %(number)s;

-- name: account
-- One account.
select id, merchant_id, app_id, mchid, appid, public_key, certificate_serial, secret_key_sealed, notify_allow,
       test_payer_id, opened_at
  from merchant_account where id = %(id)s;

-- name: account_of_token
-- The sandbox's account that a test token opens.
select id, merchant_id, app_id, mchid, appid, public_key, certificate_serial, secret_key_sealed, notify_allow,
       test_payer_id, opened_at
  from merchant_account where test_token_digest = %(digest)s;

-- name: insert_platform_key
-- Write the platform's key.
insert into platform_key (id, private_key_sealed, certificate, certificate_serial, public_key_id, made_at)
values (%(id)s, %(private_key)s, %(certificate)s, %(serial)s, %(public_key_id)s, %(at)s::timestamptz);

-- name: platform_key
-- The platform's newest key.
select id, private_key_sealed, certificate, certificate_serial, public_key_id, made_at
  from platform_key order by made_at desc, id desc limit 1;

-- name: lock_platform_key
-- Let one transaction at a time make the platform's key.
select pg_advisory_xact_lock(%(lock)s::bigint);

-- name: insert_payment_code
-- Write a payment code of a test payer.
insert into test_payment_code (code, account_id, behaviour, expires_at)
values (%(code)s, %(account)s, %(behaviour)s, %(expires_at)s::timestamptz);

-- name: is_payment_code
-- Whether a code was ever one of a sandbox's payer.
select exists (select from test_payment_code where code = %(code)s and account_id = %(account)s) as is_known;

-- name: burn_payment_code
-- Use a payment code up, whatever comes of it, and say how its payer behaves.
update test_payment_code set used_at = %(at)s::timestamptz
 where code = %(code)s and account_id = %(account)s and used_at is null and expires_at > %(at)s::timestamptz
returning behaviour;

-- name: insert_nonce
-- Write what a signed request was numbered, unless it was seen before.
insert into request_nonce (account_id, nonce, seen_at) values (%(account)s, %(nonce)s, %(at)s::timestamptz)
on conflict on constraint request_replayed do nothing;

-- name: delete_nonces
-- Forget requests that were seen before an instant.
delete from request_nonce where seen_at < %(before)s::timestamptz;

-- name: accounts_of
-- A merchant's accounts in the order in which they were opened.
select id, merchant_id, app_id, mchid, appid, public_key, certificate_serial, secret_key_sealed, notify_allow,
       test_payer_id, opened_at
  from merchant_account where merchant_id = %(merchant)s::uuid order by opened_at, id;
