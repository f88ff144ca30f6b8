-- name: lock_steps
-- Let one person at a time take a step.
select pg_advisory_xact_lock(hashtext('routing_step'));

-- name: steps
-- Every step, in order.
select number, proposal, step, content, maker, actor, reason, taken_at from routing_step order by number;

-- name: last_step
-- The number of the last step; nothing while there is none.
select coalesce(max(number), 0) as number from routing_step;

-- name: insert_steps
-- Write steps; what is there stays.
insert into routing_step (number, proposal, step, content, maker, actor, reason, taken_at)
select s.number, s.proposal, s.step, s.content, s.maker, s.actor, s.reason, s.taken_at
  from unnest(%(number)s::integer[], %(proposal)s::integer[], %(step)s::text[], %(content)s::text[], %(maker)s::text[],
              %(actor)s::text[], %(reason)s::text[], %(taken_at)s::timestamptz[])
    as s (number, proposal, step, content, maker, actor, reason, taken_at)
on conflict on constraint routing_step_pk do nothing;

-- name: channel_attempts
-- What became of debits begun since an instant, by channel: how many, how much, and how long an answer took at once.
select channel, state, code, count(*)::integer as attempts, sum(amount_minor)::bigint as amount_minor,
       array_agg((extract(epoch from answered_at - created_at) * 1000)::integer)
         filter (where answered_at is not null and queries = 0) as latencies_ms
  from debit where created_at >= %(since)s::timestamptz
 group by channel, state, code;

-- name: channel_open
-- What is on its way through each channel now, without an answer, and since when the oldest.
select channel, sum(is_unknown)::integer as unknown, count(*)::integer as open, min(created_at) as oldest_at
  from (select channel, created_at, (state = 'unknown')::integer as is_unknown
          from debit where state in ('created', 'unknown')
        union all
        select channel, created_at, (state = 'unknown')::integer from payout where state in ('sent', 'unknown')) o
 group by channel;
