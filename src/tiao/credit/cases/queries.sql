-- name: open_cases
-- Write new cases. Refuses: case_already_open.
insert into credit_case (bucket, id, kind, customer_id, application_id, line_id, about_id, maker, reason, limit_minor,
                         approvers_needed, opened_at, due_at, expires_at, limit_kind, scene, merchant_id, ends_on)
select * from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(kind)s::text[], %(customer)s::uuid[],
                     %(application)s::uuid[], %(line)s::uuid[], %(about)s::uuid[], %(maker)s::text[], %(reason)s::text[],
                     %(limit)s::bigint[], %(needed)s::smallint[], %(opened_at)s::timestamptz[],
                     %(due_at)s::timestamptz[], %(expires_at)s::timestamptz[], %(limit_kind)s::text[],
                     %(scene)s::text[], %(merchant)s::uuid[], %(ends_on)s::date[]);

-- name: lock_case
-- One case, locked.
select bucket, id, kind, customer_id, application_id, line_id, about_id, maker, reason, limit_minor, approvers_needed,
       state, opened_at, due_at, expires_at, claimed_by, claimed_until, closed_at, answer_id,
       limit_kind, scene, merchant_id, ends_on
  from credit_case where bucket = %(bucket)s and id = %(id)s for update;

-- name: case
-- One case.
select bucket, id, kind, customer_id, application_id, line_id, about_id, maker, reason, limit_minor, approvers_needed,
       state, opened_at, due_at, expires_at, claimed_by, claimed_until, closed_at, answer_id,
       limit_kind, scene, merchant_id, ends_on
  from credit_case where bucket = %(bucket)s and id = %(id)s;

-- name: cases_of_customer
-- A customer's cases, latest first.
select bucket, id, kind, customer_id, application_id, line_id, about_id, maker, reason, limit_minor, approvers_needed,
       state, opened_at, due_at, expires_at, claimed_by, claimed_until, closed_at, answer_id,
       limit_kind, scene, merchant_id, ends_on
  from credit_case where bucket = %(bucket)s and customer_id = %(customer)s order by opened_at desc, id desc;

-- name: queue
-- Open cases, what is owed soonest first.
select bucket, id, kind, customer_id, application_id, line_id, about_id, maker, reason, limit_minor, approvers_needed,
       state, opened_at, due_at, expires_at, claimed_by, claimed_until, closed_at, answer_id,
       limit_kind, scene, merchant_id, ends_on
  from credit_case
 where state = 'open' and (due_at, id) > (%(after_at)s::timestamptz, %(after_id)s::uuid)
   and (%(kind)s::text is null or kind = %(kind)s)
 order by due_at, id limit %(limit)s;

-- name: next_case
-- The open case owed soonest that nobody is at and that this person may answer; locked, others pass it by.
select bucket, id, kind, customer_id, application_id, line_id, about_id, maker, reason, limit_minor, approvers_needed,
       state, opened_at, due_at, expires_at, claimed_by, claimed_until, closed_at, answer_id,
       limit_kind, scene, merchant_id, ends_on
  from credit_case c
 where c.state = 'open' and (%(kind)s::text is null or c.kind = %(kind)s) and c.maker <> %(actor)s
   and (c.claimed_until is null or c.claimed_until <= %(at)s::timestamptz)
   and (c.expires_at is null or c.expires_at > %(at)s::timestamptz)
   and not exists (select from credit_case_vote v where v.bucket = c.bucket and v.case_id = c.id and v.actor = %(actor)s)
 order by c.due_at, c.id limit 1 for update skip locked;

-- name: claim_case
-- Write who is at a case and until when; nobody, when both are null.
update credit_case set claimed_by = %(actor)s, claimed_until = %(until)s where bucket = %(bucket)s and id = %(id)s;

-- name: vote
-- Write what one person said.
insert into credit_case_vote (bucket, case_id, number, maker, actor, agrees, limit_minor, reason, voted_at)
values (%(bucket)s, %(case)s, %(number)s, %(maker)s, %(actor)s, %(agrees)s, %(limit)s, %(reason)s, %(at)s);

-- name: votes
-- What was said about a case, in order.
select bucket, case_id, number, maker, actor, agrees, limit_minor, reason, voted_at
  from credit_case_vote where bucket = %(bucket)s and case_id = %(case)s order by number;

-- name: settle_limit
-- Write the limit that the first who agreed found right, and how many have to agree to it.
update credit_case set limit_minor = %(limit)s, approvers_needed = %(needed)s
 where bucket = %(bucket)s and id = %(id)s;

-- name: close_case
-- Write how a case ended.
update credit_case
   set state = %(state)s, closed_at = %(at)s, answer_id = %(answer)s, claimed_by = null, claimed_until = null
 where bucket = %(bucket)s and id = %(id)s;

-- name: lapsed_cases
-- Cases of a range of buckets whose time has run out, locked.
select bucket, id, kind, customer_id, application_id, line_id, about_id, maker, reason, limit_minor, approvers_needed,
       state, opened_at, due_at, expires_at, claimed_by, claimed_until, closed_at, answer_id,
       limit_kind, scene, merchant_id, ends_on
  from credit_case
 where state = 'open' and bucket between %(first)s and %(last)s and expires_at <= %(at)s::timestamptz
 order by bucket, id for update;

-- name: queue_state
-- How many cases are open, how many of them nobody is at, how many answers are late, and when the next is owed.
select kind, count(*)::integer as open,
       (count(*) filter (where claimed_until is null or claimed_until <= %(at)s::timestamptz))::integer as unclaimed,
       (count(*) filter (where due_at < %(at)s::timestamptz))::integer as late,
       min(due_at) as next_due_at
  from credit_case where state = 'open' group by kind order by kind;
