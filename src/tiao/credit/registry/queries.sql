-- name: kept
-- Whether a model and a policy are kept, which model decides (none: the one that ships), and which is in shadow.
select exists (select from credit_model where version = %(model)s) as has_model,
       exists (select from credit_policy where version = %(policy)s) as has_policy,
       (select version from credit_model_step where step in ('promoted', 'put_back') order by number desc limit 1)
         as champion,
       (select case step when 'proposed' then version end from credit_model_step where step <> 'put_back'
         order by number desc limit 1) as challenger;

-- name: keep_model
-- Keep a model; one that is kept stays.
insert into credit_model (version, content, kept_at) values (%(version)s, %(content)s, %(at)s)
on conflict on constraint credit_model_pk do nothing;

-- name: keep_policy
-- Keep a policy; one that is kept stays.
insert into credit_policy (version, content, kept_at) values (%(version)s, %(content)s, %(at)s)
on conflict on constraint credit_policy_pk do nothing;

-- name: model_content
-- A model as it is kept.
select content from credit_model where version = %(version)s;

-- name: policy_content
-- A policy as it is kept.
select content from credit_policy where version = %(version)s;

-- name: lock_steps
-- Let one person at a time change which model does what.
select pg_advisory_xact_lock(hashtext('credit_model_step'));

-- name: steps
-- Everything that happened to models, in order.
select number, step, version, before, maker, actor, reason, evidence, taken_at from credit_model_step order by number;

-- name: take_steps
-- Write what happened to models; what is there stays.
insert into credit_model_step (number, step, version, before, maker, actor, reason, evidence, taken_at)
select s.number, s.step, s.version, s.before, s.maker, s.actor, s.reason, s.evidence, s.taken_at
  from unnest(%(number)s::integer[], %(step)s::text[], %(version)s::text[], %(before)s::text[], %(maker)s::text[],
              %(actor)s::text[], %(reason)s::text[], %(evidence)s::bytea[], %(taken_at)s::timestamptz[])
    as s (number, step, version, before, maker, actor, reason, evidence, taken_at)
on conflict on constraint credit_model_step_pk do nothing;

-- name: steps_taken
-- How many steps are known here.
select count(*) from credit_model_step;

-- name: record_shadows
-- Write what a model in shadow would have decided. Reasons are codes joined by commas.
insert into credit_shadow (bucket, decision_id, model_version, outcome, probability, score, grade, reasons, limit_minor,
                           scored_at)
select s.bucket, s.decision_id, %(version)s::text, s.outcome, s.probability, s.score, s.grade,
       string_to_array(s.reasons, ','), s.limit_minor, %(at)s::timestamptz
  from unnest(%(bucket)s::smallint[], %(decision)s::uuid[], %(outcome)s::text[], %(probability)s::double precision[],
              %(score)s::integer[], %(grade)s::text[], %(reasons)s::text[], %(limit)s::bigint[])
    as s (bucket, decision_id, outcome, probability, score, grade, reasons, limit_minor);

-- name: shadows
-- What a model in shadow would have decided, what was seen, and what was decided.
select s.decision_id, d.customer_id, d.inputs, s.outcome, s.probability, s.limit_minor, d.decided_at,
       d.outcome as decided, d.probability as decided_probability, d.limit_after_minor as decided_limit_minor
  from credit_shadow s join credit_decision d on d.bucket = s.bucket and d.id = s.decision_id
 where s.model_version = %(version)s order by s.scored_at, s.bucket, s.decision_id;
