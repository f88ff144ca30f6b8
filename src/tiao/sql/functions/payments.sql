-- Share the discount that merchants paid on a day with the platforms that brought them, each share rounded down.
--   Dr  income shared with platforms   share
--   Cr  merchant payable (platform)    share
create or replace function payments_share(p_day date, p_recorded_at timestamptz) returns bigint language plpgsql as $$
declare
  v_count bigint;
  v_bucket smallint[];
  v_account integer[];
  v_owner uuid[];
  v_currency text[];
  v_amount bigint[];
begin
  if not exists (select from income_share i where i.from_on <= p_day and i.share_rate > 0) then
    return 0;
  end if;
  with agreed as (
    select distinct on (i.merchant_id, i.platform_id) i.merchant_id, i.platform_id, i.share_rate
      from income_share i where i.from_on <= p_day order by i.merchant_id, i.platform_id, i.from_on desc
  ), shared as (
    insert into income_shared (platform_id, merchant_id, business_date, currency, discount_minor, share_minor)
    select a.platform_id, a.merchant_id, p_day, d.currency, d.discount, trunc(d.discount * a.share_rate)::bigint
      from agreed a join payments_owed(p_day) d on d.merchant_id = a.merchant_id
     where trunc(d.discount * a.share_rate) > 0
    returning platform_id, currency, share_minor
  ), entries as (
    select 2001 as account, s.platform_id as owner, s.currency::text as currency, -sum(s.share_minor)::bigint as amount
      from shared s group by s.platform_id, s.currency
    union all
    select 5005, '00000000-0000-0000-0000-000000000000', s.currency::text, sum(s.share_minor)::bigint
      from shared s group by s.currency
  )
  select (select count(*) from shared), array_agg(0::smallint), array_agg(e.account), array_agg(e.owner),
         array_agg(e.currency), array_agg(e.amount)
    into v_count, v_bucket, v_account, v_owner, v_currency, v_amount
    from entries e;
  perform ledger_post_by_bucket('income_shared', 'close', v_bucket, v_account, v_owner, v_currency, v_amount,
                                p_day, p_day, p_recorded_at, true);
  return v_count;
end $$;

-- Settle a closed day: what each merchant is owed for what was booked on it, what is kept back and what is released, and
-- what earlier days left unpaid. A positive net becomes a payout for its payment day and leaves the payable; a negative
-- one is carried to the merchant's next settlement, and so is that of a merchant who is suspended or asks when it wants to
-- be paid.
--   Dr  merchant payable       net
--   Cr  payouts in transit     net
create or replace function payments_settle(
  p_day date, p_pays_on date, p_channel text, p_recorded_at timestamptz
) returns bigint language plpgsql as $$
declare
  v_count bigint;
  v_bucket smallint[];
  v_account integer[];
  v_owner uuid[];
  v_currency text[];
  v_amount bigint[];
  r_bucket smallint[];
  r_account integer[];
  r_owner uuid[];
  r_currency text[];
  r_amount bigint[];
