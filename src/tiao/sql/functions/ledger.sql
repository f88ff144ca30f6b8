-- Post a set: the only way an entry comes to be.
--
-- Arrays of one length describe postings. Arrays named e_ hold the entries of all of them, posting after posting;
-- p_first says where each posting's entries begin.
-- A posting id seen before with the same content answers 'already_posted' and does nothing; with other content,
-- 'posting_differs' and does nothing. Everything else is posted, and left out of the answer.
-- Entries on accounts with is_line_use move the used balance of the posting's credit line; p_held moves its held balance.
-- Lines are locked in id order, so two sets never deadlock.
create or replace function ledger_post(
  p_bucket smallint[], p_id uuid[], p_kind text[], p_line uuid[], p_source uuid[], p_effective_on date[],
  p_currency text[], p_held bigint[], p_first integer[],
  e_account integer[], e_owner uuid[], e_amount bigint[],
  p_booked_on date, p_recorded_at timestamptz, p_is_close boolean
) returns table (ordinal integer, outcome text) language plpgsql as $$
declare
  v_cut_off date;
  v_booked date := p_booked_on;
  v_until integer[] := p_first[2:] || cardinality(e_account) + 1;
  v_line_use integer[] := array(select a.code from ledger_account a where a.is_line_use);
  v_used bigint[];
  v_is_balanced boolean;
  v_inserted uuid[];
  v_known integer[] := '{}';
begin
  -- Shared with other postings; the cut-off of a day takes it alone for a moment, so no posting slips behind it.
  perform pg_advisory_xact_lock_shared(7101);
  select cut_off_on into strict v_cut_off from programme;
  if p_is_close then
    assert p_booked_on = v_cut_off, 'the close books on the day it closes';
  elsif v_booked <= v_cut_off then
    v_booked := v_cut_off + 1;
  end if;

  -- What the entries of each posting add up to, and what of them uses its line.
  select array_agg(coalesce(e.used, 0) order by p.ord), coalesce(bool_and(e.total = 0), true) into v_used, v_is_balanced
    from generate_subscripts(p_first, 1) as p (ord)
    left join (
      select width_bucket(u.ord::integer, p_first) as ord, sum(u.amount) as total,
             (sum(u.amount) filter (where u.account = any (v_line_use)))::bigint as used
        from unnest(e_account, e_amount) with ordinality as u (account, amount, ord)
       group by 1) e on e.ord = p.ord;
  if not v_is_balanced then
    raise exception 'a posting does not balance';
  end if;

  with new as (
    insert into ledger_posting (bucket, id, kind, line_id, source_id, effective_on, booked_on, recorded_at,
                                currency, held_delta_minor, accounts, owners, amounts_minor)
    select p.bucket, p.id, p.kind, p.line, p.source, p.effective_on, v_booked, p_recorded_at, p.currency,
           p.held, e_account[p.first:p.until - 1], e_owner[p.first:p.until - 1], e_amount[p.first:p.until - 1]
      from unnest(p_bucket, p_id, p_kind, p_line, p_source, p_effective_on, p_currency, p_held, p_first,
                  v_until)
        as p (bucket, id, kind, line, source, effective_on, currency, held, first, until)
    on conflict on constraint ledger_posting_pk do nothing
    returning ledger_posting.id
  )
  select array_agg(new.id) into v_inserted from new;

  if cardinality(v_inserted) is distinct from cardinality(p_id) then
    select array_agg(p.ord::integer) into v_known
      from unnest(p_id) with ordinality as p (id, ord) where p.id <> all (coalesce(v_inserted, '{}'));
    assert cardinality(v_known) + coalesce(cardinality(v_inserted), 0) = cardinality(p_id), 'an id comes twice in a set';
    return query
      select p.ord::integer,
             case when (k.kind, k.source_id, k.currency, k.effective_on, k.line_id,
                        coalesce(k.held_delta_minor, p.held), k.accounts, k.owners, k.amounts_minor)
                       is not distinct from
                       (p.kind, p.source, p.currency::char(3), p.effective_on, p.line, p.held,
                        e_account[p.first:p.until - 1], e_owner[p.first:p.until - 1], e_amount[p.first:p.until - 1])
                  then 'already_posted' else 'posting_differs' end
        from unnest(p_bucket, p_id, p_kind, p_line, p_source, p_effective_on, p_currency, p_held, p_first,
                    v_until) with ordinality
          as p (bucket, id, kind, line, source, effective_on, currency, held, first, until, ord)
        join ledger_posting k on k.bucket = p.bucket and k.id = p.id
       where p.ord = any (v_known)
       order by p.ord;
  end if;

  if cardinality(array_remove(p_line, null)) > 0 then
    update credit_line l
       set used_minor = l.used_minor + d.used,
           held_minor = l.held_minor + d.held,
           -- What is owed again because money was taken back must be booked even above the limit: limits guard new
           -- purchases. The limit then follows the use down, as after a cut, and never up: a purchase that was decided
           -- before the cut meets the limit that stands.
           limit_minor = case when d.is_owed_again and l.used_minor + d.used + l.held_minor + d.held > l.limit_minor
                              then l.used_minor + d.used + l.held_minor + d.held
                              when l.limit_target_minor < l.limit_minor
                              then least(l.limit_minor,
                                         greatest(l.limit_target_minor,
                                                  l.used_minor + d.used + l.held_minor + d.held))
                              else l.limit_minor end
      from (
        select m.bucket, m.line, m.used, m.held, m.is_owed_again
          from (
            select p.bucket, p.line, sum(p.used)::bigint as used, sum(p.held)::bigint as held,
                   bool_or(p.kind = 'line_replayed') as is_owed_again
              from unnest(p_bucket, p_line, p_held, p_kind, v_used) with ordinality
                as p (bucket, line, held, kind, used, ord)
             where p.line is not null and p.ord <> all (v_known) and (p.used <> 0 or p.held <> 0)
             group by p.bucket, p.line) m
          join credit_line c on c.bucket = m.bucket and c.id = m.line
         order by m.bucket, m.line for update of c) d
     where l.bucket = d.bucket and l.id = d.line;
  end if;
