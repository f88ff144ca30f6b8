-- name: insert_experiment
-- Write an experiment.
insert into experiment (id, merchant_id, name, shown_ppm, made_at)
values (%(id)s, %(merchant)s, %(name)s, %(shown_ppm)s, %(at)s::timestamptz);

-- name: experiment
-- One experiment.
select id, merchant_id, name, shown_ppm, made_at, ended_at from experiment where id = %(id)s;

-- name: experiments
-- A merchant's experiments in the order in which they were made.
select id, merchant_id, name, shown_ppm, made_at, ended_at from experiment where merchant_id = %(merchant)s order by id;

-- name: end_experiment
-- End an experiment.
update experiment set ended_at = coalesce(ended_at, %(at)s::timestamptz) where id = %(id)s;

-- name: observe
-- Keep what visitors did; what is told again replaces what was told.
insert into experiment_observation (experiment_id, subject, orders, value_minor, before_minor)
select %(experiment)s, o.subject, o.orders, o.value, o.before
  from unnest(%(subject)s::text[], %(orders)s::integer[], %(value)s::bigint[], %(before)s::bigint[])
    as o (subject, orders, value, before)
on conflict (experiment_id, subject) do update
   set orders = excluded.orders, value_minor = excluded.value_minor, before_minor = excluded.before_minor;

-- name: observations
-- What was told of an experiment.
select subject, orders, value_minor, before_minor from experiment_observation where experiment_id = %(experiment)s;
