-- name: applications_of_customer
-- Read a customer's applications, oldest first.
select bucket, id, customer_id, currency, income_minor, received_at
  from credit_application where bucket = %(bucket)s and customer_id = %(customer)s order by received_at, id;

-- name: record_decisions
-- Write decisions with the applications that they are about, and name those decisions that were not there before.
-- Reasons are codes joined by commas. Arrays named applied_ describe the applications, all received at one instant.
with applied as (
  insert into credit_application (bucket, id, customer_id, currency, income_minor, received_at)
  select a.bucket, a.id, a.customer_id, a.currency, a.income_minor, %(received_at)s::timestamptz
    from unnest(%(applied_bucket)s::smallint[], %(applied_id)s::uuid[], %(applied_customer)s::uuid[],
                %(applied_currency)s::text[], %(applied_income)s::bigint[])
      as a (bucket, id, customer_id, currency, income_minor)
)
insert into credit_decision (bucket, id, customer_id, application_id, line_id, kind, outcome, inputs, inputs_digest,
                             model_version, policy_version, probability, score, grade, threshold, reasons,
                             limit_before_minor, limit_after_minor, actor, decided_at)
select d.bucket, d.id, d.customer_id, d.application_id, d.line_id, d.kind, d.outcome, d.inputs, d.inputs_digest,
       d.model_version, d.policy_version, d.probability, d.score, d.grade, d.threshold, string_to_array(d.reasons, ','),
       d.limit_before, d.limit_after, d.actor, d.decided_at
  from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(customer)s::uuid[], %(application)s::uuid[], %(line)s::uuid[],
              %(kind)s::text[], %(outcome)s::text[], %(inputs)s::bytea[], %(inputs_digest)s::bytea[],
              %(model_version)s::text[], %(policy_version)s::text[], %(probability)s::double precision[],
              %(score)s::integer[], %(grade)s::text[], %(threshold)s::numeric[], %(reasons)s::text[], %(limit_before)s::bigint[],
              %(limit_after)s::bigint[], %(actor)s::text[], %(decided_at)s::timestamptz[])
    as d (bucket, id, customer_id, application_id, line_id, kind, outcome, inputs, inputs_digest, model_version,
          policy_version, probability, score, grade, threshold, reasons, limit_before, limit_after, actor, decided_at)
on conflict on constraint credit_decision_pk do nothing
returning id;

-- name: decision
-- Read one decision.
select bucket, id, customer_id, application_id, line_id, kind, outcome, inputs, inputs_digest, model_version,
       policy_version, probability, score, grade, threshold, reasons, limit_before_minor, limit_after_minor, actor,
       decided_at
  from credit_decision where bucket = %(bucket)s and id = %(id)s;

-- name: decisions_of_customer
-- Read a customer's decisions, newest first.
select bucket, id, customer_id, application_id, line_id, kind, outcome, inputs, inputs_digest, model_version,
       policy_version, probability, score, grade, threshold, reasons, limit_before_minor, limit_after_minor, actor,
       decided_at
  from credit_decision where bucket = %(bucket)s and customer_id = %(customer)s order by decided_at desc, id desc;

-- name: decisions_in_bucket
-- Every decision of a bucket, oldest first.
select id from credit_decision where bucket = %(bucket)s order by decided_at, id;

-- name: applicants
-- What applications are decided by besides reports and profiles: who asks, what they have already, when they were last
-- declined, whether people are at it. One look for the whole set, although three packages own what it sees.
select u.customer as customer_id, c.identity_hmac, c.born_on,
       exists (select from credit_line l where l.bucket = u.bucket and l.customer_id = u.customer) as has_line,
       exists (select from credit_case k
                where k.bucket = u.bucket and k.customer_id = u.customer and k.state = 'open'
                  and k.kind = 'application') as is_under_way,
       (select max(d.decided_at) from credit_decision d
         where d.bucket = u.bucket and d.customer_id = u.customer and d.outcome = 'declined') as declined_at
  from unnest(%(bucket)s::smallint[], %(customer)s::uuid[]) as u (bucket, customer)
  join customer c on c.bucket = u.bucket and c.id = u.customer;

-- name: last_grades
-- The grade each customer was last given.
select distinct on (customer_id) customer_id, grade
  from credit_decision
 where customer_id = any (%(customers)s::uuid[]) and bucket = any (%(buckets)s::smallint[]) and grade is not null
 order by customer_id, decided_at desc, id desc;

-- name: last_changes
-- How a review last raised or cut each customer's line, and what it saw.
select distinct on (line_id) line_id, outcome, inputs
  from credit_decision
 where customer_id = any (%(customers)s::uuid[]) and bucket = any (%(buckets)s::smallint[])
   and outcome in ('raised', 'cut') and kind = 'review'
 order by line_id, decided_at desc, id desc;

-- name: application_decisions
-- Read the decisions on applications of a span of time, over all customers.
select bucket, id, customer_id, application_id, line_id, kind, outcome, inputs, inputs_digest, model_version,
       policy_version, probability, score, grade, threshold, reasons, limit_before_minor, limit_after_minor, actor,
       decided_at
  from credit_decision
 where kind = 'application' and decided_at >= %(since)s::timestamptz and decided_at < %(until)s::timestamptz
 order by decided_at, bucket, id;

-- name: last_incomes
-- The income each customer last declared.
select distinct on (customer_id) customer_id, income_minor
  from credit_application
 where customer_id = any (%(customers)s::uuid[]) and bucket = any (%(buckets)s::smallint[])
 order by customer_id, received_at desc, id desc;

-- name: standings
-- How lines stand that are to be reviewed, in the order in which they are asked for: the line, the last grade and income
-- of its customer, its latest acting score and the warnings that are on.
select l.id as line_id, l.status = 'active' as is_active, l.limit_target_minor as limit_minor, l.used_minor,
       l.sublimits::integer as sublimits, g.grade, a.income_minor, w.behaviour, w.behaviour_on, coalesce(w.flags, '{}') as flags
  from unnest(%(buckets)s::smallint[], %(lines)s::uuid[]) with ordinality as u (bucket, line, place)
  join credit_line l on l.bucket = u.bucket and l.id = u.line
  left join lateral (
    select d.grade from credit_decision d
     where d.bucket = l.bucket and d.customer_id = l.customer_id and d.grade is not null
     order by d.decided_at desc, d.id desc limit 1) g on true
  left join lateral (
    select c.income_minor from credit_application c
     where c.bucket = l.bucket and c.customer_id = l.customer_id
     order by c.received_at desc, c.id desc limit 1) a on true
  left join credit_watch w on w.bucket = l.bucket and w.line_id = l.id
 order by u.place;

-- name: write_warnings
-- Write which warnings are on, codes joined by commas; a line warns early as long as its behaviour does.
insert into credit_watch (bucket, line_id, flags, warned_on)
select w.bucket, w.line_id, coalesce(string_to_array(nullif(w.flags, ''), ','), '{}'),
       case when %(behaviour)s::text = any (string_to_array(w.flags, ',')) then %(on)s::date end
  from unnest(%(bucket)s::smallint[], %(line)s::uuid[], %(flags)s::text[]) as w (bucket, line_id, flags)
on conflict on constraint credit_watch_pk
  do update set flags = excluded.flags,
                warned_on = case when excluded.warned_on is not null
                                 then coalesce(credit_watch.warned_on, excluded.warned_on) end;
