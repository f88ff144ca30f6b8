-- name: keep_agreement
-- Write down what a channel calls a bound account; a newer agreement takes the older one's place.
insert into source_agreement (bucket, source_id, channel, agreement, agreed_at)
values (%(bucket)s::smallint, %(source)s::uuid, %(channel)s::text, %(agreement)s::text, %(agreed_at)s::timestamptz)
on conflict on constraint source_agreement_pk do update
   set agreement = excluded.agreement, agreed_at = excluded.agreed_at;

-- name: agreements
-- What channels call bound accounts.
select source_id, channel, agreement from source_agreement
 where bucket = any (%(buckets)s::smallint[]) and source_id = any (%(sources)s::uuid[]);

-- name: used_since
-- What was asked of accounts since an instant, by channel; what failed does not count.
select funding_source_id as source_id, channel, sum(amount_minor)::bigint as amount_minor from debit
 where bucket = any (%(buckets)s::smallint[]) and funding_source_id = any (%(sources)s::uuid[])
   and created_at >= %(since)s::timestamptz and state <> 'failed'
 group by funding_source_id, channel;

-- name: debits_of_orders
-- Every attempt of orders, in the order in which they were made.
select d.bucket, d.id, d.line_id, d.customer_id, d.funding_source_id, d.channel, d.agreement, d.purpose, d.currency,
       d.amount_minor, d.state, d.code, d.created_at, d.answered_at, d.query_after, d.queries, d.order_id, d.attempt,
       d.next_id
  from debit d
 where d.bucket = any (%(buckets)s::smallint[]) and d.order_id = any (%(orders)s::uuid[])
 order by d.order_id, d.attempt;

-- name: set_next
-- Write down which attempts followed failed ones.
update debit d set next_id = n.next_id
  from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(next)s::uuid[]) as n (bucket, id, next_id)
 where d.bucket = n.bucket and d.id = n.id;

-- name: keep_decisions
-- Keep why attempts took their channels.
insert into route_decision (bucket, debit_id, decided_at, policy, policy_digest, issuer, amount_minor, chosen, because,
                            propensity, candidates, excluded, shadows)
select * from unnest(%(bucket)s::smallint[], %(debit)s::uuid[], %(decided_at)s::timestamptz[], %(policy)s::text[],
                     %(digest)s::text[], %(issuer)s::text[], %(amount)s::bigint[], %(chosen)s::text[],
                     %(because)s::text[], %(propensity)s::double precision[], %(candidates)s::text[]::jsonb[],
                     %(excluded)s::text[]::jsonb[], %(shadows)s::text[]::jsonb[])
on conflict on constraint route_decision_pk do nothing;

-- name: decisions_of_order
-- Why the attempts of an order took their channels, in their order.
select r.bucket, r.debit_id, r.decided_at, r.policy, r.policy_digest, r.issuer, r.amount_minor, r.chosen, r.because,
       r.propensity, r.candidates, r.excluded, r.shadows
  from debit d join route_decision r on r.bucket = d.bucket and r.debit_id = d.id
 where d.bucket = %(bucket)s::smallint and d.order_id = %(order)s::uuid order by d.attempt;

-- name: decided_between
-- Decisions of a span of time with what became of them, for holding another policy against them.
select r.amount_minor, r.chosen, r.propensity, r.candidates, r.shadows,
       case when o.outcome = 'success' then true when o.outcome = 'failure' then false end as is_success
  from route_decision r
  join channel_outcome o on o.bucket = r.bucket and o.debit_id = r.debit_id and o.outcome <> 'unknown'
 where r.decided_at >= %(since)s::timestamptz and r.decided_at < %(until)s::timestamptz
 order by r.decided_at, r.debit_id;

-- name: keep_outcomes
-- Keep what attempts taught about their channels.
insert into channel_outcome (bucket, debit_id, issuer, channel, outcome, amount_minor, learned_at)
select d.bucket, d.id, s.issuer, d.channel, n.outcome, d.amount_minor, %(learned_at)s::timestamptz
  from unnest(%(bucket)s::smallint[], %(id)s::uuid[], %(outcome)s::text[]) with ordinality
    as n (bucket, id, outcome, ord)
  join debit d on d.bucket = n.bucket and d.id = n.id
  join funding_source s on s.bucket = d.bucket and s.id = d.funding_source_id
 order by n.ord;

-- name: outcomes_after
-- What was learned after a number; at first no more than the newest.
select number, issuer, channel, outcome, amount_minor, learned_at from channel_outcome
 where number > greatest(%(after)s::bigint, (select coalesce(max(number), 0) - %(newest)s::bigint from channel_outcome))
 order by number;
