-- name: insert_proposal
-- Propose to write a loan off; while that is proposed already, nothing is written.
insert into write_off_proposal (bucket, id, loan_id, reason, state, proposed_by, proposed_at)
values (%(bucket)s::smallint, %(id)s::uuid, %(loan)s::uuid, %(reason)s::text, 'open', %(proposed_by)s::text,
        %(at)s::timestamptz)
on conflict (bucket, loan_id) where state = 'open' do nothing;

-- name: lock_proposal
-- One proposal, locked.
select bucket, id, loan_id, reason, state, proposed_by, proposed_at, decided_by, decided_at, note from write_off_proposal
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid for update;

-- name: proposals
-- Proposals, latest first, from a cursor on; open ones or all.
select bucket, id, loan_id, reason, state, proposed_by, proposed_at, decided_by, decided_at, note from write_off_proposal
 where (state = 'open' or not %(is_open)s::boolean)
   and (proposed_at, id) < (%(before_at)s::timestamptz, %(before_id)s::uuid)
 order by proposed_at desc, id desc limit %(limit)s::integer;

-- name: decide_proposal
-- Write what was decided about a proposal that is locked.
update write_off_proposal
   set state = %(state)s::text, decided_by = %(decided_by)s::text, decided_at = %(at)s::timestamptz, note = %(note)s::text
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid;
