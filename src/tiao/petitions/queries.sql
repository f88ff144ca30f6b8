-- name: insert_petition
-- Write a petition; while one of its kind about the same thing is open, nothing is written.
insert into petition (bucket, id, customer_id, kind, words, about_id, state, made_at, due_at)
values (%(bucket)s::smallint, %(id)s::uuid, %(customer)s::uuid, %(kind)s::text, %(words)s::text, %(about)s::uuid, 'open',
        %(made_at)s::timestamptz, %(due_at)s::timestamptz)
on conflict (bucket, customer_id, kind, (coalesce(about_id, '00000000-0000-0000-0000-000000000000'::uuid)))
  where state = 'open' do nothing;

-- name: open_petition
-- The open petition of a kind about a thing.
select bucket, id, customer_id, kind, words, about_id, state, made_at, due_at, ended_at, answer, answered_by from petition
 where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid and kind = %(kind)s::text and state = 'open'
   and about_id is not distinct from %(about)s::uuid;

-- name: petitions_of
-- A customer's petitions, latest first.
select bucket, id, customer_id, kind, words, about_id, state, made_at, due_at, ended_at, answer, answered_by from petition
 where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid order by made_at desc, id desc limit 100;

-- name: petitions_owed
-- Open petitions, what is owed soonest first.
select bucket, id, customer_id, kind, words, about_id, state, made_at, due_at, ended_at, answer, answered_by from petition
 where state = 'open' order by due_at, id limit %(limit)s::integer;

-- name: lock_petition
-- A petition, locked.
select bucket, id, customer_id, kind, words, about_id, state, made_at, due_at, ended_at, answer, answered_by from petition
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid for update;

-- name: end_petition
-- Write how a petition ended.
update petition set state = %(state)s::text, ended_at = %(at)s::timestamptz, answer = %(answer)s::text,
                    answered_by = %(answered_by)s::text
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid;
