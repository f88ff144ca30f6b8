-- Post a set: the only way an entry comes to be.
--
-- Arrays of one length describe postings; arrays named e_ describe entries, each pointing at its posting by ordinal.
-- A posting id seen before with the same digest answers 'already_posted' and does nothing; with another digest,
-- 'posting_differs' and does nothing. Everything else is posted, and the answer is 'posted'.
-- Entries on accounts with is_line_use move the used balance of the posting's credit line; p_held moves its held balance.
-- Lines are locked in id order, so two sets never deadlock.
create or replace function ledger_post(
  p_bucket smallint[], p_id uuid[], p_kind text[], p_line uuid[], p_source uuid[], p_effective_on date[],
  p_reverses uuid[], p_held bigint[], p_digest bytea[],
  e_posting integer[], e_account integer[], e_owner uuid[], e_currency text[], e_amount bigint[],
  p_booked_on date, p_recorded_at timestamptz, p_is_close boolean
) returns table (ordinal integer, outcome text) language plpgsql as $$
declare
  v_cut_off date;
  v_booked date := p_booked_on;
  v_new integer[];
begin
  -- Shared with other postings; the cut-off of a day takes it alone for a moment, so no posting slips behind it.
  perform pg_advisory_xact_lock_shared(7101);
  select cut_off_on into strict v_cut_off from programme;
  if p_is_close then
    assert p_booked_on = v_cut_off, 'the close books on the day it closes';
  elsif v_booked <= v_cut_off then
    v_booked := v_cut_off + 1;
  end if;

  if exists (
    select from unnest(e_posting, e_currency, e_amount) as e (posting, currency, amount)
     group by e.posting, e.currency having sum(e.amount) <> 0
  ) then
    raise exception 'a posting does not balance';
  end if;

  with new as (
    insert into ledger_posting
      (bucket, id, kind, line_id, source_id, effective_on, booked_on, recorded_at, reverses_id, digest)
    select p.bucket, p.id, p.kind, p.line, p.source, p.effective_on, v_booked, p_recorded_at, p.reverses, p.digest
      from unnest(p_bucket, p_id, p_kind, p_line, p_source, p_effective_on, p_reverses, p_digest)
        as p (bucket, id, kind, line, source, effective_on, reverses, digest)
    on conflict on constraint ledger_posting_pk do nothing
    returning ledger_posting.bucket, ledger_posting.id
  )
  select array_agg(p.ord::integer) into v_new
    from unnest(p_bucket, p_id) with ordinality as p (bucket, id, ord)
    join new on new.bucket = p.bucket and new.id = p.id;

  if v_new is not null then
    insert into ledger_entry (bucket, posting_id, number, account, owner_id, currency, amount_minor, booked_on)
    select p_bucket[e.posting], p_id[e.posting],
           row_number() over (partition by e.posting order by e.ord), e.account, e.owner, e.currency, e.amount, v_booked
      from unnest(e_posting, e_account, e_owner, e_currency, e_amount) with ordinality
        as e (posting, account, owner, currency, amount, ord)
     where e.posting = any (v_new);

    perform from credit_line l
      where l.id = any (p_line) and l.bucket = any (p_bucket)
      order by l.bucket, l.id for update;
    update credit_line l
       set used_minor = l.used_minor + d.used,
           held_minor = l.held_minor + d.held,
           -- What is owed again because money was taken back must be booked even above the limit: limits guard new
           -- purchases. The limit then follows the use down, as after a cut.
           limit_minor = case when d.is_owed_again and l.used_minor + d.used + l.held_minor + d.held > l.limit_minor
                              then l.used_minor + d.used + l.held_minor + d.held
                              when l.limit_target_minor < l.limit_minor
                              then greatest(l.limit_target_minor, l.used_minor + d.used + l.held_minor + d.held)
                              else l.limit_minor end
      from (
        select x.bucket, x.line, sum(x.used)::bigint as used, sum(x.held)::bigint as held,
               bool_or(x.kind = 'line_replayed') as is_owed_again from (
          select p_bucket[e.posting] as bucket, p_line[e.posting] as line, e.amount as used, 0::bigint as held,
                 p_kind[e.posting] as kind
            from unnest(e_posting, e_account, e_amount) as e (posting, account, amount)
            join ledger_account a on a.code = e.account and a.is_line_use
           where e.posting = any (v_new)
          union all
          select p.bucket, p.line, 0, p.held, p.kind
            from unnest(p_bucket, p_line, p_held, p_kind) with ordinality as p (bucket, line, held, kind, ord)
           where p.ord = any (v_new) and p.held <> 0
        ) x group by x.bucket, x.line
      ) d
     where l.bucket = d.bucket and l.id = d.line and (d.used <> 0 or d.held <> 0);
  end if;

  return query
    select p.ord::integer,
           case when p.ord = any (coalesce(v_new, '{}')) then 'posted'
                when k.digest = p.digest then 'already_posted'
                else 'posting_differs' end
      from unnest(p_bucket, p_id, p_digest) with ordinality as p (bucket, id, digest, ord)
      join ledger_posting k on k.bucket = p.bucket and k.id = p.id
     order by p.ord;
