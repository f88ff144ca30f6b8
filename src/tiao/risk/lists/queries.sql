-- name: one_at_a_time
-- Changes of lists wait for each other, so that their numbers become visible in order. The number is "list" in ASCII.
select pg_advisory_xact_lock(1818850164);

-- name: insert_entry
-- Write an entry. Refuses: list_entry_exists.
insert into risk_list_entry (id, list, entity, digest, shown, reason, origin, maker, made_at, approved_by, approved_at,
                             expires_at, change_no)
values (%(id)s, %(list)s, %(entity)s, %(digest)s, %(shown)s, %(reason)s, %(origin)s, %(maker)s, %(made_at)s::timestamptz,
        null, %(approved_at)s::timestamptz, %(expires_at)s::timestamptz, nextval('risk_list_change'));

-- name: end_expired
-- Close an entry of the same value whose time is over, so that it can be listed again.
update risk_list_entry set ended_at = expires_at, ended_by = 'time', change_no = nextval('risk_list_change')
 where list = %(list)s and entity = %(entity)s and digest = %(digest)s and ended_at is null
   and expires_at <= %(at)s::timestamptz;

-- name: lock_entry
-- One entry, locked.
select id, list, entity, digest, shown, reason, origin, maker, made_at, approved_by, approved_at, expires_at, ended_at,
       ended_by
  from risk_list_entry where id = %(id)s for update;

-- name: approve_entry
-- Let an entry come into force.
update risk_list_entry
   set approved_by = %(actor)s, approved_at = %(at)s::timestamptz, change_no = nextval('risk_list_change')
 where id = %(id)s;

-- name: end_entry
-- Take an entry off its list.
update risk_list_entry
   set ended_at = %(at)s::timestamptz, ended_by = %(actor)s, change_no = nextval('risk_list_change')
 where id = %(id)s;

-- name: entries
-- Entries, latest first; ended ones only where they are asked for.
select id, list, entity, digest, shown, reason, origin, maker, made_at, approved_by, approved_at, expires_at, ended_at,
       ended_by
  from risk_list_entry
 where (%(list)s::text is null or list = %(list)s::text)
   and (%(digest)s::bytea is null or digest = %(digest)s::bytea)
   and (%(with_ended)s::boolean or (ended_at is null and expires_at > %(at)s::timestamptz))
   and id < %(before)s::uuid
 order by id desc limit %(limit)s::integer;

-- name: standing
-- Every entry that counts or may come to count: what processes keep in memory.
select id, list, entity, digest, shown, reason, origin, maker, made_at, approved_by, approved_at, expires_at, ended_at,
       ended_by
  from risk_list_entry where ended_at is null and approved_at is not null;

-- name: mark
-- The last change of any list.
select coalesce(max(change_no), 0) from risk_list_entry;

-- name: facts
-- Every entry with the number of its last change, for a server that follows.
select id, list, entity, digest, shown, reason, origin, maker, made_at, approved_by, approved_at, expires_at, ended_at,
       ended_by, change_no
  from risk_list_entry where change_no > %(after)s::bigint order by change_no;

-- name: follow
-- Take over an entry as it stands at home.
insert into risk_list_entry (id, list, entity, digest, shown, reason, origin, maker, made_at, approved_by, approved_at,
                             expires_at, ended_at, ended_by, change_no)
values (%(id)s, %(list)s, %(entity)s, %(digest)s, %(shown)s, %(reason)s, %(origin)s, %(maker)s, %(made_at)s::timestamptz,
        %(approved_by)s, %(approved_at)s::timestamptz, %(expires_at)s::timestamptz, %(ended_at)s::timestamptz,
        %(ended_by)s, %(change_no)s)
on conflict (id) do update set approved_by = excluded.approved_by, approved_at = excluded.approved_at,
  ended_at = excluded.ended_at, ended_by = excluded.ended_by, change_no = excluded.change_no;
