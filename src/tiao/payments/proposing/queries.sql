-- name: insert_proposal
-- Write a proposal.
insert into merchant_proposal (id, merchant_id, kind, content, reason, state, proposed_by, proposed_at)
values (%(id)s, %(merchant)s, %(kind)s, %(content)s, %(reason)s, 'open', %(proposed_by)s, %(at)s);

-- name: lock_proposal
-- One proposal, locked.
select id, merchant_id, kind, content, reason, state, proposed_by, proposed_at, decided_by, decided_at, note
  from merchant_proposal where id = %(id)s::uuid for update;

-- name: proposals
-- Proposals about a merchant or about all, latest first, from a cursor on; open ones or all.
select id, merchant_id, kind, content, reason, state, proposed_by, proposed_at, decided_by, decided_at, note
  from merchant_proposal
 where merchant_id = coalesce(%(merchant)s::uuid, merchant_id) and (state = 'open' or not %(is_open)s::boolean)
   and (proposed_at, id) < (%(before_at)s::timestamptz, %(before_id)s::uuid)
 order by proposed_at desc, id desc limit %(limit)s::integer;

-- name: decide_proposal
-- Write what was decided about a proposal that is locked.
update merchant_proposal set state = %(state)s, decided_by = %(decided_by)s, decided_at = %(at)s, note = %(note)s
 where id = %(id)s;

-- name: open_kinds
-- What is proposed about a merchant and not decided.
select kind from merchant_proposal where merchant_id = %(merchant)s::uuid and state = 'open' order by proposed_at, id;
