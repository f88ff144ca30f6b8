-- name: claim_key
-- Take an Idempotency-Key for the request under way, and read the programme's test clock, if it has one, on the way.
-- No row when the key came before. A second request waits for the first.
insert into idempotent_answer (tenant_id, key, digest, status, answer, recorded_at)
values (%(tenant)s, %(key)s, %(digest)s, 0, ''::bytea,
        coalesce((select now_at from programme where is_test_clock), %(at)s::timestamptz))
on conflict on constraint idempotent_answer_pk do nothing
returning (select now_at from programme where is_test_clock) as test_time;

-- name: keep_answer
-- Keep the answer, in the transaction of what was done.
update idempotent_answer set status = %(status)s, answer = %(answer)s where tenant_id = %(tenant)s and key = %(key)s;

-- name: kept_answer
-- The answer that was given for a key.
select digest, status, answer from idempotent_answer where tenant_id = %(tenant)s and key = %(key)s;

-- name: asked_before
-- The answer that was given for a key, if one was, and the programme's test clock, if it has one.
select p.now_at as test_time, a.digest, a.status, a.answer
  from (select max(now_at) filter (where is_test_clock) as now_at from programme) p
  left join idempotent_answer a on a.tenant_id = %(tenant)s and a.key = %(key)s;

-- name: purge_answers
-- Forget answers whose time is over, so many at once.
delete from idempotent_answer a
 using (select tenant_id, key from idempotent_answer
         where recorded_at < %(before)s::timestamptz order by recorded_at limit %(limit)s::integer
           for update skip locked) o
 where a.tenant_id = o.tenant_id and a.key = o.key;

-- name: claim_keys
-- Take the Idempotency-Keys of a set of requests, in their order; those that came before are left out.
insert into idempotent_answer (tenant_id, key, digest, status, answer, recorded_at)
select u.tenant, u.key, u.digest, 0, ''::bytea, %(at)s::timestamptz
  from unnest(%(tenant)s::uuid[], %(key)s::text[], %(digest)s::bytea[]) as u (tenant, key, digest)
 order by u.tenant, u.key
on conflict on constraint idempotent_answer_pk do nothing returning tenant_id, key;

-- name: kept_answers
-- The answers that were given for keys.
select a.tenant_id, a.key, a.digest, a.status, a.answer
  from unnest(%(tenant)s::uuid[], %(key)s::text[]) as u (tenant, key)
  join idempotent_answer a on a.tenant_id = u.tenant and a.key = u.key;

-- name: keep_answers
-- Keep the answers of a set.
update idempotent_answer a set status = u.status, answer = u.answer
  from unnest(%(tenant)s::uuid[], %(key)s::text[], %(status)s::smallint[], %(answer)s::bytea[])
       as u (tenant, key, status, answer)
 where a.tenant_id = u.tenant and a.key = u.key;

-- name: give_keys_back
-- Forget keys whose requests were refused: they changed nothing.
delete from idempotent_answer a
 using unnest(%(tenant)s::uuid[], %(key)s::text[]) as u (tenant, key)
 where a.tenant_id = u.tenant and a.key = u.key;