end $$;

-- Move the held balance of lines without a posting: an authorisation holds, an expiry or a void releases.
-- Lines are given once each, in any order; they are locked in id order.
create or replace function ledger_hold(p_bucket smallint[], p_line uuid[], p_amount bigint[]) returns bigint
language plpgsql as $$
declare
  v_count bigint;
begin
  perform from credit_line l where l.id = any (p_line) and l.bucket = any (p_bucket) order by l.bucket, l.id for update;
  update credit_line l
     set held_minor = l.held_minor + h.amount,
         limit_minor = case when l.limit_target_minor < l.limit_minor
                            then greatest(l.limit_target_minor, l.used_minor + l.held_minor + h.amount)
                            else l.limit_minor end
    from (select u.bucket, u.line, sum(u.amount)::bigint as amount
            from unnest(p_bucket, p_line, p_amount) as u (bucket, line, amount) group by u.bucket, u.line) h
   where l.bucket = h.bucket and l.id = h.line;
  get diagnostics v_count = row_count;
  return v_count;
end $$;

-- Post what a set-based step found: one posting for each bucket, its id derived from what it is, so that a step that
-- runs twice meets its own posting. The entries given must balance within each bucket.
create or replace function ledger_post_by_bucket(
  p_kind text, p_cause text, e_bucket smallint[], e_account integer[], e_owner uuid[], e_currency text[],
  e_amount bigint[], p_effective_on date, p_booked_on date, p_recorded_at timestamptz, p_is_close boolean
) returns void language plpgsql as $$
declare
  v_buckets smallint[];
  v_ids uuid[];
  v_count integer;
  v_posted integer;
begin
  select array_agg(b.bucket order by b.bucket) into v_buckets
    from (select distinct u.bucket from unnest(e_bucket) as u (bucket)) b;
  v_count := coalesce(cardinality(v_buckets), 0);
  if v_count = 0 then
    return;
  end if;
  select array_agg(md5(format('%s/%s/%s/%s', p_kind, p_cause, p_effective_on, b))::uuid order by b) into v_ids
    from unnest(v_buckets) as b;
  select count(*) filter (where r.outcome = 'posted') into v_posted
    from ledger_post(
      v_buckets, v_ids, array_fill(p_kind, array[v_count]), array_fill(null::uuid, array[v_count]), v_ids,
      array_fill(p_effective_on, array[v_count]), array_fill(null::uuid, array[v_count]),
      array_fill(0::bigint, array[v_count]), array_fill('\x'::bytea, array[v_count]),
      (select array_agg(array_position(v_buckets, u.bucket) order by u.ord)
         from unnest(e_bucket) with ordinality as u (bucket, ord)),
      e_account, e_owner, e_currency, e_amount, p_booked_on, p_recorded_at, p_is_close) as r;
  assert v_posted = v_count, format('%s/%s of %s was posted before', p_kind, p_cause, p_effective_on);
end $$;

-- Cut off a business day: postings still under way are waited for, all later ones are booked on a later day.
create or replace function ledger_cut_off(p_day date) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(7101);
  update programme set cut_off_on = greatest(cut_off_on, p_day);
end $$;

-- Roll one closed day of a range of buckets up into the trial balance and the owners' running balances.
create or replace function ledger_roll_up(p_from smallint, p_to smallint, p_day date) returns bigint
language plpgsql as $$
declare
  v_count bigint;
begin
  insert into ledger_day_total (bucket, booked_on, account, currency, debit_minor, credit_minor)
  select e.bucket, e.booked_on, e.account, e.currency,
         coalesce(sum(e.amount_minor) filter (where e.amount_minor > 0), 0)::bigint,
         coalesce(-sum(e.amount_minor) filter (where e.amount_minor < 0), 0)::bigint
    from ledger_entry e
   where e.booked_on = p_day and e.bucket between p_from and p_to
   group by e.bucket, e.booked_on, e.account, e.currency;
  get diagnostics v_count = row_count;
  insert into ledger_owner_balance as o (bucket, account, owner_id, currency, balance_minor)
  select e.bucket, e.account, e.owner_id, e.currency, sum(e.amount_minor)::bigint
    from ledger_entry e
    join ledger_account a on a.code = e.account and a.is_balance_kept
   where e.booked_on = p_day and e.bucket between p_from and p_to
   group by e.bucket, e.account, e.owner_id, e.currency
  on conflict on constraint ledger_owner_balance_pk
    do update set balance_minor = o.balance_minor + excluded.balance_minor;
  return v_count;
end $$;