end $$;

-- Post a set in which every posting is new and uses its line, as loans are booked: without asking what was posted before,
-- which costs a search for each. An id that is known after all violates its key, and nothing of the set is posted.
--
-- Lines are found from a list in id order and changed in it, one by one, so that sets never deadlock; that the plan is a
-- nested loop over that list is what the settings are for. To lock them first would cost as much as to change them.
create or replace function ledger_post_new(
  p_bucket smallint[], p_id uuid[], p_kind text, p_line uuid[], p_currency text[], p_held bigint[], p_first integer[],
  e_account integer[], e_owner uuid[], e_amount bigint[], p_effective_on date, p_recorded_at timestamptz
) returns void language plpgsql
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off set plan_cache_mode = force_generic_plan
as $$
declare
  v_cut_off date;
  v_until integer[] := p_first[2:] || cardinality(e_account) + 1;
  v_line_use integer[] := array(select a.code from ledger_account a where a.is_line_use);
  v_used bigint[];
  v_is_balanced boolean;
begin
  -- As in ledger_post.
  perform pg_advisory_xact_lock_shared(7101);
  select cut_off_on into strict v_cut_off from programme;

  select array_agg(e.used order by e.ord), bool_and(e.total = 0) into v_used, v_is_balanced
    from (
      select width_bucket(u.ord::integer, p_first) as ord, sum(u.amount) as total,
             coalesce(sum(u.amount) filter (where u.account = any (v_line_use)), 0)::bigint as used
        from unnest(e_account, e_amount) with ordinality as u (account, amount, ord)
       group by 1) e;
  assert cardinality(v_used) = cardinality(p_id), 'a posting has entries';
  if not v_is_balanced then
    raise exception 'a posting does not balance';
  end if;

  insert into ledger_posting (bucket, id, kind, line_id, source_id, effective_on, booked_on, recorded_at,
                              currency, held_delta_minor, accounts, owners, amounts_minor)
  select p.bucket, p.id, p_kind, p.line, p.id, p_effective_on, greatest(p_effective_on, v_cut_off + 1), p_recorded_at,
         p.currency, p.held, e_account[p.first:p.until - 1], e_owner[p.first:p.until - 1], e_amount[p.first:p.until - 1]
    from unnest(p_bucket, p_id, p_line, p_currency, p_held, p_first, v_until)
      as p (bucket, id, line, currency, held, first, until);

  update credit_line l
     set used_minor = l.used_minor + d.used,
         held_minor = l.held_minor + d.held,
         limit_minor = case when l.limit_target_minor < l.limit_minor
                            then least(l.limit_minor,
                                       greatest(l.limit_target_minor, l.used_minor + d.used + l.held_minor + d.held))
                            else l.limit_minor end
    from (
      select p.bucket, p.line, sum(p.used)::bigint as used, sum(p.held)::bigint as held
        from unnest(p_bucket, p_line, p_held, v_used) as p (bucket, line, held, used)
       group by p.bucket, p.line
       order by p.bucket, p.line) d
   where l.bucket = d.bucket and l.id = d.line;
