-- name: lock_steps
-- Let one person at a time turn the switch.
select pg_advisory_xact_lock(hashtext('credit_warning_step'));

-- name: steps
-- Every turn of the switch, in order.
select number, mode, version, maker, actor, reason, taken_at from credit_warning_step order by number;

-- name: last_step
-- What the switch stands at.
select number, mode, version, maker, actor, reason, taken_at from credit_warning_step order by number desc limit 1;

-- name: steps_taken
-- How many turns of the switch are known here.
select count(*) from credit_warning_step;

-- name: take_steps
-- Write turns of the switch; what is there stays.
insert into credit_warning_step (number, mode, version, maker, actor, reason, taken_at)
select s.number, s.mode, s.version, s.maker, s.actor, s.reason, s.taken_at
  from unnest(%(number)s::integer[], %(mode)s::text[], %(version)s::text[], %(maker)s::text[], %(actor)s::text[],
              %(reason)s::text[], %(taken_at)s::timestamptz[])
    as s (number, mode, version, maker, actor, reason, taken_at)
on conflict on constraint credit_warning_step_pk do nothing;

-- name: keep_scores
-- Keep a month's scores; a line is scored once on a day. Reasons are codes joined by commas.
insert into credit_behaviour (bucket, line_id, scored_on, customer_id, model_version, inputs, inputs_digest, probability,
                              score, grade, reasons, is_acting, scored_at)
select b.bucket, b.line_id, %(scored_on)s::date, b.customer_id, %(version)s::text, b.inputs, b.inputs_digest,
       b.probability, b.score, b.grade, coalesce(string_to_array(nullif(b.reasons, ''), ','), '{}'),
       %(is_acting)s::boolean, %(scored_at)s::timestamptz
  from unnest(%(bucket)s::smallint[], %(line)s::uuid[], %(customer)s::uuid[], %(inputs)s::bytea[],
              %(inputs_digest)s::bytea[], %(probability)s::double precision[], %(score)s::integer[], %(grade)s::text[],
              %(reasons)s::text[])
    as b (bucket, line_id, customer_id, inputs, inputs_digest, probability, score, grade, reasons)
on conflict on constraint credit_behaviour_pk do nothing;

-- name: watched
-- How lines look: their latest acting score and the warnings that are on.
select line_id, behaviour, behaviour_on, behaviour_version, behaviour_reasons, flags from credit_watch
 where line_id = any (%(lines)s::uuid[]) and bucket = any (%(buckets)s::smallint[]);

-- name: write_behaviour
-- Let a month's scores act: the latest of each line, its warnings, and since when it warns. Codes are joined by commas.
insert into credit_watch (bucket, line_id, behaviour, behaviour_on, behaviour_version, behaviour_reasons, flags, warned_on)
select w.bucket, w.line_id, w.behaviour, %(on)s::date, %(version)s::text,
       coalesce(string_to_array(nullif(w.reasons, ''), ','), '{}'),
       coalesce(string_to_array(nullif(w.flags, ''), ','), '{}'), case when w.is_warned then %(on)s::date end
  from unnest(%(bucket)s::smallint[], %(line)s::uuid[], %(behaviour)s::double precision[], %(reasons)s::text[],
              %(flags)s::text[], %(is_warned)s::boolean[]) as w (bucket, line_id, behaviour, reasons, flags, is_warned)
on conflict on constraint credit_watch_pk
  do update set behaviour = excluded.behaviour, behaviour_on = excluded.behaviour_on,
                behaviour_version = excluded.behaviour_version, behaviour_reasons = excluded.behaviour_reasons,
                flags = excluded.flags,
                warned_on = case when excluded.warned_on is not null
                                 then coalesce(credit_watch.warned_on, excluded.warned_on) end;

-- name: forget_behaviour
-- Behavioural scores from before a day act no more: lines of a range of buckets look as if there were none.
update credit_watch
   set behaviour = null, behaviour_on = null, behaviour_version = null, behaviour_reasons = '{}', warned_on = null,
       flags = array_remove(flags, %(code)s::text)
 where bucket between %(first)s and %(last)s and behaviour_on < %(before)s::date;

-- name: lines_scored
-- Lines whose score of a day acts, and whose they are: their limits are reviewed.
select w.line_id, l.customer_id from credit_watch w
  join credit_line l on l.bucket = w.bucket and l.id = w.line_id
 where w.bucket between %(first)s and %(last)s and w.behaviour_on = %(day)s::date
 order by w.line_id;

-- name: warned
-- Active lines of a range of buckets whose behaviour warns, since when and why; the riskiest first.
select w.line_id, l.customer_id, w.warned_on, w.behaviour as probability, w.behaviour_reasons as reasons
  from credit_watch w join credit_line l on l.bucket = w.bucket and l.id = w.line_id
 where w.bucket between %(first)s and %(last)s and w.warned_on is not null and l.status = 'active'
 order by w.behaviour desc, w.bucket, w.line_id limit %(most)s;

-- name: scores_of_line
-- A line's behavioural scores, latest first.
select bucket, line_id, customer_id, scored_on, model_version, inputs, inputs_digest, probability, score, grade, reasons,
       is_acting, scored_at
  from credit_behaviour where bucket = %(bucket)s and line_id = %(line)s order by scored_on desc limit %(most)s;

-- name: scores_in_bucket
-- Every behavioural score of a bucket, oldest first.
select bucket, line_id, customer_id, scored_on, model_version, inputs, inputs_digest, probability, score, grade, reasons,
       is_acting, scored_at
  from credit_behaviour where bucket = %(bucket)s order by scored_on, line_id;

-- name: shared_out
-- How customers of each age fared by a model's latest scores of each: who was scored, and with which probability.
select distinct on (b.customer_id) b.customer_id, b.probability, b.scored_on from credit_behaviour b
 where b.model_version = %(version)s order by b.customer_id, b.scored_on desc;
