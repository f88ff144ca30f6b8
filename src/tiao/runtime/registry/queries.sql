-- name: lock_steps
-- Let one person at a time change what is at work.
select pg_advisory_xact_lock(hashtext('registry_step'), hashtext(%(subject)s));

-- name: steps
-- Everything that happened to the versions of something, in order.
select number, step, version, before, maker, actor, reason, evidence, taken_at
  from registry_step where subject = %(subject)s order by number;

-- name: take_steps
-- Write what happened; what is there stays.
insert into registry_step (subject, number, step, version, before, maker, actor, reason, evidence, taken_at)
select %(subject)s::text, s.number, s.step, s.version, s.before, s.maker, s.actor, s.reason, s.evidence, s.taken_at
  from unnest(%(number)s::integer[], %(step)s::text[], %(version)s::text[], %(before)s::text[], %(maker)s::text[],
              %(actor)s::text[], %(reason)s::text[], %(evidence)s::bytea[], %(taken_at)s::timestamptz[])
    as s (number, step, version, before, maker, actor, reason, evidence, taken_at)
on conflict on constraint registry_step_pk do nothing;

-- name: mark
-- How many steps are known here, of everything.
select count(*) from registry_step;

-- name: keep
-- Keep the content of a version; one that is kept stays.
insert into registry_content (subject, version, content, kept_at)
values (%(subject)s, %(version)s, %(content)s, %(at)s)
on conflict on constraint registry_content_pk do nothing;

-- name: content
-- The content of a version.
select content from registry_content where subject = %(subject)s and version = %(version)s;