begin
  -- Nothing is withdrawn meanwhile.
  perform pg_advisory_xact_lock(7104);
  perform payments_share(p_day, p_recorded_at);
  with owed as (
    select * from payments_owed(p_day)
  ), terms as (
    select distinct on (t.merchant_id) t.merchant_id, t.schedule, t.reserve_rate, t.reserve_days
      from settlement_terms t where t.from_on <= p_day order by t.merchant_id, t.from_on desc
  ), due as (
    select r.merchant_id, r.currency, sum(r.amount_minor)::bigint as released from settlement_reserve r
     where r.releases_on <= p_day and r.released_on is null group by r.merchant_id, r.currency
  ), latest as (
    select distinct on (s.merchant_id) s.merchant_id, s.currency, s.business_date, s.net_minor - s.paid_minor as unpaid
      from settlement s where s.business_date < p_day
     order by s.merchant_id, s.business_date desc
  ), earlier as (
    select l.merchant_id, l.currency, l.unpaid,
           coalesce((select sum(w.amount_minor) from settlement_withdrawal w
                      where w.merchant_id = l.merchant_id and w.booked_on > l.business_date
                        and w.booked_on <= p_day), 0)::bigint as withdrawn
      from latest l
  ), pays as (
    select m.id as merchant_id, m.status <> 'suspended' and coalesce(t.schedule, 'daily') = 'daily' as is_paid
      from merchant m left join terms t on t.merchant_id = m.id
  ), concerned as (
    select o.merchant_id, o.currency from owed o
    union select d.merchant_id, d.currency from due d
    -- Who may be paid again, and is owed something from before.
    union select e.merchant_id, e.currency from earlier e join pays y on y.merchant_id = e.merchant_id
           where y.is_paid and e.unpaid - e.withdrawn > 0
  ), added as (
    select c.merchant_id, c.currency, coalesce(o.gross, 0) as gross, coalesce(o.discount, 0) as discount,
           coalesce(o.subsidy, 0) as subsidy, coalesce(o.refunded, 0) as refunded, coalesce(o.adjusted, 0) as adjusted,
           coalesce(o.returned, 0) + coalesce(e.unpaid, 0) as carried, coalesce(e.withdrawn, 0) as withdrawn,
           coalesce(d.released, 0) as released, coalesce(t.reserve_rate, 0) as reserve_rate,
           coalesce(t.reserve_days, 0) as reserve_days, y.is_paid
      from concerned c
      left join owed o on o.merchant_id = c.merchant_id and o.currency = c.currency
      left join due d on d.merchant_id = c.merchant_id and d.currency = c.currency
      left join earlier e on e.merchant_id = c.merchant_id and e.currency = c.currency
      left join terms t on t.merchant_id = c.merchant_id
      join pays y on y.merchant_id = c.merchant_id
  ), kept as (
    -- Of sales, and never more than there is.
    select a.*, least(trunc(a.gross * a.reserve_rate), greatest(a.gross - a.discount - a.subsidy - a.refunded + a.adjusted
             + a.carried - a.withdrawn + a.released, 0))::bigint as reserved
      from added a
  ), settled as (
    insert into settlement (merchant_id, business_date, id, currency, gross_minor, discount_minor, subsidy_minor,
                            refunded_minor, adjusted_minor, reserved_minor, released_minor, carried_minor,
                            withdrawn_minor, net_minor, pays_on, payout_id, paid_minor)
    select k.merchant_id, p_day, md5(format('settlement/%s/%s', k.merchant_id, p_day))::uuid, k.currency, k.gross,
           k.discount, k.subsidy, k.refunded, k.adjusted, k.reserved, k.released, k.carried, k.withdrawn, n.net, p_pays_on,
           case when k.is_paid and n.net > 0 then md5(format('payout/%s/%s', k.merchant_id, p_day))::uuid end,
           case when k.is_paid and n.net > 0 then n.net else 0 end
      from kept k
     cross join lateral (
       select k.gross - k.discount - k.subsidy - k.refunded + k.adjusted - k.reserved + k.released + k.carried
              - k.withdrawn as net) n
    returning *
  ), withheld as (
    insert into settlement_reserve (merchant_id, business_date, currency, amount_minor, releases_on)
    select k.merchant_id, p_day, k.currency, k.reserved, p_day + k.reserve_days from kept k where k.reserved > 0
    returning merchant_id
  ), freed as (
    update settlement_reserve r set released_on = p_day where r.releases_on <= p_day and r.released_on is null
    returning r.merchant_id
  ), paid as (
    insert into payout (bucket, id, kind, beneficiary_id, source_id, channel, agreement, currency, amount_minor, state,
                        due_on, created_at)
    select 0, s.payout_id, 'settlement', s.merchant_id, s.id, p_channel, m.payout_account, s.currency, s.net_minor,
           'created', s.pays_on, p_recorded_at
      from settled s join merchant m on m.id = s.merchant_id where s.payout_id is not null
    returning beneficiary_id, currency, amount_minor
  ), entries as (
    select 2001 as account, p.beneficiary_id as owner, p.currency::text as currency, p.amount_minor as amount from paid p
    union all
    select 2005, '00000000-0000-0000-0000-000000000000', p.currency::text, -sum(p.amount_minor)::bigint
      from paid p group by p.currency
  ), moved as (
    select s.merchant_id, s.currency::text as currency, s.reserved_minor - s.released_minor as amount
      from settled s where s.reserved_minor <> s.released_minor
  ), reserve_entries as (
    select 2001 as account, v.merchant_id as owner, v.currency, v.amount from moved v
    union all
    select 2008, v.merchant_id, v.currency, -v.amount from moved v
  ), of_paid as (
    select array_agg(0::smallint) as bucket, array_agg(e.account) as account, array_agg(e.owner) as owner,
           array_agg(e.currency) as currency, array_agg(e.amount) as amount from entries e
  ), of_reserve as (
    select array_agg(0::smallint) as bucket, array_agg(e.account) as account, array_agg(e.owner) as owner,
           array_agg(e.currency) as currency, array_agg(e.amount) as amount from reserve_entries e
  )
  select (select count(*) from settled), p.bucket, p.account, p.owner, p.currency, p.amount,
         r.bucket, r.account, r.owner, r.currency, r.amount
    into v_count, v_bucket, v_account, v_owner, v_currency, v_amount, r_bucket, r_account, r_owner, r_currency, r_amount
    from of_paid p, of_reserve r;
  perform ledger_post_by_bucket('settlement_paid', 'close', v_bucket, v_account, v_owner, v_currency, v_amount,
                                p_day, p_day, p_recorded_at, true);
  perform payments_reserve(r_bucket, r_account, r_owner, r_currency, r_amount, p_day, p_recorded_at);
  return v_count;
