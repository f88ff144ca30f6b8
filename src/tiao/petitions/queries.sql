-- name: insert_petition
-- Write a petition; while one of its kind about the same thing is open, nothing is written.
insert into petition (bucket, id, customer_id, kind, words_sealed, about_id, state, made_at, due_at)
values (%(bucket)s::smallint, %(id)s::uuid, %(customer)s::uuid, %(kind)s::text, %(words)s::bytea, %(about)s::uuid,
        'open', %(made_at)s::timestamptz, %(due_at)s::timestamptz)
on conflict (bucket, customer_id, kind, (coalesce(about_id, '00000000-0000-0000-0000-000000000000'::uuid)))
  where state = 'open' do nothing;

-- name: open_petition
-- The open petition of a kind about a thing.
select bucket, id, customer_id, kind, words_sealed, words as words_clear, about_id, state, made_at, due_at, ended_at, answer_sealed,
       answer as answer_clear, answered_by
  from petition
 where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid and kind = %(kind)s::text and state = 'open'
   and about_id is not distinct from %(about)s::uuid;

-- name: petitions_of
-- A customer's petitions, latest first.
select bucket, id, customer_id, kind, words_sealed, words as words_clear, about_id, state, made_at, due_at, ended_at, answer_sealed,
       answer as answer_clear, answered_by
  from petition
 where bucket = %(bucket)s::smallint and customer_id = %(customer)s::uuid order by made_at desc, id desc limit 100;

-- name: petitions_owed
-- Open petitions, what is owed soonest first.
select bucket, id, customer_id, kind, words_sealed, words as words_clear, about_id, state, made_at, due_at, ended_at, answer_sealed,
       answer as answer_clear, answered_by
  from petition
 where state = 'open' order by due_at, id limit %(limit)s::integer;

-- name: lock_petition
-- A petition, locked.
select bucket, id, customer_id, kind, words_sealed, words as words_clear, about_id, state, made_at, due_at, ended_at, answer_sealed,
       answer as answer_clear, answered_by
  from petition
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid for update;

-- name: petitions_in_clear
-- Petitions whose texts were written before texts were sealed, locked.
select bucket, id, customer_id, kind, words_sealed, words as words_clear, about_id, state, made_at, due_at, ended_at, answer_sealed,
       answer as answer_clear, answered_by
  from petition
 where words is not null or answer is not null order by bucket, id limit %(limit)s::integer for update skip locked;

-- name: set_petition
-- Write how far a petition that is locked has come; its texts are sealed from then on.
update petition set state = %(state)s::text, ended_at = %(ended_at)s::timestamptz, answered_by = %(answered_by)s::text,
                    words_sealed = %(words)s::bytea, answer_sealed = %(answer)s::bytea, words = null, answer = null
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid;