end $$;

-- Move the held balance of lines without a posting: an authorisation holds, an expiry or a void releases.
-- Lines are given in any order; they are locked in id order.
create or replace function ledger_hold(p_bucket smallint[], p_line uuid[], p_amount bigint[]) returns bigint
language plpgsql as $$
declare
  v_count bigint;
begin
  update credit_line l
     set held_minor = l.held_minor + h.amount,
         limit_minor = case when l.limit_target_minor < l.limit_minor
                            then least(l.limit_minor,
                                       greatest(l.limit_target_minor, l.used_minor + l.held_minor + h.amount))
                            else l.limit_minor end
    from (
      select m.bucket, m.line, m.amount
        from (select u.bucket, u.line, sum(u.amount)::bigint as amount
                from unnest(p_bucket, p_line, p_amount) as u (bucket, line, amount) group by u.bucket, u.line) m
        join credit_line c on c.bucket = m.bucket and c.id = m.line
       order by m.bucket, m.line for update of c) h
   where l.bucket = h.bucket and l.id = h.line;
  get diagnostics v_count = row_count;
  return v_count;
end $$;

-- Post what a set-based step found: one posting for each bucket and currency, its id derived from what it is, so that a
-- step that runs twice meets its own posting. The entries given must balance within each.
create or replace function ledger_post_by_bucket(
  p_kind text, p_cause text, e_bucket smallint[], e_account integer[], e_owner uuid[], e_currency text[],
  e_amount bigint[], p_effective_on date, p_booked_on date, p_recorded_at timestamptz, p_is_close boolean
) returns void language plpgsql as $$
declare
  v_bucket smallint[];
  v_currency text[];
  v_id uuid[];
  v_first integer[];
  v_account integer[];
  v_owner uuid[];
  v_amount bigint[];
  v_count integer;
begin
  with entry as materialized (
    select u.bucket, u.currency, u.account, u.owner, u.amount
      from unnest(e_bucket, e_account, e_owner, e_currency, e_amount) as u (bucket, account, owner, currency, amount)
     order by u.bucket, u.currency
  ), posting as (
    select k.bucket, k.currency, 1 + coalesce(sum(k.entries) over (
             order by k.bucket, k.currency rows between unbounded preceding and 1 preceding), 0)::integer as first
      from (select e.bucket, e.currency, count(*) as entries from entry e group by e.bucket, e.currency) k
  )
  select (select array_agg(e.account) from entry e), (select array_agg(e.owner) from entry e),
         (select array_agg(e.amount) from entry e), array_agg(p.bucket order by p.first),
         array_agg(p.currency order by p.first), array_agg(p.first order by p.first),
         array_agg(md5(format('%s/%s/%s/%s/%s', p_kind, p_cause, p_effective_on, p.bucket, p.currency))::uuid
                   order by p.first)
    into v_account, v_owner, v_amount, v_bucket, v_currency, v_first, v_id
    from posting p;
  v_count := coalesce(cardinality(v_bucket), 0);
  if v_count > 0 then
    assert not exists (
      select from ledger_post(
        v_bucket, v_id, array_fill(p_kind, array[v_count]), array_fill(null::uuid, array[v_count]), v_id,
        array_fill(p_effective_on, array[v_count]), v_currency,
        array_fill(0::bigint, array[v_count]), v_first, v_account, v_owner, v_amount,
        p_booked_on, p_recorded_at, p_is_close)
    ), format('%s/%s of %s was posted before', p_kind, p_cause, p_effective_on);
  end if;
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
