-- name: insert_mandate
-- Write a mandate.
insert into mandate (bucket, id, customer_id, source_id, text_version, text_sha256, single_max_minor, daily_max_minor,
                     agreed_at)
values (%(bucket)s, %(id)s, %(customer_id)s, %(source_id)s, %(text_version)s, %(text_sha256)s, %(single_max_minor)s,
        %(daily_max_minor)s, %(agreed_at)s);

-- name: revoke_mandate
-- End the mandate of an account.
update mandate set revoked_at = %(at)s::timestamptz
 where bucket = %(bucket)s::smallint and source_id = %(source)s::uuid and revoked_at is null;

-- name: mandates_in_force
-- The mandates of accounts that are in force.
select bucket, id, customer_id, source_id, text_version, text_sha256, single_max_minor, daily_max_minor, agreed_at, revoked_at
  from mandate
 where bucket = any (%(buckets)s::smallint[]) and source_id = any (%(sources)s::uuid[]) and revoked_at is null;

-- name: mandates_of
-- A customer's mandates, latest first.
select bucket, id, customer_id, source_id, text_version, text_sha256, single_max_minor, daily_max_minor, agreed_at, revoked_at
  from mandate where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid order by agreed_at desc, id desc;

-- name: taken_automatically
-- What automatic payment took from accounts since an instant, or may be taking.
select funding_source_id, sum(amount_minor)::bigint from debit
 where bucket = any (%(buckets)s::smallint[]) and funding_source_id = any (%(sources)s::uuid[])
   and created_at >= %(since)s::timestamptz and purpose = 'autopay' and state <> 'failed'
 group by funding_source_id;
