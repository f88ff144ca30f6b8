-- name: give_places
-- Give new events their places (see sql/functions/events.sql).
select events_place(%(limit)s::integer) as count;

-- name: last_place
-- The latest place that this server has given (see sql/functions/events.sql).
select events_last_place() as place;

-- name: events_of
-- A merchant's events after a place, in the order of the log; of all kinds, or of one.
select bucket, number, merchant_id, kind, subject_id, key_id, happened_at, place
  from merchant_event
 where merchant_id = %(merchant)s::uuid and place > %(after)s::bigint
   and kind = coalesce(%(kind)s::text, kind)
 order by place limit %(limit)s::integer;

-- name: event
-- One event that has its place.
select bucket, number, merchant_id, kind, subject_id, key_id, happened_at, place
  from merchant_event where bucket = %(bucket)s::smallint and number = %(number)s::bigint and place is not null;

-- name: events_between
-- A merchant's events of a range of time, in the order of the log.
select bucket, number, merchant_id, kind, subject_id, key_id, happened_at, place
  from merchant_event
 where merchant_id = %(merchant)s::uuid and place is not null
   and happened_at >= %(from_at)s::timestamptz and happened_at < %(until_at)s::timestamptz
 order by place limit %(limit)s::integer;

-- name: wanted
-- For each endpoint what is next of its merchant's events: some for each, so that none keeps the others waiting.
select u.endpoint as endpoint_id, e.bucket, e.number, e.merchant_id, e.kind, e.subject_id, e.key_id, e.happened_at, e.place
  from unnest(%(endpoint)s::uuid[], %(merchant)s::uuid[], %(place)s::bigint[]) as u (endpoint, merchant, place)
 cross join lateral (
   select v.bucket, v.number, v.merchant_id, v.kind, v.subject_id, v.key_id, v.happened_at, v.place
     from merchant_event v where v.merchant_id = u.merchant and v.place > u.place
    order by v.place limit %(limit)s::integer) e
 order by u.endpoint, e.place;

-- name: insert_endpoint
-- Write an endpoint.
insert into webhook_endpoint (id, merchant_id, url, kinds, description, status, made_at, changed_at)
values (%(id)s, %(merchant)s, %(url)s, %(kinds)s, %(description)s, 'enabled', %(at)s, %(at)s);

-- name: endpoints_of
-- A merchant's endpoints in the order in which they were made, with how much each has not taken yet.
select e.id, e.merchant_id, e.url, e.kinds, e.description, e.status, e.reason, e.rests_until, e.made_at, e.changed_at,
       (select count(*) from webhook_delivery d where d.endpoint_id = e.id and d.delivered_at is null) as pending
  from webhook_endpoint e where e.merchant_id = %(merchant)s::uuid order by e.id;

-- name: lock_endpoint
-- One endpoint, locked.
select e.id, e.merchant_id, e.url, e.kinds, e.description, e.status, e.reason, e.rests_until, e.made_at, e.changed_at,
       (select count(*) from webhook_delivery d where d.endpoint_id = e.id and d.delivered_at is null) as pending
  from webhook_endpoint e where e.id = %(id)s::uuid for update;

-- name: set_endpoint
-- Write what may change about an endpoint that is locked.
update webhook_endpoint
   set url = %(url)s, kinds = %(kinds)s, description = %(description)s, status = %(status)s, reason = %(reason)s,
       rests_until = %(rests_until)s::timestamptz, changed_at = %(at)s
 where id = %(id)s;

-- name: rest_endpoint
-- Let an endpoint be until an instant.
update webhook_endpoint set rests_until = greatest(rests_until, %(until)s::timestamptz) where id = %(id)s::uuid;

-- name: disable_endpoint
-- Tell an endpoint no more.
update webhook_endpoint set status = 'disabled', reason = %(reason)s::text, changed_at = %(at)s
 where id = %(id)s::uuid and status = 'enabled';

-- name: delete_endpoint
-- Forget an endpoint and all that was on its way to it.
delete from webhook_endpoint where id = %(id)s::uuid;

-- name: insert_secret
-- Write keys.
insert into webhook_secret (endpoint_id, number, hmac_sealed, ed25519_sealed, public_key, made_at)
values (%(endpoint)s, %(number)s, %(hmac)s, %(ed25519)s, %(public_key)s, %(at)s);

-- name: end_secrets
-- Let keys that have no end sign until an instant, and no longer.
update webhook_secret set ends_at = %(ends_at)s where endpoint_id = %(endpoint)s::uuid and ends_at is null;

-- name: secrets_of
-- The keys of endpoints that sign now, the newest first.
select endpoint_id, number, hmac_sealed, ed25519_sealed, public_key, made_at, ends_at
  from webhook_secret
 where endpoint_id = any (%(endpoints)s::uuid[]) and (ends_at is null or ends_at > %(at)s::timestamptz)
 order by endpoint_id, number desc;

-- name: last_secret_number
-- The number of an endpoint's newest keys.
select coalesce(max(number), 0) as number from webhook_secret where endpoint_id = %(endpoint)s::uuid;

-- name: progress
-- How far a server's log was read for each endpoint that is told; null where it was not begun.
select e.id as endpoint_id, e.merchant_id, e.kinds, p.place
  from webhook_endpoint e left join webhook_progress p on p.endpoint_id = e.id and p.shard = %(shard)s::smallint
 where e.status = 'enabled' or p.place is not null
 order by e.id;

-- name: set_progress
-- Note how far a server's log was read for endpoints; never back.
insert into webhook_progress as w (endpoint_id, shard, place)
select u.endpoint, %(shard)s::smallint, u.place
  from unnest(%(endpoint)s::uuid[], %(place)s::bigint[]) as u (endpoint, place)
  join webhook_endpoint e on e.id = u.endpoint
