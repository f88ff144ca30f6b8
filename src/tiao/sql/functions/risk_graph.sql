-- Take new sightings into the graph, at most so many.
create or replace function risk_link(
  p_limit integer, p_entity text[], p_most integer[], p_at timestamptz
) returns bigint language plpgsql as $$
declare
  v_bucket smallint[];
  v_customer uuid[];
  v_entity text[];
  v_digest bytea[];
  v_first timestamptz[];
begin
  perform pg_advisory_xact_lock(1735549294);  -- "grap": the graph has one writer at a time
  select array_agg(t.bucket), array_agg(t.customer_id), array_agg(t.entity), array_agg(t.digest), array_agg(t.first_at)
    into v_bucket, v_customer, v_entity, v_digest, v_first
    from (select bucket, customer_id, entity, digest, first_at from risk_sighting where linked_at is null
           order by first_at, customer_id limit p_limit) t;
  if v_bucket is null then
    return 0;
  end if;
  perform risk_link_these(v_bucket, v_customer, v_entity, v_digest, v_first, p_entity, p_most);
  update risk_sighting s set linked_at = p_at
    from unnest(v_bucket, v_customer, v_entity, v_digest) as t (bucket, customer_id, entity, digest)
   where s.bucket = t.bucket and s.customer_id = t.customer_id and s.entity = t.entity and s.digest = t.digest;
  return cardinality(v_bucket);
end $$;

-- Write with which devices and networks customers paid since an instant, in decisions numbered above one, and take it
-- into the graph at once: at most so many, the others wait for risk_link. Answers the latest number given so far.
create or replace function risk_see_decided(
  p_since timestamptz, p_after bigint, p_limit integer, p_entity text[], p_most integer[], p_at timestamptz
) returns bigint language plpgsql
-- Few are looked for in many: one after the other, by their keys.
set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  v_last bigint := (select n.last_value from risk_fold_number n);
  v_bucket smallint[];
  v_customer uuid[];
  v_entity text[];
  v_digest bytea[];
  v_first timestamptz[];
begin
  perform pg_advisory_xact_lock(1735549294);
  with new as (
    insert into risk_sighting (bucket, customer_id, entity, digest, first_at, last_at, times, linked_at)
    select u.bucket, u.customer_id, u.entity, u.digest, u.first_at, u.last_at, u.times,
           case when row_number() over (order by u.first_at, u.customer_id) <= p_limit then p_at end
      from (select d.bucket, d.customer_id, e.entity, e.digest, min(d.decided_at) as first_at,
                   max(d.decided_at) as last_at, count(*) as times
              from risk_decision d
             cross join lateral (values ('device', d.device), ('ip', d.ip)) as e (entity, digest)
             where d.decided_at >= p_since and d.fold_number > p_after and e.digest is not null
             group by d.bucket, d.customer_id, e.entity, e.digest) u
     where not exists (select from risk_sighting s where s.bucket = u.bucket and s.customer_id = u.customer_id
                          and s.entity = u.entity and s.digest = u.digest)
    on conflict on constraint risk_sighting_pk do nothing
    returning bucket, customer_id, entity, digest, first_at, linked_at
  )
  select array_agg(n.bucket), array_agg(n.customer_id), array_agg(n.entity), array_agg(n.digest), array_agg(n.first_at)
    into v_bucket, v_customer, v_entity, v_digest, v_first
    from new n where n.linked_at is not null;
  if v_bucket is not null then
    perform risk_link_these(v_bucket, v_customer, v_entity, v_digest, v_first, p_entity, p_most);
  end if;
  return v_last;
end $$;

-- Let customers who share something hang together from now on. What more customers share than is plausible for one ring
-- (a campus's network, a dormitory's address) links nobody. The caller holds the graph's lock.
create or replace function risk_link_these(
  p_bucket smallint[], p_customer uuid[], p_seen text[], p_digest bytea[], p_first timestamptz[], p_entity text[],
  p_most integer[]
) returns void language plpgsql as $$
declare
  v_one uuid[];
  v_other uuid[];
  v_from uuid[];
  v_to uuid[];
begin
  insert into risk_member (bucket, customer_id, component_id, joined_at)
  select t.bucket, t.customer_id, t.customer_id, min(t.first_at)
    from unnest(p_bucket, p_customer, p_first) as t (bucket, customer_id, first_at)
   group by t.bucket, t.customer_id
  on conflict on constraint risk_member_pk do nothing;
  select array_agg(t.customer_id), array_agg(o.other) into v_one, v_other
    from (select distinct entity, digest, customer_id
            from unnest(p_customer, p_seen, p_digest) as t (customer_id, entity, digest)) t
    join unnest(p_entity, p_most) as limits (entity, most) using (entity)
    cross join lateral (
      select array_agg(s.customer_id) as holders
        from (select customer_id from risk_sighting s
               where s.entity = t.entity and s.digest = t.digest limit limits.most + 1) s) h
    cross join lateral unnest(h.holders) as o (other)
   where cardinality(h.holders) <= limits.most and o.other <> t.customer_id;
  while v_one is not null loop
    select array_agg(p.low), array_agg(p.high) into v_to, v_from
      from (select distinct on (greatest(a.component_id, b.component_id))
                   least(a.component_id, b.component_id) as low, greatest(a.component_id, b.component_id) as high
              from unnest(v_one, v_other) as e (one, other)
              join risk_member a on a.bucket = get_byte(uuid_send(e.one), 15) and a.customer_id = e.one
              join risk_member b on b.bucket = get_byte(uuid_send(e.other), 15) and b.customer_id = e.other
             where a.component_id <> b.component_id
             order by greatest(a.component_id, b.component_id), least(a.component_id, b.component_id)) p;
    exit when v_from is null;
    update risk_member m set component_id = j.low
      from unnest(v_from, v_to) as j (high, low) where m.component_id = j.high;
    delete from risk_component c using unnest(v_from) as gone (id) where c.id = gone.id;
  end loop;
  perform risk_count_components(p_customer);
end $$;

-- Count the components of some customers anew. Who hangs together with nobody has no row: there is nothing to count.
create or replace function risk_count_components(p_customer uuid[]) returns void language plpgsql as $$
begin
  insert into risk_component (id, size, bads, oldest_at, newest_at)
  select m.component_id, count(*), count(m.bad_at), min(m.joined_at), max(m.joined_at)
    from risk_member m
   where m.component_id in (
     select own.component_id from unnest(p_customer) as c (id)
       join risk_member own on own.bucket = get_byte(uuid_send(c.id), 15) and own.customer_id = c.id)
   group by m.component_id
  having count(*) > 1
  on conflict on constraint risk_component_pk do update
    set size = excluded.size, bads = excluded.bads, oldest_at = excluded.oldest_at, newest_at = excluded.newest_at;
end $$;

-- Note for which customers a fraud is known, and since when; null takes it back.
create or replace function risk_mark_bad(p_customer uuid[], p_bad_at timestamptz[]) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(1735549294);
  insert into risk_member (bucket, customer_id, component_id, joined_at, bad_at)
  select get_byte(uuid_send(c.id), 15), c.id, c.id, c.bad_at, c.bad_at
    from unnest(p_customer, p_bad_at) as c (id, bad_at) where c.bad_at is not null
  on conflict on constraint risk_member_pk do nothing;
  update risk_member m set bad_at = c.bad_at
    from unnest(p_customer, p_bad_at) as c (id, bad_at)
   where m.bucket = get_byte(uuid_send(c.id), 15) and m.customer_id = c.id and m.bad_at is distinct from c.bad_at;
  perform risk_count_components(p_customer);
end $$;
