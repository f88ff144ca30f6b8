-- name: insert_dispute
-- Open a dispute; no row when one about the purchase is open already.
insert into dispute (bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, amount_minor, held_minor,
                     refunded_before_minor, reason, state, opened_at, evidence_due_at, decide_due_at)
values (%(bucket)s, %(id)s, %(purchase)s, %(line)s, %(customer)s, %(merchant)s, %(currency)s, %(amount)s, %(held)s,
        %(refunded_before)s, %(reason)s, 'opened', %(at)s, %(evidence_due_at)s, %(decide_due_at)s)
on conflict do nothing;

-- name: lock_dispute
-- One dispute, locked.
select bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, amount_minor, held_minor, refunded_before_minor,
       awarded_minor, reason, state, opened_at, evidence_due_at, decide_due_at, closed_at, decided_by, note, refund_id,
       proposed_minor, proposed_by, proposed_at
  from dispute where bucket = %(bucket)s::smallint and id = %(id)s::uuid for update;

-- name: disputes_of_purchase
-- The disputes about a purchase, in their order.
select bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, amount_minor, held_minor, refunded_before_minor,
       awarded_minor, reason, state, opened_at, evidence_due_at, decide_due_at, closed_at, decided_by, note, refund_id,
       proposed_minor, proposed_by, proposed_at
  from dispute where bucket = %(bucket)s::smallint and purchase_id = %(purchase)s::uuid order by opened_at, id;

-- name: disputes_of
-- Disputes of a merchant, of a customer or of everybody, latest first, from a cursor on; open ones or all.
select bucket, id, purchase_id, line_id, customer_id, merchant_id, currency, amount_minor, held_minor, refunded_before_minor,
       awarded_minor, reason, state, opened_at, evidence_due_at, decide_due_at, closed_at, decided_by, note, refund_id,
       proposed_minor, proposed_by, proposed_at
  from dispute
 where merchant_id = coalesce(%(merchant)s::uuid, merchant_id) and customer_id = coalesce(%(customer)s::uuid, customer_id)
   and (closed_at is null or not %(is_open)s::boolean)
   and (opened_at, id) < (%(before_at)s::timestamptz, %(before_id)s::uuid)
 order by opened_at desc, id desc limit %(limit)s::integer;

-- name: undefended
-- Disputes whose merchant has let its time pass.
select id from dispute where state = 'opened' and evidence_due_at <= %(at)s::timestamptz order by evidence_due_at, id;

-- name: propose_award
-- Write what one person would award in a dispute that is locked.
update dispute
   set proposed_minor = %(awarded)s::bigint, proposed_by = %(actor)s::text, proposed_at = %(at)s::timestamptz
 where bucket = %(bucket)s and id = %(id)s;

-- name: set_dispute
-- Write what became of a dispute that is locked.
update dispute
   set state = %(state)s, decide_due_at = %(decide_due_at)s, awarded_minor = %(awarded)s::bigint,
       closed_at = %(closed_at)s::timestamptz, decided_by = %(decided_by)s::text, note = %(note)s::text,
       refund_id = %(refund)s::uuid
 where bucket = %(bucket)s and id = %(id)s;

-- name: insert_statement
-- Write down what somebody said.
insert into dispute_statement (bucket, dispute_id, number, author, text_sealed, at)
values (%(bucket)s, %(dispute)s, %(number)s, %(author)s, %(text)s, %(at)s);

-- name: statements_of
-- What was said in a dispute, in order.
select number, author, text_sealed, at from dispute_statement
 where bucket = %(bucket)s::smallint and dispute_id = %(dispute)s::uuid order by number;

-- name: insert_file
-- Keep evidence.
insert into dispute_file (bucket, dispute_id, number, author, name, media_type, size_bytes, digest, content_sealed, at)
values (%(bucket)s, %(dispute)s, %(number)s, %(author)s, %(name)s, %(media_type)s, %(size)s, %(digest)s, %(content)s, %(at)s);

-- name: files_of
-- The evidence of a dispute, in order, without its content.
select number, author, name, media_type, size_bytes, digest, at from dispute_file
 where bucket = %(bucket)s::smallint and dispute_id = %(dispute)s::uuid order by number;

-- name: file_content
-- The content of one piece of evidence.
select content_sealed from dispute_file
 where bucket = %(bucket)s::smallint and dispute_id = %(dispute)s::uuid and number = %(number)s::smallint;
