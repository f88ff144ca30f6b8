-- What risk control remembers of the entities of a set, locked until the transaction ends.
--
-- Locks are stripes, taken in their order before anything is read: whoever shares an entity waits for the whole set of
-- the other, and reads what it left. kind 0 is a customer, whose rows lead with their bucket; 8 and 9 are no states:
-- how a customer hangs together with others (size, bads, whether the customer is one, when the latest 64 joined), and
-- what the customer was seen with that is on a list (what, which list, from when, until when). Where a lock is not had
-- in time, or a table fails, one row of kind -1 says so: the fallback decides.
create or replace function risk_look(
  p_stripes integer[], p_bucket smallint[], p_customer uuid[], p_key uuid[], p_patience_ms integer
) returns table (kind smallint, key uuid, content bytea) language plpgsql as $$
declare
  v_patience text := current_setting('lock_timeout');
begin
  perform set_config('lock_timeout', p_patience_ms::text, true);
  perform pg_advisory_xact_lock(7301, s.stripe) from unnest(p_stripes) as s (stripe);
  perform set_config('lock_timeout', v_patience, true);
  return query
    -- A look into the index for each, whatever a plan made while the table was small would think best.
    select 0::smallint, f.customer, f.content
      from (select u.customer, (select c.content from risk_customer c
                                 where c.bucket = u.bucket and c.customer_id = u.customer) as content
              from unnest(p_bucket, p_customer) as u (bucket, customer)) f
     where f.content is not null
    union all
    select r.kind, r.key, r.content from risk_shared r where r.key = any (p_key)
    union all
    select 8::smallint, m.customer_id,
           convert_to(concat_ws(' ', g.size, g.bads, (m.bad_at is not null)::integer, l.joined), 'UTF8')
      from unnest(p_bucket, p_customer) as u (bucket, customer)
      join risk_member m on m.bucket = u.bucket and m.customer_id = u.customer
      join risk_component g on g.id = m.component_id
     cross join lateral (
        select string_agg((extract(epoch from n.joined_at) * 1000000)::bigint::text, ' ') as joined
          from (select o.joined_at from risk_member o where o.component_id = g.id
                 order by o.joined_at desc limit 64) n) l
     where g.size > 1;
  if exists (select from risk_list_entry e where e.ended_at is null and e.entity in ('phone', 'card', 'address')) then
    return query
      select 9::smallint, s.customer_id,
             convert_to(concat_ws(' ', e.entity, e.list, (extract(epoch from e.approved_at) * 1000000)::bigint,
                                  (extract(epoch from e.expires_at) * 1000000)::bigint), 'UTF8')
        from risk_sighting s
        join risk_list_entry e on e.entity = s.entity and e.digest = s.digest
       where s.bucket = any (p_bucket) and s.customer_id = any (p_customer) and s.entity in ('phone', 'card', 'address')
         and e.ended_at is null and e.entity in ('phone', 'card', 'address') and e.approved_at is not null;
  end if;
exception
  when deadlock_detected or serialization_failure then
    raise;
  when lock_not_available then
    return query select (-1)::smallint, null::uuid, convert_to('states_locked', 'UTF8');
  when others then
    return query select (-1)::smallint, null::uuid, convert_to('states_unavailable', 'UTF8');
end $$;
drop function if exists risk_look(integer[], smallint[], uuid[], uuid[]);

-- What some capped rules of a set may stop now: what was decided since the last time fills their buckets, and what they
-- ask is taken, as far as it is there. A bucket begins with p_begins purchases and holds the share of p_window, in
-- millionths. Locks the buckets, in the order of their codes, until the transaction ends.
create or replace function risk_spend(
  p_rules text, p_codes text[], p_caps integer[], p_asked integer[], p_decided bigint, p_begins bigint, p_window bigint,
  p_at timestamptz
) returns table (code text, granted integer) language plpgsql as $$
declare
  v record;
  v_level bigint;
  v_granted bigint;
begin
  insert into risk_rule_allowance (rules, code, cap_ppm, level, decided, asked, granted)
  select p_rules, c.code, c.cap, p_begins, 0, 0, 0 from unnest(p_codes, p_caps) as c (code, cap) order by c.code
  on conflict on constraint risk_rule_allowance_pk do nothing;
  for v in
    select a.code, a.level, a.cap_ppm, c.asked
      from unnest(p_codes, p_asked) as c (code, asked)
      join risk_rule_allowance a on a.rules = p_rules and a.code = c.code
     order by a.code for update of a
  loop
    v_level := least(greatest(p_begins, v.cap_ppm * p_window), v.level + v.cap_ppm * p_decided);
    v_granted := least(v.asked, v_level / 1000000);
    update risk_rule_allowance a
       set level = v_level - v_granted * 1000000, decided = a.decided + p_decided, asked = a.asked + v.asked,
           granted = a.granted + v_granted, short_at = case when v_granted < v.asked then p_at else a.short_at end
     where a.rules = p_rules and a.code = v.code;
    code := v.code;
    granted := v_granted;
    return next;
  end loop;
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
  if cardinality(c_customer) > 0 then
    insert into risk_customer as r (bucket, customer_id, content)
    select c.bucket, c.customer, c.content from unnest(c_bucket, c_customer, c_content) as c (bucket, customer, content)
    on conflict on constraint risk_customer_pk do update set content = excluded.content;
  end if;
  if cardinality(s_key) > 0 then  -- none where nothing could be read: then not even the table need be there
    insert into risk_shared as r (key, kind, content)
    select s.key, s.kind, s.content from unnest(s_key, s_kind, s_content) as s (key, kind, content)
    on conflict on constraint risk_shared_pk do update set content = excluded.content;
  end if;
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
