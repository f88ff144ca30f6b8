-- name: create_merchant
-- Write a new merchant.
insert into merchant (id, name, category, currency, discount_rate, payout_account, status, joined_at)
values (%(id)s, %(name)s, %(category)s, %(currency)s, %(discount_rate)s, %(payout_account)s, %(status)s,
        %(joined_at)s::timestamptz);

-- name: merchants
-- Read merchants by id.
select id, name, category, currency, discount_rate, payout_account, status, joined_at
  from merchant where id = any (%(ids)s::uuid[]);

-- name: merchants_after
-- Read a page of merchants in the order in which they joined, which is that of their ids.
select id, name, category, currency, discount_rate, payout_account, status, joined_at
  from merchant where id > %(after)s order by id limit %(count)s;

-- name: set_merchant_status
-- Suspend or reinstate a merchant.
update merchant set status = %(status)s where id = %(id)s;

-- name: set_discount_rate
-- Agree another discount rate with a merchant; sales made before keep theirs.
update merchant set discount_rate = %(discount_rate)s where id = %(id)s;

-- name: issue_key
-- Write a new key.
insert into api_key (id, key_digest, role, subject_id, scopes, label, created_at, expires_at, issued_by, confirmed_by)
values (%(id)s, %(key_digest)s, %(role)s, %(subject_id)s, %(scopes)s::text[], %(label)s, %(created_at)s::timestamptz,
        %(expires_at)s::timestamptz, %(issued_by)s::uuid, %(confirmed_by)s::uuid);

-- name: keys_of_digests
-- Find the keys that tokens belong to.
select id, role, subject_id, scopes, label, created_at, expires_at, revoked_at, issued_by, confirmed_by, key_digest
  from api_key where key_digest = any (%(key_digests)s::bytea[]);

-- name: lock_key
-- Read a key and keep it from changing.
select id, role, subject_id, scopes, label, created_at, expires_at, revoked_at, issued_by, confirmed_by
  from api_key where id = %(id)s for update;

-- name: keys_of_subject
-- Read the keys of a consumer, merchant or operator, oldest first.
select id, role, subject_id, scopes, label, created_at, expires_at, revoked_at, issued_by, confirmed_by
  from api_key where subject_id = %(subject_id)s order by id;

-- name: lock_operator_name
-- Let one key at a time be issued to an operator of a name, so that a name is one person.
select pg_advisory_xact_lock(hashtext('operator/' || lower(btrim(%(name)s::text))));

-- name: operator_named
-- Who goes by a name, as the keys of operators are labelled: the first who did.
select subject_id from api_key
 where role = 'operator' and lower(btrim(label)) = lower(btrim(%(name)s::text)) order by created_at, id limit 1;

-- name: operator_names
-- The names of operators: the labels of their first keys.
select distinct on (subject_id) subject_id, btrim(label) as label from api_key where role = 'operator' order by subject_id, created_at, id;

-- name: end_key
-- Write when a key was revoked and when it expires.
update api_key set revoked_at = %(revoked_at)s::timestamptz, expires_at = %(expires_at)s::timestamptz
 where id = %(id)s;

-- name: note_session
-- Which key a session was opened with.
insert into key_session (session_id, key_id) values (%(session)s::uuid, %(key)s::uuid);

-- name: end_sessions
-- What was opened with a key, and with what was opened with it, ends no later than the key.
with recursive opened as (
  select session_id from key_session where key_id = %(key)s::uuid
  union
  select s.session_id from key_session s join opened o on s.key_id = o.session_id
)
update api_key k
   set revoked_at = coalesce(k.revoked_at, %(revoked_at)s::timestamptz),
       expires_at = least(k.expires_at, %(expires_at)s::timestamptz)
  from opened o where k.id = o.session_id;

-- name: confirm_key
-- Write who else says whose a key is; what was opened with it meanwhile stands as it does.
with recursive opened as (
  select %(key)s::uuid as id
  union
  select s.session_id from key_session s join opened o on s.key_id = o.id
)
update api_key k set confirmed_by = %(by)s::uuid
  from opened o where k.id = o.id and k.issued_by is not null and k.confirmed_by is null;

-- name: directory_version
-- How far this server has come: the version of the latest merchant or key, those of consumers left out.
select greatest((select coalesce(max(version), 0) from merchant),
                (select coalesce(max(version), 0) from api_key where role <> 'consumer'))::bigint as version;

-- name: merchants_changed
-- Merchants that were written after a version, in the order of their versions.
select id, name, category, currency, discount_rate, payout_account, status, joined_at, version
  from merchant where version > %(after)s::bigint order by version limit %(limit)s::integer;

-- name: keys_changed
-- Keys of merchants and operators that were written after a version, in the order of their versions.
select id, key_digest, role, subject_id, scopes, label, created_at, expires_at, revoked_at, issued_by, confirmed_by, version
  from api_key where version > %(after)s::bigint and role <> 'consumer' order by version limit %(limit)s::integer;

-- name: follow_merchant
-- Write a merchant as it is at home, unless what is here is as new.
insert into merchant (id, name, category, currency, discount_rate, payout_account, status, joined_at, version)
values (%(id)s::uuid, %(name)s, %(category)s, %(currency)s, %(discount_rate)s, %(payout_account)s, %(status)s,
        %(joined_at)s::timestamptz, %(version)s::bigint)
on conflict on constraint merchant_pk do update
   set name = excluded.name, category = excluded.category, discount_rate = excluded.discount_rate,
       payout_account = excluded.payout_account, status = excluded.status, version = excluded.version
 where merchant.version < excluded.version;

-- name: follow_key
-- Write a key as it is at home, unless what is here is as new.
insert into api_key (id, key_digest, role, subject_id, scopes, label, created_at, expires_at, revoked_at, issued_by,
                     confirmed_by, version)
values (%(id)s::uuid, %(key_digest)s, %(role)s, %(subject_id)s::uuid, %(scopes)s::text[], %(label)s,
        %(created_at)s::timestamptz, %(expires_at)s::timestamptz, %(revoked_at)s::timestamptz, %(issued_by)s::uuid,
        %(confirmed_by)s::uuid, %(version)s::bigint)
on conflict on constraint api_key_pk do update
   set scopes = excluded.scopes, label = excluded.label, expires_at = excluded.expires_at,
       revoked_at = excluded.revoked_at, confirmed_by = excluded.confirmed_by, version = excluded.version
 where api_key.version < excluded.version;
