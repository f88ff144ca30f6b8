-- name: see
-- Write what customers were seen with; seen again, only how often and when last.
insert into risk_sighting (bucket, customer_id, entity, digest, first_at, last_at, times)
select distinct on (s.bucket, s.customer_id, s.entity, s.digest)
       s.bucket, s.customer_id, s.entity, s.digest, %(at)s::timestamptz, %(at)s::timestamptz, 1
  from unnest(%(bucket)s::smallint[], %(customer)s::uuid[], %(entity)s::text[], %(digest)s::bytea[])
    as s (bucket, customer_id, entity, digest)
on conflict on constraint risk_sighting_pk do update
  set last_at = greatest(risk_sighting.last_at, excluded.last_at), times = risk_sighting.times + 1;

-- name: see_decided
-- Write with what customers paid, where that is new of them, and take it into the graph (see sql/functions/risk_graph.sql).
select risk_see_decided(%(since)s::timestamptz, %(after)s::bigint, %(limit)s::integer, %(entity)s::text[],
                        %(most)s::integer[], %(at)s::timestamptz);

-- name: young_rings
-- Components that grew since an instant and are large enough for a ring, each with the customer that came last.
select c.id as component_id,
       (select m.customer_id from risk_member m where m.component_id = c.id
         order by m.joined_at desc, m.customer_id limit 1) as customer_id
  from risk_component c where c.newest_at >= %(since)s::timestamptz and c.size >= %(size)s::integer order by c.id;

-- name: link
-- Take new sightings into the graph.
select risk_link(%(limit)s::integer, %(entity)s::text[], %(most)s::integer[], %(at)s::timestamptz);

-- name: mark_bad
-- Note for which customers a fraud is known.
select risk_mark_bad(%(customer)s::uuid[], %(bad_at)s::timestamptz[]);

-- name: links
-- How customers hang together with others.
select m.customer_id, m.component_id, coalesce(c.size, 1) as size,
       coalesce(c.bads, (m.bad_at is not null)::integer) as bads, coalesce(c.oldest_at, m.joined_at) as oldest_at,
       coalesce(c.newest_at, m.joined_at) as newest_at,
       case when coalesce(c.newest_at, m.joined_at) > %(new_from)s::timestamptz
            then (select count(*) from risk_member n
                   where n.component_id = m.component_id and n.joined_at > %(new_from)s::timestamptz)
            else 0 end as joined_7,
       m.bad_at is not null as is_bad
  from risk_member m left join risk_component c on c.id = m.component_id
 where m.bucket = any (%(buckets)s::smallint[]) and m.customer_id = any (%(customers)s::uuid[]);

-- name: members
-- Who is in a component, the longest there first.
select customer_id from risk_member where component_id = %(component)s order by joined_at, customer_id limit %(limit)s::integer;

-- name: shared
-- What a customer shares with others.
select s.entity, s.digest, (select count(*) from risk_sighting o where o.entity = s.entity and o.digest = s.digest) as customers
  from risk_sighting s where s.bucket = %(bucket)s and s.customer_id = %(customer)s
 order by customers desc, s.entity, s.digest;
