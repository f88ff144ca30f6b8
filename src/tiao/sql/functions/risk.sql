-- What risk control remembers of the entities of a set, locked until the transaction ends.
--
-- Locks are stripes, taken in their order before anything is read: whoever shares an entity waits for the whole set of
-- the other, and reads what it left. kind 0 is a customer, whose rows lead with their bucket.
create or replace function risk_look(
  p_stripes integer[], p_bucket smallint[], p_customer uuid[], p_key uuid[]
) returns table (kind smallint, key uuid, content bytea) language plpgsql as $$
begin
  perform pg_advisory_xact_lock(7301, s.stripe) from unnest(p_stripes) as s (stripe);
  return query
    select 0::smallint, c.customer_id, c.content from risk_customer c
     where c.bucket = any (p_bucket) and c.customer_id = any (p_customer)
    union all
    select r.kind, r.key, r.content from risk_shared r where r.key = any (p_key);
end $$;

-- Write what is remembered now and what was decided: arrays named c_ are customers, s_ what they share, d_ decisions.
-- Codes are joined by commas, an empty digest or a score of -1 is none.
create or replace function risk_write(
  c_bucket smallint[], c_customer uuid[], c_content bytea[], s_key uuid[], s_kind smallint[], s_content bytea[],
  d_bucket smallint[], d_purchase uuid[], d_customer uuid[], d_merchant uuid[], d_device bytea[], d_ip bytea[],
  d_terminal bytea[], d_amount bigint[], d_outcome text[], d_reasons text[], d_hits text[], d_score double precision[],
  d_shadow_outcome text[], d_shadow_hits text[], d_challenger_score double precision[], d_challenger_outcome text[],
  d_fallback text[], d_inputs bytea[], p_versions text, p_versions_content bytea, p_at timestamptz
) returns void language plpgsql as $$
begin
  insert into risk_customer as r (bucket, customer_id, content)
  select c.bucket, c.customer, c.content from unnest(c_bucket, c_customer, c_content) as c (bucket, customer, content)
  on conflict on constraint risk_customer_pk do update set content = excluded.content;
  insert into risk_shared as r (key, kind, content)
  select s.key, s.kind, s.content from unnest(s_key, s_kind, s_content) as s (key, kind, content)
  on conflict on constraint risk_shared_pk do update set content = excluded.content;
  if p_versions <> '' and not exists (select from risk_versions v where v.digest = p_versions) then
    insert into risk_versions (digest, content, kept_at) values (p_versions, p_versions_content, p_at)
    on conflict on constraint risk_versions_pk do nothing;
  end if;
  insert into risk_decision (bucket, purchase_id, fold_number, customer_id, merchant_id, device, ip, terminal,
                             amount_minor, outcome, reasons, hits, score, shadow_outcome, shadow_hits, challenger_score,
                             challenger_outcome, fallback, versions, inputs, sha256, decided_at)
  select d.bucket, d.purchase, nextval('risk_fold_number'), d.customer, d.merchant, nullif(d.device, ''),
         nullif(d.ip, ''), nullif(d.terminal, ''), d.amount, d.outcome, string_to_array(d.reasons, ','),
         string_to_array(d.hits, ','), nullif(d.score, -1), d.shadow_outcome, string_to_array(d.shadow_hits, ','),
         nullif(d.challenger_score, -1), d.challenger_outcome, d.fallback, p_versions, d.inputs, sha256(d.inputs), p_at
    from unnest(d_bucket, d_purchase, d_customer, d_merchant, d_device, d_ip, d_terminal, d_amount, d_outcome,
                d_reasons, d_hits, d_score, d_shadow_outcome, d_shadow_hits, d_challenger_score, d_challenger_outcome,
                d_fallback, d_inputs)
      as d (bucket, purchase, customer, merchant, device, ip, terminal, amount, outcome, reasons, hits, score,
            shadow_outcome, shadow_hits, challenger_score, challenger_outcome, fallback, inputs);
end $$;