end $$;

-- Book what settlements of a day keep back and release.
--   Dr  merchant payable       kept back less released (the other way round when more is released)
--   Cr  merchant reserve       the same
create or replace function payments_reserve(
  p_bucket smallint[], p_account integer[], p_owner uuid[], p_currency text[], p_amount bigint[], p_day date,
  p_recorded_at timestamptz
) returns void language plpgsql as $$
begin
  perform ledger_post_by_bucket('reserve_moved', 'close', p_bucket, p_account, p_owner, p_currency, p_amount,
                                p_day, p_day, p_recorded_at, true);
end $$;

-- Send what this server owes merchants for a closed day on its way to the home server: noted, and out of the payable.
--   Dr  merchant payable       net (a negative net the other way round)
--   Cr  between servers        net
create or replace function payments_forward(p_shard smallint, p_bucket smallint, p_day date, p_recorded_at timestamptz)
returns bigint language plpgsql as $$
declare
  v_count bigint;
  v_bucket smallint[];
  v_account integer[];
  v_owner uuid[];
  v_currency text[];
  v_amount bigint[];
begin
  with sent as (
    insert into settlement_part (shard, merchant_id, business_date, currency, gross_minor, discount_minor, subsidy_minor,
                                 refunded_minor, returned_minor, adjusted_minor, net_minor)
    select p_shard, d.merchant_id, p_day, d.currency, d.gross, d.discount, d.subsidy, d.refunded, d.returned, d.adjusted,
           d.gross - d.discount - d.subsidy - d.refunded + d.returned + d.adjusted
      from payments_merchant_day(p_day) d
    returning merchant_id, currency, net_minor
  ), entries as (
    select 2001 as account, s.merchant_id as owner, s.currency::text as currency, s.net_minor as amount
      from sent s where s.net_minor <> 0
    union all
    select 2006, '00000000-0000-0000-0000-000000000000', s.currency::text, -sum(s.net_minor)::bigint
      from sent s group by s.currency having sum(s.net_minor) <> 0
  )
  select (select count(*) from sent), array_agg(p_bucket), array_agg(e.account), array_agg(e.owner),
         array_agg(e.currency), array_agg(e.amount)
    into v_count, v_bucket, v_account, v_owner, v_currency, v_amount
    from entries e;
  perform ledger_post_by_bucket('settlement_forwarded', 'close', v_bucket, v_account, v_owner, v_currency, v_amount,
                                p_day, p_day, p_recorded_at, true);
  return v_count;
end $$;

-- Take over at home what another server sent on its way for one of its days; what was taken over before is left out.
--   Dr  between servers        net (a negative net the other way round)
--   Cr  merchant payable       net
create or replace function payments_gather(
  p_shard smallint, p_business_date date, p_merchant uuid[], p_currency text[], p_gross bigint[], p_discount bigint[],
  p_subsidy bigint[], p_refunded bigint[], p_returned bigint[], p_adjusted bigint[], p_net bigint[], p_day date,
  p_recorded_at timestamptz
) returns bigint language plpgsql as $$
declare
  v_count bigint;
  v_bucket smallint[];
  v_account integer[];
  v_owner uuid[];
  v_currency text[];
  v_amount bigint[];
begin
  with taken as (
    insert into settlement_part (shard, merchant_id, business_date, currency, gross_minor, discount_minor, subsidy_minor,
                                 refunded_minor, returned_minor, adjusted_minor, net_minor, gathered_on)
    select p_shard, u.merchant, p_business_date, u.currency, u.gross, u.discount, u.subsidy, u.refunded, u.returned,
           u.adjusted, u.net, p_day
      from unnest(p_merchant, p_currency, p_gross, p_discount, p_subsidy, p_refunded, p_returned, p_adjusted, p_net)
        as u (merchant, currency, gross, discount, subsidy, refunded, returned, adjusted, net)
    on conflict on constraint settlement_part_pk do nothing
    returning merchant_id, currency, net_minor
  ), entries as (
    select 2001 as account, t.merchant_id as owner, t.currency::text as currency, -t.net_minor as amount
      from taken t where t.net_minor <> 0
    union all
    select 2006, '00000000-0000-0000-0000-000000000000', t.currency::text, sum(t.net_minor)::bigint
      from taken t group by t.currency having sum(t.net_minor) <> 0
  )
  select (select count(*) from taken), array_agg(0::smallint), array_agg(e.account), array_agg(e.owner),
         array_agg(e.currency), array_agg(e.amount)
    into v_count, v_bucket, v_account, v_owner, v_currency, v_amount
    from entries e;
  perform ledger_post_by_bucket('settlement_gathered', format('%s/%s', p_shard, p_business_date), v_bucket, v_account,
                                v_owner, v_currency, v_amount, p_day, p_day, p_recorded_at, true);
  return v_count;
