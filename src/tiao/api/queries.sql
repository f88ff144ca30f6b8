-- name: claim_key
-- Take an Idempotency-Key for the request under way; no row when it came before. A second request waits for the first.
insert into idempotent_answer (tenant_id, key, digest, status, answer, recorded_at)
values (%(tenant)s, %(key)s, %(digest)s, 0, ''::bytea, %(at)s::timestamptz)
on conflict on constraint idempotent_answer_pk do nothing returning 1 as claimed;

-- name: keep_answer
-- Keep the answer, in the transaction of what was done.
update idempotent_answer set status = %(status)s, answer = %(answer)s where tenant_id = %(tenant)s and key = %(key)s;

-- name: kept_answer
-- The answer that was given for a key.
select digest, status, answer from idempotent_answer where tenant_id = %(tenant)s and key = %(key)s;

-- name: purge_answers
-- Forget answers whose time is over, so many at once.
delete from idempotent_answer a
 using (select tenant_id, key from idempotent_answer
         where recorded_at < %(before)s::timestamptz order by recorded_at limit %(limit)s::integer
           for update skip locked) o
 where a.tenant_id = o.tenant_id and a.key = o.key;
