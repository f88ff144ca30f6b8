-- name: look
-- What is remembered of the entities of a set, locked (see sql/functions/risk.sql).
select kind, replace(key::text, '-', '') as key, content from risk_look(
  %(stripes)s::integer[], %(bucket)s::smallint[], %(customer)s::uuid[], %(key)s::uuid[], %(patience_ms)s::integer);

-- name: spend
-- What capped rules may stop now, taken from their buckets (see sql/functions/risk.sql).
select code, granted from risk_spend(
  %(rules)s::text, %(codes)s::text[], %(caps)s::integer[], %(asked)s::integer[], %(decided)s::bigint, %(begins)s::bigint,
  %(window)s::bigint, %(at)s::timestamptz);

-- name: write
-- Write what is remembered and what was decided (see sql/functions/risk.sql).
select risk_write(
  %(c_bucket)s::smallint[], %(c_customer)s::uuid[], %(c_content)s::bytea[], %(s_key)s::uuid[], %(s_kind)s::smallint[],
  %(s_content)s::bytea[], %(bucket)s::smallint[], %(purchase)s::uuid[], %(customer)s::uuid[], %(merchant)s::uuid[],
  %(device)s::bytea[], %(ip)s::bytea[], %(terminal)s::bytea[], %(amount)s::bigint[], %(outcome)s::text[],
  %(reasons)s::text[], %(hits)s::text[], %(score)s::double precision[], %(shadow_outcome)s::text[],
  %(shadow_hits)s::text[], %(challenger_score)s::double precision[], %(challenger_outcome)s::text[],
  %(fallback)s::text[], %(inputs)s::bytea[], %(versions)s::text, %(content)s::bytea, %(at)s::timestamptz);

-- name: versions
-- What decisions were made by.
select content from risk_versions where digest = %(digest)s;

-- name: decision
-- One decision.
select bucket, purchase_id, fold_number, customer_id, merchant_id, device, ip, terminal, amount_minor, outcome, reasons,
       hits, score, shadow_outcome, shadow_hits, challenger_score, challenger_outcome, fallback, versions, inputs, sha256,
       decided_at
  from risk_decision where bucket = %(bucket)s and purchase_id = %(purchase)s;

-- name: decisions_of
-- Decisions on purchases.
select bucket, purchase_id, fold_number, customer_id, merchant_id, device, ip, terminal, amount_minor, outcome, reasons,
       hits, score, shadow_outcome, shadow_hits, challenger_score, challenger_outcome, fallback, versions, inputs, sha256,
       decided_at
  from risk_decision where bucket = any (%(buckets)s::smallint[]) and purchase_id = any (%(purchases)s::uuid[]);

-- name: decisions_between
-- Decisions of a time, in the order in which they were made.
select bucket, purchase_id, fold_number, customer_id, merchant_id, device, ip, terminal, amount_minor, outcome, reasons,
       hits, score, shadow_outcome, shadow_hits, challenger_score, challenger_outcome, fallback, versions, inputs, sha256,
       decided_at
  from risk_decision
 where decided_at >= %(since)s::timestamptz and decided_at < %(until)s::timestamptz and fold_number > %(after)s
 order by fold_number limit %(limit)s;

-- name: outcomes_of
-- What was said about purchases, in order.
select fold_number, bucket, purchase_id, is_fraud, known_at from risk_outcome
 where bucket = any (%(buckets)s::smallint[]) and purchase_id = any (%(purchases)s::uuid[])
 order by fold_number;

-- name: record_outcomes
-- Write what payments turned out to be, numbered in their order.
insert into risk_outcome (bucket, purchase_id, fold_number, source, is_fraud, known_at, learned_at)
select o.bucket, o.purchase, nextval('risk_fold_number'), o.source, o.is_fraud, o.known_at, %(at)s::timestamptz
  from unnest(%(bucket)s::smallint[], %(purchase)s::uuid[], %(source)s::text[], %(is_fraud)s::boolean[],
              %(known_at)s::timestamptz[]) as o (bucket, purchase, source, is_fraud, known_at);

-- name: folded
-- All that was folded on this server, in its order: payments with their outcome empty, and outcomes.
select d.fold_number, d.bucket, d.purchase_id, null::boolean as is_fraud, null::timestamptz as known_at
  from risk_decision d
union all
select o.fold_number, o.bucket, o.purchase_id, o.is_fraud, o.known_at from risk_outcome o
 order by fold_number;

-- name: remembered
-- Everything that is remembered on this server.
select r.kind, replace(r.key::text, '-', '') as key, r.content
  from (select 0::smallint as kind, customer_id as key, content from risk_customer
        union all
        select kind, key, content from risk_shared) r
 order by r.kind, r.key;

-- name: allowances
-- What the capped rules of a set may still stop, and stopped.
select code, cap_ppm, level, decided, asked, granted, short_at from risk_rule_allowance where rules = %(rules)s order by code;
