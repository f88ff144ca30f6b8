-- name: insert_money_proposal
-- Write a proposal; no row while the same repayment is proposed to be taken back.
insert into money_proposal (bucket, id, line_id, customer_id, kind, content, about_id, currency, amount_minor, reason, state,
                           proposed_by, proposed_at)
values (%(bucket)s::smallint, %(id)s::uuid, %(line)s::uuid, %(customer)s::uuid, %(kind)s::text, %(content)s::text,
        %(about)s::uuid, %(currency)s::text, %(amount)s::bigint, %(reason)s::text, 'open', %(proposed_by)s::text,
        %(at)s::timestamptz)
on conflict (bucket, about_id) where state = 'open' and kind = 'reversal' do nothing;

-- name: lock_money_proposal
-- One proposal, locked.
select bucket, id, line_id, customer_id, kind, content, currency, amount_minor, reason, state, proposed_by, proposed_at,
       decided_by, decided_at, note, made_id
  from money_proposal where bucket = %(bucket)s::smallint and id = %(id)s::uuid for update;

-- name: money_proposals
-- Proposals, latest first, from a cursor on; open ones or all.
select bucket, id, line_id, customer_id, kind, content, currency, amount_minor, reason, state, proposed_by, proposed_at,
       decided_by, decided_at, note, made_id
  from money_proposal
 where (state = 'open' or not %(is_open)s::boolean)
   and (proposed_at, id) < (%(before_at)s::timestamptz, %(before_id)s::uuid)
 order by proposed_at desc, id desc limit %(limit)s::integer;

-- name: decide_money_proposal
-- Write what was decided about a proposal that is locked.
update money_proposal
   set state = %(state)s::text, decided_by = %(decided_by)s::text, decided_at = %(at)s::timestamptz,
       note = %(note)s::text, made_id = %(made)s::uuid
 where bucket = %(bucket)s::smallint and id = %(id)s::uuid;

-- name: made_by_two
-- What came of the proposals about a line that two people agreed on.
select made_id from money_proposal
 where bucket = %(bucket)s::smallint and line_id = %(line)s::uuid and state = 'agreed';
