-- Settle a closed day: what each merchant is owed for the sales, refunds and returned payouts booked on it, and what an
-- earlier day left negative. A positive net becomes a payout for its payment day and leaves the payable; a negative
-- one is carried to the merchant's next settlement.
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
begin
  with by_merchant as (
    select d.merchant_id, d.currency, sum(d.gross)::bigint as gross, sum(d.discount)::bigint as discount,
           sum(d.subsidy)::bigint as subsidy, sum(d.refunded)::bigint as refunded, sum(d.returned)::bigint as returned
      from (
        select * from payments_merchant_day(p_day)
        union all
        -- What other servers owe, and this one has gathered today.
        select p.merchant_id, p.currency, p.gross_minor, p.discount_minor, p.subsidy_minor, p.refunded_minor,
               p.returned_minor
          from settlement_part p where p.gathered_on = p_day
      ) d group by d.merchant_id, d.currency
  ), earlier as (
    select distinct on (s.merchant_id) s.merchant_id, least(s.net_minor, 0) as carried
      from settlement s where s.merchant_id in (select m.merchant_id from by_merchant m) and s.business_date < p_day
     order by s.merchant_id, s.business_date desc
  ), settled as (
    insert into settlement (merchant_id, business_date, id, currency, gross_minor, discount_minor, subsidy_minor,
                            refunded_minor, carried_minor, net_minor, pays_on, payout_id)
    select m.merchant_id, p_day, md5(format('settlement/%s/%s', m.merchant_id, p_day))::uuid, m.currency,
           m.gross, m.discount, m.subsidy, m.refunded, m.returned + coalesce(r.carried, 0),
           m.gross - m.discount - m.subsidy - m.refunded + m.returned + coalesce(r.carried, 0),
           p_pays_on,
           case when m.gross - m.discount - m.subsidy - m.refunded + m.returned + coalesce(r.carried, 0) > 0
                then md5(format('payout/%s/%s', m.merchant_id, p_day))::uuid end
      from by_merchant m left join earlier r on r.merchant_id = m.merchant_id
    returning *
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
  )
  select (select count(*) from settled), array_agg(0::smallint), array_agg(e.account), array_agg(e.owner),
         array_agg(e.currency), array_agg(e.amount)
    into v_count, v_bucket, v_account, v_owner, v_currency, v_amount
    from entries e;
  perform ledger_post_by_bucket('settlement_paid', 'close', v_bucket, v_account, v_owner, v_currency, v_amount,
                                p_day, p_day, p_recorded_at, true);
  return v_count;
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
                                 refunded_minor, returned_minor, net_minor)
    select p_shard, d.merchant_id, p_day, d.currency, d.gross, d.discount, d.subsidy, d.refunded, d.returned,
           d.gross - d.discount - d.subsidy - d.refunded + d.returned
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
  p_subsidy bigint[], p_refunded bigint[], p_returned bigint[], p_net bigint[], p_day date, p_recorded_at timestamptz
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
                                 refunded_minor, returned_minor, net_minor, gathered_on)
    select p_shard, u.merchant, p_business_date, u.currency, u.gross, u.discount, u.subsidy, u.refunded, u.returned, u.net,
           p_day
      from unnest(p_merchant, p_currency, p_gross, p_discount, p_subsidy, p_refunded, p_returned, p_net)
        as u (merchant, currency, gross, discount, subsidy, refunded, returned, net)
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

-- What each merchant earned and gave back on this server on a closed day: sales, refunds and returned payouts booked on it.
create or replace function payments_merchant_day(p_day date) returns table (
  merchant_id uuid, currency char(3), gross bigint, discount bigint, subsidy bigint, refunded bigint, returned bigint
) language sql stable as $$
  with touched as (
    select p.bucket, p.id, p.kind from ledger_posting p
     where p.booked_on = p_day
       and p.kind in ('purchase_captured', 'refund_given', 'payout_returned')
  ), posted as (
    select t.kind, e.currency,
           (array_agg(e.owner_id) filter (where e.account = 2001))[1] as merchant_id,
           coalesce(sum(e.amount_minor) filter (where e.account = 2001 and e.amount_minor > 0), 0) as debited,
           coalesce(-sum(e.amount_minor) filter (where e.account = 2001 and e.amount_minor < 0), 0) as credited,
           coalesce(-sum(e.amount_minor) filter (where e.account = 4001), 0) as discount,
           coalesce(-sum(e.amount_minor) filter (where e.account = 2002), 0) as subsidy
      from touched t
      join ledger_entry e on e.bucket = t.bucket and e.posting_id = t.id and e.booked_on = p_day
     group by t.bucket, t.id, t.kind, e.currency
  )
  select p.merchant_id, p.currency,
         coalesce(sum(p.credited + p.discount + p.subsidy) filter (where p.kind = 'purchase_captured'), 0)::bigint,
         coalesce(sum(p.discount) filter (where p.kind = 'purchase_captured'), 0)::bigint,
         (coalesce(sum(p.subsidy) filter (where p.kind = 'purchase_captured'), 0)
           - coalesce(sum(p.credited) filter (where p.kind = 'refund_given'), 0))::bigint,
         coalesce(sum(p.debited) filter (where p.kind = 'refund_given'), 0)::bigint,
         coalesce(sum(p.credited) filter (where p.kind = 'payout_returned'), 0)::bigint
    from posted p where p.merchant_id is not null
   group by p.merchant_id, p.currency
$$;