on conflict on constraint webhook_progress_pk do update set place = greatest(w.place, excluded.place);

-- name: insert_deliveries
-- Write what endpoints are to be told; what is on its way, or has arrived, is left out.
insert into webhook_delivery (endpoint_id, bucket, event_number, kind, subject_id, key_id, happened_at, due_at)
select u.endpoint, u.bucket, u.number, u.kind, u.subject, u.key, u.happened_at, %(at)s::timestamptz
  from unnest(%(endpoint)s::uuid[], %(bucket)s::smallint[], %(number)s::bigint[], %(kind)s::text[], %(subject)s::uuid[],
              %(key)s::uuid[], %(happened_at)s::timestamptz[])
    as u (endpoint, bucket, number, kind, subject, key, happened_at)
  join webhook_endpoint e on e.id = u.endpoint
on conflict on constraint webhook_delivery_pk do nothing;

-- name: deliver_again
-- Send an endpoint something once more, from the beginning of the plan.
update webhook_delivery set attempts = 0, due_at = %(at)s::timestamptz, leased_until = null, delivered_at = null
 where endpoint_id = %(endpoint)s::uuid and (bucket, event_number) in (
   select u.bucket, u.number from unnest(%(bucket)s::smallint[], %(number)s::bigint[]) as u (bucket, number));

-- name: resume
-- Begin the plan anew for everything an endpoint has not taken.
update webhook_delivery set attempts = 0, due_at = %(at)s::timestamptz, leased_until = null
 where endpoint_id = %(endpoint)s::uuid and delivered_at is null;

-- name: take_due
-- Take what is due, for so long: of each endpoint only a few at a time, and of each key only the earliest.
with due as (
  select d.endpoint_id, d.bucket, d.event_number
    from webhook_endpoint e
   cross join lateral (
     select w.endpoint_id, w.bucket, w.event_number, w.due_at
       from webhook_delivery w
      where w.endpoint_id = e.id and w.delivered_at is null and w.due_at <= %(at)s::timestamptz
        and (w.leased_until is null or w.leased_until <= %(at)s::timestamptz)
        and not exists (select from webhook_delivery b
                         where b.endpoint_id = w.endpoint_id and b.key_id = w.key_id and b.delivered_at is null
                           and b.event_number < w.event_number)
      order by w.due_at, w.event_number
      limit greatest(0, %(each)s::integer - (
        select count(*) from webhook_delivery l
         where l.endpoint_id = e.id and l.delivered_at is null and l.leased_until > %(at)s::timestamptz))::integer
        for update skip locked) d
   where e.status = 'enabled' and (e.rests_until is null or e.rests_until <= %(at)s::timestamptz)
   order by d.due_at limit %(limit)s::integer
)
update webhook_delivery t set leased_until = %(until)s::timestamptz
  from due, webhook_endpoint e
 where t.endpoint_id = due.endpoint_id and t.bucket = due.bucket and t.event_number = due.event_number
   and e.id = t.endpoint_id
returning t.endpoint_id, t.bucket, t.event_number, e.merchant_id, t.kind, t.subject_id, t.key_id, t.happened_at,
          t.attempts, t.tries, t.due_at, t.delivered_at, e.url;

-- name: set_delivery
-- Write what became of an attempt.
update webhook_delivery
   set attempts = attempts + 1, tries = tries + 1, leased_until = null,
       delivered_at = %(delivered_at)s::timestamptz, due_at = coalesce(%(due_at)s::timestamptz, due_at)
 where endpoint_id = %(endpoint)s::uuid and bucket = %(bucket)s::smallint and event_number = %(number)s::bigint
returning tries;

-- name: insert_attempt
-- Write an attempt into the delivery log.
insert into webhook_attempt (endpoint_id, bucket, event_number, number, at, status, reason, took_ms)
values (%(endpoint)s, %(bucket)s, %(number)s, %(tries)s, %(at)s, %(status)s, %(reason)s, %(took_ms)s);

-- name: deliveries_of
-- What an endpoint was or is to be told, latest first; only what it has not taken, where asked.
select d.endpoint_id, d.bucket, d.event_number, e.merchant_id, d.kind, d.subject_id, d.key_id, d.happened_at, d.attempts,
       d.tries, d.due_at, d.delivered_at, e.url
  from webhook_delivery d join webhook_endpoint e on e.id = d.endpoint_id
 where d.endpoint_id = %(endpoint)s::uuid and (d.delivered_at is null or not %(is_open)s::boolean)
   and (d.happened_at, d.event_number, d.bucket)
     < (%(before_at)s::timestamptz, %(before_number)s::bigint, %(before_bucket)s::smallint)
 order by d.happened_at desc, d.event_number desc, d.bucket desc limit %(limit)s::integer;

-- name: attempts_of
-- The attempts at a delivery in their order.
select number, at, status, reason, took_ms from webhook_attempt
 where endpoint_id = %(endpoint)s::uuid and bucket = %(bucket)s::smallint and event_number = %(number)s::bigint
 order by number;

-- name: purge_deliveries
-- Forget deliveries that arrived before an instant, with every attempt at them, so many at once. Events stay.
delete from webhook_delivery d
 using (select endpoint_id, bucket, event_number from webhook_delivery
         where delivered_at < %(before)s::timestamptz limit %(limit)s::integer for update skip locked) o
 where d.endpoint_id = o.endpoint_id and d.bucket = o.bucket and d.event_number = o.event_number;