end $$;

-- What each merchant earned and gave back on this server on a closed day: sales, refunds and returned payouts booked on it,
-- and whatever else was booked on its payable, such as money held, shares and what people book by hand.
create or replace function payments_merchant_day(p_day date) returns table (
  merchant_id uuid, currency char(3), gross bigint, discount bigint, subsidy bigint, refunded bigint, returned bigint,
  adjusted bigint
) language sql stable as $$
  with posted as (
    select p.kind, p.currency,
           (array_agg(e.owner) filter (where e.account = 2001))[1] as merchant_id,
           coalesce(sum(e.amount) filter (where e.account = 2001 and e.amount > 0), 0) as debited,
           coalesce(-sum(e.amount) filter (where e.account = 2001 and e.amount < 0), 0) as credited,
           coalesce(-sum(e.amount) filter (where e.account = 4001), 0) as discount,
           coalesce(-sum(e.amount) filter (where e.account = 2002), 0) as subsidy
      from ledger_posting p
     cross join lateral unnest(p.accounts, p.owners, p.amounts_minor) as e (account, owner, amount)
     where p.booked_on = p_day and p.kind in ('purchase_captured', 'refund_given', 'payout_returned')
     group by p.bucket, p.id, p.kind, p.currency
  ), otherwise as (
    select e.owner as merchant_id, p.currency, -sum(e.amount)::bigint as adjusted
      from ledger_posting p
     cross join lateral unnest(p.accounts, p.owners, p.amounts_minor) as e (account, owner, amount)
     where p.booked_on = p_day and e.account = 2001
       and p.kind not in ('purchase_captured', 'refund_given', 'payout_returned', 'settlement_paid', 'settlement_withdrawn',
                          'settlement_forwarded', 'settlement_gathered', 'reserve_moved')
     group by e.owner, p.currency
  )
  select d.merchant_id, d.currency, sum(d.gross)::bigint, sum(d.discount)::bigint, sum(d.subsidy)::bigint,
         sum(d.refunded)::bigint, sum(d.returned)::bigint, sum(d.adjusted)::bigint
    from (
      select p.merchant_id, p.currency,
             coalesce(sum(p.credited + p.discount + p.subsidy) filter (where p.kind = 'purchase_captured'), 0) as gross,
             coalesce(sum(p.discount) filter (where p.kind = 'purchase_captured'), 0) as discount,
             coalesce(sum(p.subsidy) filter (where p.kind = 'purchase_captured'), 0)
               - coalesce(sum(p.credited) filter (where p.kind = 'refund_given'), 0) as subsidy,
             coalesce(sum(p.debited) filter (where p.kind = 'refund_given'), 0) as refunded,
             coalesce(sum(p.credited) filter (where p.kind = 'payout_returned'), 0) as returned, 0 as adjusted
        from posted p where p.merchant_id is not null
       group by p.merchant_id, p.currency
      union all
      select o.merchant_id, o.currency, 0, 0, 0, 0, 0, o.adjusted from otherwise o
    ) d group by d.merchant_id, d.currency
$$;

-- What each merchant is owed for a day, from here and from the servers that were gathered today.
create or replace function payments_owed(p_day date) returns table (
  merchant_id uuid, currency char(3), gross bigint, discount bigint, subsidy bigint, refunded bigint, returned bigint,
  adjusted bigint
) language sql stable as $$
  select d.merchant_id, d.currency, sum(d.gross)::bigint, sum(d.discount)::bigint, sum(d.subsidy)::bigint,
         sum(d.refunded)::bigint, sum(d.returned)::bigint, sum(d.adjusted)::bigint
    from (
      select * from payments_merchant_day(p_day)
      union all
      select p.merchant_id, p.currency, p.gross_minor, p.discount_minor, p.subsidy_minor, p.refunded_minor,
             p.returned_minor, p.adjusted_minor
        from settlement_part p where p.gathered_on = p_day
    ) d group by d.merchant_id, d.currency
$$;
